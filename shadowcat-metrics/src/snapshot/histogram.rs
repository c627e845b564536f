//! A histogram as a snapshot holds it.

use std::marker::PhantomData;

use crate::units::{CellValue, UnitType};

/// What a histogram has counted.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/shop.toml");
/// # fn main() {
/// # use std::time::Duration;
/// # let metrics = Metrics::new();
/// metrics.cart().wait().observe(Duration::from_millis(500));
///
/// let wait = metrics.snapshot().cart().wait();
/// assert_eq!((wait.count(), wait.sum()), (1, Duration::from_millis(500)));
/// assert!(wait.buckets().eq([(0.1, 0), (1.0, 1), (10.0, 1), (f64::INFINITY, 1)]));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramValue<U: UnitType> {
    bounds: &'static [f64],
    /// Its buckets, then its sum; empty if it has no series.
    cells: Box<[u64]>,
    unit: PhantomData<U>,
}

impl<U: UnitType> HistogramValue<U> {
    pub(super) fn new(bounds: &'static [f64], cells: &[u64]) -> Self {
        Self {
            bounds,
            cells: cells.into(),
            unit: PhantomData,
        }
    }

    /// How many observations there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets().last().map_or(0, |(_, count)| count)
    }

    /// What they add up to.
    #[must_use]
    pub fn sum(&self) -> U::Sum {
        self.cells
            .last()
            .copied()
            .map(U::Sum::from_cell)
            .unwrap_or_default()
    }

    /// How many observations were at most each of the bounds, in the base unit; infinity is the last.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        let mut total = 0_u64;
        self.bounds
            .iter()
            .copied()
            .chain([f64::INFINITY])
            .enumerate()
            .map(move |(index, bound)| {
                total = total.saturating_add(self.cells.get(index).copied().unwrap_or_default());
                (bound, total)
            })
    }
}

//! Native histograms: the cells that make up native and classic buckets.
//!
//! The compiler of the schema computes a [`Native`]. A cell ends at a boundary between native buckets or at a classic bound, so
//! an observation changes one cell, and a scrape sums cells into either kind of buckets.

use std::fmt;

use crate::buckets::{Buckets, float_key, search};
use crate::place::bucket_and_sum;
use crate::schema::{Family, SeriesSamples};

/// Marks a histogram with native buckets, and has the lookup of a value's cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Native {
    /// Prometheus' number of the resolution: the growth from one bucket to the next is `2^(2^-schema)`.
    #[doc(hidden)]
    pub schema: i8,
    /// Highest value of the bucket with zero.
    #[doc(hidden)]
    pub zero_threshold: f64,
    /// Prometheus' number of the first bucket above the threshold.
    #[doc(hidden)]
    pub first: i32,
    /// Highest value of each cell but the last, as an integer that sorts like the values; see `buckets.rs`.
    #[doc(hidden)]
    pub keys: &'static [u64],
    /// The classic bucket of each cell.
    #[doc(hidden)]
    pub classic: &'static [u8],
    /// The native bucket of each cell: 0 is the one with zero, 1 the first one above the threshold.
    #[doc(hidden)]
    pub native: &'static [u16],
    /// Number of a float's bits after those that select a slot.
    #[doc(hidden)]
    pub shift: u32,
    /// The first bits of the values in slot 0, which also has all smaller ones.
    #[doc(hidden)]
    pub base: u64,
    /// The first cell that a value in each slot can be in. The last slot also has all larger values.
    #[doc(hidden)]
    pub slots: &'static [u16],
    /// The first halving step of the search from there; 0 if no slot has a key.
    #[doc(hidden)]
    pub widest: usize,
}

impl Native {
    /// Returns the number of cells per series: the sum, and one per range of values.
    pub(crate) const fn cells(&self) -> usize {
        self.keys.len() + 2
    }

    /// Returns the number of native buckets, without the one with zero.
    pub(crate) fn buckets(&self) -> usize {
        self.native.last().copied().unwrap_or_default().into()
    }

    /// Sums the cells of a series into its classic buckets, and copies its sum.
    pub(crate) fn sum_classic(&self, cells: &[u64], classic: &mut [u64]) {
        let ([sum, counts @ ..], [to, buckets @ ..]) = (cells, classic) else {
            return;
        };
        *to = *sum;
        let places = self.classic.iter().map(|bucket| usize::from(*bucket));
        add_to(buckets, places, counts);
    }

    /// Sums the cells of a series into its native buckets, the one with zero first.
    pub(crate) fn sum_native(&self, cells: &[u64]) -> Vec<u64> {
        let mut buckets = vec![0; self.buckets() + 1];
        let places = self.native.iter().map(|bucket| usize::from(*bucket));
        if let [_sum, counts @ ..] = cells {
            add_to(&mut buckets, places, counts);
        }
        buckets
    }

    #[inline]
    fn find(&self, key: u64, float: u64) -> usize {
        let slot = (float >> self.shift).saturating_sub(self.base);
        let last = self.slots.len().wrapping_sub(1);
        #[expect(clippy::cast_possible_truncation, reason = "at most the last slot")]
        let slot = slot.min(last as u64) as usize;
        let start = self.slots.get(slot).copied().unwrap_or_default();
        search(self.keys, start.into(), self.widest, key)
    }
}

impl Family {
    /// Returns the cells of a histogram's native buckets, if it has any.
    pub(crate) const fn native(&self) -> Option<&'static Native> {
        match self.kind.spec().samples {
            SeriesSamples::Histogram(buckets) => buckets.native(),
            SeriesSamples::Value | SeriesSamples::States(_) | SeriesSamples::Facts(_) => None,
        }
    }
}

/// Adds each count at its place.
fn add_to(sums: &mut [u64], places: impl Iterator<Item = usize>, counts: &[u64]) {
    sums.fill(0);
    for (place, count) in places.zip(counts) {
        if let Some(sum) = sums.get_mut(place) {
            *sum = sum.saturating_add(*count);
        }
    }
}

/// The cells of a histogram: those of its classic buckets, or finer ones of which native buckets consist, too.
pub trait Cells: sealed::Sealed + Copy + fmt::Debug + 'static {
    /// Whether the exemplar of each cell has a slot at the cell's position.
    #[doc(hidden)]
    const HAS_SLOTS: bool;

    /// Returns the cell of an integer below [`LARGE`](crate::store::LARGE).
    #[doc(hidden)]
    fn of_small(&self, value: u64) -> usize;

    /// Returns the cell of any integer.
    #[doc(hidden)]
    fn of_integer(&self, value: u64) -> usize;

    /// Returns the cell of a float.
    #[doc(hidden)]
    fn of_float(&self, value: f64) -> usize;

    /// Returns the number of cells per series.
    #[doc(hidden)]
    fn per_series(&self) -> usize;

    /// Returns the position of a cell's exemplar in a slab.
    #[doc(hidden)]
    fn exemplar(&self, series: usize, cell: usize) -> usize;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Buckets {}
    impl Sealed for super::Native {}
}

impl Cells for Buckets {
    const HAS_SLOTS: bool = true;

    #[inline]
    fn of_small(&self, value: u64) -> usize {
        Buckets::of_small(self, value)
    }

    #[inline]
    fn of_integer(&self, value: u64) -> usize {
        Buckets::of_integer(self, value)
    }

    #[inline]
    fn of_float(&self, value: f64) -> usize {
        Buckets::of_float(self, value)
    }

    #[inline]
    fn per_series(&self) -> usize {
        self.cells()
    }

    #[inline]
    fn exemplar(&self, series: usize, cell: usize) -> usize {
        bucket_and_sum(series, self.cells(), cell).0
    }
}

impl Cells for Native {
    const HAS_SLOTS: bool = false;

    #[inline]
    fn of_small(&self, value: u64) -> usize {
        // Exact, and as a signed integer a single instruction.
        self.find(value, (value.cast_signed() as f64).to_bits())
    }

    fn of_integer(&self, value: u64) -> usize {
        self.keys.partition_point(|key| *key < value)
    }

    #[inline]
    fn of_float(&self, value: f64) -> usize {
        let key = float_key(value);
        self.find(key, key)
    }

    #[inline]
    fn per_series(&self) -> usize {
        self.cells()
    }

    /// There is one for each classic bucket.
    #[inline]
    fn exemplar(&self, series: usize, cell: usize) -> usize {
        let bucket = self.classic.get(cell).copied().unwrap_or_default();
        let buckets = self.classic.last().copied().unwrap_or_default();
        bucket_and_sum(series, usize::from(buckets) + 2, bucket.into()).0
    }
}

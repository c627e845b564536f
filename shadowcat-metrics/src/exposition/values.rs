//! The values of a slab's series one by one, for outputs with a message per series.

use crate::buckets::Buckets;
use crate::info::Facts;
use crate::read::{Samples, Slab};

/// Returns the value of a series with a single value.
pub(crate) fn value(slab: &Slab<'_>, series: usize) -> Option<f64> {
    let value = cell(slab, series).map(|cell| slab.family.encoding.to_f64(cell));
    value.or(slab.family.kind.spec().absent)
}

/// Returns whether a series of states is in the state at an index.
pub(crate) fn is_current(slab: &Slab<'_>, series: usize, position: usize) -> bool {
    cell(slab, series) == Some(position as u64 + 1)
}

/// Returns the facts of an info series, if they were set.
pub(crate) fn facts<'p>(slab: &Slab<'p>, series: usize) -> Option<&'p Facts> {
    match slab.samples {
        Samples::Facts(facts) => facts.get(series)?.as_ref(),
        Samples::Cells(_) | Samples::Optional(_) => None,
    }
}

/// The observations of a histogram: its bounded buckets, the count and the sum.
pub(crate) struct Observations<'p> {
    /// The observations of each bucket; the last one is `+Inf`.
    pub(crate) buckets: &'p [u64],
    /// The upper bounds without `+Inf`.
    pub(crate) bounds: &'static [f64],
    /// Number of observations: the value of `+Inf`.
    pub(crate) count: u64,
    /// Sum of the observations.
    pub(crate) sum: f64,
}

impl<'p> Observations<'p> {
    /// Returns the observations of a histogram's series.
    pub(crate) fn of(slab: &Slab<'p>, series: usize, buckets: &Buckets) -> Option<Self> {
        let Samples::Cells(cells) = slab.samples else {
            return None;
        };
        let [sum, counts @ ..] = cells.chunks_exact(buckets.cells()).nth(series)? else {
            return None;
        };
        let mut count = 0_u64;
        for bucket in counts {
            count = count.saturating_add(*bucket);
        }
        Some(Self {
            buckets: counts,
            bounds: buckets.bounds(),
            count,
            sum: slab.family.encoding.to_f64(*sum),
        })
    }

    /// Returns whether a bucket has any observation. The last one is `+Inf`.
    pub(crate) fn has_any(&self, bucket: usize) -> bool {
        self.buckets.get(bucket).is_some_and(|count| *count > 0)
    }

    /// Returns the bounds, each with the number of observations at or below it, without `+Inf`.
    pub(crate) fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> {
        let counts = self.buckets.iter().scan(0_u64, |count, bucket| {
            *count = count.saturating_add(*bucket);
            Some(*count)
        });
        self.bounds.iter().copied().zip(counts)
    }
}

/// Returns the value of a series with a single value, in the family's encoding.
pub(crate) fn cell(slab: &Slab<'_>, series: usize) -> Option<u64> {
    match slab.samples {
        Samples::Cells(cells) => cells.get(series).copied(),
        Samples::Optional(values) => *values.get(series)?,
        Samples::Facts(_) => None,
    }
}

//! The values of a page's series one by one, for the ways out that make a message of each.

use crate::buckets::Buckets;
use crate::read::{Page, Samples};
use crate::store::side::Facts;

/// The value of a series of a kind that has one.
pub(crate) fn value(page: &Page<'_>, series: usize) -> Option<f64> {
    let value = cell(page, series).map(|cell| page.family.encoding.to_f64(cell));
    value.or(page.family.kind.spec().absent)
}

/// Whether a series of states is in the one at this position.
pub(crate) fn is_current(page: &Page<'_>, series: usize, position: usize) -> bool {
    cell(page, series) == Some(position as u64 + 1)
}

/// The facts of a series of infos, if they were set.
pub(crate) fn facts<'p>(page: &Page<'p>, series: usize) -> Option<&'p Facts> {
    match page.samples {
        Samples::Facts(facts) => facts.get(series)?.as_ref(),
        Samples::Cells(_) | Samples::Optional(_) => None,
    }
}

/// A histogram's bounded buckets, as far as they go, and what is in all of them.
pub(crate) struct Observations<'p> {
    buckets: &'p [u64],
    bounds: &'static [f64],
    /// How many there were: what `+Inf` has.
    pub(crate) count: u64,
    /// What they add up to.
    pub(crate) sum: f64,
}

impl<'p> Observations<'p> {
    /// What a series of histograms has counted.
    pub(crate) fn of(page: &Page<'p>, series: usize, buckets: &Buckets) -> Option<Self> {
        let Samples::Cells(cells) = page.samples else {
            return None;
        };
        let [counts @ .., sum] = cells.chunks_exact(buckets.cells()).nth(series)? else {
            return None;
        };
        let add = |count: u64, bucket: &u64| count.saturating_add(*bucket);
        Some(Self {
            buckets: counts,
            bounds: buckets.bounds(),
            count: counts.iter().fold(0, add),
            sum: page.family.encoding.to_f64(*sum),
        })
    }

    /// The bounds with how many observations are not above them. `+Inf` is not among them.
    pub(crate) fn cumulative(&self) -> impl Iterator<Item = (f64, u64)> {
        let counts = self.buckets.iter().scan(0_u64, |count, bucket| {
            *count = count.saturating_add(*bucket);
            Some(*count)
        });
        self.bounds.iter().copied().zip(counts)
    }
}

fn cell(page: &Page<'_>, series: usize) -> Option<u64> {
    match page.samples {
        Samples::Cells(cells) => cells.get(series).copied(),
        Samples::Optional(values) => *values.get(series)?,
        Samples::Facts(_) => None,
    }
}

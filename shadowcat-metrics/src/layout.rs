//! Where a family's cells live: how many pages, series and cells it has, and how its values are written in them.
//!
//! A family's pages follow each other in the mixed radix of its open labels, the series of a page in the mixed radix
//! of its closed labels, the group's labels first. The cells of a series stand side by side: one, or a histogram's
//! buckets and then its sum.

use crate::schema::{Encoding, Family, Label, Schema, Values};

impl Encoding {
    /// The value of a cell in the base unit.
    pub(crate) const fn to_f64(self, cell: u64) -> f64 {
        const NANOS_PER_SECOND: f64 = 1e9;
        match self {
            Self::Unsigned => cell as f64,
            Self::Signed => cell.cast_signed() as f64,
            Self::Nanoseconds => cell as f64 / NANOS_PER_SECOND,
            Self::Float => f64::from_bits(cell),
        }
    }

    /// What two threads recorded, together. Counts stay at the end of their range; levels wrap, as they do in a thread.
    pub(crate) fn sum(self, one: u64, other: u64) -> u64 {
        match self {
            Self::Unsigned | Self::Nanoseconds => one.saturating_add(other),
            Self::Signed => one.wrapping_add(other),
            Self::Float => (f64::from_bits(one) + f64::from_bits(other)).to_bits(),
        }
    }
}

impl Family {
    /// Cells of one series. None for a family whose values are not in cells.
    pub(crate) const fn cells_per_series(&self) -> usize {
        self.kind.spec().cells
    }

    /// Series of one page.
    pub(crate) fn series(&self) -> usize {
        let closed = self.labels.iter().filter(|label| label.open().is_none());
        closed.fold(1, |series, label| series.saturating_mul(label.len()))
    }

    /// Cells of one page.
    pub(crate) fn cells(&self) -> usize {
        self.series().saturating_mul(self.cells_per_series())
    }

    /// Its pages, of which there is one for each combination of its open labels' values.
    pub(crate) fn pages(&self) -> u32 {
        self.open_labels()
            .fold(1, |pages, label| pages.saturating_mul(label.slots()))
    }

    /// Its open labels, in order.
    pub(crate) fn open_labels(&self) -> impl DoubleEndedIterator<Item = OpenLabel> + Clone {
        self.labels.iter().filter_map(|label| label.open())
    }

    /// The position of a series' value in each of its labels, in order.
    pub(crate) fn digits(
        &self,
        (page, series): (u32, usize),
    ) -> impl Iterator<Item = (&'static Label, usize)> + use<> {
        let page = page.wrapping_sub(self.first_page) as usize;
        let mut page_stride = self.pages() as usize;
        let mut series_stride = self.series();
        self.labels.iter().map(move |label| {
            let (number, stride) = match label.values {
                Values::Open { .. } => (page, &mut page_stride),
                Values::Closed(_) => (series, &mut series_stride),
            };
            *stride = (*stride / label.len().max(1)).max(1);
            (*label, number / *stride % label.len().max(1))
        })
    }

    /// The slots of its open labels that one of its pages stands for, the last label first.
    pub(crate) fn slots(&self, page: u32) -> impl Iterator<Item = (OpenLabel, u32)> {
        let mut rest = page.wrapping_sub(self.first_page);
        self.open_labels().rev().map(move |label| {
            let slot = rest % label.slots();
            rest /= label.slots();
            (label, slot)
        })
    }
}

/// The bound of an open label.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenLabel {
    /// Position in the schema's open labels.
    pub(crate) index: u32,
    /// Most values beside the overflow value, whose slot it is.
    pub(crate) max: u32,
    /// The overflow value.
    pub(crate) overflow: &'static str,
}

impl OpenLabel {
    /// Slots, the overflow value's included.
    pub(crate) const fn slots(self) -> u32 {
        self.max.saturating_add(1)
    }
}

impl Label {
    /// What is to know about it if it is open.
    pub(crate) const fn open(&self) -> Option<OpenLabel> {
        match self.values {
            Values::Open {
                index,
                max,
                overflow,
            } => Some(OpenLabel {
                index,
                max,
                overflow,
            }),
            Values::Closed(_) => None,
        }
    }

    /// The values of a closed label and, behind them, the former ones, each with the position of its value.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = (usize, &'static str)> + use<> {
        let values = match self.values {
            Values::Closed(values) => values,
            Values::Open { .. } => &[],
        };
        let former = self.former.iter();
        let former = former.map(|former| (former.position as usize, former.value));
        values.iter().copied().enumerate().chain(former)
    }

    /// How many values it can have at a time, the overflow value included.
    pub(crate) const fn len(&self) -> usize {
        match self.values {
            Values::Closed(values) => values.len(),
            Values::Open { max, .. } => (max as usize).saturating_add(1),
        }
    }
}

impl Schema {
    /// Everything that is exposed: the families, then those under former names.
    pub(crate) fn exposed(&self) -> impl Iterator<Item = &'static Family> + use<> {
        self.families.iter().chain(self.former_families)
    }

    /// Pages of all families together.
    pub(crate) fn pages(&self) -> u32 {
        self.families
            .last()
            .map_or(0, |last| last.first_page.saturating_add(last.pages()))
    }

    /// The number of a sequence of open labels, given that of the sequence without the last one; 0 is the empty one.
    pub(crate) const fn sequence(&self, labels: u64, last: u32) -> u64 {
        labels
            .wrapping_mul(self.open_labels.len() as u64 + 1)
            .wrapping_add(last as u64 + 1)
    }

    /// The family that a page belongs to.
    pub(crate) fn family_of(&self, page: u32) -> Option<&'static Family> {
        let after = self
            .families
            .partition_point(|family| family.first_page <= page);
        let family = self.families.get(after.checked_sub(1)?)?;
        (page - family.first_page < family.pages()).then_some(family)
    }
}

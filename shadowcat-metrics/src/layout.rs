//! The layout of a family's cells: the place of a series in its slab and slab numbers, and the encoding of values.
//!
//! The slabs of a family are numbered in the mixed radix of its open labels, the series of a slab in the
//! mixed radix of its closed labels, starting with the group's labels. The cells of a series are adjacent: a
//! single one, or a histogram's buckets followed by its sum.

use crate::schema::{Encoding, Family, Label, Schema, Values};

impl Encoding {
    /// Returns the value of a cell in the base unit.
    pub(crate) const fn to_f64(self, cell: u64) -> f64 {
        const NANOS_PER_SECOND: f64 = 1e9;
        match self {
            Self::Unsigned => cell as f64,
            Self::Signed => cell.cast_signed() as f64,
            Self::Nanoseconds => cell as f64 / NANOS_PER_SECOND,
            Self::Float => f64::from_bits(cell),
        }
    }

    /// Adds the values of two threads. Counts saturate; levels wrap, as they do within a thread.
    pub(crate) fn sum(self, one: u64, other: u64) -> u64 {
        match self {
            Self::Unsigned | Self::Nanoseconds => one.saturating_add(other),
            Self::Signed => one.wrapping_add(other),
            Self::Float => (f64::from_bits(one) + f64::from_bits(other)).to_bits(),
        }
    }
}

impl Family {
    /// Returns the number of values per series, 0 if the family's values are not in cells. A histogram has one for each classic
    /// bucket, and the sum.
    pub(crate) const fn cells_per_series(&self) -> usize {
        self.kind.spec().cells
    }

    /// Returns the position in a slab of the series that lacks all labels, if all of them are optional. Its slab is
    /// the one without a value for any open label.
    pub(crate) fn series_without_labels(&self) -> Option<usize> {
        let may_lack_all =
            !self.labels.is_empty() && self.labels.iter().all(|label| label.optional);
        // No value is the last choice of each label.
        may_lack_all.then(|| self.series - 1)
    }

    /// Returns the number of cells per slab, in which threads record.
    pub(crate) fn cells(&self) -> usize {
        self.series.saturating_mul(self.kind.spec().stored_cells)
    }

    /// Returns the number after that of its last slab.
    pub(crate) const fn end_slab(&self) -> u32 {
        self.first_slab.saturating_add(self.slabs)
    }

    /// Returns its open labels, in order.
    pub(crate) fn open_labels(&self) -> impl DoubleEndedIterator<Item = OpenLabel> + Clone {
        self.labels.iter().filter_map(|label| label.open())
    }

    /// Returns the position of a series' value in each of its labels, in order.
    pub(crate) fn digits(
        &self,
        (slab, series): (u32, usize),
    ) -> impl Iterator<Item = (&'static Label, usize)> + use<> {
        let slab = slab.wrapping_sub(self.first_slab) as usize;
        let mut slab_stride = self.slabs as usize;
        let mut series_stride = self.series;
        self.labels.iter().map(move |label| {
            let (number, stride) = match label.values {
                Values::Open { .. } => (slab, &mut slab_stride),
                Values::Closed(_) => (series, &mut series_stride),
            };
            let choices = (label.choices as usize).max(1);
            *stride = (*stride / choices).max(1);
            (*label, number / *stride % choices)
        })
    }

    /// Returns the slots of the open labels for one slab, the last label first.
    pub(crate) fn slots(&self, slab: u32) -> impl Iterator<Item = (OpenLabel, u32)> {
        let mut rest = slab.wrapping_sub(self.first_slab);
        self.open_labels().rev().map(move |label| {
            let slot = rest % label.slots;
            rest /= label.slots;
            (label, slot)
        })
    }
}

/// The bound of an open label.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenLabel {
    /// Its position in the schema's open labels.
    pub(crate) index: u32,
    /// Maximum number of values, without the overflow value. Also the overflow value's slot.
    pub(crate) max: u32,
    /// The overflow value.
    pub(crate) overflow: &'static str,
    /// Number of slots: one per value, one for the overflow value, and one for no value if the label is optional.
    pub(crate) slots: u32,
    /// Whether the last slot is for series without the label.
    pub(crate) optional: bool,
}

impl OpenLabel {
    /// Returns whether a slot is that of no value.
    pub(crate) const fn is_none(self, slot: u32) -> bool {
        self.optional && slot > self.max
    }
}

impl Label {
    /// Returns the open-label data, if this label is open.
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
                slots: self.choices,
                optional: self.optional,
            }),
            Values::Closed(_) => None,
        }
    }

    /// Returns the values of a closed label, then the former ones, each with the position of its current
    /// value.
    pub(crate) fn spellings(&self) -> impl Iterator<Item = (usize, &'static str)> + use<> {
        let values = match self.values {
            Values::Closed(values) => values,
            Values::Open { .. } => &[],
        };
        let former = self.former.iter();
        let former = former.map(|former| (former.position as usize, former.value));
        values.iter().copied().enumerate().chain(former)
    }
}

impl Schema {
    /// Returns all exposed families: the current ones, then those under former names.
    pub(crate) fn exposed(&self) -> impl Iterator<Item = &'static Family> + use<> {
        self.families.iter().chain(self.former_families)
    }

    /// Returns the number of slabs of all families.
    pub(crate) fn slabs(&self) -> u32 {
        self.families.last().map_or(0, Family::end_slab)
    }

    /// Returns the family that a slab belongs to.
    pub(crate) fn family_of(&self, slab: u32) -> Option<&'static Family> {
        let after = self
            .families
            .partition_point(|family| family.first_slab <= slab);
        let family = self.families.get(after.checked_sub(1)?)?;
        (slab < family.end_slab()).then_some(family)
    }
}

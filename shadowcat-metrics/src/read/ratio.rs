//! Ratios: quotients of sums of other families, computed when they are read.

use super::Reader;
use crate::schema::{Family, Label};

impl Reader<'_> {
    /// The ratio of a series, given by page and series. None if nothing is below the line.
    pub(super) fn ratio(&self, ratio: &Family, at: (u32, usize)) -> Option<f64> {
        let (numerator, denominator) = ratio.kind.spec().operands;
        let sum = |operands: &[u32]| {
            let operands = operands
                .iter()
                .filter_map(|index| self.store.schema.families.get(*index as usize));
            let values = operands.map(|operand| {
                let (page, series) = operand_place(ratio, operand, at);
                operand.encoding.to_f64(self.cell(operand, page, series))
            });
            values.sum::<f64>()
        };
        // Above the line first: what is counted on both sides in between makes the share smaller, but never above one.
        let above = sum(numerator);
        let below = sum(denominator);
        (below != 0.0).then(|| above / below)
    }

    /// The families that a ratio is made of; none for other kinds.
    pub(super) fn operands(
        &self,
        family: &'static Family,
    ) -> impl Iterator<Item = &'static Family> {
        let (numerator, denominator) = family.kind.spec().operands;
        let families = self.store.schema.families;
        numerator
            .iter()
            .chain(denominator)
            .filter_map(|index| families.get(*index as usize))
    }
}

/// Where another family has the series with the same label values: its page and series. The labels may be declared in
/// another order.
pub(super) fn operand_place(family: &Family, operand: &Family, at: (u32, usize)) -> (u32, usize) {
    let start = (0_u32, 0_usize);
    let (page, series) = operand.labels.iter().fold(start, |(page, series), label| {
        let same =
            |(other, _): &(&Label, usize)| std::ptr::eq(*other, *label) || other.name == label.name;
        let digit = family.digits(at).find(same).map_or(0, |(_, digit)| digit);
        match label.open() {
            Some(open) => {
                let slot = u32::try_from(digit).unwrap_or(open.max);
                (page.wrapping_mul(open.slots()).wrapping_add(slot), series)
            }
            None => (page, series.wrapping_mul(label.len()).wrapping_add(digit)),
        }
    });
    (operand.first_page.wrapping_add(page), series)
}

//! Series that are exposed once more, under values that a label had before.

use super::Reader;
use crate::schema::{Family, Former, Storage};

/// A series under at least one former label value.
pub(crate) struct FormerSeries {
    /// The series whose value it has.
    pub(super) series: usize,
    /// The former values, by their labels' positions.
    values: Vec<(usize, &'static str)>,
}

impl FormerSeries {
    /// The former value of the label at a position, if this series has one there.
    pub(super) fn value(&self, label: usize) -> Option<&'static str> {
        let mut values = self.values.iter();
        values
            .find(|(position, _)| *position == label)
            .map(|(_, value)| *value)
    }
}

/// Every combination of present and former label values that has a former one, in the order of the series.
pub(super) fn former_series(family: &Family) -> Vec<FormerSeries> {
    if family.labels.iter().all(|label| label.former.is_empty()) {
        return Vec::new();
    }
    (0..family.series())
        .flat_map(|series| {
            spellings(family, series)
                .into_iter()
                .map(move |values| FormerSeries { series, values })
        })
        .collect()
}

/// The ways to write the labels of a series, but for the present one.
fn spellings(family: &Family, series: usize) -> Vec<Vec<(usize, &'static str)>> {
    let mut ways = vec![Vec::new()];
    for (position, (label, digit)) in family.digits((family.first_page, series)).enumerate() {
        let of_value = |former: &&Former| former.position as usize == digit;
        for former in label.former.iter().filter(of_value) {
            let with = ways.iter().map(|way: &Vec<_>| {
                let mut way = way.clone();
                way.push((position, former.value));
                way
            });
            let with: Vec<_> = with.collect();
            ways.extend(with);
        }
    }
    ways.retain(|way| !way.is_empty());
    ways
}

impl Reader<'_> {
    /// Puts the values of series that have former names behind those that were read for a page.
    pub(super) fn repeat(&mut self, family: &Family, former: &[FormerSeries]) {
        for FormerSeries { series, .. } in former {
            match family.kind.spec().storage {
                Storage::PerThread | Storage::Shared => {
                    let width = family.cells_per_series();
                    let cells = series * width..(series + 1) * width;
                    self.cells.extend_from_within(cells);
                }
                Storage::Callback | Storage::Derived => self.values.push(self.values[*series]),
                Storage::Text => self.facts.push(self.facts[*series].clone()),
            }
        }
    }
}

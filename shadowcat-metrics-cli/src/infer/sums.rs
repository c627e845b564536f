//! Proposes sum labels, where several families have labels only with some values of another label.

use std::collections::{BTreeMap, BTreeSet};

use shadowcat_metrics_conformance::Page;

use super::labels::is_list;
use super::{Draft, DraftMetric, series_labels};

/// The fewest families that must show a dependency: with one family, it may be a coincidence.
const MIN_FAMILIES: usize = 2;

/// A label, and the labels that series have only with some of its values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DraftSum {
    pub(super) name: String,
    /// The label whose value decides.
    pub(super) of: String,
    /// The labels that come with each value of `of`.
    pub(super) with: BTreeMap<String, BTreeSet<String>>,
}

impl DraftSum {
    /// Returns the labels that depend on the value.
    pub(super) fn dependent(&self) -> BTreeSet<&str> {
        self.with.values().flatten().map(String::as_str).collect()
    }

    /// Returns whether a label is one of the sum's.
    pub(super) fn has(&self, label: &str) -> bool {
        self.of == label || self.dependent().contains(label)
    }

    /// Returns the number of values of `of` that come with the same labels as a series.
    pub(super) fn choices<'l>(&self, labels: impl Iterator<Item = &'l str>) -> usize {
        let dependent = self.dependent();
        let labels = labels.filter(|label| dependent.contains(label));
        let labels: BTreeSet<_> = labels.collect();
        let is_same =
            |with: &&BTreeSet<String>| with.iter().map(String::as_str).eq(labels.iter().copied());
        self.with.values().filter(is_same).count()
    }

    /// Replaces the names of labels.
    pub(super) fn rename(&mut self, rename: impl Fn(&String) -> Option<String>) {
        if let Some(name) = rename(&self.of) {
            self.of = name;
        }
        for with in self.with.values_mut() {
            *with = with.iter().filter_map(&rename).collect();
        }
    }

    fn remove(&mut self, label: &str) {
        for with in self.with.values_mut() {
            with.remove(label);
        }
    }
}

/// Adds the sum labels that the page shows. Names are those on the page.
pub(super) fn propose(draft: &mut Draft, page: &Page) {
    let mut found: BTreeMap<DraftSum, Vec<usize>> = BTreeMap::new();
    for (place, metric) in draft.metrics.iter().enumerate() {
        if let Some(sum) = sum_of(draft, metric, page) {
            found.entry(sum).or_default().push(place);
        }
    }
    for (sum, metrics) in found {
        if metrics.len() < MIN_FAMILIES {
            continue;
        }
        for place in metrics {
            let metric = &mut draft.metrics[place];
            metric.optional.retain(|label| !sum.has(label));
            metric.sum = Some(draft.sums.len());
        }
        draft.sums.push(sum);
    }
}

/// Returns the dependency that explains most of the labels that some of a metric's series lack.
fn sum_of(draft: &Draft, metric: &DraftMetric, page: &Page) -> Option<DraftSum> {
    if metric.optional.is_empty() {
        return None;
    }
    let can_decide = |label: &&String| {
        let mut known = draft.labels.iter().filter(|known| !known.is_states);
        !metric.optional.contains(*label)
            && known.any(|known| known.called == **label && is_list(&known.seen))
    };
    let sums = metric.labels.iter().filter(can_decide);
    let sums = sums.map(|of| dependencies(of, metric, page));
    let sums = sums.filter(|sum| !sum.dependent().is_empty());
    // Of several that explain the same number of labels, `max_by_key` would return the last one.
    sums.rev().max_by_key(|sum| sum.dependent().len())
}

/// Returns the labels that all series with some values of `of` have, and none with its other values.
fn dependencies(of: &str, metric: &DraftMetric, page: &Page) -> DraftSum {
    let mut always: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut mixed: BTreeSet<&str> = BTreeSet::new();
    for series in series_labels(&page.families[metric.family], metric.kind) {
        let series: BTreeMap<_, _> = series.filter(|(_, value)| !value.is_empty()).collect();
        let Some(value) = series.get(of) else {
            continue;
        };
        let names = series.keys().copied();
        let present: BTreeSet<_> = names
            .filter(|name| metric.optional.contains(*name))
            .collect();
        let known = always.entry(value).or_insert_with(|| present.clone());
        mixed.extend(known.symmetric_difference(&present));
    }
    let with = always.into_iter().map(|(value, labels)| {
        let labels = labels.difference(&mixed).map(|label| (*label).to_owned());
        (value.to_owned(), labels.collect())
    });
    DraftSum {
        name: String::new(),
        of: of.to_owned(),
        with: with.collect(),
    }
}

impl Draft {
    /// Removes the sum labels of a label. Series may then lack the labels that depended on it.
    pub(super) fn drop_sums_of(&mut self, label: &str) {
        for index in 0..self.sums.len() {
            if self.sums[index].of == label {
                self.drop_sum(index);
            }
        }
    }

    /// Removes a sum label from all metrics.
    pub(super) fn drop_sum(&mut self, index: usize) {
        let dependent = self.sums[index].dependent();
        for group in &mut self.groups {
            group.sum = group.sum.filter(|sum| *sum != index);
        }
        for metric in &mut self.metrics {
            if metric.sum == Some(index) {
                metric.sum = None;
                let labels = dependent.iter().map(|label| (*label).to_owned());
                metric.optional.extend(labels);
            }
        }
    }

    /// Removes a label from all sum labels.
    pub(super) fn remove_from_sums(&mut self, label: &str) {
        self.drop_sums_of(label);
        for index in 0..self.sums.len() {
            self.sums[index].remove(label);
            if self.sums[index].dependent().is_empty() {
                self.drop_sum(index);
            }
        }
    }

    /// Returns the sum label of a metric.
    pub(super) fn sum_of(&self, metric: &DraftMetric) -> Option<&DraftSum> {
        metric.sum.and_then(|index| self.sums.get(index))
    }
}

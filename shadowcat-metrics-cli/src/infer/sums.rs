//! Proposes sum labels, where several families have labels only with some values of another label.

use std::collections::{BTreeMap, BTreeSet};

use shadowcat_metrics_conformance::Page;

use super::labels::is_list;
use super::{Draft, DraftMetric, Series, series_of};

/// The fewest families that must show a dependency: with one family, it may be a coincidence.
const MIN_FAMILIES: usize = 2;

/// A label, and the labels that series have only with some of its values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DraftSum {
    pub(super) name: String,
    /// The label whose value decides.
    pub(super) of: String,
    /// The labels that come with each value of `of`.
    pub(super) with: BTreeMap<String, Further>,
}

/// The labels that come with a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Further {
    pub(super) labels: BTreeSet<String>,
    /// Sum labels, whose labels are not in `labels`.
    pub(super) sums: Vec<DraftSum>,
}

impl DraftSum {
    /// Returns the sum labels that it contains at any depth, and then itself.
    pub(super) fn with_contained(&self) -> Vec<&Self> {
        let contained = self.with.values().flat_map(|further| &further.sums);
        let mut sums: Vec<_> = contained.flat_map(Self::with_contained).collect();
        sums.push(self);
        sums
    }

    /// Returns all labels, with `of`.
    pub(super) fn labels(&self) -> BTreeSet<&str> {
        let sums = self.with_contained().into_iter();
        let labels = sums.flat_map(|sum| {
            let further = sum.with.values().flat_map(|further| &further.labels);
            further.chain([&sum.of]).map(String::as_str)
        });
        labels.collect()
    }

    /// Returns the labels that depend on the value.
    pub(super) fn dependent(&self) -> BTreeSet<&str> {
        let mut labels = self.labels();
        labels.remove(&*self.of);
        labels
    }

    /// Returns whether a label is one of the sum's.
    pub(super) fn has(&self, label: &str) -> bool {
        self.labels().contains(label)
    }

    /// Returns whether it decides by a label of which it has fewer than `count` values.
    pub(super) fn lacks_values(&self, label: &str, count: usize) -> bool {
        let mut sums = self.with_contained().into_iter();
        sums.any(|sum| sum.of == label && sum.with.len() < count)
    }

    /// Returns whether a series has the labels that its values require. `labels` are those of the sum.
    pub(super) fn admits(&self, series: &Series<'_>, labels: &BTreeSet<&str>) -> bool {
        let mut required = BTreeSet::new();
        self.require(series, &mut required)
            && labels
                .iter()
                .all(|label| required.contains(label) == series.contains_key(label))
    }

    /// Adds the labels that a series must have. Returns false if it lacks one that decides.
    fn require<'s>(&'s self, series: &Series<'_>, required: &mut BTreeSet<&'s str>) -> bool {
        required.insert(&self.of);
        let Some(value) = series.get(&*self.of) else {
            return false;
        };
        let Some(further) = self.with.get(*value) else {
            return true;
        };
        required.extend(further.labels.iter().map(String::as_str));
        let mut sums = further.sums.iter();
        sums.all(|sum| sum.require(series, required))
    }

    /// Returns the number of its series, from the number of values of each label.
    pub(super) fn count(&self, values: &impl Fn(&String) -> u64) -> u64 {
        let of_further = |further: &Further| {
            let labels = further.labels.iter().map(values);
            let sums = further.sums.iter().map(|sum| sum.count(values));
            labels.chain(sums).fold(1, u64::saturating_mul)
        };
        let counts = self.with.values().map(of_further);
        counts.fold(0, u64::saturating_add)
    }

    /// Replaces the names of labels.
    pub(super) fn rename(&mut self, rename: &impl Fn(&String) -> Option<String>) {
        if let Some(name) = rename(&self.of) {
            self.of = name;
        }
        for further in self.with.values_mut() {
            further.labels = further.labels.iter().filter_map(rename).collect();
            for sum in &mut further.sums {
                sum.rename(rename);
            }
        }
    }

    /// Names it and the sum labels that it contains. Equal ones get the same name, others a new one.
    pub(super) fn set_name(
        &mut self,
        known: &mut BTreeMap<Self, String>,
        new: &mut impl FnMut(&str) -> String,
    ) {
        for sum in self.with.values_mut().flat_map(|it| &mut it.sums) {
            sum.set_name(known, new);
        }
        let name = known.entry(self.clone());
        self.name = name
            .or_insert_with(|| new(&format!("{}_details", self.of)))
            .clone();
    }
}

/// Adds the sum labels that the page shows. Names are those on the page.
pub(super) fn propose(draft: &mut Draft, page: &Page) {
    let mut found: BTreeMap<DraftSum, Vec<usize>> = BTreeMap::new();
    let lists: BTreeSet<_> = draft
        .labels
        .iter()
        .filter(|label| !label.is_states && is_list(&label.seen))
        .map(|label| label.called.as_str())
        .collect();
    for (place, metric) in draft.metrics.iter().enumerate() {
        for sum in sums_of(metric, &lists, page) {
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
            metric.sums.push(draft.sums.len());
        }
        draft.sums.push(sum);
    }
}

/// Returns the dependencies between the labels of a metric. The values of a label in `lists` look like a fixed list.
fn sums_of(metric: &DraftMetric, lists: &BTreeSet<&str>, page: &Page) -> Vec<DraftSum> {
    if metric.optional.is_empty() {
        return Vec::new();
    }
    let series = series_of(&page.families[metric.family], metric.kind);
    let pending = metric.optional.iter().map(String::as_str).collect();
    let labels = metric.labels.iter().map(String::as_str);
    let deciding =
        labels.filter(|label| lists.contains(label) && !metric.optional.contains(*label));
    let lists = Lists {
        all: lists,
        deciding: deciding.collect(),
    };
    sums_among(&series.iter().collect::<Vec<_>>(), pending, lists)
}

/// Labels whose values look like a fixed list.
#[derive(Debug, Clone)]
struct Lists<'l> {
    all: &'l BTreeSet<&'l str>,
    /// Those that each of some series has, and whose values may decide about others.
    deciding: Vec<&'l str>,
}

/// Returns the dependencies that explain most of the labels in `pending`, which some of the series lack.
fn sums_among<'p>(
    series: &[&Series<'p>],
    mut pending: BTreeSet<&'p str>,
    mut lists: Lists<'p>,
) -> Vec<DraftSum> {
    let mut sums = Vec::new();
    while !pending.is_empty() {
        let found = lists.deciding.iter().map(|of| {
            let sum = dependencies(of, series, &pending, &lists);
            (sum.dependent().len(), sum)
        });
        // Of several that explain the same number of labels, `max_by_key` would return the last one.
        let best = found.rev().max_by_key(|(explained, _)| *explained);
        let Some((_, sum)) = best.filter(|(explained, _)| *explained > 0) else {
            break;
        };
        pending.retain(|label| !sum.has(label));
        lists.deciding.retain(|label| *label != sum.of);
        sums.push(sum);
    }
    sums
}

/// Returns the labels in `pending` that all series with some values of `of` have, and none with its other values. Among the
/// series of a value, other labels may decide.
fn dependencies<'p>(
    of: &str,
    series: &[&Series<'p>],
    pending: &BTreeSet<&'p str>,
    lists: &Lists<'p>,
) -> DraftSum {
    let mut by_value: BTreeMap<&str, Vec<&Series<'p>>> = BTreeMap::new();
    for series in series {
        by_value.entry(series[of]).or_default().push(series);
    }
    let mut pending = pending.clone();
    loop {
        let mut unexplained = BTreeSet::new();
        let mut with = BTreeMap::new();
        for (value, series) in &by_value {
            let (further, mixed) = further(series, &pending, lists);
            unexplained.extend(mixed);
            with.insert((*value).to_owned(), further);
        }
        // A label is either part of the sum or optional.
        if unexplained.is_empty() {
            return DraftSum {
                name: String::new(),
                of: of.to_owned(),
                with,
            };
        }
        pending.retain(|label| !unexplained.contains(label));
    }
}

/// Returns the labels in `pending` that some series have, and those that only some of them have without a reason.
fn further<'p>(
    series: &[&Series<'p>],
    pending: &BTreeSet<&'p str>,
    lists: &Lists<'p>,
) -> (Further, BTreeSet<&'p str>) {
    let having = |label: &str| {
        let series = series.iter().filter(|series| series.contains_key(label));
        series.count()
    };
    let present = pending.iter().copied().filter(|label| having(label) > 0);
    let (always, mut mixed): (BTreeSet<_>, BTreeSet<_>) =
        present.partition(|label| having(label) == series.len());
    let deciding = always.iter().copied();
    let lists = Lists {
        all: lists.all,
        deciding: deciding.filter(|label| lists.all.contains(label)).collect(),
    };
    let sums = sums_among(series, mixed.clone(), lists);
    let in_sums = |label: &str| sums.iter().any(|sum| sum.has(label));
    mixed.retain(|label| !in_sums(label));
    let labels = always.iter().filter(|label| !in_sums(label));
    let further = Further {
        labels: labels.map(|label| (*label).to_owned()).collect(),
        sums,
    };
    (further, mixed)
}

impl Draft {
    /// Removes the sum labels that decide by a label, or contain it. Series may then lack the labels that depended on it.
    pub(super) fn drop_sums_with(&mut self, label: &str) {
        for index in 0..self.sums.len() {
            if self.sums[index].has(label) {
                self.drop_sum(index);
            }
        }
    }

    /// Removes the sum labels that decide by a label.
    pub(super) fn drop_sums_of(&mut self, label: &str) {
        for index in 0..self.sums.len() {
            let mut sums = self.sums[index].with_contained().into_iter();
            if sums.any(|sum| sum.of == label) {
                self.drop_sum(index);
            }
        }
    }

    /// Removes a sum label from all metrics.
    pub(super) fn drop_sum(&mut self, index: usize) {
        for metric in 0..self.metrics.len() {
            self.drop_sum_from(index, metric);
        }
    }

    /// Removes a sum label from a metric, and from its group.
    pub(super) fn drop_sum_from(&mut self, index: usize, metric: usize) {
        let metric = &mut self.metrics[metric];
        if metric.sums.contains(&index) {
            metric.sums.retain(|sum| *sum != index);
            let labels = self.sums[index].dependent().into_iter();
            metric.optional.extend(labels.map(str::to_owned));
            let group = self.groups.iter_mut();
            for group in group.filter(|group| group.name == metric.group) {
                group.sums.retain(|sum| *sum != index);
            }
        }
    }

    /// Returns the sum labels of a metric.
    pub(super) fn sums_of<'d>(
        &'d self,
        metric: &'d DraftMetric,
    ) -> impl Iterator<Item = &'d DraftSum> {
        metric.sums.iter().filter_map(|index| self.sums.get(*index))
    }
}

//! Infers labels: their names, which are closed, and which a whole group shares.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shadowcat_metrics_codegen::name::pascal_case;
use shadowcat_metrics_conformance::Page;

use super::sums::{DraftSum, propose};
use super::{Draft, DraftLabel, DraftMetric, Series, names, series_labels, series_of};

/// Maximum number of values of a closed label.
const MAX_CLOSED_VALUES: usize = 12;

/// Collects every label with its values on the page, and replaces names that a schema cannot use.
pub(super) fn gather_labels(draft: &mut Draft, page: &Page) {
    let mut places: HashMap<(String, bool), usize> = HashMap::new();
    for metric in &mut draft.metrics {
        let family = &page.families[metric.family];
        let mut values: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        for (label, value) in series_labels(family, metric.kind).flatten() {
            values.entry(label).or_default().insert(value);
        }
        let states = metric.states.iter().map(|label| (label, true));
        let labels = metric.labels.iter().map(|label| (label, false));
        for (called, is_states) in labels.chain(states) {
            let place = *places
                .entry((called.clone(), is_states))
                .or_insert_with(|| {
                    draft.labels.push(DraftLabel {
                        name: String::new(),
                        called: called.clone(),
                        seen: BTreeSet::new(),
                        closed: is_states,
                        is_states,
                        has_no_reserve: false,
                        allow: BTreeSet::new(),
                    });
                    draft.labels.len() - 1
                });
            let seen = values.get(called.as_str()).into_iter().flatten();
            let seen = seen.filter(|value| !value.is_empty());
            let seen: BTreeSet<_> = seen.map(|value| (*value).to_owned()).collect();
            draft.labels[place].seen.extend(seen.iter().cloned());
            metric.values.push((called.clone(), seen));
        }
    }
    propose(draft, page);
    close_lists(draft, page);
    // The names of state labels are not exposed, so they get the remaining names.
    draft.labels.sort_by_key(|label| label.is_states);
    let mut taken = BTreeSet::new();
    // Labels that can keep their names come first.
    let mut order: Vec<_> = (0..draft.labels.len()).collect();
    order.sort_by_key(|place| {
        let label = &draft.labels[*place];
        (
            label.is_states,
            names::label_name(&label.called) != label.called,
        )
    });
    for place in order {
        let label = &mut draft.labels[place];
        let called = &label.called;
        // Each label becomes a Rust type, so names must be unique.
        label.name = names::numbered(&names::label_name(called), |name| {
            taken.insert(pascal_case(name))
        });
        if label.name != *called && !label.is_states {
            let key = &label.name;
            let message = format!(
                "the label `{called}` has the key `{key}` in the schema and in Rust, because its name cannot be a key"
            );
            draft.notes.push(message);
        }
    }
    let names: HashMap<_, _> = draft
        .labels
        .iter()
        .map(|label| {
            (
                (label.called.as_str(), label.is_states),
                label.name.as_str(),
            )
        })
        .collect();
    let name = |called: &String, is_states| {
        names
            .get(&(called.as_str(), is_states))
            .map(|name| (*name).to_owned())
    };
    let mut known = BTreeMap::new();
    for sum in &mut draft.sums {
        sum.rename(&|label| name(label, false));
        sum.set_name(&mut known, &mut |name| {
            names::numbered(name, |name| taken.insert(pascal_case(name)))
        });
    }
    for metric in &mut draft.metrics {
        // The states come last.
        let labels = metric.labels.len();
        for (place, (label, _)) in metric.values.iter_mut().enumerate() {
            if let Some(name) = name(label, place >= labels) {
                *label = name;
            }
        }
        let rename = |label: &String| name(label, false);
        metric.labels = metric.labels.iter().filter_map(rename).collect();
        metric.optional = metric.optional.iter().filter_map(rename).collect();
        metric.states = metric.states.as_ref().and_then(|label| name(label, true));
    }
}

/// Closes labels whose values look like a fixed list, if every metric has a series for each value: a closed label promises
/// that. Removes sum labels whose label stays open.
fn close_lists(draft: &mut Draft, page: &Page) {
    loop {
        for place in 0..draft.labels.len() {
            let label = &draft.labels[place];
            if !label.is_states {
                let mut metrics = draft.metrics.iter();
                let closed = is_list(&label.seen)
                    && metrics.all(|metric| {
                        !metric.labels.contains(&label.called)
                            || metric.kind == "info"
                            || has_each_value(metric, label, draft, page)
                    });
                draft.labels[place].closed = closed;
            }
        }
        let is_open = |of: &String| {
            let mut labels = draft.labels.iter();
            labels.any(|label| label.called == *of && !label.is_states && !label.closed)
        };
        let used: BTreeSet<_> = draft.metrics.iter().flat_map(|it| &it.sums).collect();
        let lost = used.into_iter().copied().find(|sum| {
            let sums = draft.sums[*sum].with_contained();
            sums.iter().any(|sum| is_open(&sum.of))
        });
        let Some(lost) = lost else {
            return;
        };
        draft.drop_sum(lost);
    }
}

/// Returns whether a metric has a series for each value of a label that its sum labels allow, for any values of the other
/// labels.
fn has_each_value(metric: &DraftMetric, label: &DraftLabel, draft: &Draft, page: &Page) -> bool {
    let called = label.called.as_str();
    let mut sums = draft.sums_of(metric);
    let sum = sums.find_map(|sum| Some((sum, sum.labels())).filter(|(_, it)| it.contains(called)));
    if sum
        .as_ref()
        .is_some_and(|(sum, _)| sum.lacks_values(called, label.seen.len()))
    {
        return false;
    }
    let mut values: BTreeMap<Series<'_>, (usize, usize)> = BTreeMap::new();
    for mut series in series_of(&page.families[metric.family], metric.kind) {
        // No value is one of the choices of an optional label.
        let value = series.remove(called);
        if value.is_none() && sum.is_some() {
            continue;
        }
        let choices = || match &sum {
            Some((sum, labels)) => choices(sum, labels, label, &series),
            None => label.seen.len() + usize::from(metric.optional.contains(called)),
        };
        let choices = choices();
        values.entry(series).or_insert((0, choices)).0 += 1;
    }
    values.values().all(|(seen, choices)| seen == choices)
}

/// Returns the number of values of a label that a sum label allows next to the other labels of a series.
fn choices<'s>(
    sum: &DraftSum,
    labels: &BTreeSet<&str>,
    label: &'s DraftLabel,
    others: &Series<'s>,
) -> usize {
    let mut series = others.clone();
    let values = label.seen.iter();
    let allowed = values.filter(|value| {
        series.insert(&label.called, value);
        sum.admits(&series, labels)
    });
    allowed.count()
}

/// Returns whether the values look like a fixed list: a few words with distinct variant names.
pub(super) fn is_list(values: &BTreeSet<String>) -> bool {
    // A single value may be one of many hosts or versions.
    if !(2..=MAX_CLOSED_VALUES).contains(&values.len()) {
        return false;
    }
    let is_word = |value: &String| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.');
        value.starts_with(|first: char| first.is_ascii_alphabetic())
            && value.chars().all(plain)
            && value.len() <= 32
    };
    let variants: BTreeSet<_> = values.iter().map(|value| pascal_case(value)).collect();
    variants.len() == values.len() && values.iter().all(is_word)
}

/// Moves labels that all metrics of a group have to the group, and the sum labels that all of them have.
pub(super) fn share_labels(draft: &mut Draft) {
    let in_sum = |metric: &DraftMetric, label: &String| {
        let mut sums = metric.sums.iter();
        sums.any(|index| draft.sums[*index].has(label))
    };
    for group in &mut draft.groups {
        let mut metrics = draft
            .metrics
            .iter()
            .filter(|metric| metric.group == group.name);
        let Some(first) = metrics.next() else {
            continue;
        };
        let mut common = first.labels.clone();
        common.retain(|label| !in_sum(first, label));
        let mut sums = first.sums.clone();
        let mut facts_left = first.kind != "info" || first.labels.len() > common.len();
        for metric in metrics {
            let alike = |label: &String| {
                metric.labels.contains(label)
                    && !in_sum(metric, label)
                    && metric.optional.contains(label) == first.optional.contains(label)
            };
            common.retain(alike);
            sums.retain(|sum| metric.sums.contains(sum));
            facts_left &= metric.kind != "info" || metric.labels.len() > common.len();
        }
        group.sums = sums;
        if facts_left {
            group.labels = common;
        }
    }
}

//! Chooses namespace, groups and keys that result in the exposed names, where the naming rules allow it.

use std::collections::{BTreeMap, BTreeSet};

use shadowcat_metrics_codegen::model::{Kind, Unit};
use shadowcat_metrics_codegen::name::{
    OWN_GROUP, exposed_name, is_metrics_method, is_recorder_method, to_snake_case,
};

use super::{Draft, DraftGroup, DraftMetric};

/// The group of metrics that share their first word with no other metric.
const ALONE: &str = "general";

/// Returns the most frequent first word.
pub(super) fn namespace(metrics: &[DraftMetric]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for metric in metrics {
        let first = metric
            .exposed
            .split(['_', ':'])
            .find(|word| !word.is_empty());
        *counts
            .entry(to_snake_case(first.unwrap_or_default()))
            .or_default() += 1;
    }
    let most = counts.iter().max_by_key(|(_, count)| **count);
    most.map(|(name, _)| name.clone()).unwrap_or_default()
}

/// Chooses each metric's group and key, and collects the groups.
pub(super) fn name(draft: &mut Draft) {
    let words: Vec<_> = draft
        .metrics
        .iter()
        .map(|metric| words(metric, &draft.namespace))
        .collect();
    let mut shared: BTreeMap<&str, usize> = BTreeMap::new();
    for first in words.iter().filter_map(|words| words.first()) {
        *shared.entry(first).or_default() += 1;
    }
    let open: BTreeSet<_> = draft
        .labels
        .iter()
        .filter(|label| !label.closed)
        .map(|label| label.name.clone())
        .collect();
    let mut taken = BTreeSet::new();
    for (metric, words) in draft.metrics.iter_mut().zip(&words) {
        let (group, key) = match words.split_first() {
            Some((first, rest)) if shared.get(first.as_str()).is_some_and(|count| *count > 1) => {
                (first.as_str(), rest)
            }
            _ => (ALONE, words.as_slice()),
        };
        metric.group = usable_group(group, &open);
        metric.key = usable_key(&key.join("_"), metric, &mut taken);
    }
    let mut groups = BTreeSet::new();
    for metric in &draft.metrics {
        if groups.insert(metric.group.clone()) {
            draft.groups.push(DraftGroup {
                name: metric.group.clone(),
                labels: Vec::new(),
                sums: Vec::new(),
                allow: BTreeSet::new(),
            });
        }
    }
}

/// Returns the words between namespace and unit.
fn words(metric: &DraftMetric, namespace: &str) -> Vec<String> {
    let stem = metric
        .exposed
        .strip_suffix(kind(metric.kind).spec().suffix)
        .unwrap_or(&metric.exposed);
    let stem = stem
        .strip_prefix(namespace)
        .and_then(|stem| stem.strip_prefix('_'))
        .unwrap_or(stem);
    let mut words: Vec<_> = stem
        .split(['_', ':'])
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    if metric.unit != Unit::None && words.last().is_some_and(|last| last == metric.unit.name()) {
        words.pop();
    }
    words
}

fn usable_group(group: &str, open_labels: &BTreeSet<String>) -> String {
    let group = to_snake_case(group);
    if is_metrics_method(&group) || group == OWN_GROUP || open_labels.contains(&group) {
        format!("{group}_group")
    } else {
        group
    }
}

fn usable_key(key: &str, metric: &DraftMetric, taken: &mut BTreeSet<(String, String)>) -> String {
    let mut key = match key {
        // The whole name consists of namespace, group and unit.
        "" if metric.unit == Unit::None => "value".to_owned(),
        "" => metric.unit.name().to_owned(),
        key => to_snake_case(key),
    };
    if is_recorder_method(&key) {
        key.push_str("_value");
    }
    numbered(&key, |key| {
        taken.insert((metric.group.clone(), key.to_owned()))
    })
}

/// Returns the first free name of `name`, `name_2`, `name_3` and so on.
pub(super) fn numbered(name: &str, mut is_free: impl FnMut(&str) -> bool) -> String {
    if is_free(name) {
        return name.to_owned();
    }
    let mut names = (2_u64..).map(|number| format!("{name}_{number}"));
    names.find(|name| is_free(name)).unwrap_or_default()
}

/// Returns the name that results from the naming rules.
pub(super) fn by_the_rules(namespace: &str, metric: &DraftMetric) -> String {
    exposed_name(
        namespace,
        &metric.group,
        &metric.key,
        kind(metric.kind),
        metric.unit,
    )
}

fn kind(name: &str) -> &'static Kind {
    Kind::named(name).expect("drafts have kinds of the language")
}

/// Converts a label's name to one that a schema can use.
pub(super) fn label_name(name: &str) -> String {
    let usable = to_snake_case(name);
    if is_metrics_method(&usable) {
        format!("{usable}_label")
    } else {
        usable
    }
}

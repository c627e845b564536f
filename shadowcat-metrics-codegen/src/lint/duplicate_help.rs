//! `duplicate-help`: two metrics of a group that are explained by the same words. In another group the words may mean
//! something else: `Requests that failed.`

use std::collections::HashMap;

use super::finding::{Finding, Item, metrics};
use super::words::sentence_words;
use crate::model::{GroupId, MetricId, Origin, Registry};

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<(GroupId, String), MetricId> = HashMap::new();
    for (id, metric) in metrics(registry) {
        // What replaces a deprecated metric often means the same.
        if metric.origin == Origin::Library || metric.deprecated.is_some() {
            continue;
        }
        let words: Vec<_> = sentence_words(&metric.help).collect();
        let meaning = (metric.group, words.join(" "));
        let Some(first) = seen.get(&meaning) else {
            seen.insert(meaning, id);
            continue;
        };
        let first = &registry.metrics[first.0];
        let message = format!("the help of `{}` is that of `{}`", metric.key, first.key);
        findings.push(
            Finding::new(Item::Metric(id), metric.spans.help, message, "and this")
                .secondary(first.spans.help, "there is this")
                .help("say what sets this one apart, or make them one metric, with a label if need be"),
        );
    }
}

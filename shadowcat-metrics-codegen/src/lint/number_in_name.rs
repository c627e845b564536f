//! `number-in-name`: a key that says that the metric is a number: `num_requests`, `total_requests`.

use super::finding::{Finding, Item, metrics};
use crate::model::{Origin, Registry};

/// What no key needs to begin with.
const STARTS: &[&str] = &[
    "amount_of",
    "cnt",
    "count_of",
    "nr",
    "nr_of",
    "num",
    "num_of",
    "number_of",
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry).filter(|(_, metric)| metric.origin == Origin::Schema) {
        let begins = |start: &str| {
            let rest = metric.key.strip_prefix(start);
            rest.is_some_and(|rest| rest.starts_with('_'))
        };
        // The total memory, beside what is used of it, is a gauge.
        let is_counter = metric.kind.is_counter();
        let starts = STARTS.iter().chain(is_counter.then_some(&"total"));
        let Some(start) = starts.rev().find(|start| begins(start)) else {
            continue;
        };
        let rest = metric.key[start.len()..].trim_start_matches('_');
        let rest = rest.strip_prefix("of_").unwrap_or(rest);
        let message = format!("the key `{}` says that it is a number", metric.key);
        findings.push(Finding::new(
            Item::Metric(id),
            metric.spans.key,
            message,
            format!("expected what is counted: `{rest}`"),
        ));
    }
}

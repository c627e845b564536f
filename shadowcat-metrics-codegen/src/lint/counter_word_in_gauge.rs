//! `counter-word-in-gauge`: a gauge called like something that only adds up: `received`, `retries`.

use super::finding::{Finding, Item, metrics};
use crate::model::{Operand, Origin, Registry, Unit};
use crate::name::ends_with_word;

/// What has happened does not happen less. Words for states that things leave again, such as `failed`, are not here.
const WORDS: &[&str] = &[
    "dropped",
    "handled",
    "opened",
    "processed",
    "received",
    "reconnections",
    "rejected",
    "restarts",
    "retried",
    "retries",
    "sent",
    "served",
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        // `last_received` in seconds is a point in time.
        let is_gauge =
            metric.kind.spec().operand == Some(Operand::Gauge) && metric.unit == Unit::None;
        let found = WORDS.iter().find(|word| ends_with_word(&metric.key, word));
        let Some(word) = found.filter(|_| is_gauge && metric.origin == Origin::Schema) else {
            continue;
        };
        let message = format!(
            "the {} `{}` is called like a counter",
            metric.kind.name(),
            metric.key
        );
        let label = format!("expected `type = \"counter\"`, or a name without `{word}`");
        findings.push(Finding::new(
            Item::Metric(id),
            metric.spans.kind,
            message,
            label,
        ));
    }
}

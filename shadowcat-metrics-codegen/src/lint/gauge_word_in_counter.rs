//! `gauge-word-in-counter`: a counter called like something that comes and goes: `active`, `in_flight`.

use super::finding::{Finding, Item, metrics};
use crate::model::{Origin, Registry, Unit};
use crate::name::ends_with_word;

const WORDS: &[&str] = &[
    "active",
    "current",
    "in_flight",
    "in_use",
    "inflight",
    "open",
    "pending",
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        // In seconds or bytes it is a sum over what was active: `active_seconds_total`.
        let counts = metric.kind.is_counter() && metric.unit == Unit::None;
        if metric.origin == Origin::Library || !counts {
            continue;
        }
        let stem = metric.key.strip_suffix("_total").unwrap_or(&metric.key);
        // In the middle it may be anything: `retries_of_pending_jobs`. What is behind `open_` may be counted: errors.
        let found = WORDS.iter().find(|word| {
            ends_with_word(stem, word)
                || (**word != "open"
                    && stem
                        .strip_prefix(**word)
                        .is_some_and(|rest| rest.starts_with('_')))
        });
        if let Some(word) = found {
            let message = format!("the counter `{}` is called like a gauge", metric.key);
            let label = format!("what is `{word}` goes down again");
            let finding = Finding::new(Item::Metric(id), metric.spans.key, message, label);
            findings.push(finding.help(
                "make it an `updown_counter`, or call it by what happens each time: `opened`, `started`",
            ));
        }
    }
}

//! `unit-in-name`: a key that spells a unit, instead of or beside `unit`.

use super::finding::{Finding, Item, metrics, other_key};
use crate::model::{Metric, Registry, Unit};
use crate::name::ends_with_word;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        // An exact name is not made from the key, so nothing is said twice; and the unit of a ratio metric is fixed,
        // so `hit_ratio` is the natural name for one.
        if metric.name_is_exact || metric.kind.spec().operands.is_some() {
            continue;
        }
        let Some(unit) = spelled_unit(metric) else {
            continue;
        };
        let word = unit.name();
        let message = format!("the key `{}` spells the unit `{word}`", metric.key);
        let (label, help) = if unit == metric.unit {
            (
                "`unit` says it already",
                format!("the name is exposed with `_{word}` whatever the key"),
            )
        } else {
            (
                "expected a key without it",
                format!("if it is the unit, write `unit = \"{word}\"` instead"),
            )
        };
        let finding = Finding::new(Item::Metric(id), metric.spans.key, message, label).help(help);
        let stem = metric
            .key
            .strip_suffix(word)
            .map(|stem| stem.trim_end_matches('_'));
        let fix = stem
            .filter(|_| unit == metric.unit)
            .and_then(|stem| other_key(registry, metric, stem));
        findings.push(finding.fix(fix));
    }
}

/// The metric's own unit anywhere in its key, or another one at its end. Elsewhere another unit's name is a word like
/// any other: `bytes_read` may count reads.
fn spelled_unit(metric: &Metric) -> Option<Unit> {
    let own = (metric.unit != Unit::None
        && metric.key.split('_').any(|word| word == metric.unit.name()))
    .then_some(metric.unit);
    own.or_else(|| {
        Unit::NAMED
            .into_iter()
            .find(|unit| ends_with_word(&metric.key, unit.name()))
    })
}

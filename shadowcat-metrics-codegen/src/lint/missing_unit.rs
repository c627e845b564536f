//! `missing-unit`: a key that names a quantity which has a unit, on a metric that has none.

use super::finding::{Finding, Item, metrics};
use crate::model::{Origin, Registry, Unit, Units};

/// Last words of keys, and the unit that they are measured in here.
const QUANTITIES: &[(&str, Unit)] = &[
    ("age", Unit::Seconds),
    ("delay", Unit::Seconds),
    ("duration", Unit::Seconds),
    ("elapsed", Unit::Seconds),
    ("fraction", Unit::Ratio),
    ("frequency", Unit::Hertz),
    ("latency", Unit::Seconds),
    ("lifetime", Unit::Seconds),
    ("temperature", Unit::Celsius),
    ("uptime", Unit::Seconds),
    ("utilisation", Unit::Ratio),
    ("utilization", Unit::Ratio),
    ("voltage", Unit::Volts),
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let takes_unit = metric.kind.spec().units == Units::Declared;
        // An exact name is kept as dashboards have it, with a unit of its own or without.
        let speaks_for_itself = metric.name_is_exact || metric.unit != Unit::None;
        if metric.origin == Origin::Library || !takes_unit || speaks_for_itself {
            continue;
        }
        let last = metric.key.rsplit('_').next().unwrap_or_default();
        let Some((word, unit)) = QUANTITIES.iter().find(|(word, _)| *word == last) else {
            continue;
        };
        let message = format!("the metric `{}` has no unit", metric.key);
        let label = format!("a {word} is measured in {}", unit.name());
        findings.push(
            Finding::new(Item::Metric(id), metric.spans.key, message, label)
                .help(format!("write `unit = \"{}\"`", unit.name())),
        );
    }
}

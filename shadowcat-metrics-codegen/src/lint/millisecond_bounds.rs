//! `millisecond-bounds`: a histogram in seconds with the bounds that everybody writes for milliseconds.

use super::finding::{Finding, Item, metrics};
use crate::model::{Origin, Registry, Unit};

/// Steps in which everybody writes milliseconds. Seconds beyond a minute are counted in sixties.
const LADDER: [f64; 3] = [100.0, 250.0, 500.0];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry).filter(|(_, metric)| metric.origin == Origin::Schema) {
        let Some(bounds) = registry
            .bounds(metric)
            .filter(|_| metric.unit == Unit::Seconds)
        else {
            continue;
        };
        let whole = bounds.first().is_some_and(|first| *first >= 1.0);
        let is_ladder = LADDER.iter().all(|step| bounds.contains(step));
        let last = bounds.last().copied().unwrap_or_default();
        if whole && is_ladder && last <= 60_000.0 {
            let message = format!("the bounds of `{}` look like milliseconds", metric.key);
            let label = format!("the last bound is {last} seconds");
            let finding = Finding::new(Item::Metric(id), metric.spans.buckets, message, label);
            findings.push(finding.help("bounds are in the base unit: 250 milliseconds are `0.25`"));
        }
    }
}

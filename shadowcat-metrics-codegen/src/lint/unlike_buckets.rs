//! `unlike-buckets`: histograms of like things with bounds that differ, so that their quantiles cannot be compared.

use std::collections::HashMap;

use super::finding::{Finding, Item, metrics};
use super::words::{bag, words};
use crate::model::{Metric, MetricId, Registry, Unit};

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<(Unit, Vec<String>), MetricId> = HashMap::new();
    for (id, metric) in metrics(registry) {
        let Some(bounds) = registry.bounds(metric).filter(|_| !metric.key.is_empty()) else {
            continue;
        };
        let thing = (metric.unit, thing(metric));
        let Some(like) = seen.get(&thing) else {
            seen.insert(thing, id);
            continue;
        };
        let other = &registry.metrics[like.0];
        let of_other = registry.bounds(other).unwrap_or_default();
        if bounds != of_other && overlap(bounds, of_other) {
            let path = |metric: &Metric| {
                format!("{}.{}", registry.groups[metric.group.0].name, metric.key)
            };
            let message = format!(
                "`{}` and `{}` measure like things in unlike buckets",
                path(other),
                path(metric)
            );
            let finding = Finding::new(
                Item::Metric(id),
                metric.spans.buckets,
                message,
                "and these bounds",
            );
            findings.push(finding.secondary(other.spans.buckets, "there are these").help(
                "give both one set under `[buckets]`, so that their quantiles can be compared and summed",
            ));
        }
    }
}

/// The words of a histogram's key but for those that say again that it is a time or a size.
fn thing(metric: &Metric) -> Vec<String> {
    let said_by_unit: &[&str] = match metric.unit {
        Unit::Seconds => &["duration", "time", "latency", "seconds"],
        Unit::Bytes => &["size", "length", "bytes"],
        Unit::None
        | Unit::Ratio
        | Unit::Celsius
        | Unit::Meters
        | Unit::Volts
        | Unit::Amperes
        | Unit::Joules
        | Unit::Watts
        | Unit::Grams
        | Unit::Hertz => &[],
    };
    bag(words(&metric.key).filter(|word| !said_by_unit.contains(word)))
}

/// Whether the shorter of two ranges lies in the other by half or more, on a logarithmic scale. Milliseconds and hours
/// are not alike, whatever they are called.
fn overlap(one: &[f64], two: &[f64]) -> bool {
    let (Some((from, to)), Some((other_from, other_to))) = (range(one), range(two)) else {
        return false;
    };
    let common = to.min(other_to) - from.max(other_from);
    let shorter = (to - from).min(other_to - other_from);
    common >= 0.0 && common >= shorter / 2.0
}

/// The logarithms of the first bound above zero and of the last one.
fn range(bounds: &[f64]) -> Option<(f64, f64)> {
    let first = bounds.iter().find(|bound| **bound > 0.0)?;
    Some((first.ln(), bounds.last()?.ln()))
}

//! `total-on-non-counter`: `_total` at the end of a name that is not a counter's.

use super::finding::{Finding, metrics};
use crate::model::{Kind, Registry};

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let suffix = Kind::Counter { callback: false }.spec().suffix;
        if !metric.kind.is_counter() && metric.exposed.ends_with(suffix) {
            let kind = metric.kind.name();
            let message = format!(
                "`{}` ends in `{suffix}` and is of type {kind}",
                metric.exposed
            );
            findings.push(Finding::exposed_name(
                id,
                metric,
                message,
                "only counters end so: leave it out, or make this a counter",
            ));
        }
    }
}

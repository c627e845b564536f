//! `total-on-non-counter`: `_total` at the end of a name that is not a counter's.

use super::finding::{Finding, metrics};
use crate::model::{Kind, Registry};
use crate::name::kind_suffix;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let suffix = kind_suffix(&Kind::Counter { callback: false });
        if !matches!(metric.kind, Kind::Counter { .. }) && metric.exposed.ends_with(suffix) {
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

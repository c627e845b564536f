//! `counter-without-total`: a counter whose exposed name does not end in `_total`.

use super::finding::{Finding, metrics};
use crate::model::{Kind, Registry};

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let suffix = Kind::Counter { callback: false }.spec().suffix;
        if metric.kind.is_counter() && !metric.exposed.ends_with(suffix) {
            let message = format!(
                "the counter `{}` does not end in `{suffix}`",
                metric.exposed
            );
            let label = format!("expected `{}{suffix}`", metric.exposed);
            findings.push(Finding::exposed_name(id, metric, message, label));
        }
    }
}

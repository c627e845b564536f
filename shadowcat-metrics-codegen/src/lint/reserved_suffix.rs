//! `reserved-suffix`: a name that looks like a part of a histogram, on another kind.

use super::finding::{Finding, metrics};
use crate::model::Registry;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        if metric.kind.spec().buckets.is_some() {
            continue;
        }
        for suffix in ["_bucket", "_count", "_sum"] {
            if metric.exposed.ends_with(suffix) {
                let message = format!(
                    "`{}` ends in `{suffix}`, which belongs to histograms",
                    metric.exposed
                );
                let label = format!("expected a name without `{suffix}`");
                findings.push(Finding::exposed_name(id, metric, message, label));
            }
        }
    }
}

//! `colon-in-name`: a name with a colon, which is for recording rules.

use super::finding::{Finding, metrics};
use crate::model::Registry;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        if metric.exposed.contains(':') {
            let message = format!("`{}` has a colon in its name", metric.exposed);
            let label = format!("expected `{}`", metric.exposed.replace(':', "_"));
            findings.push(Finding::exposed_name(id, metric, message, label));
        }
    }
}

//! `type-in-name`: a Prometheus metric type as a word of the name.

use super::finding::{Finding, metrics};
use super::unit_abbreviation::has_inner_word;
use crate::model::Registry;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        for word in ["counter", "gauge", "histogram", "summary"] {
            if has_inner_word(&metric.exposed, word) {
                let message = format!(
                    "`{}` has the metric type `{word}` in its name",
                    metric.exposed
                );
                let label = format!("expected a name without `{word}`");
                findings.push(Finding::exposed_name(id, metric, message, label));
            }
        }
    }
}

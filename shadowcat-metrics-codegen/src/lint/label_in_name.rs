//! `label-in-name`: a key that says which labels the metric has: `requests_by_method`.

use super::finding::{Finding, Item, metrics};
use crate::model::{Origin, Registry};

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry).filter(|(_, metric)| metric.origin == Origin::Schema) {
        let labels = metric
            .labels
            .iter()
            .map(|label| &registry.labels[label.0].name);
        let key = format!("_{}_", metric.key);
        let mut said = labels.filter(|label| {
            key.contains(&format!("_by_{label}_")) || key.contains(&format!("_per_{label}_"))
        });
        if let Some(label) = said.next() {
            let message = format!("the key `{}` names the label `{label}`", metric.key);
            findings.push(Finding::new(
                Item::Metric(id),
                metric.spans.key,
                message,
                format!("every series says `{label}` already"),
            ));
        }
    }
}

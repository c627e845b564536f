//! `unused-label`: a label that no group, no metric and no state has.

use std::collections::HashSet;

use super::finding::{Finding, Item};
use crate::model::{LabelId, Metric, Origin, Registry};

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    let bound = registry
        .groups
        .iter()
        .flat_map(|group| &group.labels)
        .copied();
    let used: HashSet<_> = bound
        .chain(registry.metrics.iter().flat_map(labels))
        .collect();
    for (index, label) in registry.labels.iter().enumerate() {
        let id = LabelId(index);
        if label.origin == Origin::Schema && !used.contains(&id) {
            let message = format!("nothing uses the label `{}`", label.name);
            let finding = Finding::new(
                Item::Label(id),
                label.span,
                message,
                "no group or metric has it",
            );
            findings.push(finding.help("remove it, or name it in `labels` of a group or a metric"));
        }
    }
}

fn labels(metric: &Metric) -> impl Iterator<Item = LabelId> {
    let labels = metric.labels.iter().copied();
    labels.chain(metric.kind.spec().states)
}

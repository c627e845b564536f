//! `stable-without-owner`: a promise that nobody gives.

use super::finding::{Finding, Item, metrics};
use crate::model::{Origin, Registry, Stability};

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let nobody = metric.stability == Stability::Stable && metric.owner.is_none();
        if nobody && metric.origin == Origin::Schema {
            let message = format!(
                "the metric `{}` is stable, and nobody answers for it",
                metric.key
            );
            let finding = Finding::new(
                Item::Metric(id),
                metric.spans.key,
                message,
                "expected an `owner`",
            );
            findings.push(
                finding.help("write `owner = \"...\"` here, or in `[defaults]` for all metrics"),
            );
        }
    }
}

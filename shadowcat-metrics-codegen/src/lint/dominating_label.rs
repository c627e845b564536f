//! `dominating-label`: a label that takes more than half of the series budget by itself.

use super::finding::{Finding, Item};
use crate::model::{LabelId, Origin, Registry};
use crate::series;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    let labels = registry.labels.iter().enumerate();
    let largest = labels
        .filter(|(_, label)| label.origin == Origin::Schema)
        .map(|(index, label)| (index, label, made_by(registry, LabelId(index))))
        // The first of equals, so that it is always the same one.
        .reduce(|most, next| if next.2 > most.2 { next } else { most });
    let Some((index, label, made)) = largest else {
        return;
    };
    if made > registry.series_budget / 2 {
        let message = format!(
            "the label `{}` takes {made} of the {} series of the budget",
            label.name, registry.series_budget
        );
        let has = format!("without it they would be {made} fewer");
        let finding = Finding::new(Item::Label(LabelId(index)), label.span, message, has);
        findings.push(finding.help(
            "give it fewer values, or leave it off the metrics that can do without; `shadowcat-metrics budget` shows \
             which are the largest",
        ));
    }
}

/// How many series there would not be without a label.
fn made_by(registry: &Registry, id: LabelId) -> u64 {
    let label = &registry.labels[id.0].name;
    let made = registry.metrics.iter().map(|metric| {
        let found = series::labels(registry, metric).find(|one| one.name == *label);
        let values = found.map_or(1, series::cardinality).max(1);
        let worst = series::worst_case(registry, metric);
        worst - worst / values
    });
    made.fold(
        series::values_without_series(registry, id),
        u64::saturating_add,
    )
}

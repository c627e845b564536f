//! `missing-suffix`: an exact name without the unit or the `_info` that it would have got. `_total` is
//! `counter-without-total`.

use super::finding::{Finding, metrics};
use crate::model::{Registry, Unit};
use crate::name::{ends_with_word, open_metrics_family};

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry).filter(|(_, metric)| metric.name_is_exact) {
        let suffix = metric.kind.spec().suffix;
        let family = open_metrics_family(&metric.exposed, &metric.kind);
        let unit = metric.unit.name();
        if metric.unit != Unit::None && !ends_with_word(family, unit) {
            let message = format!("`{}` is in {unit} and does not say so", metric.exposed);
            findings.push(Finding::exposed_name(
                id,
                metric,
                message,
                format!("expected `{family}_{unit}{suffix}`"),
            ));
        } else if metric.kind.spec().has_facts && !metric.exposed.ends_with(suffix) {
            let message = format!(
                "the info metric `{}` does not end in `{suffix}`",
                metric.exposed
            );
            findings.push(Finding::exposed_name(
                id,
                metric,
                message,
                format!("expected `{family}{suffix}`"),
            ));
        }
    }
}

//! The sections about what is promised and alerted on.

use std::fmt::Write as _;

use super::super::markdown::{code, text};
use super::super::page::{link, row, table_head};
use crate::duration;
use crate::model::{Registry, Selection};

/// The heading of the objectives.
pub(super) const OBJECTIVES: &str = "Objectives";
/// The heading of the alerts.
pub(super) const ALERTS: &str = "Alerts";

pub(super) fn sections(registry: &Registry) -> String {
    let mut sections = String::new();
    if !registry.slos.is_empty() {
        let _ = write!(sections, "## {OBJECTIVES}\n\n");
        sections.push_str(&table_head(&[
            "Objective",
            "Share",
            "Over",
            "Of",
            "Promise",
        ]));
        for slo in &registry.slos {
            sections.push_str(&row([
                &*code(&slo.name),
                &slo.objective.to_string(),
                &duration::format(slo.window),
                &metric(registry, slo.indicator.total()),
                &text(&slo.help),
            ]));
        }
        sections.push('\n');
    }
    if !registry.alerts.is_empty() {
        let _ = write!(sections, "## {ALERTS}\n\n");
        sections.push_str(&table_head(&["Alert", "Severity", "For", "Summary"]));
        for alert in &registry.alerts {
            sections.push_str(&row([
                &*code(&alert.name),
                alert.severity.name(),
                &duration::format(alert.hold),
                &text(&alert.summary),
            ]));
        }
        sections.push('\n');
    }
    sections
}

fn metric(registry: &Registry, selection: &Selection) -> String {
    let exposed = &registry.metrics[selection.metric.0].exposed;
    link(&code(exposed), exposed)
}

//! Alerts that the schema defines, and the parts that all alerts share.

use crate::duration;

use super::windows::Scale;
use super::yaml::AlertRule;
use super::{alert_name, runbook_url};
use crate::alert_queries::AlertQuery;
use crate::model::{Alert, AlertSeverity, Schema};

pub(super) fn alert(schema: &Schema, alert: &Alert, scale: Scale) -> AlertRule {
    let mut rule = frame(
        schema,
        &alert.name,
        alert.severity,
        alert.owner.as_deref(),
        alert.runbook.as_deref(),
    );
    rule.alert = alert_name(&schema.registry, &alert.name);
    rule.expr = scale.query(AlertQuery::of(schema, alert).promql.trim());
    rule.hold = (!alert.hold.is_zero()).then(|| duration::format(scale.shorten(alert.hold)));
    rule.annotate("summary", alert.summary.clone());
    if let Some(description) = &alert.description {
        rule.annotate("description", description.clone());
    }
    rule
}

/// Labels that all alerts of objectives set, which replace those of the series. If the objective has an owner, they also set
/// `owner`.
pub(crate) const ALERT_LABELS: [&str; 4] = ["alertname", "severity", "notify", "slo"];

/// Returns the labels by which Alertmanager routes, and the links.
pub(super) fn frame(
    schema: &Schema,
    key: &str,
    severity: AlertSeverity,
    owner: Option<&str>,
    runbook: Option<&str>,
) -> AlertRule {
    let mut rule = AlertRule::default();
    let mut label = |name: &str, value: &str| {
        rule.labels.insert(name.to_owned(), value.to_owned());
    };
    label("severity", severity.name());
    label("notify", notify(severity));
    if let Some(owner) = owner {
        label("owner", owner);
    }
    rule.annotate("runbook_url", runbook_url(schema, key, runbook));
    if let Some(dashboard) = &schema.settings.dashboard_url {
        rule.annotate("dashboard_url", dashboard.clone());
    }
    rule
}

/// Returns the kind of notification, in the terms of the SRE workbook.
const fn notify(severity: AlertSeverity) -> &'static str {
    match severity {
        AlertSeverity::Critical => "page",
        AlertSeverity::Warning => "ticket",
        AlertSeverity::Info => "none",
    }
}

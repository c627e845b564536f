//! Alerts that the schema defines, with their queries in the form of histograms that `[operations] histograms` sets, and the parts
//! that all alerts share.

use crate::duration::{self, Scale};

use super::alert_name;
use super::yaml::AlertRule;
use crate::model::{Alert, AlertSeverity, Schema};
use crate::promql::write::{Form, Histograms};
use crate::promql::{Finding, Known, Migration, Query, Target, Usage};

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
    rule.annotate("runbook_url", schema.runbook_url(key, runbook));
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

/// The query of an alert in the form that the rules have.
#[derive(Debug)]
pub(crate) struct AlertQuery {
    /// The query.
    pub(crate) promql: String,
    /// Whether it differs from the schema's.
    pub(crate) is_rewritten: bool,
    /// The parts that read only classic histograms although the setting is `both`, and cannot be rewritten.
    pub(crate) left: Vec<Finding>,
}

impl AlertQuery {
    /// Rewrites the query of an alert, as a whole or not at all. One that reads both forms stays as it is.
    pub(crate) fn of(schema: &Schema, alert: &Alert) -> Self {
        let written = alert.expr.promql(&schema.registry);
        let query = Query::parse(&written);
        let known = Known::new(schema);
        let names = query.names();
        let reads = |form| names.iter().any(|name| known.form(name) == Some(form));
        let to = |target| query.migrate(&known, target, Usage::Numbers);
        let promql = match (
            schema.settings.histograms,
            reads(Form::Classic),
            reads(Form::Native),
        ) {
            (Histograms::Native, true, _) => to(Target::Native).apply(&written),
            (Histograms::Both, true, false) => {
                let Migration { edits, left } = to(Target::Native);
                if !left.is_empty() {
                    return Self {
                        promql: written,
                        is_rewritten: false,
                        left: left.into_iter().map(advised).collect(),
                    };
                }
                let native = Migration { edits, left }.apply(&written);
                either(&native, &written)
            }
            (Histograms::Both, false, true) => {
                either(&written, &to(Target::Classic).apply(&written))
            }
            (Histograms::Classic | Histograms::Native | Histograms::Both, _, _) => written.clone(),
        };
        Self {
            is_rewritten: promql != written,
            promql,
            left: Vec::new(),
        }
    }
}

fn advised(mut finding: Finding) -> Finding {
    finding.advise("write the query for both forms, joined with `or`, the native one first");
    finding
}

/// Joins a query's forms, unless they are equal. A comment may end a line.
fn either(native: &str, classic: &str) -> String {
    let (native, classic) = (native.trim(), classic.trim());
    if native == classic {
        return native.to_owned();
    }
    let space = if native.contains(['\n', '#']) {
        "\n"
    } else {
        " "
    };
    format!("{native}{space}or{space}{classic}")
}

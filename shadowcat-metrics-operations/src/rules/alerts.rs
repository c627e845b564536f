//! Alerts that the schema defines, with their queries in the form of histograms that `[operations] histograms` sets, and the parts
//! that all alerts share.

use shadowcat_metrics_codegen::model::Registry;

use super::alert_name;
use super::yaml::AlertRule;
use crate::duration::{self, Scale};
use crate::model::{Alert, AlertSeverity, Schema};
use crate::promql::write::{Form, Histograms};
use crate::promql::{Finding, KnownHistograms, Query, Target, Usage};
use crate::templates;

pub(super) fn alert(schema: &Schema, alert: &Alert, scale: Scale) -> AlertRule {
    let mut rule = frame(
        schema,
        &alert.name,
        alert.severity,
        alert.owner.as_deref(),
        alert.runbook.as_deref(),
    );
    rule.alert = alert_name(&schema.registry, &alert.name);
    rule.expr = scale.query(alert.query.in_rules().written().trim());
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
        label("owner", &templates::literal(owner));
    }
    let mut link = |name, url: &str| rule.annotate(name, templates::literal(url));
    link("runbook_url", &schema.runbook_url(key, runbook));
    if let Some(dashboard) = &schema.settings.dashboard_url {
        link("dashboard_url", dashboard);
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

/// The query of an alert, parsed.
#[derive(Debug, Clone)]
pub struct AlertQuery {
    /// The query in the schema.
    pub(crate) in_schema: Query,
    /// The query in the form of histograms that the rules have, if that differs.
    pub(crate) rewritten: Option<Query>,
    /// The parts that read only classic histograms although the setting is `both`, and cannot be rewritten.
    pub(crate) left: Vec<Finding>,
}

impl AlertQuery {
    /// Parses the query of an alert, and rewrites it as a whole or not at all. A query that reads both forms is not rewritten.
    pub(crate) fn new(expr: &str, histograms: Histograms, registry: &Registry) -> Self {
        let in_schema = Query::parse(expr);
        let known = KnownHistograms::new(registry);
        let names = in_schema.structure().names;
        let reads = |form| names.iter().any(|name| known.form(name) == Some(form));
        let to = |target| in_schema.migrate(&known, target, Usage::Numbers);
        let mut left = Vec::new();
        let rewritten = match (histograms, reads(Form::Classic), reads(Form::Native)) {
            (Histograms::Native, true, _) => Some(to(Target::Native).apply(expr)),
            (Histograms::Both, true, false) => {
                let native = to(Target::Native);
                let both = either(&native.apply(expr), expr);
                left.extend(native.left.into_iter().map(advised));
                left.is_empty().then_some(both)
            }
            (Histograms::Both, false, true) => Some(either(expr, &to(Target::Classic).apply(expr))),
            (Histograms::Classic | Histograms::Native | Histograms::Both, _, _) => None,
        };
        let rewritten = rewritten.filter(|rewritten| rewritten != expr);
        Self {
            rewritten: rewritten.as_deref().map(Query::parse),
            in_schema,
            left,
        }
    }

    /// Returns the query that the rules have.
    pub(crate) fn in_rules(&self) -> &Query {
        self.rewritten.as_ref().unwrap_or(&self.in_schema)
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

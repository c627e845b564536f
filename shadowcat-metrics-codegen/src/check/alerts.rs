//! `[operations]` and `[alerts]`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Checker, words};
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::model::{Alert, AlertSeverity, AlertSpans, AlertTest, Operations, TestSeries};
use crate::name;
use crate::parse::ast::{self, Field, Series, Spanned, Texts};
use crate::source::Span;

impl Checker<'_> {
    pub(super) fn check_operations(&mut self, operations: &ast::Operations) {
        let external = self.check_names(&operations.external, |name| {
            name::is_metric_name(name.strip_suffix('*').unwrap_or(name))
        });
        let target_labels = self.check_names(&operations.target_labels, |name| {
            name::is_metric_name(name) && !name.contains(':') && !name.starts_with("__")
        });
        self.registry.operations = Operations {
            external,
            target_labels,
            runbook_url: self.check_text(&operations.runbook_url, "runbook_url"),
            dashboard_url: self.check_text(&operations.dashboard_url, "dashboard_url"),
            reference_url: self.check_text(&operations.reference_url, "reference_url"),
            prometheus_url: self.check_text(&operations.prometheus_url, "prometheus_url"),
        };
    }

    fn check_names(&mut self, names: &Field<Texts>, valid: impl Fn(&str) -> bool) -> Vec<String> {
        let mut kept = Vec::new();
        for name in names.given().iter().flat_map(|given| &given.value) {
            if valid(&name.value) {
                kept.push(name.value.clone());
                continue;
            }
            self.report.push(
                Diagnostic::error(
                    errors::INVALID_EXTERNAL_NAME,
                    name.span,
                    format!("`{}` is not a name that Prometheus takes", name.value),
                )
                .label("expected letters, digits and `_`, the first not a digit; a metric's may end with `*`"),
            );
        }
        kept
    }

    pub(super) fn check_alerts(&mut self, alerts: &[ast::Alert]) {
        for alert in alerts {
            let checked = self.check_alert(alert);
            self.registry.alerts.extend(checked);
        }
        self.check_names_of_alerts();
    }

    fn check_alert(&mut self, alert: &ast::Alert) -> Option<Alert> {
        let owner = alert.name.span;
        let what = format!("the alert `{}`", alert.name.value);
        let name = self.check_identifier(&alert.name, "alert");
        let expected = "summary = \"What is wrong.\"";
        let summary = self.check_required_text(&alert.summary, &what, "summary", owner, expected);
        let expected = "expr = \"rate({group.metric}[5m]) > 0\"";
        let expr = self.check_required_text(&alert.expr, &what, "expr", owner, expected);
        let expr = expr.map(|value| {
            let span = alert.expr.span().unwrap_or(owner);
            self.check_expression(&Spanned { value, span })
        });
        let hold = self.check_duration(&alert.hold, "for");
        let severity = self.check_severity(alert, &what);
        let test = alert.test.given().and_then(|given| {
            let fires = self.check_series(&given.value.fires, "fires", given.span);
            let silent = self.check_series(&given.value.silent, "silent", given.span);
            Some(AlertTest {
                fires: fires?,
                silent: silent?,
                at: self.check_duration(&given.value.at, "at"),
            })
        });
        Some(Alert {
            name,
            summary: summary?,
            expr: expr?,
            hold: hold.unwrap_or(Duration::ZERO),
            severity: severity?,
            description: self.check_text(&alert.description, "description"),
            impact: self.check_text(&alert.impact, "impact"),
            runbook: self.check_text(&alert.runbook, "runbook"),
            owner: self.check_text(&alert.owner, "owner"),
            test,
            spans: AlertSpans {
                key: owner,
                summary: alert.summary.span().unwrap_or(owner),
                description: alert.description.span().unwrap_or(owner),
            },
        })
    }

    fn check_severity(&mut self, alert: &ast::Alert, what: &str) -> Option<AlertSeverity> {
        let Field::Given(given) = &alert.severity else {
            if alert.severity.is_absent() {
                self.missing_key(what, "severity", alert.name.span, "severity = \"warning\"");
            }
            return None;
        };
        let words = AlertSeverity::ALL.map(AlertSeverity::name);
        let word = self.check_word(
            given,
            "severity",
            errors::UNKNOWN_SEVERITY,
            &words,
            words::severity_hint,
        )?;
        AlertSeverity::ALL
            .into_iter()
            .find(|severity| severity.name() == word)
    }

    fn check_series(
        &mut self,
        field: &Field<Vec<Series>>,
        key: &str,
        test: Span,
    ) -> Option<Vec<TestSeries>> {
        let written = match field {
            Field::Given(given) => given.value.as_slice(),
            Field::Absent => &[],
            Field::Invalid => return None,
        };
        if field.is_absent() {
            let expected = format!("{key} = {{ \"{{group.metric}}\" = \"0+1x60\" }}");
            self.missing_key("the alert's `test`", key, test, &expected);
        }
        let mut series = Vec::new();
        for written in written {
            if written.values.value.trim().is_empty() {
                self.report.push(
                    Diagnostic::error(
                        errors::EMPTY_TEXT,
                        written.values.span,
                        "a series without values",
                    )
                    .label("expected values in promtool's notation, such as `0+1x60`"),
                );
            }
            series.push(TestSeries {
                series: self.check_expression(&written.series),
                values: written.values.value.clone(),
            });
        }
        Some(series)
    }

    /// Objectives and alerts have their runbooks in one folder, and their alerts in one list.
    fn check_names_of_alerts(&mut self) {
        let slos = self.registry.slos.iter().map(|slo| (&slo.name, slo.span));
        let alerts = self
            .registry
            .alerts
            .iter()
            .map(|alert| (&alert.name, alert.spans.key));
        let mut seen = BTreeMap::new();
        for (name, span) in slos.chain(alerts) {
            let Some(other) = seen.insert(name::pascal_case(name), span) else {
                continue;
            };
            self.report.push(
                Diagnostic::error(
                    errors::ALERT_COLLISION,
                    span,
                    format!("there is an objective or alert `{name}` already"),
                )
                .label("expected another name")
                .secondary(other, "the other one"),
            );
        }
    }
}

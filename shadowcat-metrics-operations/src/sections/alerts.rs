//! `[alerts]`: alerts outside objectives, and their tests.

use std::collections::BTreeMap;
use std::time::Duration;

use shadowcat_metrics_authoring::language::Value;
use shadowcat_metrics_codegen::codes::errors;
use shadowcat_metrics_codegen::name::pascal_case;
use shadowcat_metrics_codegen::section::{
    Checker, Entry, Field, Hint, Node, Reader, Spanned, table,
};
use shadowcat_metrics_codegen::{Report, Span};

use super::expressions::{check_duration, check_expression, parse_duration};
use super::{NamedTexts, named_texts};
use crate::model::{Alert, AlertSeverity, AlertSpans, AlertTest, Slo, TestSeries};
use crate::promql::write::Histograms;
use crate::rules::{self, AlertQuery};

section_tables! {
    /// `[alerts.NAME]`.
    ALERT = "alert": "An alert without an objective.";
    Written,
    name: Spanned<String> {
        summary: String, text => Value::Words, required, "Problem in one line; may contain Prometheus templates.";
        expr: String, text => Value::Words, required, "Condition in PromQL; `{group.metric}` stands for an exposed name.";
        hold = "for": String, read(parse_duration) => Value::Words,
            "How long the condition must be true before the alert fires; it fires at once by default.";
        severity: String, text => Value::OneOf(|| AlertSeverity::ALL.map(AlertSeverity::name).to_vec()), required,
            "`critical` pages someone, `warning` can wait until the morning, `info` is context for other alerts.";
        description: String, text => Value::Words, "Explanation for the person who receives the alert.";
        impact: String, text => Value::Words, "Effect on users, for the runbook.";
        runbook: String, text => Value::Words, "URL of a runbook, instead of the generated one.";
        owner: String, text => Value::Words, "Person or team that is responsible.";
        test: Test, read(parse_test) => Value::Table(&ALERT_TEST),
            "Test: series for which the alert fires, and series for which it does not.";
    }

    /// `test = { fires, silent, at }`.
    ALERT_TEST = "alert_test": "A test of an alert: series for which it fires and series for which it does not, with one \
         value per minute.";
    Test {
        fires: NamedTexts, read(parse_series) => Value::Named(&Value::Words), required,
            "Series for which the alert fires, each with its values in promtool's notation, such as `0+1x60`.";
        silent: NamedTexts, read(parse_series) => Value::Named(&Value::Words), required,
            "Series for which the alert does not fire.";
        at: String, read(parse_duration) => Value::Words,
            "When to evaluate the alert; by default, after `for` plus the longest range in the expression.";
    }
}

shadowcat_metrics_codegen::codes! {
    table CODES;

    UNKNOWN_SEVERITY = "SM0810" "unknown-severity": "unknown severity",
    "Use `critical` for alerts that page someone, `warning` for alerts that can wait until the morning, and `info` \
     for context for other alerts. The severity becomes the label `severity`, which Alertmanager uses for routing.",
    wrong: requests!(busy!(r#"severity = "urgent""#)),
    right: requests!(busy!(r#"severity = "warning""#));

    ALERT_COLLISION = "SM0811" "alert-collision": "two objectives or alerts with the same name",
    "Generated alerts and runbooks are named after their objective or alert, so no two may have the same name. The alerts of an \
     objective have names that end in `FastBurn` and `SlowBurn`.",
    example: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }

- [alerts.answers]
+ [alerts.busy]
summary = "Many requests."
expr = "rate({http.requests}[5m]) > 100"
for = "10m"
severity = "warning"
"#);
}

pub(super) fn parse(entry: &Entry, report: &mut Report) -> Option<Written> {
    let name = &entry.key.value;
    let expected = "a table with `summary`, `expr` and `severity`";
    let entries = table(&entry.value, name, expected, report)?;
    let place = format!("`[alerts.{name}]`");
    let mut alert = Reader::new(entries, &place, Written::KEYS, report);
    Some(Written {
        name: entry.key.clone(),
        ..Written::read(&mut alert)
    })
}

fn parse_test(value: &Node, key: &str, report: &mut Report) -> Option<Test> {
    let entries = table(value, key, "a table with `fires` and `silent`", report)?;
    let mut test = Reader::new(entries, "`test`", Test::KEYS, report);
    Some(Test::read(&mut test))
}

fn parse_series(value: &Node, key: &str, report: &mut Report) -> Option<NamedTexts> {
    let expected =
        "a table of series with their values, such as `{ \"{group.metric}\" = \"0+1x60\" }`";
    named_texts(value, key, expected, report)
}

pub(super) fn check(
    alert: &Written,
    histograms: Histograms,
    checker: &mut Checker<'_>,
) -> Option<Alert> {
    let owner = alert.name.span;
    let what = format!("the alert `{}`", alert.name.value);
    let name = checker.check_identifier(&alert.name, "alert");
    let expected = "summary = \"What is wrong.\"";
    let summary = check_required_text(checker, &alert.summary, (&what, "summary"), owner, expected);
    let expected = "expr = \"rate({group.metric}[5m]) > 0\"";
    let expr = check_required_text(checker, &alert.expr, (&what, "expr"), owner, expected);
    let expr = expr.and_then(|value| {
        let span = alert.expr.span().unwrap_or(owner);
        check_expression(checker, &Spanned { value, span })
    });
    let hold = check_duration(checker, &alert.hold, "for");
    let severity = check_severity(checker, alert, &what);
    let test = alert.test.given().and_then(|given| {
        let fires = check_series(checker, &given.value.fires, "fires", given.span);
        let silent = check_series(checker, &given.value.silent, "silent", given.span);
        Some(AlertTest {
            fires: fires?,
            silent: silent?,
            at: check_duration(checker, &given.value.at, "at"),
        })
    });
    let expr = expr?;
    let registry = checker.registry();
    let query = AlertQuery::new(&expr.promql(registry), histograms, registry);
    Some(Alert {
        name,
        summary: summary?,
        expr,
        query,
        hold: hold.unwrap_or(Duration::ZERO),
        severity: severity?,
        description: checker.check_text(&alert.description, "description"),
        impact: checker.check_text(&alert.impact, "impact"),
        runbook: checker.check_text(&alert.runbook, "runbook"),
        owner: checker.check_text(&alert.owner, "owner"),
        test,
        spans: AlertSpans {
            key: owner,
            summary: alert.summary.span().unwrap_or(owner),
            description: alert.description.span().unwrap_or(owner),
        },
    })
}

fn check_required_text(
    checker: &mut Checker<'_>,
    field: &Field<String>,
    (what, key): (&str, &str),
    owner: Span,
    expected: &str,
) -> Option<String> {
    if field.is_absent() {
        checker.missing_key(what, key, owner, expected);
    }
    checker.check_text(field, key)
}

fn check_severity(checker: &mut Checker<'_>, alert: &Written, what: &str) -> Option<AlertSeverity> {
    let Field::Given(given) = &alert.severity else {
        if alert.severity.is_absent() {
            checker.missing_key(what, "severity", alert.name.span, "severity = \"warning\"");
        }
        return None;
    };
    let words = AlertSeverity::ALL.map(AlertSeverity::name);
    let word = checker.check_word(given, "severity", UNKNOWN_SEVERITY, &words, severity_hint)?;
    AlertSeverity::ALL
        .into_iter()
        .find(|severity| severity.name() == word)
}

/// Returns the severity that a word from another system corresponds to.
fn severity_hint(word: &str) -> Hint {
    match word {
        "page" | "error" | "fatal" | "high" | "emergency" => (Some("critical"), None),
        "ticket" | "warn" | "medium" => (Some("warning"), None),
        "none" | "notice" | "low" => (Some("info"), None),
        _ => (None, None),
    }
}

fn check_series(
    checker: &mut Checker<'_>,
    field: &Field<NamedTexts>,
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
        checker.missing_key("the alert's `test`", key, test, &expected);
    }
    let mut series = Vec::new();
    for (written, values) in written {
        if values.value.trim().is_empty() {
            checker
                .error(errors::EMPTY_TEXT, values.span, "a series without values")
                .label("expected values in promtool's notation, such as `0+1x60`");
        }
        let expression = check_expression(checker, written);
        series.push(expression.map(|series| TestSeries {
            series,
            values: values.value.clone(),
        }));
    }
    series.into_iter().collect()
}

/// Checks that names are unique: objectives and alerts share a folder of runbooks and a list of alerts.
pub(super) fn check_names(slos: &[Slo], alerts: &[Alert], checker: &mut Checker<'_>) {
    let mut generated = BTreeMap::new();
    for slo in slos {
        for suffix in [rules::FAST, rules::SLOW] {
            generated.insert(format!("{}{suffix}", pascal_case(&slo.name)), slo);
        }
    }
    for alert in alerts {
        let Some(slo) = generated.get(&pascal_case(&alert.name)) else {
            continue;
        };
        let message = format!(
            "the alert `{}` has the name of an alert of the objective `{}`",
            alert.name, slo.name
        );
        checker
            .error(ALERT_COLLISION, alert.spans.key, message)
            .label("expected another name")
            .secondary(slo.span, "the objective");
    }
    let slos = slos.iter().map(|slo| (&slo.name, slo.span));
    let alerts = alerts.iter().map(|alert| (&alert.name, alert.spans.key));
    let mut seen = BTreeMap::new();
    for (name, span) in slos.chain(alerts) {
        let Some(other) = seen.insert(pascal_case(name), span) else {
            continue;
        };
        let message = format!("the objective or alert `{name}` already exists");
        checker
            .error(ALERT_COLLISION, span, message)
            .label("expected another name")
            .secondary(other, "the other one");
    }
}

#[test]
fn rules_of_alerts() {
    super::testing::rules(
        r#"
        METRICS | [alerts.^^^a] => missing-key missing-key missing-key
        alerts.a = ^1 => wrong-type
        ALERT severity = ^"page" => unknown-severity
        METRICS | [alerts.a] | summary = "S" | expr = "1 + {^web.nothing}" | severity = "info" => unknown-metric
        // A metric whose type is not known has no name in queries.
        sent: ^zzz | METRICS | [alerts.a] | summary = "S" | expr = "{app.sent} > 1" | severity = "info" => unknown-kind
        ALERT severity = "info" | test = ^{ fires = { a = "1" } } => missing-key
        OBJECTIVE good = { metric = "web.done", where = { mode = "on" } } | [alerts.^s] | summary = "S" | expr = "{web.done} > 1" | severity = "info" => alert-collision
        OBJECTIVE good = { metric = "web.done", where = { mode = "on" } } | [alerts.^s_slow_burn] | summary = "S" | expr = "{web.done} > 1" | severity = "info" => alert-collision
        "#,
    );
}

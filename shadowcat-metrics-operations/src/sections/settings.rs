//! `[operations]`: settings for all objectives, alerts and dashboards.

use shadowcat_metrics_codegen::language::{TEXTS, Value};
use shadowcat_metrics_codegen::name::is_metric_name;
use shadowcat_metrics_codegen::section::{Checker, Entry, Field, Reader, Texts, table};
use shadowcat_metrics_codegen::{Diagnostic, Report};

use crate::model::Settings;

shadowcat_metrics_codegen::language! {
    /// `[operations]`.
    OPERATIONS = "operations": "What holds for all objectives, alerts and dashboards." {
        "external": TEXTS,
            "Metrics of other programs that expressions may name; a `*` at the end stands for any rest.";
        "target_labels": TEXTS, "Labels that scraping adds beside `job` and `instance`, such as `cluster`.";
        "runbook_url": Value::Words,
            "Where runbooks are read; `{alert}` stands for the name of the objective or alert.";
        "dashboard_url": Value::Words, "Where the overview dashboard is seen.";
        "reference_url": Value::Words,
            "Where the reference, `metrics.md`, is read; panels link to the metrics in it.";
        "prometheus_url": Value::Words, "Where Prometheus answers; queries in runbooks become links to its graphs.";
    }
}

shadowcat_metrics_codegen::codes! {
    table CODES;

    /// `external` or `target_labels` holds what is no name.
    INVALID_EXTERNAL_NAME = "SM0813" "invalid-external-name": "a name that Prometheus does not take",
    "`external` lists metrics of other programs, each by its whole name or by its beginning with a `*` behind. \
     `target_labels` lists names of labels.",
    wrong: r#"[operations]
external = ["node.*"]
"#,
    right: r#"[operations]
external = ["node_*"]
"#;
}

/// `[operations]`.
#[derive(Debug, Default)]
pub(super) struct Written {
    external: Field<Texts>,
    target_labels: Field<Texts>,
    runbook_url: Field<String>,
    dashboard_url: Field<String>,
    reference_url: Field<String>,
    prometheus_url: Field<String>,
}

pub(super) fn parse(entry: &Entry, report: &mut Report) -> Option<Written> {
    let entries = table(&entry.value, "operations", "a table", report)?;
    let mut operations = Reader::new(entries, "`[operations]`", &OPERATIONS, report);
    Some(Written {
        external: operations.texts("external"),
        target_labels: operations.texts("target_labels"),
        runbook_url: operations.text("runbook_url"),
        dashboard_url: operations.text("dashboard_url"),
        reference_url: operations.text("reference_url"),
        prometheus_url: operations.text("prometheus_url"),
    })
}

pub(super) fn check(operations: &Written, checker: &mut Checker<'_>) -> Settings {
    let external = check_names(checker, &operations.external, |name| {
        is_metric_name(name.strip_suffix('*').unwrap_or(name))
    });
    let target_labels = check_names(checker, &operations.target_labels, |name| {
        is_metric_name(name) && !name.contains(':') && !name.starts_with("__")
    });
    Settings {
        external,
        target_labels,
        runbook_url: checker.check_text(&operations.runbook_url, "runbook_url"),
        dashboard_url: checker.check_text(&operations.dashboard_url, "dashboard_url"),
        reference_url: checker.check_text(&operations.reference_url, "reference_url"),
        prometheus_url: checker.check_text(&operations.prometheus_url, "prometheus_url"),
    }
}

fn check_names(
    checker: &mut Checker<'_>,
    names: &Field<Texts>,
    valid: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut kept = Vec::new();
    for name in names.given().iter().flat_map(|given| &given.value) {
        if valid(&name.value) {
            kept.push(name.value.clone());
            continue;
        }
        checker.report(
            Diagnostic::error(
                INVALID_EXTERNAL_NAME,
                name.span,
                format!("`{}` is not a name that Prometheus takes", name.value),
            )
            .label("expected letters, digits and `_`, the first not a digit; a metric's may end with `*`"),
        );
    }
    kept
}

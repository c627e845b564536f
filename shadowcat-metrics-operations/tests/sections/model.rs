//! Objectives and alerts in the model, and the positions of problems in their expressions.

use std::time::Duration;

use shadowcat_metrics_operations::Outcome;
use shadowcat_metrics_operations::model::{Counted, Indicator, Schema};

use super::{common, compiled};

const BASE: &str = r#"
format = 1
namespace = "app"

[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[labels.route]
help = "Route."
open = { max = 8 }

[groups.http]
help = "Requests."
labels = ["route"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = { exponential = { start = 0.000_1, factor = 2.0, count = 16 } }
quantiles = true
help = "Time spent on a request."
"#;

fn outcome(more: &str) -> Outcome {
    compiled(&format!("{BASE}{more}"))
}

fn schema(more: &str) -> Schema {
    common::problems::schema(&format!("{BASE}{more}"))
}

#[test]
fn objectives_are_resolved() {
    let schema = schema(
        r#"
[slos.fast]
help = "Fast."
objective = 0.99
good = { metric = "http.duration", under = "102.4ms" }
by = ["route"]

[slos.right]
help = "Right."
objective = 0.999
window = "28d"
bad = { metric = "http.requests", where = { outcome = "error" } }
"#,
    );
    let [fast, right] = schema.slos.as_slice() else {
        panic!("{:#?}", schema.slos);
    };
    assert_eq!(fast.window, Duration::from_secs(30 * 86_400));
    assert_eq!(schema.registry.labels[fast.by[0].0].name, "route");
    assert!(
        matches!(&fast.indicator, Indicator::Latency { bound, .. } if bound.to_bits() == 0.1024_f64.to_bits())
    );
    assert_eq!(right.window, Duration::from_secs(28 * 86_400));
    let Indicator::Availability {
        counted: Counted::Bad(bad),
        total,
    } = &right.indicator
    else {
        panic!("{:#?}", right.indicator);
    };
    // If no other metric is named, it is the same one.
    assert_eq!(bad.metric, total.metric);
    assert_eq!(bad.matchers[0].values, ["error"]);
    assert!(total.matchers.is_empty());
    let mut metrics = schema.registry.metrics.iter();
    assert!(metrics.any(|metric| metric.quantiles));
}

#[test]
fn references_become_exposed_names() {
    let schema = schema(
        "[alerts.slow]\nsummary = \"Slow.\"\nseverity = \"info\"\nexpr = 'rate({http.duration}_sum{a=\"{b.c}\"}[5m]) > {http.requests}'\n",
    );
    assert_eq!(
        schema.alerts[0].expr.promql(&schema.registry),
        "rate(app_http_duration_seconds_sum{a=\"{b.c}\"}[5m]) > app_http_requests_total"
    );
}

#[test]
fn unknown_references_are_shown_inside_the_string() {
    for expr in [
        r#""é > \"\u00e9\" {http.request}""#,
        "'''\n  \"\\\\\" {http.request}\n'''",
        "\"\"\"\\\n   1 + \\\n  {http.request}\"\"\"",
    ] {
        let alert = "[alerts.slow]\nsummary = \"Slow.\"\nseverity = \"info\"";
        let outcome = outcome(&format!("{alert}\nexpr = {expr}\n"));
        let errors: Vec<_> = outcome.report.errors().collect();
        let [error] = errors.as_slice() else {
            panic!("{errors:#?}");
        };
        assert_eq!(outcome.source.slice(error.primary), "http.request");
        assert_eq!(error.label, "did you mean `http.requests`?");
    }
}

#[test]
fn promql_errors_have_positions() {
    let outcome = outcome(
        r#"
[alerts.slow]
summary = "Slow."
severity = "info"
expr = "\"x\" + rate({http.requests}{outcome=\"ok\"}[5m]) + {http.duration}_sum"
"#,
    );
    let schema = outcome.schema().expect("a schema that compiles");
    let registry = &schema.registry;
    let expr = &schema.alerts[0].expr;
    let promql = expr.promql(registry);
    let written = |part: &str| {
        let start = promql.find(part).expect("a part of it");
        let span = expr.locate(registry, &outcome.source, start..start + part.len());
        outcome.source.slice(span).to_owned()
    };
    assert_eq!(written("\"x\""), r#"\"x\""#);
    assert_eq!(written("rate"), "rate");
    assert_eq!(written("app_http_requests_total"), "{http.requests}");
    assert_eq!(written("requests"), "{http.requests}", "inside a name");
    assert_eq!(written("outcome=\"ok\""), r#"outcome=\"ok\""#);
    assert_eq!(written("seconds_sum"), "{http.duration}_sum");
    assert_eq!(written("_sum"), "_sum");
}

//! Files that people wrote: what is found in them, and where.

use shadowcat_metrics_codegen::{Source, compile};
use shadowcat_metrics_operations::{files, rules};

const SCHEMA: &str = r#"
format = 1
namespace = "app"

[groups.http]
help = "Requests."

[metrics.http.requests]
type = "counter"
help = "Requests answered."

[metrics.http.open]
type = "gauge"
help = "Connections."
"#;

/// Each problem as `SM0902 3:7 text`.
fn found(name: &str, text: &str) -> Vec<String> {
    let outcome = compile(Source::new("metrics.toml", SCHEMA));
    let mut vocabulary = rules::vocabulary(outcome.registry().expect("it compiles"));
    let source = Source::new(name, text);
    for record in files::recorded(&source) {
        vocabulary.allow(record);
    }
    let report = files::check(&source, &vocabulary);
    let shown = report.diagnostics().iter().map(|problem| {
        let at = source.position(problem.primary.start);
        let text = source.slice(problem.primary);
        format!("{} {}:{} {text}", problem.code.id(), at.line, at.column)
    });
    shown.collect()
}

#[test]
fn rules_in_all_of_yamls_styles() {
    let rules = "\
groups:
- name: é
  rules:
  - record: app:seen:sum
    expr: sum(app_http_opened)
  - alert: A
    expr: \"\\u00e9\\\"\" # not PromQL
  - alert: B
    expr: 'app:seen:sum > 1 and rate(app_http_open[5m]) == ''x'''
  - alert: C
    expr: |
      sum(rate(app_http_requests_total[5m]))
        / sum(app_http_closed)
        > 1
  - alert: D
    expr: >-
      sum(
        app_http_open
      ) >
      sum(app_http_gone)
";
    assert_eq!(
        found("rules.yml", rules),
        [
            "SM0902 5:15 app_http_opened",
            "SM0901 7:12 \\u00e9\\\"",
            "SM0901 9:12 app:seen:sum > 1 and rate(app_http_open[5m]) == ''x''",
            "SM0902 13:15 app_http_closed",
            "SM0902 20:11 app_http_gone",
        ]
    );
}

#[test]
fn dashboards() {
    let dashboard = r#"{
  "panels": [
    { "targets": [
      { "expr": "rate(app_http_open{x=\"y\"}[$__rate_interval])", "refId": "A" },
      { "expr": "{app=\"x\"} |= `error`", "datasource": { "type": "loki" } }
    ] }
  ],
  "templating": { "list": [
    { "query": "label_values(app_http_open, instance)" },
    { "query": { "query": "label_values(app_http_opened, instance)", "refId": "B" } },
    { "query": "query_result(app_http_gone)" }
  ] }
}"#;
    assert_eq!(
        found("dashboard.json", dashboard),
        [
            "SM0906 4:18 rate",
            "SM0903 4:37 x",
            "SM0902 10:28 label_values(app_http_opened, instance)",
            "SM0902 11:30 app_http_gone",
        ]
    );
}

#[test]
fn files_that_are_none() {
    assert_eq!(found("x.yml", ""), [""; 0]);
    assert_eq!(found("x.yml", "groups: ["), ["SM0914 1:9 "]);
    assert_eq!(found("x.json", "{\"a\": [1, 2").len(), 1);
}

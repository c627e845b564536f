//! Files that people wrote: what is found in them, and where.

use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::compile;
use shadowcat_metrics_operations::files::{self, File};
use shadowcat_metrics_operations::rules;

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
    let mut vocabulary = rules::vocabulary(outcome.schema().expect("it compiles"));
    let source = Source::new(name, text);
    let files = [File::read(&source)];
    files::learn(&files, &mut vocabulary);
    let report = files[0].check(&vocabulary);
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
            "SM0901 7:12 \\u00e9",
            "SM0901 9:60 ''x''",
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
            "SM0902 10:41 app_http_opened",
            "SM0902 11:30 app_http_gone",
        ]
    );
}

#[test]
fn sources_of_panels_and_of_their_queries() {
    let dashboard = r#"{
  "panels": [
    { "datasource": { "type": "datasource", "uid": "-- Mixed --" }, "targets": [
      { "datasource": { "type": "prometheus" }, "expr": "app_http_gone", "refId": "A" },
      { "datasource": { "type": "loki" }, "expr": "{app=\"x\"} |= `error`", "refId": "B" },
      { "datasource": { "type": "prometheus" }, "expr": "", "refId": "C" }
    ] },
    { "datasource": { "type": "loki" }, "targets": [{ "expr": "{app=\"x\"} |= `error`" }] },
    { "datasource": "Loki", "targets": [{ "expr": "{app=\"x\"} |= `error`" }] },
    { "datasource": "${DS_PROMETHEUS}", "targets": [{ "expr": "app_http_gone" }] },
    { "datasource": { "type": "victoriametrics-metrics-datasource" }, "targets": [{ "expr": "app_http_gone" }] },
    { "query": { "kind": "DataQuery", "group": "loki", "spec": { "expr": "{app=\"x\"} |= `error`" } } },
    { "query": { "kind": "DataQuery", "group": "prometheus", "spec": { "expr": "app_http_gone" } } }
  ],
  "templating": { "list": [
    { "definition": "label_values(app_http_open, host)", "query": { "query": "label_values(app_http_open, host)" } },
    { "datasource": { "type": "loki" }, "query": "label_values({app=\"x\"}, pod)" },
    { "query": "a,b" }
  ] }
}"#;
    assert_eq!(
        found("dashboard.json", dashboard),
        [
            "SM0902 4:58 app_http_gone",
            "SM0902 10:64 app_http_gone",
            "SM0902 11:94 app_http_gone",
            "SM0902 13:81 app_http_gone",
            "SM0909 16:107 host",
        ]
    );
}

#[test]
fn files_inside_of_files() {
    let config_map = "\
kind: PrometheusRule
spec: { groups: [{ rules: [{ alert: A, expr: app_http_gone > 1 }] }] }
---
kind: ConfigMap
data:
  rules.yml: |
    groups:
    - rules:
      - record: app:open:sum
        expr: sum(app_http_open)
      - alert: A
        expr: |
          app:open:sum
            > app_http_gone
  dashboard.json: |-
    {\"panels\": [{\"targets\": [{\"expr\": \"rate(app_http_gone[5m])\"}]}]}
  values.yaml: \"{{ no: yaml\"
";
    assert_eq!(
        found("map.yml", config_map),
        [
            "SM0902 2:46 app_http_gone",
            "SM0902 14:15 app_http_gone",
            "SM0902 16:45 app_http_gone",
        ]
    );
}

#[test]
fn labels_of_what_rules_record() {
    let rules = "\
- record: app:open:sum
  expr: sum by (instance) (app_http_open)
  labels: { team: shop }
- record: app:twice
  expr: sum by (instance) (app_http_open)
- record: app:twice
  expr: app_http_open
- record: app:requests:copy
  expr: app_http_requests_total
- alert: A
  expr: sum by (team, instance, job) (app:open:sum)
- alert: B
  expr: sum by (whatever) (app:twice) or rate(app:requests:copy[5m])
- alert: C
  expr: app:open:sum{server='a'}
";
    assert_eq!(
        found("rules.yml", rules),
        ["SM0909 11:33 job", "SM0903 15:22 server"]
    );
}

#[test]
fn labels_of_groups_are_those_of_their_rules() {
    let rules = "\
groups:
- name: shop
  labels: { team: shop }
  rules:
  - record: app:open:sum
    expr: sum by (instance) (app_http_open)
    labels: { floor: '1' }
  - record: app:open:max
    expr: max by (instance) (app_http_open)
- name: others
  rules:
  - record: app:open:min
    expr: min by (instance) (app_http_open)
  - alert: A
    expr: sum by (team, floor) (app:open:sum) or max by (team, floor) (app:open:max)
    annotations: { summary: '{{ $labels.team }} {{ $labels.floor }}' }
  - alert: B
    expr: sum by (team) (app:open:min)
";
    assert_eq!(
        found("rules.yml", rules),
        ["SM0909 15:64 floor", "SM0909 18:19 team"]
    );
}

#[test]
fn tests_of_alerts_that_there_are_not() {
    let tests = "\
- alert: DiskFull
  expr: app_http_open == 0
---
tests:
- alert_rule_test:
  - { eval_time: 5m, alertname: DiskFull, exp_alerts: [] }
  - eval_time: 5m
    alertname: \"DiskFul\"
    exp_alerts: []
  - { eval_time: 5m, alertname: OfOthers, exp_alerts: [] }
";
    assert_eq!(found("x.test.yml", tests), ["SM0904 8:17 DiskFul"]);
}

#[test]
fn texts_of_alerts() {
    let rules = "\
- alert: A
  expr: sum by (instance) (app_http_open) > 5
  labels: { severity: info }
  annotations:
    summary: '{{ $labels.instance }} of {{ $labels.job }} ({{ $labels.severity }})'
    description: |
      {{ $value }} of
      {{ $labels.instnce }}
- alert: B
  expr: label_replace(up, '$x', '', '', '') == 0
  annotations: { summary: '{{ $labels.whatever }}' }
";
    assert_eq!(
        found("rules.yml", rules),
        ["SM0915 5:52 job", "SM0915 8:18 instnce"]
    );
}

#[test]
fn a_query_that_a_variable_may_make_right_is_no_error() {
    let outcome = compile(Source::new("metrics.toml", SCHEMA));
    let vocabulary = rules::vocabulary(outcome.schema().expect("it compiles"));
    let source = Source::new("x.yml", "- expr: app_http_open $operator 1\n- expr: sum(\n");
    let file = File::read(&source);
    let report = file.check(&vocabulary);
    assert_eq!((file.queries(), report.errors().count()), (2, 1));
    assert_eq!(report.diagnostics().len(), 2);
}

#[test]
fn files_that_are_none() {
    assert_eq!(found("x.yml", ""), [""; 0]);
    assert_eq!(found("x.yml", "groups: ["), ["SM0914 1:9 "]);
    assert_eq!(found("x.json", "{\"a\": [1, 2").len(), 1);
}

//! Problems in hand-written files, and their positions.

#[allow(dead_code, reason = "each test uses a part of it")]
mod common;

use common::assert_rows;
use common::problems::{problems_in_file, vocabulary};
use shadowcat_metrics_codegen::{Report, Source};
use shadowcat_metrics_operations::files::File;

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

/// Returns each problem as `SM0902 3:7 text`.
fn problems(name: &str, text: &str) -> Vec<String> {
    problems_in_file(SCHEMA, name, text)
}

fn report(source: &Source) -> Report {
    File::read(source).check(&vocabulary(SCHEMA, source.text()))
}

/// Returns the texts that the problems in a dashboard point at.
fn texts(dashboard: &serde_json::Value) -> String {
    let text = serde_json::to_string_pretty(dashboard).expect("JSON");
    let source = Source::new("d.json", &*text);
    let report = report(&source);
    let problems = report.diagnostics().iter();
    let texts = problems.map(|problem| source.slice(problem.primary));
    texts.collect::<Vec<_>>().join("; ")
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
        problems("rules.yml", rules),
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
        problems("dashboard.json", dashboard),
        [
            "SM0906 4:18 rate",
            "SM0903 4:37 x",
            "SM0902 10:41 app_http_opened",
            "SM0902 11:30 app_http_gone",
        ]
    );
}

#[test]
fn labels_in_legends() {
    let rows = r#"
        sum by (job) (app_http_open) | {{ job }} {{instance}} => instance
        app_http_open | é {{job}} {{ host }} => host
        sum(app_http_open) | {{job}} => job
        sum(app_http_open) | __auto =>
        app_http_open | {{__name__}} {{ $job }} {{ job =>
        sum by ($label) (app_http_open) | {{host}} =>
        sum by (job) (rate(app_http_requests_total{job=~"$job"}[$__rate_interval])) | {{job}} =>
        sum(app_http_open{job=~"$job"}) > $limit | {{host}} =>
    "#;
    assert_rows(rows, |case| {
        let (query, legend) = case.split_once(" | ").expect("a query and a legend");
        let target = serde_json::json!({ "expr": query, "legendFormat": legend });
        texts(&serde_json::json!({ "panels": [{ "targets": [target] }] }))
    });
}

#[test]
fn labels_that_scraping_may_add_have_a_help() {
    for (query, has_help) in [
        ("app_http_open > 1", true),
        ("sum by (job) (app_http_open) > 1", false),
    ] {
        let alert = format!(
            "[{{ alert: A, expr: '{query}', annotations: {{ a: '{{{{ $labels.pod }}}}' }} }}]"
        );
        let target = format!("{{ expr: '{query}', legendFormat: '{{{{pod}}}}' }}");
        for text in [alert, target] {
            let report = report(&Source::new("x.yml", text));
            let [problem] = report.diagnostics() else {
                panic!("{report:?}");
            };
            let help = problem.help.as_deref().unwrap_or_default();
            assert_eq!(help.contains("target_labels"), has_help, "{problem:?}");
        }
    }
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
        problems("dashboard.json", dashboard),
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
fn nested_files() {
    let config_map = "\
kind: PrometheusRule
spec: { groups: [{ name: a, rules: [{ alert: A, expr: app_http_gone > 1 }] }] }
---
kind: ConfigMap
data:
  rules.yml: |
    groups:
    - name: a
      rules:
      - record: app:open:sum
        expr: sum(app_http_open)
      - alert: A
        expr: |
          app:open:sum
            > app_http_gone
  dashboard.json: |-
    {\"panels\": [{\"targets\": [{\"expr\": \"rate(app_http_gone[5m])\"}]}]}
  values.yaml: \"{{ no: yaml\"
---
kind: GrafanaDashboard
spec:
  json: >
    {\"panels\": [{\"targets\":
    [{\"expr\": \"app_http_open > app_http_gone\"}]}]}
";
    assert_eq!(
        problems("map.yml", config_map),
        [
            "SM0902 2:55 app_http_gone",
            "SM0902 15:15 app_http_gone",
            "SM0902 17:45 app_http_gone",
            "SM0902 24:32 app_http_gone",
        ]
    );
}

#[test]
fn labels_of_recorded_series() {
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
        problems("rules.yml", rules),
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
        problems("rules.yml", rules),
        ["SM0909 15:64 floor", "SM0909 18:19 team"]
    );
}

#[test]
fn tests_of_missing_alerts() {
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
    assert_eq!(problems("x.test.yml", tests), ["SM0904 8:17 DiskFul"]);
}

#[test]
fn alert_annotations() {
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
        problems("rules.yml", rules),
        ["SM0915 5:52 job", "SM0915 8:18 instnce"]
    );
}

/// The annotation uses the label that the query means.
#[test]
fn a_misspelled_label_is_reported_only_in_the_query() {
    let rule = "- alert: A
  expr: sum by (instnce) (app_http_open) > 5
  annotations: { summary: '{{ $labels.instance }}' }
";
    assert_eq!(problems("rules.yml", rule), ["SM0909 2:17 instnce"]);
}

#[test]
fn queries_that_depend_on_a_variable_are_not_errors() {
    let source = Source::new("x.yml", "- expr: app_http_open $operator 1\n- expr: sum(\n");
    let file = File::read(&source);
    let report = file.check(&vocabulary(SCHEMA, ""));
    assert_eq!((file.queries(), report.errors().count()), (2, 1));
    assert_eq!(report.diagnostics().len(), 2);
}

#[test]
fn positions_in_every_yaml_style() {
    let rules = "\
x: &e rate(app_http_opne[5m]) > 1\r
groups:\r
- name: a\r
  rules:\r
  - alert: A\r
    expr: *e\r
  - &r\r
    alert: B\r
    \"expr\": app_http_gone > 1\r
  - <<: *r\r
    alert: C\r
  - alert: D\r
    expr: \"é app_http_open >\r
      \\\r
      rate(app_http_lost[5m]) + app_\\\r
      http_missing\"\r
  - alert: E\r
    expr: >2+ # é\r
        app_http_open\r
      \r
      \t> app_http_away\r
\r
  - alert: F\r
    expr: 'app_http_open\r
\r
      == ''x'' # it''s\r
      '\r
  - { alert: G, expr: \"\\u00e9\\x41pp_http_x\" }\r
";
    assert_eq!(
        problems("rules.yml", rules),
        [
            "SM0906 1:7 rate",
            "SM0902 1:12 app_http_opne",
            "SM0902 9:13 app_http_gone",
            "SM0901 13:12 é",
            "SM0902 21:10 app_http_away",
            "SM0901 26:10 ''x''",
            "SM0901 28:24 \\u00e9",
        ]
    );
    let rules = rules.replace("\"é app", "\"app");
    let lines: Vec<_> = problems("rules.yml", &rules);
    assert_eq!(lines[3], "SM0902 15:12 app_http_lost");
    assert!(lines[4].starts_with("SM0902 15:33 app_\\"), "{lines:?}");
}

#[test]
fn problems_in_an_alias_point_at_the_alias() {
    let text = "- &a { alert: A, expr: app_http_gone }\n- { <<: *a, alert: B }\n- *a\n";
    let source = Source::new("x.yml", text);
    let report = File::read(&source).check(&vocabulary(SCHEMA, ""));
    let [problem] = report.diagnostics() else {
        panic!("one problem: {report:#?}");
    };
    let used: Vec<_> = problem
        .secondary
        .iter()
        .map(|(span, _)| source.position(span.start).line)
        .collect();
    assert_eq!(used, [2, 3]);
}

#[test]
fn names_of_input_series() {
    let tests = "\
tests:
- interval: 1m
  input_series:
  - { series: 'app_http_gone{pod=\"a\"}', values: '1' }
  - { series: ' app_http_open{pod=\"a\"} ', values: '1' }
  - { series: '{pod=\"a\"}', values: '1' }
  - { series: app_http_requests, values: '1' }
";
    assert_eq!(
        problems("x.test.yml", tests),
        ["SM0902 4:16 app_http_gone", "SM0902 7:15 app_http_requests"]
    );
}

#[test]
fn queries_in_other_languages() {
    const LOGS: &str = "sum(rate({app=\"x\"} |= \"y\" [5m]))";
    for (name, text) in [
        (
            "variable",
            "variables: [{ name: logs, type: datasource, query: loki }]\npanels:\n- { datasource: $logs, targets: [{ refId: A, expr: LOGS }] }\n- { datasource: { uid: '${logs}' }, targets: [{ refId: A, expr: LOGS }] }\n- { datasource: '[[logs]]', targets: [{ refId: A, expr: LOGS }] }",
        ),
        (
            "input",
            "__inputs: [{ name: DS_X, type: datasource, pluginId: loki }]\npanels: [{ datasource: '${DS_X}', targets: [{ refId: A, expr: LOGS }] }]",
        ),
        (
            "newer variable",
            "variables: [{ kind: DatasourceVariable, spec: { name: l, pluginId: loki } }]\nx: [{ datasource: { name: '${l}' }, expr: LOGS }]",
        ),
        (
            "id",
            "panels: [{ datasource: { uid: my-loki }, targets: [{ expr: LOGS }] }]",
        ),
        (
            "AlertingRule",
            "apiVersion: loki.grafana.com/v1\nkind: AlertingRule\nspec: { groups: [{ name: a, rules: [{ alert: A, expr: LOGS, annotations: { a: '{{ $x }}' } }] }] }",
        ),
        (
            "RecordingRule",
            "apiVersion: loki.grafana.com/v1\nkind: RecordingRule\nspec: { groups: [{ name: a, rules: [{ record: a, expr: LOGS }] }] }",
        ),
        (
            "vlogs",
            "groups: [{ name: a, type: vlogs, rules: [{ alert: A, expr: 'x | stats count()' }] }]",
        ),
        (
            "victorialogs",
            "x: [{ datasource: { type: victoriametrics-logs-datasource }, expr: 'error | stats count()' }]",
        ),
        (
            "metricsql",
            "x: [{ datasource: { type: victoriametrics-metrics-datasource }, expr: 'app_http_open keep_metric_names' }]",
        ),
        (
            "VMRule",
            "kind: VMRule\nspec: { groups: [{ name: a, rules: [{ alert: A, expr: 'up default 5' }] }] }",
        ),
        (
            "vmalert",
            "groups: [{ name: a, type: prometheus, rules: [{ alert: A, expr: 'WITH (x = up) x', annotations: { a: '{{ $expr }}' } }] }]",
        ),
    ] {
        let text = text.replace("LOGS", &format!("'{LOGS}'"));
        assert_eq!(problems("x.yml", &text), [""; 0], "{name}");
    }
    // Queries in PromQL are checked.
    for text in [
        "variables: [{ name: ds, type: datasource, query: prometheus }]\npanels: [{ datasource: $ds, targets: [{ expr: app_http_gone }] }]",
        "kind: VMRule\nspec: { groups: [{ name: a, rules: [{ alert: A, expr: app_http_gone }] }] }",
        "kind: AlertingRule\nspec: { groups: [{ name: a, rules: [{ alert: A, expr: app_http_gone }] }] }",
        "panels: [{ datasource: $unknown, targets: [{ expr: app_http_gone }] }]",
    ] {
        assert_eq!(problems("x.yml", text).len(), 1, "{text}");
    }
}

#[test]
fn variables_of_grafana() {
    let texts = |query: &str| {
        let newer = serde_json::json!({ "query": { "query": query, "refId": "x" } });
        texts(&serde_json::json!({ "list": [{ "query": query }, newer] }))
    };
    assert_eq!(texts(""), "");
    let rows = r#"
        label_values(app_http_open{instance=~"a,b|{c",}, instance) =>
        label_values(app_http_open{instance="a"}, host) => host; host
         label_values ( app_http_gone{instance=')'} # it's, (odd\n, instance )  => app_http_gone; app_http_gone
        label_values(app_http_open{a, instance="b"}) => a; a
        label_values(instance) =>
        label_values(app_http_open, $label) =>
        label_names() =>
        metrics(app_.*) =>
        query_result(topk(3, sum by (host) (app_http_open))) => host; host
        query_result(topk(1_0, app_http_open{instance=~`[[a]],\d`}))  =>
        label_values( =>
        label_values() =>
    "#;
    assert_rows(rows, |query| texts(&query.replace("\\n", "\n")));
}

#[test]
fn templates() {
    let rules = "\
groups:
- name: a
  rules:
  - alert: A
    expr: sum by (instance) (app_http_open) > 5
    labels: { team: '{{ $labels.tem }}', other: '{{ $label.x }}' }
    annotations:
      summary: >-
        é {{ with .Labels }}{{ .job }}
        {{ end }}
      description: \"{{ query \\\"app_http_gone\\\" | first | value | humanise }}\"
      query: \"{{ query \\\"app_http_gone\\\" | first | value }}\"
  - alert: B
    expr: absent(app_http_open{instance='a'}) or count_values('n', app_http_open)
    annotations: { a: '{{ $labels.instance }} {{ $labels.n }} {{ $labels.job }}' }
  - alert: C
    expr: up == 0
    annotations: { a: '{{ $labels.instance }} {{ $labels.host }}' }
  - alert: D
    expr: up == 0
    annotations: { a: '{{ $value.x }} {{ with .Value }}{{ .Labels }}{{ end }} {{ $value | humanize }}' }
";
    assert_eq!(
        problems("rules.yml", rules),
        [
            "SM0915 6:33 tem",
            "SM0919 6:53 $label",
            "SM0915 9:33 job",
            "SM0919 11:66 humanise",
            "SM0902 12:26 app_http_gone",
            "SM0915 15:74 job",
            "SM0915 18:58 host",
            "SM0919 21:34 x",
            "SM0919 21:60 Labels",
        ]
    );
}

#[test]
fn templates_and_legends_of_a_misspelled_series() {
    let rules = "\
- alert: A
  expr: app_http_opne > 5
  annotations: { a: '{{ $labels.job }} {{ $labels.pod }}' }
- record: instance:app_http_open:double
  expr: app_http_opne * 2
- alert: B
  expr: sum by (pod) (instance:app_http_open:double) > 5
";
    assert_eq!(
        problems("rules.yml", rules),
        [
            "SM0902 2:9 app_http_opne",
            "SM0915 3:51 pod",
            "SM0902 5:9 app_http_opne",
        ]
    );
    let target = serde_json::json!({ "expr": "app_http_opne", "legendFormat": "{{pod}}" });
    let dashboard = serde_json::json!({ "panels": [{ "targets": [target] }] });
    assert_eq!(texts(&dashboard), "app_http_opne; pod");
}

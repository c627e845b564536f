//! Queries of histograms, rewritten from one form to the other.

#[allow(dead_code, reason = "each test uses a part of it")]
mod common;

use common::rows;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::files::File;
use shadowcat_metrics_operations::promql::{KnownHistograms, Query, Target, Usage};
use shadowcat_metrics_operations::{Histograms, Options, Schema, documents};

const SCHEMA: &str = include_str!("histograms/metrics.toml");

fn schema(histograms: Histograms) -> Schema {
    let setting = format!("\n[operations]\nhistograms = \"{}\"\n", histograms.name());
    common::problems::schema(&format!("{SCHEMA}{setting}"))
}

fn known_series() -> KnownHistograms {
    KnownHistograms::new(&schema(Histograms::Classic).registry)
}

/// Returns the rewritten query, and the code and text of each part that was left.
fn rewritten(query: &str, to: Target, usage: Usage) -> (String, Vec<String>) {
    let migration = Query::parse(query).migrate(&known_series(), to, usage);
    let left = migration.left.iter();
    let left = left.map(|left| format!("{} {}", left.code.id(), &query[left.range.clone()]));
    (migration.apply(query), left.collect())
}

#[track_caller]
fn assert_rewritten(query: &str, to: Target, expected: &str) {
    let (text, left) = rewritten(query, to, Usage::Numbers);
    assert_eq!((text.as_str(), left), (expected, Vec::new()), "{query}");
}

/// Checks rows of the form `QUERY => REWRITTEN`.
#[track_caller]
fn assert_all_rewritten(to: Target, text: &str) {
    for (query, expected) in rows(&in_full(text)) {
        assert_rewritten(&query.replace("\\n", "\n"), to, expected);
    }
}

/// Replaces `D` by the name of a histogram.
fn in_full(rows: &str) -> String {
    rows.replace('D', "app_http_duration_seconds")
}

#[test]
fn forms_correspond() {
    let text = r#"
        rate(D_count[5m]) => histogram_count(rate(D[5m]))
        sum by (outcome) (rate(D_count{outcome="ok"}[5m])) => sum by (outcome) (histogram_count(rate(D{outcome="ok"}[5m])))
        rate(D_sum[5m]) / rate(D_count[5m]) > 1 => histogram_sum(rate(D[5m])) / histogram_count(rate(D[5m])) > 1
        D_count => histogram_count(D)
        histogram_quantile(0.9, sum by (le) (rate(D_bucket[5m]))) => histogram_quantile(0.9, sum (rate(D[5m])))
        histogram_quantile(0.9, sum by (outcome, le) (rate(D_bucket[5m] offset 1d))) => histogram_quantile(0.9, sum by (outcome) (rate(D[5m] offset 1d)))
        histogram_quantile(0.9, rate(D_bucket[5m])) => histogram_quantile(0.9, rate(D[5m]))
        histogram_quantile(0.9, sum(rate(D_bucket[5m])) by (outcome, le)) > 2 => histogram_quantile(0.9, sum(rate(D[5m])) by (outcome)) > 2
        sum(rate(D_bucket{le="0.1024"}[5m])) / sum(rate(D_count[5m])) => histogram_fraction(-Inf, 0.1024, sum(rate(D[5m])))
        sum(rate(D_bucket{outcome="ok", le="1.0"}[5m])) / sum(rate(D_count{outcome="ok"}[5m])) => histogram_fraction(-Inf, 1, sum(rate(D{outcome="ok"}[5m])))
        1 - (sum(rate(D_bucket{le="1.0"}[1h])) / sum(rate(D_count[1h]))) > 0.1 => 1 - (histogram_fraction(-Inf, 1, sum(rate(D[1h])))) > 0.1
        rate(D_bucket{le="1.0"}[1h]) / ignoring (le) rate(D_count[1h]) > 0.1 => histogram_fraction(-Inf, 1, rate(D[1h])) > 0.1
        absent(D_count) => absent(D)
        rate(app_http_requests_total[5m]) => rate(app_http_requests_total[5m])
    "#;
    for (classic, native) in rows(&in_full(text)) {
        assert_rewritten(classic, Target::Native, &native.replace("sum (", "sum("));
        assert_rewritten(native, Target::Native, native);
        assert_rewritten(classic, Target::Classic, classic);
        assert_rewritten(native, Target::Classic, classic);
    }
}

#[test]
fn several_spellings_mean_the_same() {
    assert_all_rewritten(
        Target::Native,
        r#"
        // The matcher of `le` is removed with its comma, wherever it is.
        rate(D_bucket{le="+Inf"}[5m]) => histogram_count(rate(D[5m]))
        rate(D_bucket{le='+Inf', outcome='ok'}[5m]) => histogram_count(rate(D{outcome='ok'}[5m]))
        rate(D_bucket{outcome='ok', le='+Inf'}[5m]) => histogram_count(rate(D{outcome='ok'}[5m]))
        sum(rate(D_bucket{le="0.025"}[$w]))\n  /\n  sum(rate(D_bucket{le="+Inf"}[$w])) => histogram_fraction(-Inf, 0.025, sum(rate(D[$w])))
        histogram_quantile(0.9, sum without (outcome) (rate(D_bucket[5m]))) # p90 => histogram_quantile(0.9, sum without (outcome) (rate(D[5m]))) # p90
        histogram_quantile(0.9, sum by(le)(rate(D_bucket[5m]))) => histogram_quantile(0.9, sum(rate(D[5m])))
        histogram_quantile(0.9, sum(rate(D_bucket[5m])) by (le)) => histogram_quantile(0.9, sum(rate(D[5m])))
    "#,
    );
    assert_all_rewritten(
        Target::Classic,
        r#"
        histogram_avg(rate(app_http_retries[5m])) * 2 => (rate(app_http_retries_sum[5m]) / rate(app_http_retries_count[5m])) * 2
        histogram_count(sum by (job) (rate(app_http_retries[5m]))) => sum by (job) (rate(app_http_retries_count[5m]))
        histogram_fraction(0, 0.1024, rate(D{}[5m])) => rate(D_bucket{le="0.1024"}[5m]) / ignoring (le) rate(D_count{}[5m])
        histogram_fraction(0, 0.1024, sum without (job) (rate(D[5m]))) => sum without (job) (rate(D_bucket{le="0.1024"}[5m])) / ignoring (le) sum without (job) (rate(D_count[5m]))
        histogram_fraction(0, 0.1024, avg(rate(D[5m]))) => avg(rate(D_bucket{le="0.1024"}[5m])) / avg(rate(D_count[5m]))
        histogram_fraction(-Inf, 5e-324, rate(app_http_retries{job='a',}[5m])) => rate(app_http_retries_bucket{job='a', le="0.0"}[5m]) / ignoring (le) rate(app_http_retries_count{job='a',}[5m])
        histogram_sum(rate(app_http_retries[5m]) + rate(app_http_retries[1h])) > 1 => (rate(app_http_retries_sum[5m]) + rate(app_http_retries_sum[1h])) > 1
    "#,
    );
}

#[test]
fn the_rest_is_left_and_reported() {
    let text = r#"
        sum by (le) (rate(D_bucket[5m])) => SM0927 D_bucket
        rate(D_bucket{le="1.0"}[5m]) > 2 => SM0927 D_bucket
        rate(app_http_retries_sum[5m]) + rate(D_bucket{le=~"1.0|2.0"}[5m]) => SM0927 D_bucket
        max_over_time(D_count[5m]) => SM0927 D_count
        histogram_quantile(0.9, max by (le) (rate(D_bucket[5m]))) => SM0927 D_bucket
        histogram_quantile(0.9, sum by (le) (rate(D_bucket[5m]) or rate(other_bucket[5m]))) => SM0927 D_bucket
        histogram_stddev(rate(app_http_retries[5m])) => SM0911 app_http_retries
        histogram_fraction(0, 2, rate(app_http_retries[5m])) => SM0911 app_http_retries
        histogram_fraction(0, 1, rate(app_http_retries[5m])) => SM0911 app_http_retries
        sum(rate(app_http_retries[5m])) => SM0911 app_http_retries
        histogram_count(rate(app_http_retries[5m]) / 2) => SM0911 app_http_retries
        sum by (__name__) (rate({__name__=~"D_.*"}[5m])) => SM0927 {__name__=~"D_.*"}
        rate({__name__=~"D_(sum|count)", job="a"}[5m]) => SM0927 {__name__=~"D_(sum|count)", job="a"}
        rate({le="0.1024"}[5m]) => SM0927 {le="0.1024"}
        histogram_quantile(0.9, sum by (le) (rate(${metric}_bucket[5m]))) => SM0927 ${metric}_bucket
        rate({__name__="app_http_${of}_count"}[5m]) => SM0927 {__name__="app_http_${of}_count"}
        rate($metric[5m]) => SM0911 $metric
        histogram_count(rate({__name__=~"D|x"}[5m])) => SM0911 {__name__=~"D|x"}
        // MetricsQL.
        rate(D_count[5m]) keep_metric_names => SM0927 D_count
        // The schema has no such bucket, so the classic query has no result.
        sum(rate(D_bucket{le="0.3"}[5m])) / sum(rate(D_count[5m])) => SM0927 D_bucket
        sum by (le) (rate(D_bucket{le="+Inf"}[5m])) => SM0927 D_bucket
        // A number and a native histogram have no sum and no quotient.
        histogram_quantile(0.9, sum by (le) (rate(D_bucket[5m])) + 1) => SM0927 D_bucket
        histogram_quantile(0.9, 2 / sum by (le) (rate(D_bucket[5m]))) => SM0927 D_bucket
        histogram_quantile(0.9, sum by (le) (rate(D_bucket[5m])) or vector(0)) => SM0927 D_bucket
        histogram_quantile(0.9, label_replace(rate(D_bucket[5m]), "le", "$1", "le", "(.*)")) => SM0927 D_bucket
        // The buckets would be one group of labels.
        histogram_quantile(0.9, sum by (job) (rate(D[5m])) + on (job) sum by (job) (rate(D[1h]))) => SM0911 D; SM0911 D
        sum by (outcome) (rate(D_bucket{le="0.025"}[$__rate_interval])) / ignoring (x) app_y => SM0927 D_bucket
        sum(rate(D_bucket{le="0.025"}[$w]))\n  / # of all\n  sum(rate(D_bucket{le="+Inf"}[$w])) => SM0927 D_bucket
    "#;
    for (query, expected) in rows(&in_full(text)) {
        // The code says what the query cannot become.
        let to = if expected.starts_with("SM0927") {
            Target::Native
        } else {
            Target::Classic
        };
        let query = query.replace("\\n", "\n");
        let (text, left) = rewritten(&query, to, Usage::Numbers);
        assert_eq!((text, &*left.join("; ")), (query, expected));
    }
    for query in [
        "rate({__name__=~\"other_.*\"}[5m])",
        "count({job=\"a\"})",
        "rate(${metric}_total[5m])",
        "count({__name__!=\"up\"})",
    ] {
        assert_rewritten(query, Target::Native, query);
    }
}

#[test]
fn names_in_matchers_are_rewritten() {
    let text = r#"
        rate({"D_count", outcome="ok"}[5m]) => histogram_count(rate({"D", outcome="ok"}[5m]))
        rate({outcome="ok", __name__="D_count"}[5m]) => histogram_count(rate({outcome="ok", __name__="D"}[5m]))
        histogram_quantile(0.9, sum by (le) (rate({__name__='D_bucket'}[5m]))) => histogram_quantile(0.9, sum(rate({__name__='D'}[5m])))
        sum(rate({__name__="D_bucket", le="1.0"}[5m])) / sum(rate({__name__="D_count"}[5m])) => histogram_fraction(-Inf, 1, sum(rate({__name__="D"}[5m])))
        absent({__name__=~"D_count|up"}) => absent({__name__=~"D|up"})
    "#;
    for (classic, native) in rows(&in_full(text)) {
        assert_rewritten(classic, Target::Native, native);
        assert_rewritten(native, Target::Classic, classic);
    }
    // A list of both forms works in each.
    let both = "count({__name__=~\"app_http_retries|app_http_retries_count\"})";
    assert_rewritten(both, Target::Classic, both);
}

#[test]
fn other_texts_are_reported() {
    for (text, to, expected) in [
        (
            "- alert: A\n  expr: up == 0\n  annotations:\n    summary: '{{ with query \"rate(app_http_retries_count[5m])\" }}x{{ end }}'\n",
            Target::Native,
            Some("app_http_retries_count"),
        ),
        (
            "query: rate(app_http_retries_count[5m])\n",
            Target::Native,
            Some("app_http_retries_count"),
        ),
        (
            "{\"queries\": [\"histogram_count(rate(app_http_retries[5m]))\"]}",
            Target::Classic,
            Some("app_http_retries"),
        ),
        (
            "a.yml: '{{ if .Values.x }} rate(app_http_retries_count[5m]) {{'\n",
            Target::Native,
            Some("app_http_retries_count"),
        ),
        (
            "record: job:app_http_retries_count:rate5m\nexpr: up\n",
            Target::Native,
            None,
        ),
        ("text: app_http_retries_total\n", Target::Native, None),
    ] {
        let source = Source::new("x.yml", text);
        let migrated = File::read(&source).migrate(&known_series(), to);
        assert_eq!(migrated.text, text);
        let found = migrated.report.diagnostics().iter();
        let found = found.map(|found| &text[found.primary.start..found.primary.end]);
        assert_eq!(
            found.collect::<Vec<_>>(),
            Vec::from_iter(expected),
            "{text}"
        );
        assert!(!migrated.report.has_errors(), "{text}");
    }
}

#[test]
fn series_of_tests_are_reported_in_each_spelling() {
    for (series, to, is_reported) in [
        ("app_http_retries_bucket{le=\"1.0\"}", Target::Native, true),
        ("{__name__=\"app_http_retries_sum\"}", Target::Native, true),
        (
            "{\"app_http_retries_count\", job=\"a\"}",
            Target::Native,
            true,
        ),
        (" app_http_retries_count", Target::Native, true),
        ("app_http_retries{}", Target::Native, false),
        ("app_http_retries{}", Target::Classic, true),
        ("app_http_retries_total", Target::Native, false),
    ] {
        let text = format!("input_series:\n- {{series: '{series}', values: 0+1x5}}\n");
        let source = Source::new("x.test.yml", text.clone());
        let migrated = File::read(&source).migrate(&known_series(), to);
        assert_eq!(migrated.text, text);
        assert_eq!(migrated.report.has_errors(), is_reported, "{series}");
    }
}

#[test]
fn heat_maps_and_variables() {
    let (classic, native) = (
        "sum by (le) (increase(app_http_retries_bucket[5m]))",
        "sum(increase(app_http_retries[5m]))",
    );
    for (from, to, into) in [
        (classic, Target::Native, native),
        (native, Target::Classic, classic),
    ] {
        assert_eq!(
            rewritten(from, to, Usage::HeatMap),
            (into.to_owned(), Vec::new())
        );
    }
    let (text, left) = rewritten(
        "app_http_retries_count{job=\"a\"}",
        Target::Native,
        Usage::Series,
    );
    assert_eq!(
        (text.as_str(), left),
        ("app_http_retries{job=\"a\"}", Vec::new())
    );
}

const RULES: &str = r#"# Rules of the shop.
groups:
  - name: a   # kept
    rules:
      - record: job:p90
        expr: "histogram_quantile(0.9, sum by (job, le) (rate(app_http_duration_seconds_bucket{outcome=\"ok\"}[5m])))"
      - alert: Slow
        expr: |
          # too many above the bound
          1 - sum(rate(app_http_duration_seconds_bucket{le="0.1024"}[5m]))
            / sum(rate(app_http_duration_seconds_count[5m])) > 0.1
        labels: { severity: page }
      - record: folded
        expr: >-
          rate(app_http_retries_sum[5m])
          / rate(app_http_retries_count[5m])
      - record: share
        expr: >-
          sum(rate(app_http_duration_seconds_bucket{le="1.0"}[5m]))
          / sum(rate(app_http_duration_seconds_count[5m]))
      - record: p90
        expr: histogram_quantile(0.9, sum
          by (le)
          (rate(app_http_duration_seconds_bucket[5m])))
      - record: p95
        expr: |
          histogram_quantile(0.95,
            sum
            by (le)
            (rate(app_http_duration_seconds_bucket[5m])))
      - { record: single, expr: 'sum(rate(app_http_retries_count{job=''x''}[5m]))' }
"#;

const REWRITTEN: &str = r#"# Rules of the shop.
groups:
  - name: a   # kept
    rules:
      - record: job:p90
        expr: "histogram_quantile(0.9, sum by (job) (rate(app_http_duration_seconds{outcome=\"ok\"}[5m])))"
      - alert: Slow
        expr: |
          # too many above the bound
          1 - histogram_fraction(-Inf, 0.1024, sum(rate(app_http_duration_seconds[5m]))) > 0.1
        labels: { severity: page }
      - record: folded
        expr: >-
          histogram_sum(rate(app_http_retries[5m]))
          / histogram_count(rate(app_http_retries[5m]))
      - record: share
        expr: >-
          histogram_fraction(-Inf, 1, sum(rate(app_http_duration_seconds[5m])))
      - record: p90
        expr: histogram_quantile(0.9, sum(rate(app_http_duration_seconds[5m])))
      - record: p95
        expr: |
          histogram_quantile(0.95,
            sum
            (rate(app_http_duration_seconds[5m])))
      - { record: single, expr: 'sum(histogram_count(rate(app_http_retries{job=''x''}[5m])))' }
"#;

#[test]
fn files_keep_their_layout() {
    let source = Source::new("rules.yml", RULES);
    let migrated = File::read(&source).migrate(&known_series(), Target::Native);
    assert_eq!(migrated.report.diagnostics(), []);
    assert_eq!(migrated.text, REWRITTEN);
    assert_eq!(migrated.queries, 7);
    let again = Source::new("rules.yml", REWRITTEN);
    let again = File::read(&again).migrate(&known_series(), Target::Native);
    assert_eq!((again.text.as_str(), again.queries), (REWRITTEN, 0));
}

#[test]
fn escapes_embedded_files_and_anchors() {
    let migrated = |text: &str, to| {
        let source = Source::new("x.yml", text);
        let migration = File::read(&source).migrate(&known_series(), to);
        (migration.text, migration.report.diagnostics().len())
    };
    let native = "{\"expr\": \"histogram_fraction(-Inf, 1, rate(app_http_duration_seconds[5m]))\"}";
    let classic = "{\"expr\": \"rate(app_http_duration_seconds_bucket{le=\\\"1.0\\\"}[5m]) / ignoring (le) rate(app_http_duration_seconds_count[5m])\"}";
    assert_eq!(migrated(native, Target::Classic), (classic.to_owned(), 0));
    assert_eq!(migrated(classic, Target::Native), (native.to_owned(), 0));
    let map = |inner: &str| format!("data:\n  a.json: |\n    {inner}\n");
    assert_eq!(migrated(&map(native), Target::Classic), (map(classic), 0));
    let shared = "a:\n  expr: &x rate(app_http_retries_count[5m])\nb: {expr: *x}\n";
    let expected = "a:\n  expr: &x histogram_count(rate(app_http_retries[5m]))\nb: {expr: *x}\n";
    assert_eq!(migrated(shared, Target::Native), (expected.to_owned(), 0));
    let test = "tests:\n- input_series:\n  - series: app_http_retries_count{}\n    values: 0+1x5\n";
    assert_eq!(migrated(test, Target::Native), (test.to_owned(), 1));
    assert_eq!(migrated("a: [", Target::Native), ("a: [".to_owned(), 1));
}

/// The generated files of one form become those of the other.
#[test]
fn generated_files_are_rewritten_to_each_other() {
    let all = |histograms| documents(&schema(histograms), &Options::default());
    let (classic, native) = (all(Histograms::Classic), all(Histograms::Native));
    let is_rewritten = |path: &str| {
        ["operations/rules.yml", "operations/alerts.yml"].contains(&path)
            || path.contains("dashboards/")
    };
    let mut compared = 0;
    for (from, to) in classic.iter().zip(&native) {
        assert_eq!(from.path, to.path);
        if !is_rewritten(&from.path) {
            continue;
        }
        for (from, target, to) in [(from, Target::Native, to), (to, Target::Classic, from)] {
            let source = Source::new(from.path.clone(), from.content.clone());
            let migrated = File::read(&source).migrate(&known_series(), target);
            assert_eq!(migrated.report.diagnostics(), [], "{}", from.path);
            assert_eq!(migrated.text, to.content, "{}", from.path);
            compared += 1;
        }
    }
    assert!(compared >= 8, "{compared}");
}

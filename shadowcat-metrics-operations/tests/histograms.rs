//! `[operations] histograms`: the rules, dashboards and runbooks in each form, which promtool tests too (`scripts/histograms.sh`).

use std::fmt::Write as _;

use expect_test::expect_file;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::duration::Scale;
use shadowcat_metrics_operations::files::File;
use shadowcat_metrics_operations::promql::Vocabulary;
use shadowcat_metrics_operations::{
    Document, Histograms, Options, Schema, check, compile, documents, rules,
};

const SCHEMA: &str = include_str!("histograms/metrics.toml");

/// An alert on observations, with tests, in each form.
const ALERTS: [&str; 3] = [
    r#"
[alerts.busy]
summary = "Many requests."
expr = "sum(rate({http.duration}_count[5m])) > 1"
severity = "info"
test.fires = { "{http.duration}_count" = "0+600x30" }
test.silent = { "{http.duration}_count" = "0+6x30" }
"#,
    r#"
[alerts.busy]
summary = "Many requests."
expr = "sum(histogram_count(rate({http.duration}[5m]))) > 1"
severity = "info"
test.fires = { "{http.duration}" = "{{}}+{{count:600 sum:60 buckets:[600]}}x30" }
test.silent = { "{http.duration}" = "{{}}+{{count:6 sum:60 buckets:[6]}}x30" }
"#,
    r#"
[alerts.busy]
summary = "Many requests."
expr = "(sum(histogram_count(rate({http.duration}[5m]))) or sum(rate({http.duration}_count[5m]))) > 1"
severity = "info"
test.fires = { "{http.duration}" = "{{}}+{{count:600 sum:60 buckets:[600]}}x30" }
test.silent = { "{http.duration}_count" = "0+6x30" }
"#,
];

fn compiled(text: &str) -> Schema {
    let source = Source::new("metrics.toml", text);
    let outcome = compile(source);
    let schema = outcome.schema();
    let schema = schema.unwrap_or_else(|| panic!("{:#?}", outcome.report.diagnostics()));
    let problems = check(schema, &outcome.source, &Options::default());
    let mut errors = problems
        .iter()
        .filter(|problem| problem.code.id() != "SM0913");
    assert_eq!(errors.next(), None);
    schema.clone()
}

/// Returns each setting with the schema that has it.
fn schemas_by_setting() -> impl Iterator<Item = (Histograms, Schema)> {
    Histograms::ALL
        .into_iter()
        .zip(ALERTS)
        .map(|(histograms, alert)| {
            let setting = format!("\n[operations]\nhistograms = \"{}\"\n", histograms.name());
            (histograms, compiled(&format!("{SCHEMA}{setting}{alert}")))
        })
}

#[test]
fn documents_have_a_form_for_each_setting() {
    for (histograms, schema) in schemas_by_setting() {
        let all = documents(&schema, &Options::default());
        let folder = histograms.name();
        for name in [
            "rules.yml",
            "rules.test.yml",
            "alerts.yml",
            "alerts.test.yml",
        ] {
            let path = format!("operations/{name}");
            let document = all.iter().find(|document| document.path == path);
            let document = document.unwrap_or_else(|| panic!("no {path}"));
            expect_file![format!("histograms/{folder}/{name}")].assert_eq(&document.content);
        }
        let mut queries = String::new();
        for document in &all {
            let is_query = |line: &&str| line.contains("app_http_duration");
            let lines = document.content.lines().map(str::trim).filter(is_query);
            let is_shown = ["dashboards/", "runbooks/"]
                .iter()
                .any(|part| document.path.contains(part));
            let lines = lines.filter(|line| !line.starts_with("\"description\""));
            for line in lines.filter(|_| is_shown) {
                let _ = writeln!(queries, "{}: {line}", document.path);
            }
        }
        expect_file![format!("histograms/{folder}/queries.txt")].assert_eq(&queries);
    }
}

/// Returns the expression of the generated alert for an expression in the schema.
fn generated_alert(setting: Histograms, expr: &str) -> String {
    let alert = format!(
        "\n[operations]\nhistograms = \"{}\"\n\n[alerts.slow]\nsummary = \"Slow.\"\nexpr = \"\"\"{expr}\"\"\"\n\
         severity = \"info\"\ntest = {{ fires = {{}}, silent = {{}} }}\n",
        setting.name()
    );
    let all = documents(&compiled(&format!("{SCHEMA}{alert}")), &Options::default());
    let alerts = all
        .iter()
        .find(|document| document.path == "operations/alerts.yml");
    let source = Source::new("alerts.yml", alerts.expect("rules").content.clone());
    let text = source.text();
    let (_, rest) = text.split_once("alert: AppSlow\n").expect("the alert");
    let (expr, _) = rest.split_once("labels:").expect("its labels");
    expr.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn alerts_follow_the_setting() {
    let classic = "histogram_quantile(0.9, sum by (le) (rate({http.duration}_bucket[5m]))) > 0.5";
    let native = "histogram_quantile(0.9, sum(rate({http.duration}[5m]))) > 0.5";
    let no_histogram = "rate({http.requests}[5m]) > 1";
    let by_hand = format!("{native} or {classic}");
    let exposed = |expr: &str| {
        let names = expr.replace("{http.duration}", "app_http_duration_seconds");
        format!(
            "expr: {}",
            names.replace("{http.requests}", "app_http_requests_total")
        )
    };
    for (setting, expr, expected) in [
        (Histograms::Classic, classic, classic),
        (Histograms::Native, classic, native),
        (Histograms::Native, native, native),
        (Histograms::Both, classic, &by_hand),
        (Histograms::Both, native, &by_hand),
        (Histograms::Both, &by_hand, &by_hand),
        (Histograms::Both, no_histogram, no_histogram),
    ] {
        let generated = generated_alert(setting, expr).replace("sum by () ", "sum");
        assert_eq!(generated, exposed(expected), "{setting:?}: {expr}");
    }
    // A comment ends at the line's end.
    let commented = generated_alert(
        Histograms::Both,
        "sum(rate({http.duration}_count[5m])) > 1 # busy",
    );
    assert!(commented.contains("# busy or"), "{commented}");
}

/// Returns the problems with an alert that has a test series.
fn problems(setting: Histograms, expr: &str, series: &str) -> Vec<(String, Option<String>)> {
    let alert = format!(
        "\n[operations]\nhistograms = \"{}\"\n\n[alerts.slow]\nsummary = \"Slow.\"\nexpr = \"\"\"{expr}\"\"\"\n\
         severity = \"info\"\nrunbook = \"https://example.org\"\n\
         test = {{ fires = {{ '{series}' = \"0+1x9\" }}, silent = {{}} }}\n",
        setting.name()
    );
    let outcome = compile(Source::new("metrics.toml", format!("{SCHEMA}{alert}")));
    let schema = outcome.schema().expect("a schema");
    let problems = check(schema, &outcome.source, &Options::default());
    let problems = problems
        .into_iter()
        .filter(|problem| problem.code.id() != "SM0913");
    problems
        .map(|problem| (problem.message, problem.help))
        .collect()
}

#[test]
fn alerts_that_cannot_follow_the_setting() {
    let bucket = "rate({http.duration}_bucket{le='1.0'}[5m]) > 1";
    let other = "ALERTS{alertname=\"AppSlow\"}";
    let [(message, _)] = &problems(Histograms::Native, bucket, other)[..] else {
        panic!("one problem");
    };
    assert!(
        message.contains("Prometheus stores native histograms"),
        "{message}"
    );
    let [(message, help)] = &problems(Histograms::Both, bucket, other)[..] else {
        panic!("one problem");
    };
    assert!(
        message.contains("cannot be rewritten to a native histogram"),
        "{message}"
    );
    assert!(
        help.as_ref()
            .is_some_and(|help| help.contains("joined with `or`"))
    );
    assert_eq!(problems(Histograms::Classic, bucket, other), []);
    // The rule reads native histograms, and the test has classic ones.
    let count = "rate({http.duration}_count[5m]) > 1";
    let [(_, help)] = &problems(Histograms::Native, count, "{http.duration}_count")[..] else {
        panic!("one problem");
    };
    assert!(
        help.as_ref()
            .is_some_and(|help| help.contains("buckets:[600]"))
    );
    assert_eq!(
        problems(Histograms::Both, count, "{http.duration}_count"),
        []
    );
}

#[test]
fn every_generated_query_fits_its_setting() {
    for (histograms, schema) in schemas_by_setting() {
        let vocabulary = Vocabulary::of_schema(&schema);
        let mut queries = 0;
        for Document { path, content } in documents(&schema, &Options::default()) {
            if !path.starts_with("operations/") || path.contains("/runbooks/") {
                continue;
            }
            let source = Source::new(path.clone(), content);
            let file = File::read(&source);
            queries += file.queries();
            let report = file.check(&vocabulary);
            assert_eq!(report.diagnostics(), [], "{}: {path}", histograms.name());
        }
        assert!(queries > 50, "{queries}");
    }
}

#[test]
fn no_document_reads_a_form_without_series() {
    let of_classic = [
        "duration_seconds_bucket",
        "duration_seconds_count",
        "duration_seconds_sum",
    ];
    for (histograms, schema) in schemas_by_setting() {
        let all = documents(&schema, &Options::default());
        let operations = all
            .iter()
            .filter(|document| document.path.starts_with("operations/"));
        let text: String = operations
            .map(|document| document.content.as_str())
            .collect();
        let reads_classic = of_classic.iter().any(|series| text.contains(series));
        let reads_native = text.contains("histogram_fraction(");
        let expected = match histograms {
            Histograms::Classic => (true, false),
            Histograms::Native => (false, true),
            Histograms::Both => (true, true),
        };
        assert_eq!(
            (reads_classic, reads_native),
            expected,
            "{}",
            histograms.name()
        );
    }
}

/// A binary operator never has a classic histogram on one side and a native one on the other.
#[test]
fn objectives_never_mix_forms() {
    let schema = schemas_by_setting()
        .last()
        .map(|(_, schema)| schema)
        .expect("both");
    for record in rules::records(&schema, Scale::ONE) {
        for part in record.expr.split(" or ") {
            let classic = part.contains("_seconds_bucket") || part.contains("_seconds_count");
            let native = part.contains("app_http_duration_seconds{")
                || part.contains("app_http_duration_seconds[");
            assert!(!(classic && native), "{}", record.expr);
        }
    }
}

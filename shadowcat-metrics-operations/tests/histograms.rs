//! `[operations] histograms`: the rules, dashboards and runbooks in each form, which promtool tests too (`scripts/histograms.sh`).

use std::fmt::Write as _;

use expect_test::expect_file;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::files::File;
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
fn each() -> impl Iterator<Item = (Histograms, Schema)> {
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
    for (histograms, schema) in each() {
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

#[test]
fn every_generated_query_fits_its_setting() {
    for (histograms, schema) in each() {
        let vocabulary = rules::vocabulary(&schema);
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
    for (histograms, schema) in each() {
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

/// A rule computes a result in one form: an operator of two series never has one of each form as its sides.
#[test]
fn objectives_never_mix_forms() {
    let schema = each().last().map(|(_, schema)| schema).expect("both");
    for record in rules::records(&schema, rules::Scale::ONE) {
        for part in record.expr.split(" or ") {
            let classic = part.contains("_seconds_bucket") || part.contains("_seconds_count");
            let native = part.contains("app_http_duration_seconds{")
                || part.contains("app_http_duration_seconds[");
            assert!(!(classic && native), "{}", record.expr);
        }
    }
}

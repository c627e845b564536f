//! The documents of a schema are deterministic, and describe objectives and alerts.

#[allow(dead_code, reason = "each test uses a part of it")]
mod common;

use std::collections::BTreeSet;

use common::EVERYTHING;
use common::problems::{problems_in_file, schema};
use shadowcat_metrics_operations::documents::{catalog, reference};
use shadowcat_metrics_operations::{Document, Options, documents};

#[test]
fn documents_are_deterministic() {
    let all = || documents(&schema(EVERYTHING), &Options::default());
    let first = all();
    for _ in 0..5 {
        assert_eq!(first, all());
    }
    for Document { path, content } in &first {
        let one_newline = content.ends_with('\n') && !content.ends_with("\n\n");
        assert!(one_newline, "{path} ends with one newline");
    }
    let paths: BTreeSet<_> = first.iter().map(|document| &document.path).collect();
    assert_eq!(paths.len(), first.len(), "no document overwrites another");
}

const PROMISES: &str = r#"
format = 1
namespace = "app"

[labels.l]
help = "A label."
values = ["a|b", "c"]

[groups.g]
help = "A group."

[metrics.g.done]
type = "counter"
labels = ["l"]
help = "Things that were carried through to their end."

[slos.well]
help = "It | goes well."
objective = 0.99
bad = { metric = "g.done", where = { l = "a|b" } }

[alerts.ill]
summary = "It <goes> ill."
expr = "rate({g.done}[5m]) > 1"
for = "90m"
severity = "critical"
"#;

#[test]
fn objectives_and_alerts_are_in_the_reference_and_the_catalog() {
    let schema = schema(PROMISES);
    let page = reference(&schema);
    for line in [
        "- [Objectives](#objectives): all objectives and their promises.",
        "- [Alerts](#alerts): alerts without an objective.",
        "| `well` | 0.99 | 30d | [`app_g_done_total`](#app_g_done_total) | It \\| goes well. |",
        "| `ill` | critical | 1h30m | It \\<goes\\> ill. |",
    ] {
        let is_there = page.lines().any(|found| found == line);
        assert!(is_there, "{line} is not in\n{page}");
    }
    let json: serde_json::Value = serde_json::from_str(&catalog(&schema, &[])).expect("JSON");
    assert_eq!(json["slos"][0]["counts"], "bad");
    assert_eq!(json["slos"][0]["window"], "30d");
    assert_eq!(json["alerts"][0]["expr"], "rate(app_g_done_total[5m]) > 1");
    assert_eq!(json["alerts"][0]["for"], "1h30m");
}

const SELECTIONS: &str = r#"
format = 1
namespace = "app"

[labels.kind]
help = "Kind."
name = "type"
values = ["a", "b"]

[labels.outcome]
help = "Outcome."
values = ["ok", "failed"]

[groups.g]
help = "A group."

[metrics.g.done]
type = "counter"
labels = ["kind", "outcome"]
help = "Things that were carried through to their end."

[slos.well]
help = "It goes well."
objective = 0.99
"#;

/// Returns the series of the tests of an objective's records.
fn series_of_tests(objective: &str) -> Vec<String> {
    let documents = documents(
        &schema(&format!("{SELECTIONS}{objective}")),
        &Options::default(),
    );
    let tests = documents
        .iter()
        .find(|document| document.path.ends_with("rules.test.yml"));
    let tests = tests.expect("an objective has tests").content.lines();
    let series = tests.filter_map(|line| line.trim().strip_prefix("- series: "));
    series.map(str::to_owned).collect()
}

/// Otherwise the records have another error ratio than the tests expect.
#[test]
fn tests_of_objectives_have_good_and_bad_events_in_one_error_ratio() {
    assert_eq!(
        series_of_tests(
            r#"bad = { metric = "g.done", where = { type = "b", outcome = "failed" } }
by = ["type"]
"#
        ),
        [
            r#"app_g_done_total{type="b", outcome="failed"}"#,
            r#"app_g_done_total{type="b", outcome="ok"}"#,
        ]
    );
    assert_eq!(
        series_of_tests(
            r#"bad = { metric = "g.done", where = { outcome = "failed" } }
total = { metric = "g.done", where = { type = "b" } }
"#
        ),
        [
            r#"app_g_done_total{type="b", outcome="failed"}"#,
            r#"app_g_done_total{type="b", outcome="ok"}"#,
        ]
    );
}

#[test]
fn generated_rules_and_tests_have_no_problems() {
    let schema_text = format!(
        r#"{SELECTIONS}bad = {{ metric = "g.done", where = {{ outcome = "failed" }} }}

[slos.lenient]
help = "Half of {{{{tenant}}}} {{{{ .work }}}} ends well."
objective = 0.5
owner = "{{{{team}}}} \"web\""
bad = {{ metric = "g.done", where = {{ outcome = "failed" }} }}

[alerts.ill]
summary = "It goes ill."
expr = "rate({{g.done}}[5m]) > 1"
severity = "critical"
owner = "{{{{team}}}}"
runbook = "https://example.com/{{{{page}}}}"

[operations]
dashboard_url = "https://example.com/{{{{ .board }}}}"
"#
    );
    let documents = documents(&schema(&schema_text), &Options::default());
    for name in [
        "rules.yml",
        "rules.test.yml",
        "alerts.yml",
        "alerts.test.yml",
    ] {
        let path = format!("operations/{name}");
        let document = documents.iter().find(|document| document.path == path);
        let content = &document.expect("it is generated").content;
        let problems = problems_in_file(&schema_text, &path, content);
        assert_eq!(problems, Vec::<String>::new(), "{path}\n{content}");
    }
}

/// Otherwise the events of renamed values count twice, and too few of all events are bad.
#[test]
fn objectives_read_each_event_once_while_a_value_is_renamed() {
    let renamed = "{ ok = { help = \"It works.\", renamed_from = { name = \"success\", until = \"2.0.0\" } }, failed = \"It fails.\" }";
    let text = SELECTIONS.replace(r#"["ok", "failed"]"#, renamed);
    let rules = |indicator: &str| {
        let documents = documents(
            &schema(&format!("{text}{indicator}\n")),
            &Options::default(),
        );
        let rules = documents
            .iter()
            .find(|document| document.path == "operations/rules.yml");
        rules.expect("an objective has rules").content.clone()
    };
    let bad = rules(r#"bad = { metric = "g.done", where = { outcome = "failed" } }"#);
    let ratio = r#"rate(app_g_done_total{outcome="failed"}[5m])) / sum by (job) (rate(app_g_done_total{outcome!="ok"}[5m]))"#;
    assert!(bad.contains(ratio), "{bad}");
    let good = rules(r#"good = { metric = "g.done", where = { outcome = "ok" } }"#);
    let ratio = r#"rate(app_g_done_total{outcome="success"}[5m])) / sum by (job) (rate(app_g_done_total{outcome!="ok"}[5m]))"#;
    assert!(good.contains(ratio), "{good}");
}

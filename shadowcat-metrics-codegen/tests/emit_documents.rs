//! The documents of a schema with every feature, to the byte; and that hostile text in a schema stays text.

#![cfg(feature = "documents")]

use shadowcat_metrics_codegen::emit::OUTPUTS;
use shadowcat_metrics_codegen::emit::catalogue::emit_catalogue;
use shadowcat_metrics_codegen::emit::reference::emit_reference;
use shadowcat_metrics_codegen::model::Registry;
use shadowcat_metrics_codegen::{Source, Style, compile, render};

const SHOP: &str = include_str!("fixtures/shop.toml");

fn registry(schema: &str) -> Registry {
    let outcome = compile(Source::new("metrics.toml", schema));
    let problems = outcome
        .report
        .diagnostics()
        .iter()
        .map(|problem| render(problem, &outcome.source, Style::Plain));
    let problems = problems.collect::<Vec<_>>().join("\n\n");
    assert_eq!(problems, "", "the schema is meant to be clean");
    outcome.skeleton().clone()
}

#[test]
fn reference() {
    insta::assert_snapshot!(emit_reference(&registry(SHOP)));
}

#[test]
fn catalogue() {
    insta::assert_snapshot!(emit_catalogue(&registry(SHOP)));
}

#[test]
fn same_schema_same_bytes() {
    for output in OUTPUTS {
        let first = (output.emit)(&registry(SHOP));
        for _ in 0..5 {
            assert!(
                first == (output.emit)(&registry(SHOP)),
                "the {} differs from run to run",
                output.name
            );
        }
        assert!(
            first.ends_with('\n') && !first.ends_with("\n\n"),
            "the {} ends with one newline",
            output.name
        );
    }
}

#[test]
fn outputs_do_not_overwrite_each_other() {
    let mut files: Vec<_> = OUTPUTS.iter().map(|output| output.file_name).collect();
    files.sort_unstable();
    files.dedup();
    assert_eq!(files.len(), OUTPUTS.len());
}

#[test]
fn a_schema_without_metrics_has_documents_too() {
    let registry = registry("format = 1\nnamespace = \"none\"\n");
    assert!(emit_reference(&registry).contains("0 metrics"));
    assert!(emit_catalogue(&registry).contains("\"metrics\": []"));
}

/// Text that would break tables, lists, links or HTML, were it not escaped.
const HOSTILE: &str = r##"
format = 1
namespace = "app"

[labels.l]
help = "# A | b <script>alert(1)</script> [x](http://y) `a|b` and ``` open."
values = { "a|b" = "c | d", "`a" = "an accent", "back\\slash|" = "\\| both", "new\nline" = "x\n\n## y" }

[groups.g]
help = "- not a list | <b>."

[metrics.g.size]
type = "gauge"
labels = ["l"]
owner = "`o|"
help = "1. *x* _y_ &amp; \\| $z$ ~~q~~ | end."
"##;

#[test]
fn hostile_text_stays_text() {
    let page = emit_reference(&registry(HOSTILE));
    insta::assert_snapshot!(page);
    for row in page.lines().filter(|line| line.starts_with('|')) {
        // A table of the page has five columns or two.
        let bars = row
            .replace(r"\\", "")
            .replace(r"\|", "")
            .matches('|')
            .count();
        assert!(bars == 6 || bars == 3, "{row}");
    }
    assert!(!page.contains("<script>"));
}

#[test]
fn catalogue_is_json_whatever_the_text() {
    let json: serde_json::Value =
        serde_json::from_str(&emit_catalogue(&registry(HOSTILE))).expect("JSON");
    assert_eq!(json["version"], 1);
    assert_eq!(json["labels"][0]["values"][3]["value"], "new\nline");
    assert_eq!(json["metrics"][0]["name"], "app_g_size");
    assert_eq!(json["metrics"][0]["series"], 4);
    assert_eq!(json["metrics"][0]["unit"], serde_json::Value::Null);
}

#[test]
fn promises_are_in_the_reference_and_the_catalogue() {
    let schema = format!(
        "{HOSTILE}{}",
        r#"
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
"#
    );
    let registry = registry(&schema);
    let page = emit_reference(&registry);
    for line in [
        "- [Objectives](#objectives): what is promised.",
        "| `well` | 0.99 | 30d | [`app_g_done_total`](#app_g_done_total) | It \\| goes well. |",
        "| `ill` | critical | 1h30m | It \\<goes\\> ill. |",
    ] {
        assert!(
            page.lines().any(|found| found == line),
            "{line} is not in\n{page}"
        );
    }
    let json: serde_json::Value = serde_json::from_str(&emit_catalogue(&registry)).expect("JSON");
    assert_eq!(json["slos"][0]["counts"], "bad");
    assert_eq!(json["slos"][0]["window"], "30d");
    assert_eq!(json["alerts"][0]["expr"], "rate(app_g_done_total[5m]) > 1");
    assert_eq!(json["alerts"][0]["for"], "1h30m");
}

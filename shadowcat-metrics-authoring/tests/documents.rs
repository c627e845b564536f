//! The exact documents of a schema with every feature, and escaping of hostile text.

use shadowcat_metrics_authoring::catalog::emit_catalog;
use shadowcat_metrics_authoring::reference::emit_reference;
use shadowcat_metrics_authoring::{Style, compile, render};
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::model::Registry;

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
    insta::assert_snapshot!(emit_reference(&registry(SHOP), &[]));
}

#[test]
fn catalog() {
    insta::assert_snapshot!(emit_catalog(&registry(SHOP), ()));
}

#[test]
fn a_schema_without_metrics_has_documents_too() {
    let registry = registry("format = 1\nnamespace = \"none\"\n");
    assert!(emit_reference(&registry, &[]).contains("0 metrics"));
    assert!(emit_catalog(&registry, ()).contains("\"metrics\": []"));
}

/// Text that would break tables, lists, links or HTML if it were not escaped.
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
fn hostile_text_is_escaped() {
    let page = emit_reference(&registry(HOSTILE), &[]);
    insta::assert_snapshot!(page);
    for row in page.lines().filter(|line| line.starts_with('|')) {
        // Tables of the page have two or five columns.
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
fn catalog_is_valid_json_for_any_text() {
    let json: serde_json::Value =
        serde_json::from_str(&emit_catalog(&registry(HOSTILE), ())).expect("JSON");
    assert_eq!(json["version"], 1);
    assert_eq!(json["labels"][0]["values"][3]["value"], "new\nline");
    assert_eq!(json["metrics"][0]["name"], "app_g_size");
    assert_eq!(json["metrics"][0]["series"], 4);
    assert_eq!(json["metrics"][0]["unit"], serde_json::Value::Null);
}

#[test]
fn the_catalog_copies_dates_unchanged() {
    let schema =
        format!("{HOSTILE}annotations = {{ reviewed = 2026-11-29T10:00:00Z, most = nan }}\n");
    let json: serde_json::Value =
        serde_json::from_str(&emit_catalog(&registry(&schema), ())).expect("JSON");
    let annotations = &json["metrics"][0]["annotations"];
    assert_eq!(annotations["reviewed"], "2026-11-29T10:00:00Z");
    assert_eq!(annotations["most"], "nan");
}

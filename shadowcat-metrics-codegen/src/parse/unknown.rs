//! Keys that a table does not have: which key was meant, and what is said of it.

use super::tree::{Entry, Value};
use crate::codes::{codes, errors};
use crate::diagnostic::Diagnostic;
use crate::fix::Fix;
use crate::language::{self, Table};
use crate::{name, suggest};

codes! {
    table UNKNOWN;

    /// A key is not one of the schema language's.
    UNKNOWN_KEY = "SM0004" "unknown-key": "unknown key",
    "The table has no such key. An unknown key is never ignored, because a misspelt `help` or `max` would be too. \
     A comment starts with `#`.",
    wrong: r#"[metrics.http.requests]
type = "counter"
hepl = "Requests answered."
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;

    /// A table is not one of the schema language's.
    UNKNOWN_TABLE = "SM0005" "unknown-table": "unknown table",
    "A file has these tables and no others: {tables}.",
    wrong: r#"[metric.http.requests]
type = "counter"
help = "Requests answered."
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;
}

/// The key of a table that another word is a slip of, or another name for.
pub(super) fn meant(written: &str, table: &Table) -> Option<&'static str> {
    let synonym = || {
        let synonyms = synonyms(written).iter().copied();
        let mut here = synonyms.filter(|synonym| table.key(synonym).is_some());
        here.next()
    };
    suggest::nearest(written, table.names()).or_else(synonym)
}

/// Keys that only a file has, above its first table.
const HEADER: [&str; 3] = ["format", "namespace", "include"];

/// What is said of a key, or a table, that is none of a table's. `place` completes "is not a key of".
pub(super) fn key(entry: &Entry, place: &str, table: &Table, meant: Option<&str>) -> Diagnostic {
    let written = &entry.key.value;
    let known = suggest::list(table.names());
    let (code, noun) = match entry.value.value {
        Value::Table(_) => (errors::UNKNOWN_TABLE, "table"),
        _ => (errors::UNKNOWN_KEY, "key"),
    };
    let diagnostic = Diagnostic::error(
        code,
        entry.key.span,
        format!("unknown {noun} `{written}` in {place}"),
    );
    match meant {
        Some(meant) => diagnostic
            .label(format!("did you mean `{meant}`?"))
            .fix(Fix::replace(entry.key.span, meant)),
        None if table.name == language::GROUP.name && noun == "table" => diagnostic
            .label("metrics do not stand below the table of their group")
            .help("a metric is `[metrics.GROUP.NAME]`, a table of its own"),
        None if HEADER.contains(&written.as_str()) => diagnostic
            .label(format!(
                "below a table's name it is a key of that table: {place}"
            ))
            .help("what holds for the whole file stands above the first table"),
        None if is_path(written, table) => diagnostic
            .label("in quotes it is one name, dots and all")
            .help(format!(
                "without them it is the table that you mean: `[{written}]`"
            ))
            .fix(Fix::replace(entry.key.span, written)),
        None => diagnostic
            .label(format!("not a {noun} of {place}"))
            .help(format!("{place} may hold {known}")),
    }
}

/// Whether a key is the way to a table below this one, as it is written without quotes.
fn is_path(written: &str, table: &Table) -> bool {
    let mut words = written.split('.');
    let first = words.next().unwrap_or_default();
    table.key(first).is_some() && words.clone().count() > 0 && words.all(name::is_snake_case)
}

/// What the same thing is called here that has another name elsewhere; the first that the table has is meant.
fn synonyms(key: &str) -> &'static [&'static str] {
    match key {
        "kind" | "instrument" | "metric_type" => &["type"],
        "description" | "desc" | "doc" | "docs" | "documentation" | "brief" => &["help"],
        "tags" | "attributes" | "dimensions" | "label_names" | "labelnames" => &["labels"],
        "exponential_buckets" => &["exponential"],
        "linear_buckets" => &["linear"],
        "bounds" | "boundaries" | "bucket_boundaries" | "explicit_bucket_boundaries" => {
            &["buckets"]
        }
        "variants" | "members" => &["values"],
        "limit" | "cardinality" => &["max"],
        "version" => &["format", "since"],
        "prefix" => &["namespace"],
        "metric_name" | "exposed_name" => &["name"],
        "imports" => &["include"],
        "replacement" | "instead" => &["use"],
        "reason" => &["note"],
        "condition" | "query" => &["expr"],
        "target" | "goal" => &["objective"],
        "filter" | "matchers" => &["where"],
        "below" | "threshold" => &["under"],
        "annotation" | "title" => &["summary"],
        "runbook_link" => &["runbook"],
        _ => &[],
    }
}

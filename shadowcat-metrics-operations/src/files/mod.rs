//! Rules files and dashboards that people wrote by hand, checked against the schema.
//!
//! YAML and JSON are read alike, since the one contains the other: whatever stands under `expr` is a query, and so is what
//! Grafana's variables ask for. `tree` is the document with its places, `place` the way into a scalar.

mod place;
mod tree;

use std::ops::Range;

use shadowcat_metrics_codegen::codes::promql as codes;
use shadowcat_metrics_codegen::{Diagnostic, Report, Source, Span};

use crate::promql::{self, Finding, Vocabulary};
use tree::{Node, Text, Value};

/// Everything wrong with the queries of a rules file (YAML) or a dashboard (JSON).
///
/// What the file's own rules record may be named in it; [`recorded`] tells that of several files.
#[must_use]
pub fn check(source: &Source, vocabulary: &Vocabulary) -> Report {
    let mut report = Report::default();
    for span in source.invalid_utf8() {
        report.push(
            Diagnostic::error(codes::UNREADABLE_FILE, *span, "the file is not valid UTF-8")
                .label("these bytes are no character"),
        );
    }
    let documents = match tree::parse(source.text()) {
        Ok(documents) => documents,
        Err((message, at)) => {
            report.push(
                Diagnostic::error(codes::UNREADABLE_FILE, Span::new(at, at), message)
                    .label("cannot be read from here on"),
            );
            return report;
        }
    };
    let mut queries = Vec::new();
    for document in &documents {
        find_queries(document, &mut queries);
    }
    for query in queries {
        report.extend(check_query(source, vocabulary, &query));
    }
    report.sort();
    report
}

/// The names of the series that a file's rules record.
#[must_use]
pub fn recorded(source: &Source) -> Vec<String> {
    let mut names = Vec::new();
    for document in tree::parse(source.text()).unwrap_or_default() {
        find_records(&document, &mut names);
    }
    names
}

/// A query, and where in it its PromQL is.
struct Query<'t> {
    text: &'t Text,
    promql: String,
    /// Where the PromQL begins in the text; none if it is made up of parts of it.
    start: Option<usize>,
}

fn find_queries<'t>(node: &'t Node, queries: &mut Vec<Query<'t>>) {
    match &node.0 {
        Value::Map(entries) => {
            if !is_of_prometheus(entries) {
                return;
            }
            for (key, value) in entries {
                match (key.as_str(), &value.0) {
                    ("expr", Value::Text(text)) => queries.push(Query {
                        text,
                        promql: text.value.clone(),
                        start: Some(0),
                    }),
                    ("query" | "definition", Value::Text(text)) => {
                        queries.extend(query_of_variable(text));
                    }
                    _ => find_queries(value, queries),
                }
            }
        }
        Value::List(items) => {
            for item in items {
                find_queries(item, queries);
            }
        }
        Value::Text(_) | Value::Other => {}
    }
}

/// Whether a table is about Prometheus, as far as it says: Loki has `expr` too.
fn is_of_prometheus(entries: &[(String, Node)]) -> bool {
    let source = entries.iter().find(|(key, _)| key == "datasource");
    let Some((_, Node(Value::Map(source)))) = source else {
        return true;
    };
    let kind = source.iter().find(|(key, _)| key == "type");
    match kind {
        Some((_, Node(Value::Text(kind)))) => {
            kind.value == "prometheus" || kind.value.contains('$') || kind.value.contains("grafana")
        }
        _ => true,
    }
}

/// What a variable of Grafana's asks for: `label_values(series, label)` or `query_result(query)`.
fn query_of_variable(text: &Text) -> Option<Query<'_>> {
    let written = text.value.trim();
    let arguments = |name: &str| {
        let rest = written.strip_prefix(name)?.trim_start();
        rest.strip_prefix('(')?.strip_suffix(')')
    };
    if let Some(query) = arguments("query_result") {
        return Some(Query {
            text,
            promql: query.to_owned(),
            start: text.value.find(query),
        });
    }
    // The label is behind the last comma, because the series may have commas of its own.
    let (series, label) = arguments("label_values")?.rsplit_once(',')?;
    Some(Query {
        text,
        promql: format!("group by ({}) ({})", label.trim(), series.trim()),
        start: None,
    })
}

fn check_query(source: &Source, vocabulary: &Vocabulary, query: &Query<'_>) -> Vec<Diagnostic> {
    let whole = 0..query.text.value.len();
    let locate = |range: Range<usize>| {
        let range = match query.start {
            Some(start) => range.start + start..range.end + start,
            None => whole.clone(),
        };
        place::locate(source.text(), query.text, range)
    };
    let problem = |finding: Finding| {
        let span = locate(finding.range.clone());
        finding.at(span)
    };
    promql::check(&query.promql, vocabulary)
        .into_iter()
        .map(problem)
        .collect()
}

fn find_records(node: &Node, names: &mut Vec<String>) {
    match &node.0 {
        Value::Map(entries) => {
            for (key, value) in entries {
                match (key.as_str(), &value.0) {
                    ("record", Value::Text(text)) => names.push(text.value.clone()),
                    _ => find_records(value, names),
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| find_records(item, names)),
        Value::Text(_) | Value::Other => {}
    }
}

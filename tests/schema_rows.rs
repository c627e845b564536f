//! Small schemas as rows of text with their expected findings, for the tests of rules and lints in several crates.
//!
//! A row is `TABLES => FINDINGS`. Tables are separated by ` | `: a metric as `KEY: TYPE, OTHER KEYS`, a label of the counter
//! `bought` as `NAME: values = ...` or `NAME: open = ...`, or any line of TOML. The first two get a `help`.

use std::fmt::Write as _;

use crate::name::is_snake_case;
use crate::{Outcome, Source, Version, compile_files};
use rows::rows;

#[path = "rows.rs"]
pub(crate) mod rows;

/// The start of the schemas for rules: two labels, a bucket set, a group without labels and one with labels.
const RULES: &str = "\
labels.mode = { help = \"Mode.\", values = [\"on\", \"off\"] }
labels.host = { help = \"Host.\", open = { max = 8 } }
buckets.small = [1, 2]
groups.app = { help = \"The app.\" }
groups.web = { help = \"The web.\", labels = [\"mode\"] }
";

/// The start of the schemas for lints.
const LINTS: &str = "groups.cart.help = \"What is bought.\"\n";

/// Checks the findings of the schema in each row, except lints: the names of their codes, each at a `^`, in the same order. Metrics
/// are in the group `app`, or in `web` as `web.KEY`. A row that begins with `@1.0.0 ` is compiled for that release, and one that
/// begins with `whole: ` is a whole file.
pub(crate) fn rules(text: &str) {
    assert_rows(text, |tables| {
        let (outcome, marks) = compiled(tables);
        let problems = outcome.report.diagnostics().iter();
        let errors: Vec<_> = problems
            .filter(|problem| problem.code.id() < "SM1")
            .collect();
        let places: Vec<_> = errors.iter().map(|error| error.primary.start).collect();
        let mut found: Vec<_> = errors.iter().map(|error| error.code.name()).collect();
        if places != marks {
            found.push("at other places");
        }
        found.join(" ")
    });
}

/// Checks the labels of each row's errors, with those of related positions, separated by `; `.
pub(crate) fn labels(text: &str) {
    assert_rows(text, |tables| {
        let (outcome, _) = compiled(tables);
        let mut labels = Vec::new();
        for error in outcome.report.errors() {
            labels.push(error.label.clone());
            labels.extend(error.secondary.iter().map(|(_, label)| label.clone()));
        }
        labels.join("; ")
    });
}

/// Compiles the schema of a row. Returns the positions of its marks, too.
pub(crate) fn compiled(tables: &str) -> (Outcome, Vec<usize>) {
    let (release, tables) = match tables.strip_prefix('@') {
        Some(rest) => rest.split_once(' ').expect("a release and tables"),
        None => ("", tables),
    };
    let mut schema = match tables.strip_prefix("whole: ") {
        Some(file) => file.replace(" | ", "\n"),
        None => schema(RULES, "app", tables),
    };
    let mut marks = Vec::new();
    while let Some(mark) = schema.find('^') {
        schema.remove(mark);
        marks.push(mark);
    }
    let source = Source::new("metrics.toml", schema);
    let release = Version::parse(release).ok();
    (compile_files(source, None, release.as_ref()), marks)
}

/// Checks all findings of each row: the names of lints and errors, each with the text at its caret, separated by `; `.
/// Metrics are in the group `cart`.
pub(crate) fn lints(text: &str) {
    assert_rows(text, |tables| {
        let outcome = compile_files(
            Source::new("metrics.toml", schema(LINTS, "cart", tables)),
            None,
            None,
        );
        let problems = outcome.report.diagnostics().iter();
        let found = problems.map(|problem| {
            let at = outcome.source.slice(problem.primary);
            format!("{} {at}", problem.code.name())
        });
        found.collect::<Vec<_>>().join("; ")
    });
}

/// Compares what is found in each case with the result in its row.
pub(crate) fn assert_rows(text: &str, find: impl Fn(&str) -> String) {
    let mut wrong = Vec::new();
    for (case, expected) in rows(text) {
        let found = find(case);
        if found != expected {
            wrong.push(format!("{case} => {expected}\n   found: {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn schema(base: &str, group: &str, tables: &str) -> String {
    let mut schema = format!("format = 1\nnamespace = \"t\"\n{base}");
    let mut labels = Vec::new();
    for (number, table) in tables.split(" | ").enumerate() {
        let (name, rest) = table.split_once(": ").unwrap_or_default();
        let (group, key) = name.split_once('.').unwrap_or((group, name));
        if !is_snake_case(key.trim_start_matches('^')) {
            schema += table;
        } else if rest.starts_with("values = ") || rest.starts_with("open = ") {
            labels.push(format!("\"{name}\""));
            let _ = write!(
                schema,
                "labels.{name} = {{ help = \"Says enough.\", {rest} }}"
            );
        } else {
            let (kind, keys) = rest.split_once(", ").unwrap_or((rest, ""));
            let (mark, kind) = kind.split_at(kind.len() - kind.trim_start_matches('^').len());
            let mut keys = keys.to_owned();
            if !keys.contains("help = ") {
                let _ = write!(
                    keys,
                    ", help = \"Says enough, and not what {number} others do.\""
                );
            }
            let keys = keys.trim_start_matches(", ");
            let _ = write!(
                schema,
                "metrics.{group}.{key} = {{ type = {mark}\"{kind}\", {keys} }}"
            );
        }
        schema.push('\n');
    }
    if !labels.is_empty() {
        let labels = labels.join(", ");
        let _ = write!(
            schema,
            "metrics.{group}.bought = {{ type = \"counter\", labels = [{labels}], help = \"Says enough.\" }}"
        );
    }
    schema
}

//! What the tests of lints share: tables of small schemas, with what is found in each.

use std::fmt::Write as _;

use crate::name::is_snake_case;
use crate::{Source, compile};

/// Checks rows of `TABLES => FINDINGS`.
///
/// Tables are separated by ` | `: a metric of the group `cart` as `KEY: TYPE, OTHER KEYS`, a label that the counter `bought`
/// has as `NAME: values = ...` or `NAME: open = ...`, or any line of TOML. A `help` is added to each. Findings are separated by
/// `; `: the name of a lint or error, and the text at its caret.
pub(super) fn check(rows: &str) {
    let mut wrong = Vec::new();
    for row in rows.lines().filter(|row| !row.trim().is_empty()) {
        let (tables, expected) = row.split_once("=>").expect("tables and findings");
        let outcome = compile(Source::new("metrics.toml", schema(tables.trim())));
        let problems = outcome.report.diagnostics().iter();
        let found = problems.map(|problem| {
            let at = outcome.source.slice(problem.primary);
            format!("{} {at}", problem.code.name())
        });
        let found = found.collect::<Vec<_>>().join("; ");
        if found != expected.trim() {
            wrong.push(format!("{row}\n   found: {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn schema(tables: &str) -> String {
    let mut schema =
        "format = 1\nnamespace = \"ns\"\ngroups.cart.help = \"What is bought.\"\n".to_owned();
    let mut labels = Vec::new();
    for (number, table) in tables.split(" | ").enumerate() {
        let (name, rest) = table.split_once(": ").unwrap_or_default();
        if !is_snake_case(name) {
            schema += table;
        } else if rest.starts_with("values = ") || rest.starts_with("open = ") {
            labels.push(format!("\"{name}\""));
            let _ = write!(
                schema,
                "labels.{name} = {{ help = \"Says enough.\", {rest} }}"
            );
        } else {
            let (kind, keys) = rest.split_once(", ").unwrap_or((rest, ""));
            let help = format!("help = \"Says enough, and not what {number} others do.\"");
            let keys = [help.as_str(), keys];
            let keys = if keys[1].contains("help = ") {
                keys[1].to_owned()
            } else {
                keys.join(", ")
            };
            let _ = write!(
                schema,
                "metrics.cart.{name} = {{ type = \"{kind}\", {keys} }}"
            );
        }
        schema.push('\n');
    }
    if !labels.is_empty() {
        let labels = labels.join(", ");
        let _ = write!(
            schema,
            "metrics.cart.bought = {{ type = \"counter\", labels = [{labels}], help = \"Says enough.\" }}"
        );
    }
    schema
}

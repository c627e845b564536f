//! What the tests of all lints share: schemas around what they are about, and what is found in them.

use std::fmt::Write as _;

use crate::{Source, compile};

pub(super) const HEAD: &str = "format = 1\nnamespace = \"ns\"\n";

/// `name line:column` of everything found, in source order.
pub(super) fn found_at(schema: &str) -> Vec<String> {
    let outcome = compile(Source::new("metrics.toml", schema));
    let problems = outcome.report.diagnostics().iter();
    problems
        .map(|problem| {
            let position = outcome.source.position(problem.primary.start);
            format!(
                "{} {}:{}",
                problem.code.name(),
                position.line,
                position.column
            )
        })
        .collect()
}

/// What is found about one metric of the group `cart`, whose lines begin at 6; its table is `[metrics.cart.KEY]`.
pub(super) fn found_in_metric(key: &str, lines: &str) -> Vec<String> {
    found_at(&format!(
        "{HEAD}\n[groups.cart]\nhelp = \"What is bought.\"\n[metrics.cart.{key}]\nhelp = \"Says enough.\"\n{lines}"
    ))
}

/// `name item` of everything found in a schema with these tables, where item is the text at the caret.
pub(super) fn found(tables: &str) -> Vec<String> {
    let schema = format!("format = 1\nnamespace = \"ns\"\n{tables}");
    let outcome = compile(Source::new("metrics.toml", schema));
    let problems = outcome.report.diagnostics().iter();
    problems
        .map(|problem| {
            let at = outcome.source.slice(problem.primary);
            format!("{} {at}", problem.code.name())
        })
        .collect()
}

/// What is found about metrics of one group, each given as key and the lines of its table but for `help`.
pub(super) fn found_in(metrics: &[(&str, &str)]) -> Vec<String> {
    let mut tables = "[groups.cart]\nhelp = \"What is bought.\"\n".to_owned();
    for (number, (key, lines)) in metrics.iter().enumerate() {
        let _ = writeln!(
            tables,
            "[metrics.cart.{key}]\nhelp = \"Says enough, and not what {number} others do.\"\n{lines}"
        );
    }
    found(&tables)
}

/// What is found about closed labels that one counter has.
pub(super) fn found_in_labels(labels: &[(&str, &str)]) -> Vec<String> {
    let names: Vec<_> = labels
        .iter()
        .map(|(name, _)| format!("\"{name}\""))
        .collect();
    let mut tables = String::new();
    for (name, lines) in labels {
        let _ = writeln!(tables, "[labels.{name}]\nhelp = \"Says enough.\"\n{lines}");
    }
    let labels = format!("type = \"counter\"\nlabels = [{}]", names.join(", "));
    tables += "[groups.cart]\nhelp = \"What is bought.\"\n[metrics.cart.bought]\nhelp = \"Says enough.\"\n";
    found(&(tables + &labels))
}

pub(super) const NONE: [&str; 0] = [];
pub(super) const COUNTER: &str = "type = \"counter\"";
pub(super) const GAUGE: &str = "type = \"gauge\"";

pub(super) fn histogram(unit: &str, bounds: &str) -> String {
    format!("type = \"histogram\"\nunit = \"{unit}\"\nbuckets = {bounds}")
}

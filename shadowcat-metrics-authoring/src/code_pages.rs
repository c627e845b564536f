//! The pages about errors and lints: each code with an example and the compiler's message.
//!
//! They describe the language, not a schema. They exist only in this project's documentation, and a test
//! compares them.

use std::fmt::Write as _;

use crate::codes::{EXAMPLE_RELEASE, Explain, complete_example, with_group};
use crate::lint;
use crate::page::{link, row, table_head};
use crate::{Style, render};
use shadowcat_metrics_codegen::Code;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::emit::markdown::{code, text};
use shadowcat_metrics_codegen::{Report, Severity};

/// A note for readers who open the page to edit it.
const GENERATED: &str = "Generated from the codes of the library by `UPDATE_EXPECT=1 cargo test \
     -p shadowcat-metrics-tests --test documents`. Do not edit.";

const ERRORS: &str = "A schema with an error from SM0001 to SM0706 does not build. In `[policy]`, `[operations]`, `[slos]` and \
     `[alerts]`, however, a build checks only the TOML syntax. `shadowcat-metrics check` and every build report all errors at \
     once. While the TOML is invalid, they report only syntax errors. The codes from SM0801 on are about objectives, alerts, \
     policies, queries, runbooks and OpenTelemetry registries. Commands report them, but none of them fails a build, and some \
     are only warnings. Most examples omit `format`, `namespace` and the table of the group, so the names and line numbers in \
     their messages can differ from those of a complete schema. Codes are stable: a code is never renumbered or reused.";

const LINTS_ARE: &str = "A lint reports a schema that is valid but could be better. A lint that is an error stops the \
     build; these lints find what `promtool check metrics` rejects. A lint that is a warning is shown by \
     `shadowcat-metrics check`, which fails on it with `--deny-warnings`. To silence a lint, list its name in the \
     `allow` of a metric, a label, a group or `[defaults]`. The nearest `allow` counts, and an `allow` that silences \
     nothing is reported.";

/// The name of an example that is a YAML file.
pub const RULE_FILE: &str = "rules.yml";

/// Compiles an example for [`EXAMPLE_RELEASE`], or checks it if its name is [`RULE_FILE`].
pub type Compile = fn(Source) -> (Source, Report);

/// Emits the page about errors as Markdown: the codes of all crates, sorted by id. `warnings` lists the codes
/// that do not stop the build. `compile` must support every section of a schema, and rule files.
#[must_use]
pub fn emit_errors(codes: &[Code], warnings: &[Code], compile: Compile) -> String {
    let mut page = head("Errors", ERRORS);
    page.push_str(&table_head(&["code", "name", "what is wrong"]));
    for code in codes {
        page.push_str(&row([
            &*linked(*code),
            &self::code(code.name()),
            &text(code.title()),
        ]));
    }
    for code in codes {
        let what = if warnings.contains(code) {
            "a warning"
        } else {
            "an error"
        };
        page.push_str(&section(*code, what, compile));
    }
    page
}

/// Emits the page about lints as Markdown.
#[must_use]
pub fn emit_lints() -> String {
    let mut page = head("Lints", LINTS_ARE);
    page.push_str(&table_head(&["code", "name", "what it finds", "severity"]));
    for lint in lint::all() {
        let name = code(lint.code.name());
        page.push_str(&row([
            &*linked(lint.code),
            &name,
            &text(lint.code.title()),
            lint.severity.name(),
        ]));
    }
    for lint in lint::all() {
        let what = match lint.severity {
            Severity::Error => "a lint that is an error",
            Severity::Warning => "a lint that is a warning",
        };
        page.push_str(&section(lint.code, what, compile_example));
    }
    page
}

fn compile_example(source: Source) -> (Source, Report) {
    let outcome = crate::compile_files(source, None, Some(&EXAMPLE_RELEASE));
    (outcome.source, outcome.report)
}

fn head(title: &str, about: &str) -> String {
    format!("# {title}\n\n<!-- {GENERATED} -->\n\n{about}\n\n")
}

fn linked(code: Code) -> String {
    link(&self::code(code.id()), code.id())
}

/// Renders one code. The heading is only the code, so that links survive changes to the words.
fn section(code: Code, what: &str, compile: Compile) -> String {
    let mut section = format!(
        "\n## {}\n\n**{}** ({}), {what}.\n\n{}\n",
        code.id(),
        text(code.title()),
        self::code(code.name()),
        text(&code.explanation())
    );
    // Codes about invalid UTF-8 have no example, because a text cannot contain one.
    if !code.wrong().is_empty() {
        let _ = write!(section, "\nWrong:\n\n{}", example(&code.wrong()));
        let reported = reported(code, compile);
        if !reported.is_empty() {
            let _ = write!(section, "\n{}", fenced("text", &reported));
        }
        let _ = write!(section, "\nRight:\n\n{}", example(&code.right()));
    }
    section
}

/// Renders an example.
fn example(text: &str) -> String {
    match yaml(text) {
        Some(yaml) => fenced("yaml", &yaml),
        None => fenced("toml", text),
    }
}

/// Returns the YAML in an example, or `None` if the example is TOML. YAML is written as comments, so that the example is also a
/// schema.
fn yaml(example: &str) -> Option<String> {
    let lines: Option<Vec<_>> = example
        .lines()
        .map(|line| line.strip_prefix("# "))
        .collect();
    Some(lines?.join("\n"))
}

fn fenced(language: &str, content: &str) -> String {
    format!("```{language}\n{}\n```\n", content.trim_end())
}

/// Returns the messages about the wrong example. Compiles only the part that the page shows, if possible, so that the line numbers
/// agree with it.
fn reported(code: Code, compile: Compile) -> String {
    let reported = |source: Source| {
        let (source, report) = compile(source);
        let problems = report.diagnostics().iter();
        let rendered: Vec<_> = problems
            .filter(|problem| problem.code == code)
            .map(|problem| render(problem, &source, Style::Plain))
            .collect();
        rendered.join("\n\n")
    };
    let wrong = code.wrong();
    if let Some(yaml) = yaml(&wrong) {
        return reported(Source::new(RULE_FILE, yaml));
    }
    let schemas = [with_group(&wrong), complete_example(&wrong)];
    let schemas = [wrong].into_iter().chain(schemas);
    let mut descriptions = schemas.map(|schema| reported(Source::new("metrics.toml", schema)));
    descriptions
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

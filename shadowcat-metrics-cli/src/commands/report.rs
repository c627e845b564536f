//! The problems of a schema, for people and for programs.

use serde::Serialize;
use shadowcat_metrics_codegen as codegen;
use shadowcat_metrics_codegen::{Diagnostic, Outcome, Severity, Source, Span, Style, render};

use crate::failure::{ERROR, HELP, WARNING};
use crate::mend::Repair;

/// Every problem with its excerpt, and a last line that counts them. Empty if there are none.
pub(super) fn human(outcome: &Outcome) -> String {
    human_about(&outcome.source, &outcome.report)
}

/// The same of any file.
pub(super) fn human_about(source: &Source, report: &codegen::Report) -> String {
    let mut text = String::new();
    for diagnostic in report.diagnostics() {
        text.push_str(&render(diagnostic, source, Style::Color));
        text.push_str("\n\n");
    }
    let errors = report.errors().count();
    let warnings = report.warnings().count();
    let (style, level, counts) = match (errors, warnings) {
        (0, 0) => return text,
        (0, _) => (WARNING, "warning", count(warnings, "warning")),
        (_, 0) => (ERROR, "error", count(errors, "error")),
        (_, _) => (
            ERROR,
            "error",
            format!(
                "{} and {}",
                count(errors, "error"),
                count(warnings, "warning")
            ),
        ),
    };
    // What stops the build is what has to be understood first.
    let code = report
        .errors()
        .chain(report.warnings())
        .next()
        .map_or("CODE", |diagnostic| diagnostic.code.id());
    text + &format!(
        "{style}{level}{style:#}: {} has {counts}\n{HELP}help{HELP:#}: `shadowcat-metrics explain {code}` says more\n",
        source.name(),
    )
}

/// `1 metric`, `2 metrics`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The report as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Report<'a> {
    /// Version of this format: 1.
    version: u32,
    /// The schema, as it was named on the command line; `<stdin>` for standard input.
    file: &'a str,
    /// How many diagnostics are errors.
    errors: usize,
    /// How many are warnings.
    warnings: usize,
    /// Every problem, in source order.
    diagnostics: Vec<Problem<'a>>,
    /// With `--fix`, what was mended; absent without.
    #[serde(skip_serializing_if = "Option::is_none")]
    mended: Option<Vec<Mended<'a>>>,
}

/// One problem that `--fix` has mended, with its place in the text as it was.
#[derive(Debug, Serialize)]
struct Mended<'a> {
    code: &'a str,
    name: &'a str,
    message: &'a str,
    line: usize,
    column: usize,
    was: &'a str,
    now: &'a str,
}

/// One problem.
#[derive(Debug, Serialize)]
struct Problem<'a> {
    /// Its stable code: `SM1004`.
    code: &'a str,
    /// The code's name, which `allow` lists hold: `type-in-name`.
    name: &'a str,
    /// `error` or `warning`.
    severity: &'static str,
    /// What is wrong, in one line.
    message: &'a str,
    /// What was expected there, or `null`.
    label: Option<&'a str>,
    /// How to mend it, or `null`.
    help: Option<&'a str>,
    #[serde(flatten)]
    place: Place<'a>,
    /// Other places that have part in it.
    related: Vec<Related<'a>>,
    /// What mends it without a decision of the author's, or `null`.
    fix: Option<Change<'a>>,
}

/// A change to the text.
#[derive(Debug, Serialize)]
struct Change<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    /// What is to stand there instead.
    replacement: String,
}

/// Where it is: lines from 1, columns from 1 in characters.
#[derive(Debug, Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    /// Behind the last character.
    end: End,
}

#[derive(Debug, Serialize)]
struct End {
    line: usize,
    column: usize,
}

#[derive(Debug, Serialize)]
struct Related<'a> {
    /// What part it has.
    label: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
}

pub(super) fn json(outcome: &Outcome) -> Report<'_> {
    json_about(&outcome.source, &outcome.report)
}

/// The same of any file.
pub(super) fn json_about<'a>(source: &'a Source, report: &'a codegen::Report) -> Report<'a> {
    Report {
        version: 1,
        file: source.name(),
        errors: report.errors().count(),
        warnings: report.warnings().count(),
        diagnostics: report
            .diagnostics()
            .iter()
            .map(|problem| self::problem(problem, source))
            .collect(),
        mended: None,
    }
}

/// The report of what is left, with what was mended.
pub(super) fn json_with_mended<'a>(outcome: &'a Outcome, mended: &'a [Repair]) -> Report<'a> {
    let mended = mended.iter().map(|repair| Mended {
        code: repair.code,
        name: repair.name,
        message: &repair.message,
        line: repair.line,
        column: repair.column,
        was: &repair.was,
        now: &repair.now,
    });
    Report {
        mended: Some(mended.collect()),
        ..json(outcome)
    }
}

fn problem<'a>(diagnostic: &'a Diagnostic, source: &'a Source) -> Problem<'a> {
    let related = diagnostic.secondary.iter();
    Problem {
        code: diagnostic.code.id(),
        name: diagnostic.code.name(),
        severity: severity(diagnostic.severity),
        message: &diagnostic.message,
        label: Some(&*diagnostic.label).filter(|label| !label.is_empty()),
        help: diagnostic.help.as_deref(),
        place: place(diagnostic.primary, source),
        related: related
            .map(|(span, label)| Related {
                label,
                place: place(*span, source),
            })
            .collect(),
        fix: diagnostic
            .fix
            .as_ref()
            .and_then(|fix| fix.edit(source))
            .map(|edit| Change {
                place: place(edit.span, source),
                replacement: edit.replacement,
            }),
    }
}

fn place(span: Span, source: &Source) -> Place<'_> {
    let start = source.position(span.start);
    let end = source.position(span.end);
    let end = End {
        line: end.line,
        column: end.column,
    };
    Place {
        file: source.file_at(span.start).0,
        line: start.line,
        column: start.column,
        end,
    }
}

pub(super) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

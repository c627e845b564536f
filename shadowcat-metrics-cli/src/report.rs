//! Prints the problems of files, as text and as data.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;
use shadowcat_metrics_authoring::edit::edit;
use shadowcat_metrics_authoring::{Style, render};
use shadowcat_metrics_codegen as codegen;
pub(crate) use shadowcat_metrics_codegen::sentence::count;
use shadowcat_metrics_codegen::{Diagnostic, Source, Span};
use shadowcat_metrics_operations::Outcome;

use crate::answer::{Answer, Verdict};
use crate::failure::{ERROR, Failure, HELP, WARNING};
use crate::fix::Repair;

/// Every output form. Each command supports some of them; a schema's errors support all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Human,
    Json,
    Markdown,
    Junit,
}

/// Returns a path as a shell's argument, for commands that users can copy.
pub(crate) fn argument(path: &Path) -> String {
    let Some(text) = path.to_str() else {
        // Bash and zsh, among others, read escapes in this form of quotes.
        return format!("$'{}'", path.as_os_str().as_encoded_bytes().escape_ascii());
    };
    // A path that cannot be quoted contains a null character, which no file's path does.
    shlex::try_quote(text).map_or_else(|_| text.to_owned(), Cow::into_owned)
}

/// Formats the errors of a schema that a command needs to be valid.
pub(crate) fn schema_errors(outcome: &Outcome, form: Form) -> Result<Answer, Failure> {
    let mut answer = Answer::new("", Verdict::Failed);
    match form {
        Form::Human => answer.stderr = human(outcome),
        Form::Json => return Answer::json(&json(outcome), Verdict::Failed),
        Form::Markdown => answer.stdout = markdown(outcome),
        Form::Junit => return Answer::junit(&junit(outcome), Verdict::Failed),
    }
    Ok(answer)
}

fn markdown(outcome: &Outcome) -> String {
    let errors = outcome.report.errors().count();
    let mut text = format!(
        "**`{}` has {}**\n\n",
        outcome.source.name(),
        count(errors, "error")
    );
    for error in outcome.report.errors() {
        let place = place(error.primary, &outcome.source);
        let _ = writeln!(
            text,
            "- `{}:{}:{}` {}: {}",
            place.file, place.line, place.column, error.code, error.message
        );
    }
    text
}

/// Formats one test suite for the schema, with a failed case for each error.
fn junit(outcome: &Outcome) -> quick_junit::Report {
    let mut suite = TestSuite::new(outcome.source.name());
    for error in outcome.report.errors() {
        let place = place(error.primary, &outcome.source);
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type(error.code.id());
        status.set_message(&*error.message);
        status.set_description(render(error, &outcome.source, Style::Plain));
        let name = format!("{}:{}:{}", place.file, place.line, place.column);
        let mut case = TestCase::new(name, status);
        case.set_classname(error.code.id());
        suite.add_test_case(case);
    }
    let mut report = quick_junit::Report::new("shadowcat-metrics");
    report.add_test_suite(suite);
    report
}

/// Formats every problem with its excerpt, and a last line with their number. Empty if there are none.
pub(crate) fn human(outcome: &Outcome) -> String {
    human_about(&outcome.source, &outcome.report)
}

/// Formats the problems of any file in the same way.
pub(crate) fn human_about(source: &Source, report: &codegen::Report) -> String {
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
    // Suggests the first error, because errors stop the build.
    let code = report
        .errors()
        .chain(report.warnings())
        .next()
        .map_or("CODE", |diagnostic| diagnostic.code.id());
    text + &format!(
        "{style}{level}{style:#}: {} has {counts}\n{HELP}help{HELP:#}: run `shadowcat-metrics explain {code}` for details\n",
        source.name(),
    )
}

/// Formats a `help` line with the word in color.
pub(crate) fn help(text: &str) -> String {
    format!("{HELP}help{HELP:#}: {text}\n")
}

/// The problems of one or several files as JSON.
#[derive(Debug, Serialize)]
pub(crate) struct Report<'a> {
    /// Version of this format: 1.
    version: u32,
    /// The file as it was named on the command line; `<stdin>` for standard input. With several files, `files` has all.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<&'a str>,
    errors: usize,
    warnings: usize,
    /// Every problem, in source order.
    diagnostics: Vec<Problem<'a>>,
    /// With `--fix`, what was fixed.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<Vec<&'a Repair>>,
}

impl Report<'_> {
    /// Joins the reports of all files that a command was given.
    pub(crate) fn of_all(mut reports: Vec<Self>) -> Self {
        let mut all = reports.remove(0);
        if !reports.is_empty() {
            all.files.extend(all.file.take());
        }
        for report in reports {
            all.files.extend(report.file);
            all.errors += report.errors;
            all.warnings += report.warnings;
            all.diagnostics.extend(report.diagnostics);
            if let Some(fixed) = report.fixed {
                all.fixed.get_or_insert_default().extend(fixed);
            }
        }
        all
    }
}

/// One problem.
#[derive(Debug, Serialize)]
struct Problem<'a> {
    /// Its stable code: `SM1004`.
    code: &'a str,
    /// The code's name, for `allow` lists: `type-in-name`.
    name: &'a str,
    /// `error` or `warning`.
    severity: &'static str,
    /// What is wrong, in one line.
    message: &'a str,
    /// What was expected there, or `null`.
    label: Option<&'a str>,
    /// What to do, or `null`.
    help: Option<&'a str>,
    #[serde(flatten)]
    place: Place<'a>,
    /// Other places that are part of the problem.
    related: Vec<Related<'a>>,
    /// The change that `--fix` makes, or `null`.
    fix: Option<Change<'a>>,
}

/// A change to the text.
#[derive(Debug, Serialize)]
struct Change<'a> {
    #[serde(flatten)]
    place: Place<'a>,
    replacement: String,
}

/// A range of text: lines from 1, columns from 1 in characters.
#[derive(Debug, Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    /// After the last character.
    end: End,
}

#[derive(Debug, Serialize)]
struct End {
    line: usize,
    column: usize,
}

#[derive(Debug, Serialize)]
struct Related<'a> {
    label: &'a str,
    #[serde(flatten)]
    place: Place<'a>,
}

pub(crate) fn json(outcome: &Outcome) -> Report<'_> {
    json_about(&outcome.source, &outcome.report)
}

/// Returns the problems of any file in the same way.
pub(crate) fn json_about<'a>(source: &'a Source, report: &'a codegen::Report) -> Report<'a> {
    Report {
        version: 1,
        file: Some(source.name()),
        files: Vec::new(),
        errors: report.errors().count(),
        warnings: report.warnings().count(),
        diagnostics: report
            .diagnostics()
            .iter()
            .map(|problem| self::problem(problem, source))
            .collect(),
        fixed: None,
    }
}

/// Returns the report after fixing, with the fixed problems.
pub(crate) fn json_with_fixed<'a>(outcome: &'a Outcome, repairs: &'a [Repair]) -> Report<'a> {
    Report {
        fixed: Some(repairs.iter().collect()),
        ..json(outcome)
    }
}

fn problem<'a>(diagnostic: &'a Diagnostic, source: &'a Source) -> Problem<'a> {
    let related = diagnostic.secondary.iter();
    Problem {
        code: diagnostic.code.id(),
        name: diagnostic.code.name(),
        severity: diagnostic.severity.name(),
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
            .and_then(|fix| edit(fix, source))
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

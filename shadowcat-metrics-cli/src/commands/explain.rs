//! `explain`: what a code means.

use std::fmt::Write as _;

use serde::Serialize;
use shadowcat_metrics_codegen::codes::EXAMPLE_RELEASE;
use shadowcat_metrics_codegen::codes::promql::WARNINGS;
use shadowcat_metrics_codegen::lint::LINTS;
use shadowcat_metrics_codegen::{Code, Severity, Source, Style, compile_for, render};
use shadowcat_metrics_conformance as conformance;
use shadowcat_metrics_operations as operations;

use super::report;
use crate::answer::{Answer, Verdict};
use crate::args::{ExplainArgs, Format};
use crate::failure::{BOLD, ERROR, Failure, GOOD, WARNING};

pub(super) fn run(args: &ExplainArgs) -> Result<Answer, Failure> {
    let Some(wanted) = &args.code else {
        return list(args.format);
    };
    if let Some(code) = live(wanted) {
        return live_page(code, args.format);
    }
    let code = Code::find(wanted).ok_or_else(|| unknown(wanted))?;
    match args.format {
        Format::Human => Ok(Answer::fine(page(code))),
        Format::Json => Answer::json(&Entry::new(code), Verdict::Fine),
    }
}

/// The code of what `live-check` finds.
fn live(wanted: &str) -> Option<conformance::Code> {
    let mut codes = conformance::Code::ALL.iter().copied();
    codes.find(|code| code.id().eq_ignore_ascii_case(wanted) || code.name() == wanted)
}

fn live_page(code: conformance::Code, format: Format) -> Result<Answer, Failure> {
    let (id, name, severity) = (code.id(), code.name(), code.severity().name());
    match format {
        Format::Human => Ok(Answer::fine(format!(
            "{BOLD}{severity}[{id}]{BOLD:#} ({name})\n\n{}\n{}\nFound by `shadowcat-metrics live-check` on a program's page.\n",
            wrap(code.meaning()),
            wrap(code.advice()),
        ))),
        Format::Json => Answer::json(
            &serde_json::json!({
                "code": id,
                "name": name,
                "severity": severity,
                "explanation": code.meaning(),
                "advice": code.advice(),
            }),
            Verdict::Fine,
        ),
    }
}

fn unknown(wanted: &str) -> Failure {
    let failure = Failure::new(format!("there is no code `{wanted}`"));
    match Code::nearest(wanted) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        // No code is named like this, and every metric is.
        None if wanted.contains(['.', '_']) => failure.help(
            "codes are such as SM1004; `shadowcat-metrics list` shows metrics, and the reference that `generate` writes says \
             what each means",
        ),
        None => failure.help("`shadowcat-metrics explain` lists all codes"),
    }
}

fn list(format: Format) -> Result<Answer, Failure> {
    if format == Format::Json {
        let codes = Code::all().map(Entry::new).collect();
        return Answer::json(&Codes { version: 1, codes }, Verdict::Fine);
    }
    let width = Code::all()
        .map(|code| code.name().len())
        .max()
        .unwrap_or_default();
    let mut table = String::new();
    for code in Code::all() {
        let (severity, _) = severity(code);
        let _ = writeln!(
            table,
            "{BOLD}{code}{BOLD:#}  {:<width$}  {:<7}  {}",
            code.name(),
            report::severity(severity),
            code.title(),
        );
    }
    Ok(Answer::fine(table))
}

/// A code for people, with what the compiler says of the wrong example.
fn page(code: Code) -> String {
    let (severity, is_lint) = severity(code);
    let (style, level) = match severity {
        Severity::Error => (ERROR, "error"),
        Severity::Warning => (WARNING, "warning"),
    };
    let mut page = format!(
        "{style}{level}[{code}]{style:#}{BOLD}: {}{BOLD:#} ({})\n\n",
        code.title(),
        code.name()
    );
    page.push_str(&wrap(code.explanation()));
    if is_lint {
        page.push('\n');
        page.push_str(&wrap(&format!(
            "A lint: `allow = [\"{}\"]` on the item, on its group, or in `[defaults]` silences it.",
            code.name(),
        )));
    }
    if code.wrong().is_empty() {
        // Examples are text, and what is wrong with the bytes of a file is none.
        return page;
    }
    let _ = write!(page, "\n{ERROR}Wrong:{ERROR:#}\n\n{}", indent(code.wrong()));
    let source = Source::new("metrics.toml", code.wrong());
    let outcome = compile_for(source, Some(&EXAMPLE_RELEASE));
    let about_queries = operations::check(
        outcome.skeleton(),
        &outcome.source,
        &operations::Options::default(),
    );
    for diagnostic in outcome
        .report
        .diagnostics()
        .iter()
        .chain(&about_queries)
        .filter(|diagnostic| diagnostic.code == code)
    {
        let _ = write!(
            page,
            "\n{}",
            indent(&render(diagnostic, &outcome.source, Style::Color))
        );
    }
    let _ = write!(page, "\n{GOOD}Right:{GOOD:#}\n\n{}", indent(code.right()));
    page
}

/// A code as JSON.
#[derive(Debug, Serialize)]
struct Entry {
    /// `SM1004`.
    code: &'static str,
    /// `type-in-name`.
    name: &'static str,
    /// `error` or `warning`.
    severity: &'static str,
    /// Whether `allow` can silence it.
    allowable: bool,
    /// What is wrong, in a few words.
    title: &'static str,
    /// Why, and what to do.
    explanation: &'static str,
    /// A schema that yields the code.
    wrong: &'static str,
    /// The same, mended.
    right: &'static str,
}

/// All codes as JSON.
#[derive(Debug, Serialize)]
struct Codes {
    /// Version of this format: 1.
    version: u32,
    codes: Vec<Entry>,
}

impl Entry {
    fn new(code: Code) -> Self {
        let (severity, allowable) = severity(code);
        Self {
            code: code.id(),
            name: code.name(),
            severity: report::severity(severity),
            allowable,
            title: code.title(),
            explanation: code.explanation(),
            wrong: code.wrong(),
            right: code.right(),
        }
    }
}

/// How severe a code is, and whether it is a lint's.
fn severity(code: Code) -> (Severity, bool) {
    LINTS
        .iter()
        .find(|lint| lint.code == code)
        .map_or((severity_of_no_lint(code), false), |lint| {
            (lint.severity, true)
        })
}

fn severity_of_no_lint(code: Code) -> Severity {
    if WARNINGS.contains(&code) {
        Severity::Warning
    } else {
        Severity::Error
    }
}

/// Breaks a paragraph into lines of at most 80 characters.
fn wrap(paragraph: &str) -> String {
    let mut text = String::new();
    let mut width = 0;
    for word in paragraph.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 80 {
            text.push('\n');
            width = 0;
        } else if width > 0 {
            text.push(' ');
            width += 1;
        }
        text.push_str(word);
        width += length;
    }
    text + "\n"
}

fn indent(text: &str) -> String {
    text.lines()
        .map(|line| {
            if line.is_empty() {
                "\n".to_owned()
            } else {
                format!("    {line}\n")
            }
        })
        .collect()
}

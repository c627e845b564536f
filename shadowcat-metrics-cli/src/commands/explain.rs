//! `explain`: what a code means, with a wrong and a right example.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;

use serde::Serialize;
use shadowcat_metrics_authoring::codes::{EXAMPLE_RELEASE, Explain, find};
use shadowcat_metrics_authoring::lint;
use shadowcat_metrics_authoring::{Style, render};
use shadowcat_metrics_codegen::{Code, Severity, Source, suggest};
use shadowcat_metrics_conformance as conformance;
use shadowcat_metrics_operations as operations;
use shadowcat_metrics_operations::codes::all;

use crate::answer::{Answer, Verdict};
use crate::cli::{Format, long_help};
use crate::failure::{BOLD, ERROR, Failure, GOOD, WARNING};

/// Explain an error code, with a wrong and a right example
#[derive(Debug, clap::Args)]
#[command(after_help = HELP, after_long_help = long_help(HELP, JSON))]
pub(crate) struct Args {
    /// A code such as SM1004, or its name; without it, all codes are listed
    code: Option<String>,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

const HELP: &str = "\
Examples:
  shadowcat-metrics explain                list all codes
  shadowcat-metrics explain SM1004
  shadowcat-metrics explain type-in-name   by the name that is used in `allow` lists";

const JSON: &str = "\
JSON for one code. Without CODE, an object with `version` (1) and `codes`, an array of these:
  code, name        SM1004, type-in-name
  severity          error or warning
  allowable         whether it is a lint, which `allow` can silence
  title             what is wrong, in a few words
  explanation       why, and what to do
  wrong, right      a file with the problem, and the same file without it; empty if a
                    code has no example, such as those of `live-check`";

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let Some(wanted) = &self.code else {
            return list(self.format);
        };
        if let Some(code) = live(wanted) {
            return match self.format {
                Format::Human => Ok(Answer::ok(live_page(code))),
                Format::Json => Answer::json(&Entry::live(code), Verdict::Ok),
            };
        }
        let code = find(all(), wanted).ok_or_else(|| unknown(wanted))?;
        match self.format {
            Format::Human => Ok(Answer::ok(page(code))),
            Format::Json => Answer::json(&Entry::new(code), Verdict::Ok),
        }
    }
}

/// Returns the code of a `live-check` finding.
fn live(wanted: &str) -> Option<conformance::Code> {
    let mut codes = conformance::Code::ALL.iter().copied();
    codes.find(|code| code.id().eq_ignore_ascii_case(wanted) || code.name() == wanted)
}

fn live_page(code: conformance::Code) -> String {
    let (id, name, severity) = (code.id(), code.name(), code.severity().name());
    format!(
        "{BOLD}{severity}[{id}]{BOLD:#} ({name})\n\n{}\n{}\nFound by `shadowcat-metrics live-check` on a program's page.\n",
        wrap(code.meaning()),
        wrap(code.advice()),
    )
}

fn unknown(wanted: &str) -> Failure {
    let failure = Failure::new(format!("there is no code `{wanted}`"));
    match similar(wanted).as_slice() {
        [name] => failure.help(format!("did you mean `{name}`?")),
        [names @ .., last] => {
            let names = names.join("`, `");
            failure.help(format!("did you mean `{names}` or `{last}`?"))
        }
        // Names of metrics contain these characters, and codes do not.
        [] if wanted.contains(['.', '_']) => failure.help(
            "a code looks like SM1004; for a metric, see `shadowcat-metrics list` and the reference that `generate` writes",
        ),
        [] => failure.help("`shadowcat-metrics explain` lists all codes"),
    }
}

/// Returns the code of a number that lacks zeros, such as `SM0103` for `SM103`, the names that contain `wanted`, or else the
/// most similar name.
fn similar(wanted: &str) -> Vec<&'static str> {
    let all = all();
    let live = conformance::Code::ALL.iter().map(|code| code.id());
    let mut ids = all.iter().map(|code| code.id()).chain(live);
    let same = |id: &&str| without_zeros(id).eq_ignore_ascii_case(&without_zeros(wanted));
    if let Some(id) = ids.find(same) {
        return vec![id];
    }
    let names = names();
    let containing = names_with(wanted, &names);
    if !containing.is_empty() {
        return containing;
    }
    suggest::nearest(wanted, names).into_iter().collect()
}

/// Returns the names that begin with `wanted`, then those that contain it as a whole word: at most a few, because some words
/// are in many names.
fn names_with(wanted: &str, names: &[&'static str]) -> Vec<&'static str> {
    const MAX_NAMES: usize = 8;
    let wanted = wanted.to_lowercase();
    if wanted.is_empty() {
        return Vec::new();
    }
    let begins = |name: &&str| name.starts_with(&wanted);
    let has_word = |name: &&str| format!("-{name}-").contains(&format!("-{wanted}-"));
    let beginning = names.iter().copied().filter(begins);
    let containing = names
        .iter()
        .copied()
        .filter(|name| !begins(name) && has_word(name));
    beginning.chain(containing).take(MAX_NAMES).collect()
}

/// Returns every name, once.
fn names() -> Vec<&'static str> {
    let live = conformance::Code::ALL.iter().map(|code| code.name());
    let mut names: Vec<_> = all().iter().map(|code| code.name()).chain(live).collect();
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(*name));
    names
}

/// Returns `SM103` for `SM0103`.
fn without_zeros(id: &str) -> String {
    let digits = id.trim_start_matches(|character: char| character.is_ascii_alphabetic());
    let letters = &id[..id.len() - digits.len()];
    format!("{letters}{}", digits.trim_start_matches('0'))
}

fn list(format: Format) -> Result<Answer, Failure> {
    let live = conformance::Code::ALL.iter().copied().map(Entry::live);
    let codes: Vec<_> = all().into_iter().map(Entry::new).chain(live).collect();
    if format == Format::Json {
        return Answer::json(&Codes { version: 1, codes }, Verdict::Ok);
    }
    let ids = codes.iter().map(|entry| entry.code.len()).max();
    let names = codes.iter().map(|entry| entry.name.len()).max();
    let (id_width, width) = (ids.unwrap_or_default(), names.unwrap_or_default());
    let mut table = String::new();
    for entry in codes {
        let _ = writeln!(
            table,
            "{BOLD}{:<id_width$}{BOLD:#}  {:<width$}  {:<7}  {}",
            entry.code, entry.name, entry.severity, entry.title,
        );
    }
    Ok(Answer::ok(table))
}

/// Renders a code as text, with the compiler's messages about the wrong example.
fn page(code: Code) -> String {
    let (severity, is_lint) = severity(code);
    let style = match severity {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
    };
    let level = severity.name();
    let mut page = format!(
        "{style}{level}[{code}]{style:#}{BOLD}: {}{BOLD:#} ({})\n\n",
        code.title(),
        code.name()
    );
    page.push_str(&wrap(&code.explanation()));
    if is_lint {
        page.push('\n');
        page.push_str(&wrap(&format!(
            "A lint: `allow = [\"{}\"]` on the item, on its group, or in `[defaults]` silences it.",
            code.name(),
        )));
    }
    if code.wrong().is_empty() {
        // Examples are text, so a file that is not UTF-8 cannot have one.
        return page;
    }
    let _ = write!(
        page,
        "\n{ERROR}Wrong:{ERROR:#}\n\n{}",
        indent(&code.wrong())
    );
    let source = Source::new("metrics.toml", code.wrong());
    let outcome = operations::compile_files(source, None, Some(&EXAMPLE_RELEASE));
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
    let _ = write!(page, "\n{GOOD}Right:{GOOD:#}\n\n{}", indent(&code.right()));
    page
}

/// A code as JSON, which `JSON` describes.
#[derive(Debug, Serialize)]
struct Entry {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    allowable: bool,
    title: &'static str,
    explanation: Cow<'static, str>,
    wrong: String,
    right: String,
}

/// All codes as JSON.
#[derive(Debug, Serialize)]
struct Codes {
    version: u32,
    codes: Vec<Entry>,
}

impl Entry {
    fn new(code: Code) -> Self {
        let (severity, allowable) = severity(code);
        Self {
            code: code.id(),
            name: code.name(),
            severity: severity.name(),
            allowable,
            title: code.title(),
            explanation: code.explanation(),
            wrong: code.wrong(),
            right: code.right(),
        }
    }

    /// Returns the entry of a code of `live-check`, which has no example.
    fn live(code: conformance::Code) -> Self {
        Self {
            code: code.id(),
            name: code.name(),
            severity: code.severity().name(),
            allowable: false,
            title: code.meaning().trim_end_matches('.'),
            explanation: Cow::from(code.advice()),
            wrong: String::new(),
            right: String::new(),
        }
    }
}

/// Returns a code's severity, and whether it belongs to a lint.
fn severity(code: Code) -> (Severity, bool) {
    lint::all()
        .find(|lint| lint.code == code)
        .map_or((severity_of_no_lint(code), false), |lint| {
            (lint.severity, true)
        })
}

fn severity_of_no_lint(code: Code) -> Severity {
    if operations::codes::WARNINGS.contains(&code) {
        Severity::Warning
    } else {
        Severity::Error
    }
}

/// Wraps a paragraph at 80 characters.
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

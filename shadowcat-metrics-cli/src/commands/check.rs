//! `check`: every problem of a schema, in source order; with `--fix`, those that are left when what is mechanical is
//! mended.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use shadowcat_metrics_codegen::{Files, Outcome, Source, Version, compile_files, series};
use shadowcat_metrics_operations::Options;

use super::generate::beside;
use super::queries::{notes, with_queries};
use super::report;
use crate::answer::{Answer, Verdict};
use crate::args::{CheckArgs, Format};
use crate::failure::{Failure, GOOD, HELP};
use crate::files::{Document, replace};
use crate::input::{disk, is_stdin, read_schema};
use crate::mend::{Mended, Repair, mend};

pub(super) fn run(args: &CheckArgs) -> Result<Answer, Failure> {
    let release = args.release.of(&args.file);
    let source = read_schema(&args.file)?;
    let disk = disk();
    let files = (!is_stdin(&args.file)).then_some(&disk as &dyn Files);
    let options = Options {
        notes: notes(&beside(&args.file))?,
        ..Options::default()
    };
    if args.fix {
        let Mended { outcome, mended } = mend(source, files, release.as_ref());
        // What is left is what `check` would find.
        let outcome = with_queries(outcome, &options);
        return fix(args, &outcome, &mended);
    }
    let outcome = with_queries(compile_files(source, files, release.as_ref()), &options);
    let verdict = verdict(args, &outcome);
    match args.format {
        Format::Json => Answer::json(&report::json(&outcome), verdict),
        Format::Human => Ok(Answer {
            stdout: summary(&outcome),
            stderr: report::human(&outcome) + &offer(&outcome, &args.file, files, release.as_ref()),
            verdict,
        }),
    }
}

/// How many problems need not be mended by hand.
fn offer(
    outcome: &Outcome,
    file: &Path,
    files: Option<&dyn Files>,
    release: Option<&Version>,
) -> String {
    let mut problems = outcome.report.diagnostics().iter();
    if is_stdin(file) || problems.all(|problem| problem.fix.is_none()) {
        return String::new();
    }
    // Tried, because not every fix does good where it is.
    let source = Source::new(outcome.source.name(), outcome.source.own_text());
    let mended = mend(source, files, release).mended.len();
    if mended == 0 {
        return String::new();
    }
    let name = if file == Path::new("metrics.toml") {
        String::new()
    } else {
        format!(" {}", file.display())
    };
    format!(
        "{HELP}help{HELP:#}: `shadowcat-metrics check --fix{name}` mends {}\n",
        report::count(mended, "problem")
    )
}

fn verdict(args: &CheckArgs, outcome: &Outcome) -> Verdict {
    let denied = args.deny_warnings && outcome.report.warnings().next().is_some();
    if outcome.report.has_errors() || denied {
        Verdict::Problems
    } else {
        Verdict::Fine
    }
}

/// Writes the mended schema where it came from, and tells what was mended and what is left.
fn fix(args: &CheckArgs, outcome: &Outcome, mended: &[Repair]) -> Result<Answer, Failure> {
    let verdict = verdict(args, outcome);
    if is_stdin(&args.file) {
        if args.format == Format::Json {
            return Err(Failure::new(
                "standard output cannot have both the mended schema and JSON",
            )
            .help("name a file, or leave out `--format json`"));
        }
        return Ok(Answer {
            stdout: outcome.source.own_text().to_owned(),
            stderr: told(mended) + &report::human(outcome),
            verdict,
        });
    }
    if !mended.is_empty() {
        write(&outcome.source)?;
    }
    match args.format {
        Format::Json => Answer::json(&report::json_with_mended(outcome, mended), verdict),
        Format::Human => Ok(Answer {
            stdout: told(mended) + &summary(outcome),
            stderr: report::human(outcome),
            verdict,
        }),
    }
}

/// Writes those files of a schema that are not as they are to be.
fn write(source: &Source) -> Result<(), Failure> {
    for (name, file) in source.files() {
        let path = Path::new(name);
        let text = source.slice(file);
        if read_schema(path)?.text() != text {
            replace(&Document {
                path: path.to_owned(),
                content: with_mark(path, text)?,
            })?;
        }
    }
    Ok(())
}

/// A text as a file has it now: with a byte order mark, if it begins with one.
fn with_mark(path: &Path, text: &str) -> Result<Vec<u8>, Failure> {
    let mark = "\u{feff}".as_bytes();
    let before = fs::read(path).map_err(|error| Failure::io("read", path, &error))?;
    let mark = if before.starts_with(mark) { mark } else { &[] };
    Ok([mark, text.as_bytes()].concat())
}

/// A line for each problem that is no more.
fn told(mended: &[Repair]) -> String {
    let mut text = String::new();
    for repair in mended {
        let change = match (repair.was.as_str(), repair.now.as_str()) {
            ("", now) => format!("added `{now}`"),
            (was, "") => format!("removed `{was}`"),
            (was, now) => format!("`{was}` is now `{now}`"),
        };
        let _ = writeln!(
            text,
            "{GOOD}mended[{}]{GOOD:#}: {}:{}:{}: {}; {change}",
            repair.code, repair.file, repair.line, repair.column, repair.message,
        );
    }
    text
}

/// What the schema amounts to, once it is valid.
fn summary(outcome: &Outcome) -> String {
    let Some(registry) = outcome.registry() else {
        return String::new();
    };
    let values = match series::total_values_without_series(registry) {
        0 => String::new(),
        values => format!(" and keeps at most {values} label values in no series"),
    };
    format!(
        "{GOOD}ok{GOOD:#}: {} has {} and exposes at most {} series{values} (budget {})\n",
        outcome.source.name(),
        report::count(registry.metrics.len(), "metric"),
        series::total(registry),
        registry.series_budget,
    )
}

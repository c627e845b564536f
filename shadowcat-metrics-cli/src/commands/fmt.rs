//! `fmt`: schemas in the one layout, written or compared.

use std::fmt::Write as _;
use std::path::Path;

use shadowcat_metrics_codegen::Outcome;
use shadowcat_metrics_codegen::codes::errors;

use super::difference::unified;
use super::report;
use crate::answer::{Answer, Verdict};
use crate::args::FmtArgs;
use crate::failure::{ERROR, Failure, HELP};
use crate::files::{Document, replace};
use crate::input::{compile_schema, is_stdin};
use crate::layout::lay_out;

pub(super) fn run(args: &FmtArgs) -> Result<Answer, Failure> {
    let mut answer = Answer::fine("");
    for path in &args.files {
        let outcome = compile_schema(path, None)?;
        if is_unreadable(&outcome) {
            answer.stderr.push_str(&report::human(&outcome));
            answer.verdict = Verdict::Problems;
            continue;
        }
        for (name, file) in outcome.source.files() {
            let text = outcome.source.slice(file);
            let laid_out = laid_out(name, text)?;
            let path = if is_stdin(path) {
                path
            } else {
                Path::new(name)
            };
            if args.check {
                compare(path, text, &laid_out, &mut answer);
            } else if is_stdin(path) {
                answer.stdout.push_str(&laid_out);
            } else {
                write(path, text, laid_out, &mut answer)?;
            }
        }
    }
    if args.check && !answer.stdout.is_empty() {
        let mut command = "shadowcat-metrics fmt".to_owned();
        for path in &args.files {
            if path != Path::new("metrics.toml") {
                let _ = write!(command, " {}", path.display());
            }
        }
        let _ = writeln!(answer.stderr, "{HELP}help{HELP:#}: `{command}` rewrites it");
    }
    Ok(answer)
}

/// Whether a schema is not TOML, as its report then says.
fn is_unreadable(outcome: &Outcome) -> bool {
    let mut errors = outcome.report.errors();
    errors.any(|error| error.code == errors::SYNTAX || error.code == errors::INVALID_UTF8)
}

/// A file in the one layout.
fn laid_out(name: &str, text: &str) -> Result<String, Failure> {
    lay_out(text).map_err(|error| Failure::new(format!("`{name}` is not TOML: {error}")))
}

fn compare(path: &Path, text: &str, laid_out: &str, answer: &mut Answer) {
    if text == laid_out {
        return;
    }
    let shown = if is_stdin(path) {
        "<stdin>".to_owned()
    } else {
        path.display().to_string()
    };
    let difference = unified(&shown, Some(text.as_bytes()), laid_out.as_bytes());
    answer.stdout.push_str(&difference);
    let _ = writeln!(
        answer.stderr,
        "{ERROR}error{ERROR:#}: `{shown}` is not in the one layout"
    );
    answer.verdict = Verdict::Problems;
}

fn write(path: &Path, text: &str, laid_out: String, answer: &mut Answer) -> Result<(), Failure> {
    let state = if text == laid_out {
        "unchanged"
    } else {
        replace(&Document {
            path: path.to_owned(),
            content: laid_out.into_bytes(),
        })?;
        "wrote"
    };
    let _ = writeln!(answer.stdout, "{state} {}", path.display());
    Ok(())
}

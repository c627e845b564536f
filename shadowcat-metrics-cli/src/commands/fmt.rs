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
    let mut differing = 0;
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
                differing += usize::from(compare(path, text, &laid_out, &mut answer));
            } else if is_stdin(path) {
                answer.stdout.push_str(&laid_out);
            } else {
                write(path, text, laid_out, &mut answer)?;
            }
        }
    }
    if differing > 0 {
        let mut command = "shadowcat-metrics fmt".to_owned();
        if args.files != [Path::new("metrics.toml")] {
            for path in &args.files {
                let _ = write!(command, " {}", path.display());
            }
        }
        let them = if differing == 1 { "it" } else { "them" };
        let _ = writeln!(
            answer.stderr,
            "{HELP}help{HELP:#}: `{command}` rewrites {them}"
        );
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

/// Shows how a file is laid out otherwise, and tells whether it is.
fn compare(path: &Path, text: &str, laid_out: &str, answer: &mut Answer) -> bool {
    if text == laid_out {
        return false;
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
    true
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

//! `fmt`: schemas in the one layout, written or compared.

use std::fmt::Write as _;
use std::path::Path;

use shadowcat_metrics_codegen::codes::errors;
use shadowcat_metrics_codegen::{Outcome, compile};

use super::difference::unified;
use super::report;
use crate::answer::{Answer, Verdict};
use crate::args::FmtArgs;
use crate::failure::{ERROR, Failure, HELP};
use crate::files::{Document, replace};
use crate::input::{is_stdin, read_schema};
use crate::layout::lay_out;

pub(super) fn run(args: &FmtArgs) -> Result<Answer, Failure> {
    let mut answer = Answer::fine("");
    for path in &args.files {
        let outcome = compile(read_schema(path)?);
        let Some(laid_out) = laid_out(&outcome)? else {
            answer.stderr.push_str(&report::human(&outcome));
            answer.verdict = Verdict::Problems;
            continue;
        };
        let text = outcome.source.text();
        if args.check {
            compare(path, text, &laid_out, &mut answer);
        } else if is_stdin(path) {
            answer.stdout.push_str(&laid_out);
        } else {
            write(path, text, laid_out, &mut answer)?;
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

/// The schema in the one layout; none if it is not TOML, as its report then says.
fn laid_out(outcome: &Outcome) -> Result<Option<String>, Failure> {
    let unreadable = outcome
        .report
        .errors()
        .any(|error| error.code == errors::SYNTAX || error.code == errors::INVALID_UTF8);
    if unreadable {
        return Ok(None);
    }
    let failed = |error| Failure::new(format!("`{}` is not TOML: {error}", outcome.source.name()));
    lay_out(outcome.source.text()).map(Some).map_err(failed)
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

//! `fmt`: schema files formatted, or compared with their formatted text.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::Path;

use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::codes::errors;
use shadowcat_metrics_codegen::files;
use shadowcat_metrics_operations::Outcome;

use crate::answer::{Answer, Verdict};
use crate::failure::Failure;
use crate::files::{canonical, clean_folders_of, replace_text, retry};
use crate::format::{format_schema, section_names};
use crate::report;
use crate::schema::{DEFAULT, FileArg};
use crate::text_diff::unified;

/// Format schema files
#[derive(Debug, clap::Args)]
#[command(after_help = help())]
pub(crate) struct Args {
    /// The schemas, with the files that they include; `-` reads standard input and writes to standard output
    #[arg(value_name = "FILE", default_value = DEFAULT)]
    files: Vec<FileArg>,
    /// Write nothing; show the difference and fail if a file is not formatted
    #[arg(long)]
    check: bool,
}

fn help() -> String {
    format!(
        "\
The sections come in this order: {}; the tables of groups and metrics may alternate, and keep their order. Keys come in the order of the \
documentation. A list is written on one line if it fits. Values are not rewritten, and metrics, labels and label values keep \
their order. A comment moves with the line below it; a comment directly below the last line of a table, with a blank \
line after it, stays at the end of that table. CRLF line endings are kept. A file that is not TOML is not changed.

Examples:
  shadowcat-metrics fmt
  shadowcat-metrics fmt --check            in CI: write nothing, show the difference
  shadowcat-metrics fmt - < metrics.toml   in editors",
        section_names()
    )
}

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let mut answer = Answer::ok("");
        let mut differing = 0;
        let mut done = HashSet::new();
        for FileArg(schema) in &self.files {
            let outcome = match schema.compile_to_edit() {
                Ok(outcome) => outcome,
                Err(failure) => {
                    answer.fail(&failure);
                    continue;
                }
            };
            if is_unreadable(&outcome) {
                answer.stderr.push_str(&report::human(&outcome));
                answer.verdict = Verdict::Failed;
                continue;
            }
            for (name, file) in outcome.source.files() {
                let path = schema.path_of(name, &outcome.source);
                if !done.insert(canonical(&path)) {
                    continue;
                }
                let text = outcome.source.slice(file);
                if self.check {
                    let differs = compare(name, text, &formatted(name, text)?, &mut answer);
                    differing += usize::from(differs);
                } else if schema.is_stream() {
                    answer.stdout.push_str(&formatted(name, text)?);
                } else {
                    write(&path, &mut answer)?;
                }
            }
        }
        if differing > 0 {
            let mut command = "shadowcat-metrics fmt".to_owned();
            match &self.files[..] {
                [FileArg(schema)] => command += &schema.as_argument(),
                schemas => {
                    for FileArg(schema) in schemas {
                        let _ = write!(command, " {}", report::argument(schema.path()));
                    }
                }
            }
            let them = if differing == 1 { "it" } else { "them" };
            answer.help(format!("run `{command}` to format {them}"));
        }
        Ok(answer)
    }
}

/// Returns whether a schema is not valid TOML, according to its report.
fn is_unreadable(outcome: &Outcome) -> bool {
    let mut errors = outcome.report.errors();
    errors.any(|error| error.code == errors::SYNTAX || error.code == errors::INVALID_UTF8)
}

fn formatted(name: &str, text: &str) -> Result<String, Failure> {
    format_schema(text).map_err(|error| Failure::new(format!("`{name}` is not TOML: {error}")))
}

/// Shows the difference between a file and its formatted text, and returns whether there is one.
fn compare(name: &str, text: &str, formatted: &str, answer: &mut Answer) -> bool {
    if text == formatted {
        return false;
    }
    let difference = unified(name, Some(text.as_bytes()), formatted.as_bytes());
    answer.stdout.push_str(&difference);
    answer.error(format!("`{name}` is not formatted"));
    answer.raise(Verdict::Findings);
    true
}

/// Formats the current contents of a file.
fn write(path: &Path, answer: &mut Answer) -> Result<(), Failure> {
    let shown = path.display();
    let state = retry(|| {
        let before = files::read(path).map_err(|error| Failure::io("read", path, &error))?;
        let source = Source::from_bytes(shown.to_string(), &before);
        if !source.invalid_utf8().is_empty() {
            return Err(Failure::new(format!("`{shown}` is not UTF-8")));
        }
        let text = source.text();
        let formatted = formatted(source.name(), text)?;
        if formatted == text {
            return Ok(Some("unchanged"));
        }
        Ok(replace_text(path, Some(text), &formatted)?.then_some("wrote"))
    })?;
    clean_folders_of([path]);
    let _ = writeln!(answer.stdout, "{state} {shown}");
    Ok(())
}

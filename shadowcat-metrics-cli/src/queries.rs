//! Checks a schema's queries and runbooks, which the compiler does not.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use shadowcat_metrics_codegen::codes::errors;
use shadowcat_metrics_codegen::{Diagnostic, Span};
use shadowcat_metrics_operations as operations;
use shadowcat_metrics_operations::runbooks::NOTES;
use shadowcat_metrics_operations::{Options, Outcome};

use crate::failure::Failure;

/// Reads the hand-written notes for runbooks in the documents folder, keyed by file name without `.md`.
pub(crate) fn notes(documents: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let folder = documents.join(NOTES);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(BTreeMap::new());
        }
        Err(error) => return Err(Failure::io("read", &folder, &error)),
    };
    let mut notes = BTreeMap::new();
    for entry in entries {
        let path = entry
            .map_err(|error| Failure::io("read", &folder, &error))?
            .path();
        let name = path.file_stem().and_then(|name| name.to_str());
        let Some(name) = name.filter(|_| path.extension().is_some_and(|kind| kind == "md")) else {
            continue;
        };
        let text = fs::read(&path).map_err(|error| Failure::io("read", &path, &error))?;
        // A checkout with CRLF must generate the same documents.
        let text = String::from_utf8_lossy(&text).replace("\r\n", "\n");
        notes.insert(name.to_owned(), text);
    }
    Ok(notes)
}

/// Adds the problems of queries and runbooks to a report. For a schema with errors, only PromQL syntax errors are added,
/// because not all names are known.
pub(crate) fn with_queries(mut outcome: Outcome, options: &Options) -> Outcome {
    let problems = match outcome.schema() {
        Some(schema) => operations::check(schema, &outcome.source, options),
        None => unreadable(&outcome, options),
    };
    outcome.report.extend(problems);
    outcome.report.sort();
    outcome
}

/// Returns the errors of queries that cannot be parsed, except where they contain another error.
fn unreadable(outcome: &Outcome, options: &Options) -> Vec<Diagnostic> {
    let errors = || outcome.report.errors();
    if errors().any(|error| [errors::SYNTAX, errors::INVALID_UTF8].contains(&error.code)) {
        return Vec::new();
    }
    let mut problems = operations::check(outcome.skeleton(), &outcome.source, options);
    problems.retain(|problem| {
        let query = problem.primary;
        let inside = |span: Span| query.start <= span.start && span.end <= query.end;
        problem.code == operations::codes::PROMQL_SYNTAX
            && !errors().any(|error| inside(error.primary))
    });
    problems
}

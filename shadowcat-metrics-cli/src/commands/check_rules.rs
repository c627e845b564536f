//! `check-rules`: rules files and dashboards that people wrote, held against a schema.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Serialize;
use shadowcat_metrics_codegen::{Report, Source};
use shadowcat_metrics_operations::files::{self, File};
use shadowcat_metrics_operations::rules;

use super::report;
use crate::answer::{Answer, Verdict};
use crate::args::{CheckRulesArgs, Format};
use crate::failure::{Failure, GOOD};
use crate::input::{compile_schema, read_source};

pub(super) fn run(args: &CheckRulesArgs) -> Result<Answer, Failure> {
    let schema = compile_schema(&args.schema, None)?;
    let Some(registry) = schema.registry() else {
        return Ok(Answer::problems(report::human(&schema)));
    };
    let sources = named(&args.files)?
        .iter()
        .map(|path| read_source(path))
        .collect::<Result<Vec<_>, _>>()?;
    let mut vocabulary = rules::vocabulary(registry);
    let files: Vec<_> = sources.iter().map(File::read).collect();
    files::learn(&files, &mut vocabulary);
    let queries = files.iter().map(File::queries).sum();
    let checked: Vec<_> = sources
        .iter()
        .zip(&files)
        .map(|(source, file)| (source, file.check(&vocabulary)))
        .collect();
    let errors = checked
        .iter()
        .map(|(_, report)| report.errors().count())
        .sum();
    let verdict = if errors == 0 {
        Verdict::Fine
    } else {
        Verdict::Problems
    };
    match args.format {
        Format::Json => Answer::json(&json(&checked, queries, errors), verdict),
        Format::Human => {
            let problems = checked
                .iter()
                .map(|(source, report)| report::human_about(source, report));
            let stdout = if errors == 0 {
                let files = report::count(checked.len(), "file");
                let queries = match queries {
                    1 => "1 query".to_owned(),
                    many => format!("{many} queries"),
                };
                let schema = schema.source.name();
                format!("{GOOD}ok{GOOD:#}: {queries} in {files} held against {schema}\n")
            } else {
                String::new()
            };
            Ok(Answer {
                stdout,
                stderr: problems.collect(),
                verdict,
            })
        }
    }
}

/// The files that arguments name: a file by its name, or all that a pattern matches, in the order of their names.
fn named(arguments: &[String]) -> Result<Vec<PathBuf>, Failure> {
    let mut paths = Vec::new();
    for argument in arguments {
        let path = Path::new(argument);
        // A name may have brackets in it.
        if path.exists() || !argument.contains(['*', '?', '[']) {
            paths.push(path.to_owned());
            continue;
        }
        let matched = glob::glob(argument)
            .map_err(|error| Failure::new(format!("`{argument}` is no pattern: {error}")))?;
        let before = paths.len();
        for path in matched {
            let path = path.map_err(|error| Failure::io("read", error.path(), error.error()))?;
            if path.is_file() {
                paths.push(path);
            }
        }
        if paths.len() == before {
            return Err(Failure::new(format!("no file is named like `{argument}`")));
        }
    }
    let mut seen = BTreeSet::new();
    paths.retain(|path| seen.insert(path.clone()));
    Ok(paths)
}

/// The report as JSON.
#[derive(Debug, Serialize)]
struct Checked<'a> {
    /// Version of this format: 1.
    version: u32,
    /// How many queries there are in all files.
    queries: usize,
    /// How many errors there are in them.
    errors: usize,
    /// Every file, in the order of the command line.
    files: Vec<report::Report<'a>>,
}

fn json<'a>(checked: &'a [(&'a Source, Report)], queries: usize, errors: usize) -> Checked<'a> {
    Checked {
        version: 1,
        queries,
        errors,
        files: checked
            .iter()
            .map(|(source, report)| report::json_about(source, report))
            .collect(),
    }
}

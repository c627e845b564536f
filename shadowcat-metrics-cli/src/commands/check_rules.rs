//! `check-rules`: hand-written rule files and dashboards, checked against a schema.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use serde::Serialize;
use shadowcat_metrics_codegen::{Report, Source};
use shadowcat_metrics_operations::files::{self, File};
use shadowcat_metrics_operations::promql::Vocabulary;

use crate::answer::{Answer, Verdict};
use crate::cli::{Format, long_help};
use crate::failure::{Failure, GOOD};
use crate::files::canonical;
use crate::report;
use crate::schema::{DEFAULT, Program, ProgramArgs, SchemaArg, read_source};

/// Check hand-written rules and dashboards against a schema
#[derive(Debug, clap::Args)]
#[command(after_help = HELP, after_long_help = long_help(HELP, JSON))]
pub(crate) struct Args {
    /// Prometheus rules (YAML) or Grafana dashboards (JSON): files, quoted patterns such as `rules/**/*.yml`, or `-` for
    /// standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<OsString>,
    /// The schema
    #[arg(long, value_name = "FILE", default_value = DEFAULT)]
    pub(crate) schema: SchemaArg,
    #[command(flatten)]
    program: ProgramArgs,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

const HELP: &str = "\
Checks every query under `expr`, and those of a dashboard's variables: names, labels, label values, bucket bounds, and \
whether functions fit the metric's type. A query may use the metrics of all schemas of the program, and the recorded series \
of all given files. Files inside a ConfigMap are also checked.

Examples:
  shadowcat-metrics check-rules alerts.yml dashboard.json
  shadowcat-metrics check-rules --schema services/shop/metrics.toml 'ops/**/*.yml' 'ops/**/*.json'";

const JSON: &str = "\
JSON, on standard output:
  version           version of this format: 1
  queries           number of queries in all files
  errors            number of errors in all files
  files             every file, in the order of the command line:
    file            its name
    errors          number of its errors
    warnings        number of its warnings
    diagnostics     its problems, in the format of `check`";

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let Program { schema, parts } = self.program.load(&self.schema)?;
        let mut sources = Vec::new();
        let mut unreadable = Answer::ok("");
        for path in named(&self.files, &mut unreadable) {
            match read_source(&path) {
                Ok(source) => sources.push(source),
                Err(failure) => unreadable.fail(&failure),
            }
        }
        if unreadable.verdict == Verdict::Failed {
            // Queries in the other files may use series that the unreadable ones record.
            return Ok(unreadable);
        }
        let mut vocabulary = Vocabulary::of_program(schema.model(), &parts);
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
        let verdict = Verdict::findings_if(errors > 0);
        match self.format {
            Format::Json => Answer::json(&json(&checked, queries, errors), verdict),
            Format::Human => {
                let problems = checked.iter();
                let problems = problems.map(|(source, report)| report::human_about(source, report));
                let mut answer = Answer::new("", verdict);
                answer.stderr = problems.collect();
                if errors == 0 {
                    let files = report::count(checked.len(), "file");
                    let queries = report::count(queries, "query");
                    let schema = schema.source().name();
                    answer.stdout = format!(
                        "{GOOD}ok{GOOD:#}: checked {queries} in {files} against {schema}\n"
                    );
                }
                Ok(answer)
            }
        }
    }
}

/// Resolves arguments to files, each of which appears once. Arguments without a file are failures in `answer`.
pub(super) fn named(arguments: &[OsString], answer: &mut Answer) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for argument in arguments {
        match named_by(argument) {
            Ok(named) => paths.extend(named),
            Err(failure) => answer.fail(&failure),
        }
    }
    let mut seen = HashSet::new();
    paths.retain(|path| seen.insert(canonical(path)));
    paths
}

/// Resolves an argument to files: a path, or all files that a pattern matches, sorted by name.
fn named_by(argument: &OsStr) -> Result<Vec<PathBuf>, Failure> {
    let path = Path::new(argument);
    if path.is_dir() {
        let pattern = path.join("**/*.yml");
        return Err(
            Failure::new(format!("`{}` is a directory", path.display())).help(format!(
                "name files or a pattern, such as '{}'",
                pattern.display()
            )),
        );
    }
    let pattern = as_pattern(argument);
    // A file's name may contain brackets.
    let Some(pattern) = pattern.filter(|_| !path.exists()) else {
        return Ok(vec![path.to_owned()]);
    };
    let matched = glob::glob(pattern)
        .map_err(|error| Failure::new(format!("`{pattern}` is not a pattern: {error}")))?;
    let mut paths = Vec::new();
    for path in matched {
        let path = path.map_err(|error| Failure::io("read", error.path(), error.error()))?;
        if path.is_file() {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        return Err(Failure::new(format!("no file matches `{pattern}`")));
    }
    Ok(paths)
}

fn as_pattern(argument: &OsStr) -> Option<&str> {
    argument
        .to_str()
        .filter(|text| text.contains(['*', '?', '[']))
}

/// The report as JSON.
#[derive(Debug, Serialize)]
struct Checked<'a> {
    version: u32,
    queries: usize,
    errors: usize,
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

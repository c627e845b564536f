//! `check`: reports every problem in schemas; with `--fix`, those that remain.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use shadowcat_metrics_codegen::codes::errors;
use shadowcat_metrics_codegen::files::read_regular;
use shadowcat_metrics_codegen::model::Origin;
use shadowcat_metrics_codegen::{Diagnostic, Files, Source, Span, Version, series};
use shadowcat_metrics_operations as operations;
use shadowcat_metrics_operations::program::Part;
use shadowcat_metrics_operations::runbooks::NOTES;
use shadowcat_metrics_operations::{Options, Outcome};

use crate::answer::{Answer, Verdict};
use crate::cli::{Format, ReleaseArgs, long_help};
use crate::failure::{Failure, GOOD};
use crate::files::{canonical, clean_folders_of, replace_text, retry};
use crate::fix::{Fixed, Repair, fix};
use crate::report;
use crate::schema::{DEFAULT, ProgramArgs, SchemaArg};

/// Check schemas and report every problem
#[derive(Debug, clap::Args)]
#[command(after_help = HELP, after_long_help = long_help(HELP, JSON))]
pub(crate) struct Args {
    /// The schemas; `-` reads standard input
    #[arg(value_name = "FILE", default_value = DEFAULT)]
    pub(crate) files: Vec<SchemaArg>,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Exit with 1 if there are warnings, even without errors
    #[arg(long)]
    deny_warnings: bool,
    /// Fix mechanical problems in the file, and report the rest; for `-`, write the fixed schema to standard output
    #[arg(long)]
    fix: bool,
    #[command(flatten)]
    program: ProgramArgs,
    #[command(flatten)]
    release: ReleaseArgs,
}

const HELP: &str = "\
--fix corrects misspelled keys, references, types, units and lints; `true`, `false` and integers in quotes; label values \
without quotes; a string in place of an array of strings; a missing period; an `allow` that is not needed; and a unit or \
group that a key repeats, if the exposed name stays the same and the metric is not stable. Comments and formatting \
are kept. A fix that would cause another error is not applied.

Examples:
  shadowcat-metrics check
  shadowcat-metrics check --deny-warnings services/shop/metrics.toml services/till/metrics.toml
  shadowcat-metrics check --fix
  shadowcat-metrics check --with ../pool/metrics.toml
  git show HEAD:metrics.toml | shadowcat-metrics check --format json -";

const JSON: &str = "\
JSON, on standard output:
  version           version of this format: 1
  file              the schema, as on the command line; `<stdin>` for standard input.
                    With several schemas, `files` has all of them instead
  errors, warnings  number of each
  diagnostics       every problem, in the order of the file:
    code            stable code: SM1004
    name            name of the code, for `allow` lists: type-in-name
    severity        error or warning
    message         what is wrong, in one line
    label           label under the caret, or null
    help            what to do, or null
    file            the schema, or a file that it includes
    line, column    where the problem begins, from 1; columns count characters
    end             line and column after its last character
    related         other places that are part of the problem: label, file, line, column, end
    fix             the change that `--fix` makes, or null: file, line, column, end and replacement
  fixed             with --fix, what was fixed: code, name, message, file, line, column,
                    and the text before (was) and after (now)";

/// A checked schema.
struct Checked<'a> {
    schema: &'a SchemaArg,
    outcome: Outcome,
    /// The other schemas of the program.
    parts: Vec<Part>,
    repairs: Vec<Repair>,
}

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let mut seen = HashSet::new();
        let mut checked = Vec::new();
        let mut failures = Vec::new();
        for schema in &self.files {
            if seen.insert(canonical(schema.path())) {
                match self.check(schema) {
                    Ok(schema) => checked.push(schema),
                    Err(failure) => failures.push(failure),
                }
            }
        }
        let is_bad = |checked: &Checked| {
            let report = &checked.outcome.report;
            report.has_errors() || (self.deny_warnings && report.warnings().next().is_some())
        };
        let verdict = Verdict::findings_if(checked.iter().any(is_bad));
        match self.format {
            // A list without one of the schemas would look complete.
            Format::Json if !failures.is_empty() => Err(failures.remove(0)),
            Format::Json => {
                let reports = checked.iter().map(|checked| {
                    if self.fix {
                        report::json_with_fixed(&checked.outcome, &checked.repairs)
                    } else {
                        report::json(&checked.outcome)
                    }
                });
                Answer::json(&report::Report::of_all(reports.collect()), verdict)
            }
            Format::Human => {
                let mut answer = self.human(&checked, verdict);
                for failure in &failures {
                    answer.fail(failure);
                }
                Ok(answer)
            }
        }
    }

    fn check<'a>(&self, schema: &'a SchemaArg) -> Result<Checked<'a>, Failure> {
        let release = self.release.of(schema.path());
        let (mut outcome, repairs) = if self.fix {
            self.fix(schema, release.as_ref())?
        } else {
            (schema.compile(release.as_ref())?, Vec::new())
        };
        let options = Options {
            notes: notes(&schema.documents_folder())?,
            parts: self.program.join(schema, &mut outcome)?,
            ..Options::default()
        };
        Ok(Checked {
            schema,
            outcome: with_queries(outcome, &options),
            parts: options.parts,
            repairs,
        })
    }

    /// Fixes a schema in place. Retries if another process changes a file in the meantime.
    fn fix(
        &self,
        schema: &SchemaArg,
        release: Option<&Version>,
    ) -> Result<(Outcome, Vec<Repair>), Failure> {
        if schema.is_stream() && (self.format == Format::Json || self.files.len() > 1) {
            return Err(Failure::new(
                "standard output cannot have both the fixed schema and another output",
            )
            .help("name a file instead of a pipe, or leave out `--format json` and other files"));
        }
        let disk = schema.files();
        let files = disk.as_ref().map(|disk| disk as &dyn Files);
        let mut all = Vec::new();
        let outcome = retry(|| {
            let Fixed {
                original,
                outcome,
                repairs,
            } = fix(schema.read()?, files, release);
            let is_written = schema.is_stream() || write(schema, &original, &outcome.source)?;
            // The next attempt does not find fixes that an earlier attempt has written.
            for repair in repairs {
                if !all.contains(&repair) {
                    all.push(repair);
                }
            }
            Ok(is_written.then_some(outcome))
        })?;
        Ok((outcome, all))
    }

    fn human(&self, checked: &[Checked<'_>], verdict: Verdict) -> Answer {
        let mut answer = Answer::new("", verdict);
        for Checked {
            schema,
            outcome,
            parts,
            repairs,
        } in checked
        {
            let fixed = list_repairs(repairs);
            if self.fix && schema.is_stream() {
                answer.stdout.push_str(outcome.source.own_text());
                answer.stderr.push_str(&fixed);
            } else {
                answer.stdout.push_str(&fixed);
                answer.stdout.push_str(&summary(outcome, parts));
            }
            answer.stderr.push_str(&report::human(outcome));
            if !self.fix {
                self.offer(schema, outcome, &mut answer);
            }
        }
        answer
    }

    /// Says how many problems `--fix` would fix.
    fn offer(&self, schema: &SchemaArg, outcome: &Outcome, answer: &mut Answer) {
        let mut problems = outcome.report.diagnostics().iter();
        if schema.is_stream() || problems.all(|problem| problem.fix.is_none()) {
            return;
        }
        // Determined by trying, because some fixes do not help where they are applied.
        let source = Source::new(outcome.source.name(), outcome.source.own_text());
        let disk = schema.files();
        let files = disk.as_ref().map(|disk| disk as &dyn Files);
        let release = self.release.of(schema.path());
        let fixable = fix(source, files, release.as_ref()).repairs.len();
        if fixable > 0 {
            let file = schema.as_argument();
            let count = report::count(fixable, "problem");
            answer.help(format!(
                "`shadowcat-metrics check --fix{file}` fixes {count}"
            ));
        }
    }
}

/// Writes the changed files of a schema. Returns `false` if another process has changed one of them.
fn write(schema: &SchemaArg, original: &Source, fixed: &Source) -> Result<bool, Failure> {
    for ((name, before), (_, after)) in original.files().zip(fixed.files()) {
        let (before, after) = (original.slice(before), fixed.slice(after));
        let path = schema.path_of(name, original);
        if before != after && !replace_text(&path, Some(before), after)? {
            return Ok(false);
        }
        clean_folders_of([&*path]);
    }
    Ok(true)
}

/// Formats a line for each fixed problem.
fn list_repairs(repairs: &[Repair]) -> String {
    let mut text = String::new();
    for repair in repairs {
        let change = match (repair.before.as_str(), repair.after.as_str()) {
            ("", after) => format!("added `{after}`"),
            (before, "") => format!("removed `{before}`"),
            (before, after) => format!("`{before}` is now `{after}`"),
        };
        let _ = writeln!(
            text,
            "{GOOD}fixed[{}]{GOOD:#}: {}:{}:{}: {}; {change}",
            repair.code, repair.file, repair.line, repair.column, repair.message,
        );
    }
    text
}

/// Summarizes the size of a valid schema.
fn summary(outcome: &Outcome, parts: &[Part]) -> String {
    let Some(registry) = outcome.registry() else {
        return String::new();
    };
    // The library's own metrics are in no file.
    let declared = registry.metrics.iter();
    let declared = declared.filter(|metric| metric.origin == Origin::Schema);
    let values = match series::total_values_without_series(registry) {
        0 => String::new(),
        values => format!(
            " and keeps at most {} without series",
            report::count(values, "label value")
        ),
    };
    let others = parts
        .iter()
        .map(|part| series::total(&part.schema.registry));
    let all = others.fold(series::total(registry), u64::saturating_add);
    let joint = match parts.len() {
        0 => String::new(),
        1 => format!(", {all} with the other schema of the program"),
        more => format!(", {all} with the {more} other schemas of the program"),
    };
    format!(
        "{GOOD}ok{GOOD:#}: {} has {} and exposes at most {} series{values}{joint} (budget {})\n",
        outcome.source.name(),
        report::count(declared.count(), "metric"),
        series::total(registry),
        registry.series_budget,
    )
}

/// Reads the hand-written notes for runbooks in the documents folder, keyed by file name without `.md`.
pub(super) fn notes(documents: &Path) -> Result<BTreeMap<String, String>, Failure> {
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
        let text = read_regular(&path).map_err(|error| Failure::io("read", &path, &error))?;
        // A checkout with CRLF must generate the same documents.
        let text = String::from_utf8_lossy(&text).replace("\r\n", "\n");
        notes.insert(name.to_owned(), text);
    }
    Ok(notes)
}

/// Adds the problems of queries and runbooks to a report. For a schema with errors, only PromQL syntax errors are added,
/// because not all names are known.
pub(super) fn with_queries(mut outcome: Outcome, options: &Options) -> Outcome {
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

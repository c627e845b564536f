//! `migrate-histograms`: hand-written rules and dashboards, rewritten from classic to native histograms or back.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use clap::ValueEnum;
use shadowcat_metrics_operations::files::{File, Migrated};
use shadowcat_metrics_operations::promql::{KnownHistograms, Target};

use super::check_rules::named;
use crate::answer::{Answer, Verdict};
use crate::failure::Failure;
use crate::files::{clean_folders_of, replace_text, retry};
use crate::report;
use crate::schema::{DEFAULT, Program, ProgramArgs, SchemaArg, is_stream, read_source};
use crate::text_diff::unified;

/// Rewrite rules and dashboards for native histograms
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Prometheus rules (YAML) or Grafana dashboards (JSON): files, quoted patterns such as `rules/**/*.yml`, or `-` to
    /// read standard input and write to standard output
    #[arg(value_name = "FILE", required = true)]
    files: Vec<OsString>,
    /// The form to rewrite to
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    to: Form,
    /// The schema
    #[arg(long, value_name = "FILE", default_value = DEFAULT)]
    pub(crate) schema: SchemaArg,
    #[command(flatten)]
    program: ProgramArgs,
    /// Write nothing; show the difference and fail if a file would change
    #[arg(long)]
    check: bool,
}

const HELP: &str = "\
Rewrites queries for the histograms in the program's schemas: quantiles, counts, sums, and shares of \
observations up to a bucket bound. Comments, formatting and all other queries stay as they are. A query that cannot be rewritten \
as a whole stays as it is, and its position is reported. Input series of promtool tests are reported, but not rewritten. If \
other text, such as an annotation, contains a series name of the old form, the command prints a warning.

Examples:
  shadowcat-metrics migrate-histograms rules.yml dashboard.json
  shadowcat-metrics migrate-histograms --check 'ops/**/*.yml'   write nothing, show the differences
  shadowcat-metrics migrate-histograms --to classic rules.yml   back to classic histograms";

/// The form of histograms in queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Form {
    /// Native histograms: series with the bare name
    #[default]
    Native,
    /// Classic histograms: series that end in `_bucket`, `_sum` and `_count`
    Classic,
}

impl From<Form> for Target {
    fn from(form: Form) -> Self {
        match form {
            Form::Native => Self::Native,
            Form::Classic => Self::Classic,
        }
    }
}

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let Program { schema, parts } = self.program.load(&self.schema)?;
        let parts = parts.iter().map(|part| &part.schema);
        let known = KnownHistograms::of_program(std::iter::once(schema.model()).chain(parts));
        let mut answer = Answer::ok("");
        let mut changing = 0;
        for path in named(&self.files, &mut answer) {
            let done = if self.check || is_stream(&path) {
                self.show(&path, &known, &mut answer)
            } else {
                self.write(&path, &known, &mut answer).map(|()| false)
            };
            match done {
                Ok(changes) => changing += usize::from(changes),
                Err(failure) => answer.fail(&failure),
            }
        }
        if changing > 0 {
            let them = if changing == 1 { "it" } else { "them" };
            answer.help(format!(
                "run the command without `--check` to rewrite {them}"
            ));
        }
        Ok(answer)
    }

    /// Shows the difference, or prints the new text of a stream. Returns whether there is a difference to fail for.
    fn show(
        &self,
        path: &Path,
        known: &KnownHistograms,
        answer: &mut Answer,
    ) -> Result<bool, Failure> {
        let source = read_source(path)?;
        let migrated = File::read(&source).migrate(known, self.to.into());
        answer
            .stderr
            .push_str(&report::human_about(&source, &migrated.report));
        judge(&migrated, answer);
        let (name, text) = (source.name(), source.text());
        if !self.check {
            answer.stdout.push_str(&migrated.text);
            return Ok(false);
        }
        if migrated.text == text {
            return Ok(false);
        }
        let difference = unified(name, Some(text.as_bytes()), migrated.text.as_bytes());
        answer.stdout.push_str(&difference);
        let queries = report::count(migrated.queries, "query");
        answer.error(format!("`{name}` has {queries} to rewrite"));
        answer.raise(Verdict::Findings);
        Ok(true)
    }

    /// Rewrites the current contents of a file.
    fn write(
        &self,
        path: &Path,
        known: &KnownHistograms,
        answer: &mut Answer,
    ) -> Result<(), Failure> {
        let (migrated, problems, state) = retry(|| {
            let source = read_source(path)?;
            let migrated = File::read(&source).migrate(known, self.to.into());
            let problems = report::human_about(&source, &migrated.report);
            let text = source.text();
            if migrated.text == text {
                return Ok(Some((migrated, problems, "unchanged")));
            }
            let is_replaced = replace_text(path, Some(text), &migrated.text)?;
            Ok(is_replaced.then_some((migrated, problems, "wrote")))
        })?;
        clean_folders_of([path]);
        answer.stderr.push_str(&problems);
        judge(&migrated, answer);
        let queries = report::count(migrated.queries, "query");
        let _ = writeln!(
            answer.stdout,
            "{state} {}: rewrote {queries}",
            path.display()
        );
        Ok(())
    }
}

/// Applies what could not be rewritten to the exit code.
fn judge(migrated: &Migrated, answer: &mut Answer) {
    if migrated.is_unreadable {
        answer.raise(Verdict::Failed);
    } else if migrated.report.has_errors() {
        answer.raise(Verdict::Findings);
    }
}

//! `import`: proposes a schema for an OpenTelemetry registry.

use std::fmt::Write as _;
use std::path::PathBuf;

use glob::Pattern;
use shadowcat_metrics_operations::weaver::{Import, import};

use crate::answer::{Answer, Verdict};
use crate::cli::{Format, long_help};
use crate::failure::{Failure, GOOD, HELP as HELP_STYLE};
use crate::files::{Document, refuse_existing, replace};
use crate::format::format_schema;
use crate::report::{self, count};
use crate::schema::{read_source, refuse_namespace};

/// Propose a schema for an OpenTelemetry registry
#[derive(Debug, clap::Args)]
#[command(after_help = HELP, after_long_help = long_help(HELP, JSON))]
pub(crate) struct Args {
    /// The files of the registry, as YAML or JSON; `-` reads standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Import only metrics whose OpenTelemetry names match one of these patterns, separated by commas
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    only: Vec<Pattern>,
    /// First part of every exposed name [default: the first word of the metrics' names]
    #[arg(long)]
    namespace: Option<String>,
    /// Import opt-in attributes as labels, too
    #[arg(long)]
    opt_in: bool,
    /// Write the schema to this file, which must not exist, instead of to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Format of the report; `json` writes it to standard output, and needs `--out` for the schema
    #[arg(long, value_enum, default_value_t, requires_if("json", "out"))]
    pub(crate) format: Format,
}

const HELP: &str = "\
Reads the output of `weaver registry resolve`, `weaver registry package` and `generate --format weaver`, and the YAML files \
of semantic conventions. Groups and keys are chosen so that exposed names match those that an OpenTelemetry Collector produces. A registry has no histogram buckets: \
the schema has a comment with GAP where they belong, and `check` reports each histogram until you add its buckets. Parts that are left out or \
changed are reported as warnings.

Examples:
  shadowcat-metrics import resolved.yaml --only 'http.server.*'
  shadowcat-metrics import model/*/*.yaml --only 'db.*' --out metrics.toml
  shadowcat-metrics import docs/weaver/metrics.yaml";

const JSON: &str = "\
JSON, on standard output:
  version           version of this format: 1
  file              the file, as on the command line; with several files, `files` lists them instead
  errors, warnings  number of each
  diagnostics       what is left out, changed or missing, in the format of `check`";

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        if let Some(path) = &self.out {
            refuse_existing(path)?;
        }
        refuse_namespace(self.namespace.as_deref())?;
        let files = self.files.iter().map(|path| read_source(path));
        let files = files.collect::<Result<Vec<_>, _>>()?;
        let imported = import(
            &files,
            &Import {
                namespace: self.namespace.clone(),
                only: self.only.clone(),
                opt_in: self.opt_in,
            },
        );
        let schema = imported
            .schema
            .map(|schema| format_schema(&schema).map_err(|error| Failure::new(error.to_string())));
        let schema = schema.transpose()?;
        let verdict = Verdict::findings_if(schema.is_none());
        let reports = files.iter().zip(&imported.reports);
        let mut answer = match self.format {
            Format::Json => {
                let mut reports: Vec<_> = reports
                    .map(|(file, problems)| report::json_about(file, problems))
                    .collect();
                if reports.len() == 1 {
                    Answer::json(&reports.pop(), verdict)?
                } else {
                    Answer::json(&report::Reports::of(reports), verdict)?
                }
            }
            Format::Human => Answer {
                stdout: String::new(),
                stderr: reports
                    .map(|(file, problems)| report::human_about(file, problems))
                    .collect(),
                verdict,
            },
        };
        match (schema, &self.out) {
            (None, _) => {}
            (Some(schema), None) => answer.stdout = schema,
            (Some(schema), Some(path)) => {
                replace(&Document {
                    path: path.clone(),
                    content: schema.into_bytes(),
                })?;
                if self.format == Format::Human {
                    let shown = path.display();
                    let metrics = count(imported.metrics, "metric");
                    let _ = write!(
                        answer.stdout,
                        "{GOOD}wrote{GOOD:#} {shown} with {metrics}\n{HELP_STYLE}help{HELP_STYLE:#}: review it, fill \
                         the gaps, then run `shadowcat-metrics check {}`\n",
                        report::argument(path)
                    );
                }
            }
        }
        Ok(answer)
    }
}

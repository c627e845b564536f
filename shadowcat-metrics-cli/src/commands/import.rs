//! `import`: proposes a schema for an OpenTelemetry registry.

use std::path::PathBuf;

use glob::Pattern;
use shadowcat_metrics_operations::weaver::{Import, import};

use crate::answer::{Answer, Verdict};
use crate::cli::{Format, long_help};
use crate::failure::Failure;
use crate::format::format_schema;
use crate::proposal::OutArgs;
use crate::report;
use crate::schema::read_source;

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
    /// Also import opt-in attributes as labels
    #[arg(long)]
    opt_in: bool,
    #[command(flatten)]
    out: OutArgs,
    /// Format of the report; `json` writes it to standard output, and needs `--out` for the schema
    #[arg(long, value_enum, default_value_t, requires_if("json", "out"))]
    pub(crate) format: Format,
}

const HELP: &str = "\
Reads the output of `weaver registry resolve`, `weaver registry package` and `generate --format weaver`, and the YAML files \
of semantic conventions. Groups and keys are chosen so that exposed names match those that an OpenTelemetry Collector produces. A registry has no key for histogram \
buckets: a comment that begins with GAP takes their place, and `check` reports each histogram until you add its buckets. Parts that are \
left out or changed are reported as warnings.

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
        self.out.check(self.namespace.as_deref())?;
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
                let reports = reports.map(|(file, problems)| report::json_about(file, problems));
                Answer::json(&report::Report::of_all(reports.collect()), verdict)?
            }
            Format::Human => {
                let reports = reports.map(|(file, problems)| report::human_about(file, problems));
                let mut answer = Answer::new("", verdict);
                answer.stderr = reports.collect();
                answer
            }
        };
        if let Some(schema) = schema {
            let review = "review it, fill the gaps";
            let text = self.out.write(schema, imported.metrics, review)?;
            if self.format == Format::Human {
                answer.stdout = text;
            }
        }
        Ok(answer)
    }
}

//! `new`: its arguments and its help.

use std::path::PathBuf;

use super::Kind;

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct NewArgs {
    /// The metric's place: GROUP.METRIC
    #[arg(value_name = "GROUP.METRIC")]
    pub(crate) metric: String,
    /// The schema, or a file that it includes or would: a new group goes there
    #[arg(long, value_name = "FILE", default_value = "metrics.toml")]
    pub(crate) file: PathBuf,
    /// The kind of metric
    #[arg(long = "type", value_enum, value_name = "KIND")]
    pub(crate) kind: Option<Kind>,
    /// What it measures, in one sentence
    #[arg(long, value_name = "SENTENCE")]
    pub(crate) help_text: Option<String>,
    /// Its base unit; none for a plain number
    #[arg(long)]
    pub(crate) unit: Option<String>,
    /// Labels of its own, with commas between them
    #[arg(long, value_delimiter = ',')]
    pub(crate) labels: Vec<String>,
    /// For a histogram: the name of a set, or bounds such as `[0.1, 1, 10]`
    #[arg(long)]
    pub(crate) buckets: Option<String>,
    /// For a state: the closed label whose values are the states
    #[arg(long, value_name = "LABEL")]
    pub(crate) states: Option<String>,
    /// For a counter or gauge: read by a function when scraped
    #[arg(long)]
    pub(crate) callback: bool,
    /// For a ratio: metrics above the line, with commas between them
    #[arg(long, value_delimiter = ',', value_name = "METRICS")]
    pub(crate) numerator: Vec<String>,
    /// For a ratio: metrics below the line
    #[arg(long, value_delimiter = ',', value_name = "METRICS")]
    pub(crate) denominator: Vec<String>,
    /// The exposed name, whole and exact
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// experimental or stable
    #[arg(long)]
    pub(crate) stability: Option<String>,
    /// Version that introduces it
    #[arg(long, value_name = "VERSION")]
    pub(crate) since: Option<String>,
    /// Who answers for it
    #[arg(long)]
    pub(crate) owner: Option<String>,
    /// Make the group as well; this is what it measures
    #[arg(long, value_name = "SENTENCE")]
    pub(crate) group_help: Option<String>,
    /// Write nothing; show what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,
}

pub(super) const HELP: &str = "\
The table goes behind the last metric of its group; nothing else in the file is touched, and nothing is written unless the \
whole schema is right with it. On a terminal, what is missing is asked for.

Examples:
  shadowcat-metrics new request.retries
  shadowcat-metrics new request.retries --type counter --labels method --help-text 'Requests sent again.'
  shadowcat-metrics new sse.gaps --type counter --help-text 'Gaps seen.' --dry-run";

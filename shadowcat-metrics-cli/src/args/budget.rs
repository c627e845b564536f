//! `budget`: its arguments and its help.

use std::path::PathBuf;

use super::Format;

#[derive(Debug, clap::Args)]
pub(crate) struct BudgetArgs {
    /// The schema; `-` reads standard input
    #[arg(default_value = "metrics.toml")]
    pub(crate) file: PathBuf,
    /// A page of a program with this schema, to see what there is now: `http://...`, a file, or `-`
    #[arg(long, value_name = "URL|FILE")]
    pub(crate) scrape: Option<String>,
    /// Only so many metrics and labels
    #[arg(long, value_name = "COUNT")]
    pub(crate) top: Option<usize>,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

macro_rules! help {
    ($more:literal) => {
        concat!(
            "\
Examples:
  shadowcat-metrics budget --top 5
  shadowcat-metrics budget --scrape http://127.0.0.1:9464/metrics
  shadowcat-metrics budget --format json | jq '.labels[0]'",
            $more,
        )
    };
}

pub(super) const HELP: &str = help!("");

pub(super) const LONG_HELP: &str = help!(
    "

JSON, on standard output:
  version           version of this format: 1
  budget            the schema's series_budget
  worst_case, now   series of all metrics: at most, and on the page; `now` is null without --scrape
  values_without_series  values that open labels keep although no series has them
  metrics           the largest first: name, worst_case, now, lines of each combination, and
    product         its labels that multiply: label, values
  labels            the most expensive first: name, open, values it may have, now, and
    series          most series of the metrics that have it
    costs           how many of them there would not be without it"
);

//! `list`: its arguments and its help.

use std::path::PathBuf;

use super::{Format, Kind};

#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// The schema; `-` reads standard input
    #[arg(default_value = "metrics.toml")]
    pub(crate) file: PathBuf,
    /// Only the metrics of this group; may be given several times
    #[arg(long = "group", value_name = "GROUP")]
    pub(crate) groups: Vec<String>,
    /// Only the metrics of this kind; may be given several times
    #[arg(long = "kind", value_enum, value_name = "KIND")]
    pub(crate) kinds: Vec<Kind>,
    /// How to write the list
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

macro_rules! help {
    ($more:literal) => {
        concat!(
            "\
Examples:
  shadowcat-metrics list
  shadowcat-metrics list --group process --kind counter
  shadowcat-metrics list --format json | jq -r '.metrics[].name'",
            $more,
        )
    };
}

pub(super) const HELP: &str = help!("");

pub(super) const LONG_HELP: &str = help!(
    "

JSON: `version` (1) and `metrics`, an array of metrics as they are in the catalogue, docs/metrics.json:
  name              as exposed; `open_metrics_name` is the family's name in OpenMetrics
  group, key        where it is in the schema
  type              the kind; `exposed_type` is the Prometheus type that it is exposed as
  unit              the base unit, or null
  help              what it measures
  origin            schema, or library for what the library reports about itself
  labels            names of its labels
  facts, buckets, states, numerator, denominator
                    what only some kinds have, else null
  callback          whether it is read when scraped
  series            how many series it may have, in the worst case
  stability         experimental, stable or deprecated
  since, owner      as in the schema, or null
  deprecated        null, or since, use and note"
);

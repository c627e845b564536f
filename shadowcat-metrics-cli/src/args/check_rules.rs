//! `check-rules`: its arguments and its help.

use std::path::PathBuf;

use super::Format;

#[derive(Debug, clap::Args)]
pub(crate) struct CheckRulesArgs {
    /// Prometheus' rules (YAML) or Grafana's dashboards (JSON): files, or patterns such as `rules/**/*.yml` in quotes
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<String>,
    /// The schema
    #[arg(long, value_name = "FILE", default_value = "metrics.toml")]
    pub(crate) schema: PathBuf,
    /// How to write the report
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

macro_rules! help {
    ($more:literal) => {
        concat!(
            "\
Examples:
  shadowcat-metrics check-rules alerts.yml dashboard.json
  shadowcat-metrics check-rules --schema services/shop/metrics.toml 'ops/**/*.yml' 'ops/**/*.json'

Every query under `expr`, and of dashboards those of the variables, is held against the schema: names, labels, label \
values, bucket bounds, functions by kind. What one of the files records may be named in all of them. Files inside of a \
ConfigMap are looked into.",
            $more,
        )
    };
}

pub(super) const HELP: &str = help!("");

pub(super) const LONG_HELP: &str = help!(
    "

JSON, on standard output:
  version           version of this format: 1
  queries           how many there are in all files
  errors            how many there are in them
  files             every file, in the order of the command line:
    file            its name
    errors          how many it has
    warnings        ranges without a unit, and queries that cannot be read, but may be right
                    with what Grafana puts in for a variable
    diagnostics     its problems, as `check` writes them"
);

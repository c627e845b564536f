//! `fmt`: its arguments and its help.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct FmtArgs {
    /// The schemas; `-` reads standard input and writes to standard output
    #[arg(value_name = "FILE", default_value = "metrics.toml")]
    pub(crate) files: Vec<PathBuf>,
    /// Write nothing; fail and show the difference if a schema is laid out otherwise
    #[arg(long)]
    pub(crate) check: bool,
}

pub(super) const HELP: &str = "\
Tables come as [defaults], [labels], [buckets], then groups and metrics as they are mixed in the file; keys come in the \
order of the documentation; a list that fits has one line. No value is written another way, and nothing that has an order \
of its own is moved: metrics, labels, label values. A comment goes where the thing below it goes; one directly below a \
table's last line stays at its foot, if a blank line follows. A file with CRLF keeps it. A file that is not TOML is left \
alone.

Examples:
  shadowcat-metrics fmt
  shadowcat-metrics fmt --check            in CI: write nothing, show the difference
  shadowcat-metrics fmt - < metrics.toml   as editors do it";

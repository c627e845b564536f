//! `unused`: its arguments and its help.

use std::path::PathBuf;

use super::Format;

#[derive(Debug, clap::Args)]
pub(crate) struct UnusedArgs {
    /// Folder of the crate or the workspace that records
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// The schema [default: `metrics.toml` in DIR]
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,
    /// A metric or value that may be unused: GROUP.METRIC or LABEL.VALUE; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(crate) allow: Vec<String>,
    /// What is used in this file or below this folder, as cargo names it, does not count; may be given several times
    #[arg(long, value_name = "PATH")]
    pub(crate) except_in: Vec<PathBuf>,
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// More arguments for `cargo check`, instead of `--workspace` if they choose packages
    #[arg(last = true)]
    pub(crate) cargo: Vec<String>,
}

macro_rules! help {
    ($more:literal) => {
        concat!(
            "\
rustc itself says what is used: cargo checks the project with recorders that warn where they are used, in every crate of the \
workspace and under any name. It keeps the result beside that of ordinary builds in `target`. Code that is not compiled, \
such as tests, does not count; neither do values that are only matched against. Where a program takes all values of a \
label at once, by `ALL` or from strings, all count as passed, and it says so.

Examples:
  shadowcat-metrics unused
  shadowcat-metrics unused services/shop --allow cart.abandoned
  shadowcat-metrics unused --format json -- --all-features --all-targets
  shadowcat-metrics unused --except-in src/demo -- --package shop",
            $more,
        )
    };
}

pub(super) const HELP: &str = help!("");

pub(super) const LONG_HELP: &str = help!(
    "

JSON, on standard output:
  version           version of this format: 1
  file              the schema
  metrics, values   how many were looked for: neither ratios, nor what the library records itself
  unused            what was not found, in the order of the file:
    what            metric or value
    name            cart.open; a value with its label: shelf.tools
    file, line, column
                    where it is declared, from 1
  all_passed        labels of which a program takes all values: label, and the
                    place: file, line, column"
);

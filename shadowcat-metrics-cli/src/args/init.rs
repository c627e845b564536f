//! `init`: its arguments and its help.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct InitArgs {
    /// Folder of the crate that is to record
    #[arg(default_value = ".")]
    pub(crate) dir: PathBuf,
    /// First part of every exposed name [default: the crate's name]
    #[arg(long)]
    pub(crate) namespace: Option<String>,
    /// Take the library from this folder, as written into Cargo.toml, instead of by its version
    #[arg(long)]
    pub(crate) path: Option<PathBuf>,
}

pub(super) const HELP: &str = "\
Writes metrics.toml, its documents in docs/, src/metrics.rs and, where there is a .github, a workflow; adds the dependency \
to Cargo.toml. What is there already is kept as it is. The answer says what was written, and what is left to do.

Examples:
  shadowcat-metrics init
  shadowcat-metrics init services/shop --namespace shop --path ../../shadowcat-metrics/shadowcat-metrics";

//! `man`: its arguments and its help.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// Write a page for each command into this folder, made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) out_dir: Option<PathBuf>,
}

pub(super) const HELP: &str = "\
Examples:
  shadowcat-metrics man | man -l -
  shadowcat-metrics man --out-dir ~/.local/share/man/man1";

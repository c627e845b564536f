//! `infer`: its arguments and its help.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(crate) struct InferArgs {
    /// A page in the Prometheus text format or in OpenMetrics: `http://...`, a file, or `-` for standard input
    #[arg(value_name = "URL|FILE")]
    pub(crate) page: String,
    /// First part of every name [default: the first word that most names have]
    #[arg(long)]
    pub(crate) namespace: Option<String>,
    /// Write the schema to this file, which must not be there yet, instead of to standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

pub(super) const HELP: &str = "\
The proposal checks clean, and exposes the names that the page has; what it cannot say is noted on standard error. It has \
guesses: which labels are open and how many values they may have, what a summary's bounds should be. Read it through.

Examples:
  shadowcat-metrics infer http://127.0.0.1:9100/metrics
  shadowcat-metrics infer page.txt --namespace shop --out metrics.toml
  curl -s https://shop.example/metrics | shadowcat-metrics infer -";

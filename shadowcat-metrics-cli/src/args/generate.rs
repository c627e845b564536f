//! `generate`: its arguments and its help.

use std::path::PathBuf;

use shadowcat_metrics_operations::rules::Scale;

use super::ReleaseArgs;

#[derive(Debug, clap::Args)]
pub(crate) struct GenerateArgs {
    /// The schema; `-` reads standard input
    #[arg(default_value = "metrics.toml")]
    pub(crate) file: PathBuf,
    /// Write nothing; fail and show the difference if a document is not what the schema says
    #[arg(long)]
    pub(crate) check: bool,
    /// Folder of the documents, made if it is not there [default: `docs` beside FILE]
    #[arg(long, value_name = "DIR")]
    pub(crate) out_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) release: ReleaseArgs,
    /// Shorten every window, range and `for` of rules and alerts by this factor, such as 0.01: for trials. Names stay as
    /// they are, and there are no tests
    #[arg(long, value_name = "FACTOR", value_parser = scale)]
    pub(crate) scale_windows: Option<Scale>,
}

fn scale(text: &str) -> Result<Scale, String> {
    let factor = text.parse().ok().and_then(Scale::new);
    factor.ok_or_else(|| "expected a number of more than 0 and at most 1".to_owned())
}

pub(super) const HELP: &str = "\
Nothing is written while the schema has errors. Each file is replaced at once, so that no reader sees half of one, and \
one that is right already is not touched.

Examples:
  shadowcat-metrics generate
  shadowcat-metrics generate --check       in CI: write nothing, show what has drifted
  shadowcat-metrics generate --out-dir site/reference services/shop/metrics.toml";

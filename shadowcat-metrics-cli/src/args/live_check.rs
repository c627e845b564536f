//! `live-check`: its arguments and its help.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use super::ReleaseArgs;

#[derive(Debug, clap::Args)]
pub(crate) struct LiveCheckArgs {
    /// The page: a URL, which is read in each format, a file, or `-` for standard input
    #[arg(value_name = "URL|FILE")]
    pub(crate) from: String,
    /// The schema that the program is to have
    #[arg(long, value_name = "FILE", default_value = "metrics.toml")]
    pub(crate) schema: PathBuf,
    /// Watch a URL for so long, and tell what has not moved: 30s, 5m
    #[arg(long = "for", value_name = "TIME", value_parser = seconds)]
    pub(crate) watch: Option<Duration>,
    /// How often to look at the page while it is watched
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "5s", requires = "watch")]
    pub(crate) every: Duration,
    /// Exit with 1 if there is a finding as bad as this, or worse
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t)]
    pub(crate) fail_on: FailOnFinding,
    /// Report families outside of the schema's namespace, too
    #[arg(long)]
    pub(crate) strict: bool,
    /// A label that any sample may have, because a scraper adds it; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_label: Vec<String>,
    /// How to write the findings
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: LiveFormat,
    #[command(flatten)]
    pub(crate) release: ReleaseArgs,
}

/// What `live-check --fail-on` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum FailOnFinding {
    /// Any finding
    Warning,
    /// That program and schema disagree
    #[default]
    Error,
    /// Nothing
    Never,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum LiveFormat {
    /// For people
    #[default]
    Human,
    /// For programs; `--help` describes it
    Json,
    /// For CI systems that show test results
    Junit,
}

/// A time in seconds, minutes or hours: `30s`, `1.5m`, `1h`.
fn seconds(text: &str) -> Result<Duration, String> {
    let units = [("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let found = units.iter().find_map(|(suffix, factor)| {
        let number: f64 = text.strip_suffix(suffix)?.parse().ok()?;
        Duration::try_from_secs_f64(number * factor).ok()
    });
    found
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "expected a time such as `30s` or `5m`".to_owned())
}

macro_rules! help {
    ($more:literal) => {
        concat!(
            "\
A URL is read twice, as text 0.0.4 and as OpenMetrics, and both pages are checked: families, types, units, help, labels, \
label values, buckets, states, series that are missing, twice or too many. With `--for` the page is read again and again, and \
what has not moved is told as well. `explain LC01` says what a code means.

Examples:
  shadowcat-metrics live-check http://127.0.0.1:9464/metrics
  shadowcat-metrics live-check http://127.0.0.1:9464/metrics --for 60s --fail-on warning
  shadowcat-metrics live-check page.txt --schema services/shop/metrics.toml --format json
  curl -s https://shop.example/metrics | shadowcat-metrics live-check - --allow-label instance",
            $more,
        )
    };
}

pub(super) const HELP: &str = help!("");

pub(super) const LONG_HELP: &str = help!(
    "

JSON, on standard output:
  version           version of this format: 1
  from              the page as it was named
  errors, warnings  how many there are of each
  findings          every finding:
    code, name      stable code, and a word for it: LC03, missing-family
    severity        error or warning
    family          the metric's exposed name, or null
    format          text or openmetrics: the page that it is about
    line            line of that page, or null
    message         what was found, and what was expected
    advice          what to do about it"
);

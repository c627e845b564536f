//! The command line. The doc comments here, and the texts in [`help`], are what `--help`, the man pages and the
//! completions say.

mod help;
mod live;

use std::path::{Path, PathBuf};

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ColorChoice, Parser, Subcommand, ValueEnum};
use shadowcat_metrics_codegen::{Version, model};
use shadowcat_metrics_operations::rules::Scale;

use crate::release::release_of;

pub(crate) use live::{FailOnFinding, LiveCheckArgs, LiveFormat};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Checks, lays out, compares and extends metrics.toml, generates its documents, explains its problems.
#[derive(Debug, Parser)]
#[command(name = "shadowcat-metrics", version, styles = STYLES, after_help = help::COMMAND, max_term_width = 100)]
pub(crate) struct Args {
    /// When to use colour; `auto` asks the terminal, and honours `NO_COLOR`
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto, global = true)]
    color: ColorChoice,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Args {
    /// Makes every later print to a terminal follow `--color`.
    pub(crate) fn apply_color(&self) {
        let choice = match self.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Begin: the dependency, a first schema, its documents, a module, CI
    #[command(after_help = help::INIT)]
    Init(InitArgs),
    /// Check a schema and report every problem in it
    #[command(after_help = help::CHECK, after_long_help = help::CHECK_LONG)]
    Check(CheckArgs),
    /// Check rules files and dashboards that people wrote against a schema
    #[command(after_help = help::CHECK_RULES, after_long_help = help::CHECK_RULES_LONG)]
    CheckRules(CheckRulesArgs),
    /// Say what changed from one schema to another, and whom it breaks
    #[command(after_help = help::DIFF, after_long_help = help::DIFF_LONG)]
    Diff(DiffArgs),
    /// Bring schemas into the one layout, comments and all
    #[command(after_help = help::FMT)]
    Fmt(FmtArgs),
    /// Write the documents of a schema: reference, catalogue, JSON Schema, rules, alerts, their tests, dashboards, runbooks
    #[command(after_help = help::GENERATE)]
    Generate(GenerateArgs),
    /// Say what a problem's code means, with a wrong and a right example
    #[command(after_help = help::EXPLAIN, after_long_help = help::EXPLAIN_LONG)]
    Explain(ExplainArgs),
    /// Propose a schema for what another program exposes
    #[command(after_help = help::INFER)]
    Infer(InferArgs),
    /// Add a metric to a schema, and show how to record it
    #[command(after_help = help::NEW)]
    New(Box<NewArgs>),
    /// List the metrics of a schema
    #[command(after_help = help::LIST, after_long_help = help::LIST_LONG)]
    List(ListArgs),
    /// Show how many series each metric and label makes, the largest first
    #[command(after_help = help::BUDGET, after_long_help = help::BUDGET_LONG)]
    Budget(BudgetArgs),
    /// Find metrics that no code records, and label values that no code passes
    #[command(after_help = help::UNUSED, after_long_help = help::UNUSED_LONG)]
    Unused(UnusedArgs),
    /// Hold what a running program exposes against its schema
    #[command(after_help = help::LIVE_CHECK, after_long_help = help::LIVE_CHECK_LONG)]
    LiveCheck(LiveCheckArgs),
    /// Print a completion script for a shell
    #[command(after_help = help::COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Print the man page, or write one for each command
    #[command(after_help = help::MAN)]
    Man(ManArgs),
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Human,
    /// For programs; `--help` describes it
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The schema; `-` reads standard input
    #[arg(default_value = "metrics.toml")]
    pub(crate) file: PathBuf,
    /// How to write the report
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Exit with 1 if there are warnings, too
    #[arg(long)]
    pub(crate) deny_warnings: bool,
    /// Mend in the file what is mechanical, and report what is left; for `-`, write the mended schema to standard output
    #[arg(long)]
    pub(crate) fix: bool,
    #[command(flatten)]
    pub(crate) release: ReleaseArgs,
}

/// The release that a schema is for.
#[derive(Debug, clap::Args)]
pub(crate) struct ReleaseArgs {
    /// The version of the package that has the metrics: former names and deprecated metrics whose time is up by then are
    /// errors [default: that of the nearest Cargo.toml, in FILE's folder or above]
    #[arg(long, value_name = "VERSION")]
    release: Option<Version>,
}

impl ReleaseArgs {
    /// The version that was given or else found around a schema.
    pub(crate) fn of(&self, schema: &Path) -> Option<Version> {
        self.release.clone().or_else(|| release_of(schema))
    }
}

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

#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    /// The schema as it was: a file, or a git revision's as `REVISION:PATH`
    pub(crate) old: String,
    /// The schema as it is
    #[arg(default_value = "metrics.toml")]
    pub(crate) new: String,
    /// Exit with 1 if there is a change as bad as this, or worse
    #[arg(long, value_enum, value_name = "IMPACT")]
    pub(crate) fail_on: Option<FailOn>,
    /// A changelog; changes whose subject it mentions in backquotes under `## Unreleased` do not fail
    #[arg(long, value_name = "FILE", requires = "fail_on")]
    pub(crate) notes: Option<PathBuf>,
    /// How to write the changes
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: DiffFormat,
}

/// What `--fail-on` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Any change
    Any,
    /// What is new, or breaks
    Additive,
    /// What breaks queries or programs
    Breaking,
    /// What breaks queries or programs and was stable or deprecated
    Major,
}

/// How changes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    #[default]
    Human,
    /// For a pull request
    Markdown,
    /// For programs; `--help` describes it
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FmtArgs {
    /// The schemas; `-` reads standard input and writes to standard output
    #[arg(value_name = "FILE", default_value = "metrics.toml")]
    pub(crate) files: Vec<PathBuf>,
    /// Write nothing; fail and show the difference if a schema is laid out otherwise
    #[arg(long)]
    pub(crate) check: bool,
}

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

#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// A code such as SM1004, or its name; without it, all are listed
    pub(crate) code: Option<String>,
    /// How to write the explanation
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

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

#[derive(Debug, Clone, clap::Args)]
pub(crate) struct NewArgs {
    /// The metric's place: GROUP.METRIC
    #[arg(value_name = "GROUP.METRIC")]
    pub(crate) metric: String,
    /// The schema, or a file that it includes or would: a new group goes there
    #[arg(long, value_name = "FILE", default_value = "metrics.toml")]
    pub(crate) file: PathBuf,
    /// The kind of metric
    #[arg(long = "type", value_enum, value_name = "KIND")]
    pub(crate) kind: Option<Kind>,
    /// What it measures, in one sentence
    #[arg(long, value_name = "SENTENCE")]
    pub(crate) help_text: Option<String>,
    /// Its base unit; none for a plain number
    #[arg(long)]
    pub(crate) unit: Option<String>,
    /// Labels of its own, with commas between them
    #[arg(long, value_delimiter = ',')]
    pub(crate) labels: Vec<String>,
    /// For a histogram: the name of a set, or bounds such as `[0.1, 1, 10]`
    #[arg(long)]
    pub(crate) buckets: Option<String>,
    /// For a state: the closed label whose values are the states
    #[arg(long, value_name = "LABEL")]
    pub(crate) states: Option<String>,
    /// For a counter or gauge: read by a function when scraped
    #[arg(long)]
    pub(crate) callback: bool,
    /// For a ratio: metrics above the line, with commas between them
    #[arg(long, value_delimiter = ',', value_name = "METRICS")]
    pub(crate) numerator: Vec<String>,
    /// For a ratio: metrics below the line
    #[arg(long, value_delimiter = ',', value_name = "METRICS")]
    pub(crate) denominator: Vec<String>,
    /// The exposed name, whole and exact
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// experimental or stable
    #[arg(long)]
    pub(crate) stability: Option<String>,
    /// Version that introduces it
    #[arg(long, value_name = "VERSION")]
    pub(crate) since: Option<String>,
    /// Who answers for it
    #[arg(long)]
    pub(crate) owner: Option<String>,
    /// Make the group as well; this is what it measures
    #[arg(long, value_name = "SENTENCE")]
    pub(crate) group_help: Option<String>,
    /// Write nothing; show what would be written
    #[arg(long)]
    pub(crate) dry_run: bool,
}

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

#[derive(Debug, clap::Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ManArgs {
    /// Write a page for each command into this folder, made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) out_dir: Option<PathBuf>,
}

/// The kinds of the schema language, to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Kind {
    Counter,
    Gauge,
    #[value(name = "updown_counter")]
    UpDownCounter,
    Histogram,
    State,
    Info,
    Ratio,
}

impl From<&model::Kind> for Kind {
    fn from(kind: &model::Kind) -> Self {
        match kind {
            model::Kind::Counter { .. } => Self::Counter,
            model::Kind::Gauge { .. } => Self::Gauge,
            model::Kind::UpDownCounter => Self::UpDownCounter,
            model::Kind::Histogram { .. } => Self::Histogram,
            model::Kind::State { .. } => Self::State,
            model::Kind::Info => Self::Info,
            model::Kind::Ratio { .. } => Self::Ratio,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Args;

    #[test]
    fn command_line_is_consistent() {
        Args::command().debug_assert();
    }
}

//! The command line: the commands, and what several of them take. The arguments and the help of each are in a file of
//! its name. Doc comments and help are what `--help`, the man pages and the completions say.

mod budget;
mod check;
mod check_rules;
mod completions;
mod diff;
mod explain;
mod fmt;
mod generate;
mod infer;
mod init;
mod list;
mod live_check;
mod man;
mod new;
mod unused;

use std::path::Path;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ColorChoice, Parser, Subcommand, ValueEnum};
use shadowcat_metrics_codegen::{Version, model};

use crate::release::release_of;

pub(crate) use budget::BudgetArgs;
pub(crate) use check::CheckArgs;
pub(crate) use check_rules::CheckRulesArgs;
pub(crate) use completions::CompletionsArgs;
pub(crate) use diff::{DiffArgs, DiffFormat, FailOn};
pub(crate) use explain::ExplainArgs;
pub(crate) use fmt::FmtArgs;
pub(crate) use generate::GenerateArgs;
pub(crate) use infer::InferArgs;
pub(crate) use init::InitArgs;
pub(crate) use list::ListArgs;
pub(crate) use live_check::{FailOnFinding, LiveCheckArgs, LiveFormat};
pub(crate) use man::ManArgs;
pub(crate) use new::NewArgs;
pub(crate) use unused::UnusedArgs;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// What is below the options, as in the files of the commands.
const HELP: &str = "\
Examples:
  shadowcat-metrics init                   set up the crate in this folder
  shadowcat-metrics new request.retries    add a metric to ./metrics.toml
  shadowcat-metrics check                  check it
  shadowcat-metrics fmt                    bring it into the one layout
  shadowcat-metrics diff HEAD:metrics.toml say what changed, and whom it breaks
  shadowcat-metrics generate               write its documents into docs/
  shadowcat-metrics generate --check       fail if those are not what metrics.toml says
  shadowcat-metrics explain SM1004         say what a code means, with an example

Exit codes:
  0  all is well
  1  the schema has problems, its documents have drifted, or what was to be guarded has changed
  2  the command line was wrong, or a file could not be read or written";

/// Checks, lays out, compares and extends metrics.toml, generates its documents, explains its problems.
#[derive(Debug, Parser)]
#[command(name = "shadowcat-metrics", version, styles = STYLES, after_help = HELP, max_term_width = 100)]
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
    #[command(after_help = init::HELP)]
    Init(InitArgs),
    /// Check a schema and report every problem in it
    #[command(after_help = check::HELP, after_long_help = check::LONG_HELP)]
    Check(CheckArgs),
    /// Check rules files and dashboards that people wrote against a schema
    #[command(after_help = check_rules::HELP, after_long_help = check_rules::LONG_HELP)]
    CheckRules(CheckRulesArgs),
    /// Say what changed from one schema to another, and whom it breaks
    #[command(after_help = diff::HELP, after_long_help = diff::LONG_HELP)]
    Diff(DiffArgs),
    /// Bring schemas into the one layout, comments and all
    #[command(after_help = fmt::HELP)]
    Fmt(FmtArgs),
    /// Write the documents of a schema: reference, catalogue, JSON Schema, rules, alerts, their tests, dashboards, runbooks
    #[command(after_help = generate::HELP)]
    Generate(GenerateArgs),
    /// Say what a problem's code means, with a wrong and a right example
    #[command(after_help = explain::HELP, after_long_help = explain::LONG_HELP)]
    Explain(ExplainArgs),
    /// Propose a schema for what another program exposes
    #[command(after_help = infer::HELP)]
    Infer(InferArgs),
    /// Add a metric to a schema, and show how to record it
    #[command(after_help = new::HELP)]
    New(Box<NewArgs>),
    /// List the metrics of a schema
    #[command(after_help = list::HELP, after_long_help = list::LONG_HELP)]
    List(ListArgs),
    /// Show how many series each metric and label makes, the largest first
    #[command(after_help = budget::HELP, after_long_help = budget::LONG_HELP)]
    Budget(BudgetArgs),
    /// Find metrics that no code records, and label values that no code passes
    #[command(after_help = unused::HELP, after_long_help = unused::LONG_HELP)]
    Unused(UnusedArgs),
    /// Hold what a running program exposes against its schema
    #[command(after_help = live_check::HELP, after_long_help = live_check::LONG_HELP)]
    LiveCheck(LiveCheckArgs),
    /// Print a completion script for a shell
    #[command(after_help = completions::HELP)]
    Completions(CompletionsArgs),
    /// Print the man page, or write one for each command
    #[command(after_help = man::HELP)]
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

//! The command line: the commands, and the arguments that several of them have. Each command's own arguments and help are
//! in its file. Doc comments and help texts are what `--help`, the man pages and the completions show.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use clap::builder::styling::{AnsiColor, Styles};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use shadowcat_metrics_codegen::Version;
use shadowcat_metrics_codegen::model::Kind;

use crate::answer::Answer;
use crate::commands::{
    budget, check, check_rules, completions, diff, explain, fmt, generate, import, infer, init,
    list, live_check, man, migrate_histograms, new, unused,
};
use crate::failure::{BOLD, Failure};
use crate::release::release_of;
use crate::report::Form;
use crate::schema::SchemaArg;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const HELP: &str = "\
Examples:
  shadowcat-metrics init                   set up the crate in this folder
  shadowcat-metrics new request.retries    add a metric to metrics.toml
  shadowcat-metrics check                  check metrics.toml
  shadowcat-metrics fmt                    format it
  shadowcat-metrics diff HEAD:metrics.toml show what changed, and what the changes break
  shadowcat-metrics generate               write its documents into docs/
  shadowcat-metrics generate --check       fail if the documents are out of date
  shadowcat-metrics explain SM1004         explain a code, with an example

Exit codes:
  0  success
  1  findings, such as problems in a schema, outdated files, or changes that are not allowed
  2  the command could not do its work: wrong usage, a file that cannot be read or written, or a
     schema with errors where a valid one is needed; --format json reports these errors as in `check`";

/// Check, format, compare and extend metrics.toml, and generate its documents
#[derive(Debug, Parser)]
#[command(name = "shadowcat-metrics", version, styles = STYLES, after_help = HELP, max_term_width = 100)]
pub(crate) struct Cli {
    /// When to use color: `auto` means on a terminal, unless `NO_COLOR` is set
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorChoice::Auto, global = true)]
    color: ColorChoice,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Parses the command line. An error is a mistake in it, or the help to print.
    pub(crate) fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let args: Vec<_> = args.into_iter().collect();
        let command = Self::command().color(written_color(&args));
        Self::from_arg_matches(&command.try_get_matches_from(args)?)
    }

    /// Applies `--color` to all later output.
    pub(crate) fn apply_color(&self) {
        let choice = match self.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

/// Returns the value of `--color`. Help and usage errors need it, and are printed before the command line is parsed.
fn written_color(args: &[OsString]) -> ColorChoice {
    let args = || args.iter().map(|arg| arg.to_string_lossy());
    let joined = args().filter_map(|arg| arg.strip_prefix("--color=").map(str::to_owned));
    let pairs = args().zip(args().skip(1));
    let separate = pairs.filter_map(|(arg, value)| (arg == "--color").then(|| value.into_owned()));
    let choice = joined.chain(separate).last();
    choice
        .and_then(|choice| ColorChoice::from_str(&choice, false).ok())
        .unwrap_or_default()
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Init(init::Args),
    Check(check::Args),
    CheckRules(check_rules::Args),
    MigrateHistograms(migrate_histograms::Args),
    Diff(diff::Args),
    Fmt(fmt::Args),
    Generate(generate::Args),
    Explain(explain::Args),
    Infer(infer::Args),
    Import(import::Args),
    New(Box<new::Args>),
    List(list::Args),
    Budget(budget::Args),
    Unused(unused::Args),
    LiveCheck(live_check::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Command {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        match self {
            Self::Init(args) => args.run(),
            Self::Check(args) => args.run(),
            Self::CheckRules(args) => args.run(),
            Self::MigrateHistograms(args) => args.run(),
            Self::Diff(args) => args.run(),
            Self::Fmt(args) => args.run(),
            Self::Generate(args) => args.run(),
            Self::Explain(args) => args.run(),
            Self::Infer(args) => args.run(),
            Self::Import(args) => args.run(),
            Self::New(args) => args.run(),
            Self::List(args) => args.run(),
            Self::Budget(args) => args.run(),
            Self::Unused(args) => args.run(),
            Self::LiveCheck(args) => args.run(),
            Self::Completions(args) => Ok(args.run()),
            Self::Man(args) => args.run(),
        }
    }

    /// Returns the format of the answer, and of a schema's errors.
    pub(crate) fn form(&self) -> Form {
        match self {
            Self::Check(args) => args.format.into(),
            Self::CheckRules(args) => args.format.into(),
            Self::Diff(args) => args.format.into(),
            Self::Explain(args) => args.format.into(),
            Self::List(args) => args.format.into(),
            Self::Budget(args) => args.format.into(),
            Self::Unused(args) => args.format.into(),
            Self::LiveCheck(args) => args.format.into(),
            Self::Import(args) => args.format.into(),
            Self::Fmt(_)
            | Self::MigrateHistograms(_)
            | Self::Generate(_)
            | Self::Infer(_)
            | Self::New(_)
            | Self::Init(_)
            | Self::Completions(_)
            | Self::Man(_) => Form::Human,
        }
    }

    /// Returns one line for each schema that is used instead of a named file.
    pub(crate) fn notes(&self) -> String {
        let schemas: &[SchemaArg] = match self {
            Self::Check(args) => &args.files,
            Self::CheckRules(args) => std::slice::from_ref(&args.schema),
            Self::MigrateHistograms(args) => std::slice::from_ref(&args.schema),
            Self::Generate(args) => std::slice::from_ref(&args.file),
            Self::List(args) => std::slice::from_ref(&args.file),
            Self::Budget(args) => std::slice::from_ref(&args.file),
            Self::Unused(args) => args.schema.as_slice(),
            Self::LiveCheck(args) => std::slice::from_ref(&args.schema),
            Self::Diff(args) => args.new.schemas(),
            // `fmt` formats the named file, and `new` adds to it.
            Self::Fmt(_)
            | Self::Explain(_)
            | Self::Infer(_)
            | Self::Import(_)
            | Self::New(_)
            | Self::Init(_)
            | Self::Completions(_)
            | Self::Man(_) => &[],
        };
        let mut notes = String::new();
        for note in schemas.iter().filter_map(SchemaArg::note) {
            let _ = writeln!(notes, "{BOLD}note{BOLD:#}: {note}");
        }
        notes
    }
}

/// The format of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// Text
    #[default]
    Human,
    /// JSON, described by `--help`
    Json,
}

impl From<Format> for Form {
    fn from(format: Format) -> Self {
        match format {
            Format::Human => Self::Human,
            Format::Json => Self::Json,
        }
    }
}

/// Returns the help of a command in full: with the description of its JSON.
pub(crate) fn long_help(help: &str, json: &str) -> String {
    format!("{help}\n\n{json}")
}

/// The release that a schema is for.
#[derive(Debug, clap::Args)]
pub(crate) struct ReleaseArgs {
    /// Version of the package. It is an error if a former name, or a deprecated metric or label value, should have been removed by
    /// this version
    /// [default: the version in the nearest Cargo.toml, in the schema's folder or above]
    #[arg(long, value_name = "VERSION")]
    release: Option<Version>,
}

impl ReleaseArgs {
    /// Returns the given version, or the one found near a schema.
    pub(crate) fn of(&self, schema: &Path) -> Option<Version> {
        self.release.clone().or_else(|| release_of(schema))
    }
}

/// Returns a parser for kinds, which lists them in the help.
pub(crate) fn kind_parser() -> impl TypedValueParser<Value = &'static Kind> {
    PossibleValuesParser::new(Kind::names())
        .map(|name| Kind::named(&name).expect("only names of kinds are possible"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn summaries_are_short_and_begin_with_a_verb() {
        let command = Cli::command();
        for command in command.get_subcommands() {
            let about = command.get_about().map(ToString::to_string);
            let about = about.unwrap_or_default();
            assert!(
                !about.is_empty() && about.chars().count() <= 60,
                "{}: {about}",
                command.get_name()
            );
        }
    }
}

//! `diff`: its arguments and its help.

use std::path::PathBuf;

use clap::ValueEnum;

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

macro_rules! help {
    ($more:literal) => {
        concat!(
            "\
Each change is judged twice: for queries, alerts and dashboards, and for programs that record. A change breaks them, adds \
to them, or is cosmetic. The release that it asks for is major if something stable or deprecated breaks, minor if \
something experimental breaks or something is new, and patch otherwise.

Examples:
  shadowcat-metrics diff HEAD~1:metrics.toml
  shadowcat-metrics diff v1.2.0:metrics.toml --format markdown
  shadowcat-metrics diff origin/main:metrics.toml --fail-on major --notes CHANGELOG.md
  git show HEAD:metrics.toml | shadowcat-metrics diff - metrics.toml",
            $more,
        )
    };
}

pub(super) const HELP: &str = help!("");

pub(super) const LONG_HELP: &str = help!(
    "

JSON, on standard output:
  version           version of this format: 1
  old, new          the schemas as they were named
  release           none, patch, minor or major
  changes           every change:
    subject         schema, label, group or metric
    name            its name, a metric's as GROUP.KEY; empty for the schema
    exposed         the name that a metric is exposed under, or was; null for others
    stability       how firmly it was promised; a label or group as firmly as the
                    firmest metric that has it
    field           the key that changed, or the subject's word if it came or went
    old, new        what it was and is, as text, or null
    dashboards, rust
                    breaking, additive or cosmetic"
);

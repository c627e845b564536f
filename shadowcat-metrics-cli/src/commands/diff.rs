//! `diff`: what changed from one schema to another, and the kind of release that the changes need.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::slice;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use serde::Serialize;
use shadowcat_metrics_codegen::codes::errors;
use shadowcat_metrics_codegen::{Code, Files as _, Source};
use shadowcat_metrics_operations::{Outcome, compile_files};

use crate::answer::{Answer, Verdict};
use crate::cli::long_help;
use crate::diff::{Change, Impact, Release, diff, likely_renames};
use crate::failure::{BOLD, ERROR, Failure, GOOD};
use crate::report::{Form, count};
use crate::revision::{self, Revision};
use crate::schema::{DEFAULT, Schema, SchemaArg, is_stdin};
use crate::schema_files::LfFiles;

/// Show what changed between two schemas, and what breaks
#[derive(Debug, clap::Args)]
#[command(after_help = HELP_TEXT, after_long_help = long_help(HELP_TEXT, JSON))]
pub(crate) struct Args {
    /// The old schema: a file, `-`, or a file in a git revision as `REVISION:PATH`
    old: Side,
    /// The new schema
    #[arg(default_value = DEFAULT)]
    pub(crate) new: Side,
    /// Exit with 1 if a change has this impact or a worse one
    #[arg(long, value_enum, value_name = "IMPACT")]
    fail_on: Option<FailOn>,
    /// Changelog; changes are accepted if its section `## Unreleased` names the metric, label or group in backticks
    #[arg(long, value_name = "FILE", requires = "fail_on")]
    notes: Option<PathBuf>,
    /// Format of the output
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// The values of `--fail-on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Any change
    Any,
    /// Additions and breaking changes
    Additive,
    /// Breaking changes
    Breaking,
    /// Breaking changes of stable or deprecated items
    Major,
}

/// The form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// Text
    #[default]
    Human,
    /// A table for a pull request
    Markdown,
    /// JSON, described by `--help`
    Json,
}

impl From<Format> for Form {
    fn from(format: Format) -> Self {
        match format {
            Format::Human => Self::Human,
            Format::Markdown => Self::Markdown,
            Format::Json => Self::Json,
        }
    }
}

const HELP_TEXT: &str = "\
Each change is rated as breaking, additive or cosmetic, once for queries, alerts and dashboards, and once \
for programs that record metrics. The changes need a major release if something stable or deprecated breaks, a minor release if \
something experimental breaks or something is added, and otherwise a patch release. Symbolic links in a revision are followed.

Examples:
  shadowcat-metrics diff HEAD~1:metrics.toml
  shadowcat-metrics diff v1.2.0:metrics.toml --format markdown
  shadowcat-metrics diff origin/main:metrics.toml --fail-on major --notes CHANGELOG.md
  git show HEAD:metrics.toml | shadowcat-metrics diff - metrics.toml";

const JSON: &str = "\
JSON, on standard output:
  version           version of this format: 1
  old, new          the schemas, as on the command line
  release           none, patch, minor or major
  changes           every change:
    subject         schema, label, group, metric, operations, slo or alert
    name            its name: GROUP.KEY for a metric, empty for the schema
    exposed         the exposed name of a metric, the old one if it changed; otherwise null
    stability       the stability of the subject; a label or group has the
                    stability of its most stable metric
    field           the key that changed, or the subject if it was added or removed
    old, new        the value before and after as text, or null
    dashboards, rust
                    its impact on queries, alerts and dashboards, and on programs:
                    breaking, additive or cosmetic";

/// One of the two schemas.
#[derive(Debug, Clone)]
pub(crate) enum Side {
    File(SchemaArg),
    /// `REVISION:PATH`, split into its two parts.
    Revision(String, String),
    /// The name of a git revision without a path.
    WholeRevision(String),
}

impl From<OsString> for Side {
    fn from(named: OsString) -> Self {
        let path = Path::new(&named);
        if is_stdin(path) || path.exists() {
            return Self::File(named.into());
        }
        let text = named.to_string_lossy();
        match revision::split(&text) {
            Some((revision, path)) => Self::Revision(revision.to_owned(), path.to_owned()),
            None if path != Path::new(DEFAULT) && revision::exists(&text) => {
                Self::WholeRevision(text.into_owned())
            }
            None => Self::File(named.into()),
        }
    }
}

impl Side {
    pub(crate) fn schemas(&self) -> &[SchemaArg] {
        match self {
            Self::File(schema) => slice::from_ref(schema),
            Self::Revision(..) | Self::WholeRevision(_) => &[],
        }
    }

    /// Compiles the schema with its included files. An incomplete schema is an error.
    fn compile(&self) -> Result<Outcome, Failure> {
        let outcome = match self {
            Self::File(schema) => schema.compile(None)?,
            Self::Revision(revision, path) => compile_revision(revision, path)?,
            Self::WholeRevision(revision) => {
                return Err(
                    Failure::new(format!("`{revision}` is a git revision, not a schema")).help(
                        format!("add the path of the schema, such as `{revision}:{DEFAULT}`"),
                    ),
                );
            }
        };
        let is_incomplete = outcome
            .report
            .errors()
            .any(|error| INCOMPLETE.contains(&error.code));
        if is_incomplete {
            return Err(Failure::invalid_schema(outcome));
        }
        Ok(outcome)
    }
}

/// Errors about text that is not a schema, or about a missing file of a schema. The schema's items are
/// unknown then, so everything would count as added.
const INCOMPLETE: [Code; 8] = [
    errors::SYNTAX,
    errors::INVALID_UTF8,
    errors::UNSUPPORTED_FORMAT,
    errors::UNKNOWN_TABLE,
    errors::MISSING_KEY,
    errors::WRONG_TYPE,
    errors::INCLUDE_NOT_FOUND,
    errors::INCLUDED_TWICE,
];

fn compile_revision(revision: &str, path: &str) -> Result<Outcome, Failure> {
    let name = format!("{revision}:{path}");
    let failed = |error: std::io::Error| {
        Failure::new(format!("cannot read `{name}` from git: {error}")).help(
            "name a schema as `REVISION:PATH`, such as `HEAD~1:metrics.toml`, with its path from the root of the repository",
        )
    };
    let files = Revision::open(revision).map_err(failed)?;
    let files = LfFiles(&files);
    let source = Source::from_bytes(&*name, &files.read(&name).map_err(failed)?);
    Ok(compile_files(source, Some(&files), None))
}

/// The changes as JSON.
#[derive(Debug, Serialize)]
struct Json<'a> {
    version: u32,
    old: &'a str,
    new: &'a str,
    release: Release,
    changes: &'a [Change],
}

impl Args {
    pub(crate) fn run(&self) -> Result<Answer, Failure> {
        let notes = self.notes.as_deref().map(read_notes).transpose()?;
        let old = self.old.compile()?;
        let new = Schema::valid(self.new.compile()?)?;
        let changes = diff(old.skeleton(), new.model());
        let (old_name, new_name) = (old.source.name(), new.source().name());
        let mut answer = match self.format {
            Format::Human => Answer::ok(human(old_name, new_name, &changes)),
            Format::Markdown => Answer::ok(markdown(&changes)),
            Format::Json => {
                let json = Json {
                    version: 1,
                    old: old_name,
                    new: new_name,
                    release: Release::of(&changes),
                    changes: &changes,
                };
                Answer::json(&json, Verdict::Ok)?
            }
        };
        if old.report.has_errors() {
            // The old schema cannot be fixed any more, and its metrics are known despite the errors.
            answer.warn(format!(
                "{old_name} has errors, so the comparison may be inexact"
            ));
        }
        self.judge(&changes, notes.as_ref(), &mut answer);
        if self.format == Format::Human {
            for (name, key) in likely_renames(&old.skeleton().registry, new.registry()) {
                answer.help(format!(
                    "if `{key}` is the new name of `{name}`, give it \
                     `renamed_from = {{ name = \"{name}\", until = \"VERSION\" }}` to expose both names until then"
                ));
            }
        }
        Ok(answer)
    }

    /// Reports changes that `--fail-on` does not allow.
    fn judge(&self, changes: &[Change], notes: Option<&Notes>, answer: &mut Answer) {
        let Some(fail_on) = self.fail_on else {
            return;
        };
        let too_much = |change: &&Change| match fail_on {
            FailOn::Any => true,
            FailOn::Additive => change.impact() >= Impact::Additive,
            FailOn::Breaking => change.impact() == Impact::Breaking,
            FailOn::Major => change.breaks_promise(),
        };
        let unannounced = |change: &&Change| notes.is_none_or(|notes| !notes.mention(change));
        let found: Vec<_> = changes
            .iter()
            .filter(too_much)
            .filter(unannounced)
            .collect();
        for change in &found {
            let impact = if change.breaks_promise() {
                "major"
            } else {
                change.impact().name()
            };
            answer.error(format!("{impact}: {}", line(change)));
        }
        if found.is_empty() {
            return;
        }
        let announce = match &self.notes {
            Some(path) => format!(
                "announce it under `## Unreleased` in `{}`, with its name in backticks",
                path.display()
            ),
            None => "announce it in a changelog and pass that with `--notes FILE`".to_owned(),
        };
        let word = fail_on.to_possible_value();
        let word = word.as_ref().map_or("", |word| word.get_name());
        answer.help(format!(
            "`--fail-on {word}` does not allow this: undo the change, or {announce}"
        ));
        answer.raise(Verdict::Findings);
    }
}

/// The section `## Unreleased` of a changelog.
#[derive(Debug)]
struct Notes(String);

impl Notes {
    /// Finds the section. Its title may be in brackets, as in Keep a Changelog.
    fn parse(changelog: &str) -> Option<Self> {
        let mut lines = changelog.lines();
        lines.find(|line| {
            let title = line.strip_prefix("## ").unwrap_or_default().trim();
            title
                .trim_matches(['[', ']'])
                .eq_ignore_ascii_case("unreleased")
        })?;
        let section: Vec<_> = lines.take_while(|line| !line.starts_with("## ")).collect();
        Some(Self(section.join("\n")))
    }

    /// Returns whether the section names the subject of a change in backticks, by its schema name or its
    /// exposed name.
    fn mention(&self, change: &Change) -> bool {
        let names = [Some(&change.name), change.exposed.as_ref()];
        let mut quoted = self.0.split('`').skip(1).step_by(2);
        quoted.any(|quoted| names.contains(&Some(&quoted.to_owned())))
    }
}

fn read_notes(path: &Path) -> Result<Notes, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::io("read", path, &error))?;
    Notes::parse(&text).ok_or_else(|| {
        Failure::new(format!(
            "`{}` has no heading `## Unreleased`",
            path.display()
        ))
        .help("add the heading above the latest release, and announce breaking changes below it")
    })
}

/// Formats "metric `request.duration` (stable)".
fn subject(change: &Change) -> String {
    if change.name.is_empty() {
        return change.subject.to_owned();
    }
    format!(
        "{} `{}` ({})",
        change.subject, change.name, change.stability
    )
}

/// Formats "metric `request.duration` (stable): type: counter -> gauge".
fn line(change: &Change) -> String {
    format!("{}: {}", subject(change), what(change))
}

/// Formats "type: counter -> gauge".
fn what(change: &Change) -> String {
    let field = change.field;
    match (&change.old, &change.new) {
        (Some(old), Some(new)) => format!("{field}: {old} -> {new}"),
        (Some(old), None) if field == change.subject => format!("removed {old}"),
        (None, Some(new)) if field == change.subject => format!("added {new}"),
        (Some(old), None) => format!("{field}: no longer {old}"),
        (None, Some(new)) => format!("{field}: now {new}"),
        (None, None) => field.to_owned(),
    }
}

const fn style(impact: Impact) -> Style {
    match impact {
        Impact::Breaking => ERROR,
        Impact::Additive => GOOD,
        Impact::Cosmetic => Style::new(),
    }
}

fn summary(changes: &[Change]) -> String {
    let breaking = changes
        .iter()
        .filter(|change| change.impact() == Impact::Breaking)
        .count();
    format!(
        "{}, {breaking} breaking; next release: {}",
        count(changes.len(), "change"),
        Release::of(changes).name()
    )
}

fn human(old: &str, new: &str, changes: &[Change]) -> String {
    let mut text = String::new();
    if !changes.is_empty() {
        let _ = writeln!(text, "{BOLD}DASHBOARDS  RUST      CHANGE{BOLD:#}");
    }
    for change in changes {
        let (dashboards, rust) = (style(change.dashboards), style(change.rust));
        let _ = writeln!(
            text,
            "{dashboards}{:<10}{dashboards:#}  {rust}{:<8}{rust:#}  {}",
            change.dashboards.name(),
            change.rust.name(),
            line(change),
        );
    }
    let cyan = AnsiColor::Cyan.on_default();
    let _ = writeln!(text, "{cyan}{old} -> {new}{cyan:#}: {}", summary(changes));
    text
}

fn markdown(changes: &[Change]) -> String {
    let mut text = format!("**{}**\n", summary(changes));
    if !changes.is_empty() {
        text.push_str("\n| change | dashboards | Rust |\n| --- | --- | --- |\n");
    }
    for change in changes {
        let cell = |impact: Impact| match impact {
            Impact::Breaking => "**breaking**",
            Impact::Additive | Impact::Cosmetic => impact.name(),
        };
        let _ = writeln!(
            text,
            "| {}: {} | {} | {} |",
            subject(change),
            escaped(&what(change)),
            cell(change.dashboards),
            cell(change.rust),
        );
    }
    text
}

/// Escapes a text for a table cell.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' => escaped.push(' '),
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => escaped.extend(['\\', c]),
            _ => escaped.push(c),
        }
    }
    escaped
}

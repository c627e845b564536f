//! Runs `cargo check` with this program as the wrapper of rustc, so that `metrics!` marks recorders, and reads uses from the
//! messages.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use clap::CommandFactory as _;
use serde::Deserialize;
use shadowcat_metrics_codegen::emit::recorders::uses::{MARK, Use, fingerprint};
use shadowcat_metrics_codegen::model::{LabelId, MetricId, Registry};
use shadowcat_metrics_codegen::name::pascal_case;

use super::{Place, Project};
use crate::cli::Cli;
use crate::failure::Failure;
use crate::report::Form;

/// Set if cargo calls this program as a wrapper; the value goes to the macro.
const CALLED_BY_CARGO: &str = "SHADOWCAT_METRICS_WRAPS_RUSTC";
/// Set to the uses that the macro should mark.
const MARK_USES: &str = "SHADOWCAT_METRICS_MARK_USES";

/// A rustc warning about a marked item.
#[derive(Debug)]
pub(super) struct Sighting {
    pub(super) used: Use,
    pub(super) place: Place,
    /// Whether it is in the expansion of `metrics!`.
    pub(super) generated: bool,
}

/// A line of cargo's JSON, reduced to the fields used here.
#[derive(Debug, Deserialize)]
struct Line {
    #[serde(default)]
    message: Option<Message>,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(rename = "message")]
    text: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    rendered: Option<String>,
    #[serde(default)]
    spans: Vec<Span>,
}

impl Message {
    fn primary(&self) -> Option<&Span> {
        self.spans.iter().find(|span| span.is_primary)
    }

    fn place(&self) -> Option<Place> {
        let span = self.primary()?;
        Some(Place {
            file: span.file_name.clone(),
            line: span.line_start,
            column: span.column_start,
        })
    }
}

#[derive(Debug, Deserialize)]
struct Span {
    file_name: PathBuf,
    line_start: usize,
    column_start: usize,
    is_primary: bool,
    expansion: Option<Box<Expansion>>,
}

#[derive(Debug, Deserialize)]
struct Expansion {
    span: Span,
    def_site_span: Option<Box<Span>>,
}

/// Collects the uses of this schema in the crates that `cargo check` compiles.
pub(super) fn check(project: &Project<'_>, registry: &Registry) -> Result<Vec<Sighting>, Failure> {
    let checked = run(project, "")?;
    if !checked.success {
        return Err(checked.broken());
    }
    let messages = checked.messages.iter();
    Ok(messages
        .filter_map(|message| sighting(message, registry))
        .collect())
}

/// Returns the labels that the project parses with `FromStr`: without it, the project does not compile.
///
/// Cargo skips crates that depend on a failed crate, so call this again until the result is empty.
pub(super) fn parsed(
    project: &Project<'_>,
    registry: &Registry,
    labels: &BTreeSet<LabelId>,
) -> Result<Vec<(LabelId, Place)>, Failure> {
    let without = without_from_str(labels.iter().copied(), registry);
    let checked = run(project, &without)?;
    if checked.success {
        return Ok(Vec::new());
    }
    let errors: Vec<_> = checked.errors().collect();
    let is_about = |error: &Message, label: LabelId| {
        let ty = pascal_case(&registry.labels[label.0].key);
        let text = error.rendered.as_deref().unwrap_or(&error.text);
        text.contains("FromStr") && text.contains(&ty)
    };
    let parsed: Vec<_> = labels
        .iter()
        .filter_map(|label| {
            let error = errors.iter().find(|error| is_about(error, *label))?;
            Some((*label, error.place()?))
        })
        .collect();
    if parsed.is_empty() {
        return Err(checked.broken());
    }
    Ok(parsed)
}

/// The output of cargo.
struct Checked {
    success: bool,
    messages: Vec<Message>,
    stderr: String,
}

impl Checked {
    fn errors(&self) -> impl Iterator<Item = &Message> {
        self.messages
            .iter()
            .filter(|message| message.level == "error")
    }

    /// Creates the failure for a project that cargo cannot check, because its uses are unknown.
    fn broken(&self) -> Failure {
        let errors: String = self
            .errors()
            .filter_map(|message| message.rendered.as_deref())
            .collect();
        let (what, help) = if errors.is_empty() {
            let help = "fix the error that cargo reports above; the argument is the folder of a crate or workspace, and only \
                        arguments of `cargo check` may follow `--`";
            ("cargo cannot check the project", help)
        } else {
            let help = "fix the project first: uses are only known once it compiles";
            ("the project does not compile", help)
        };
        let stderr = self.stderr.trim_end();
        Failure::new(format!("{what}\n\n{errors}{stderr}")).help(help)
    }
}

/// Checks the workspace's crates, or those selected by the arguments, with the given marks.
fn run(project: &Project<'_>, marks: &str) -> Result<Checked, Failure> {
    let failed =
        |what: &str, error: &std::io::Error| Failure::new(format!("cannot {what}: {error}"));
    let this = std::env::current_exe().map_err(|error| failed("find this program", &error))?;
    let cargo = cargo();
    let mut command = Command::new(&cargo);
    command.args(["check", "--message-format=json", "--quiet", "--keep-going"]);
    if !chooses_packages(project.arguments) {
        command.arg("--workspace");
    }
    let output = command
        .args(project.arguments)
        .current_dir(project.folder)
        .env("RUSTC_WORKSPACE_WRAPPER", this)
        .env(CALLED_BY_CARGO, marks)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| {
            let folder = project.folder.display();
            failed(&format!("run `{}` in `{folder}`", cargo.display()), &error)
                .help("name the folder of a crate or a workspace")
        })?;
    let lines = String::from_utf8_lossy(&output.stdout);
    let messages = lines
        .lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok()?.message);
    Ok(Checked {
        success: output.status.success(),
        messages: messages.collect(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Returns the folder that rustc's paths are relative to: that of the workspace, not the current one.
pub(super) fn workspace(project: &Project<'_>) -> PathBuf {
    let mut command = Command::new(cargo());
    command.args(["locate-project", "--workspace", "--message-format=plain"]);
    let mut arguments = project.arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument.starts_with("--manifest-path") {
            command.arg(argument);
            // Without `=`, the next argument is the path.
            command.args(arguments.next().filter(|_| !argument.contains('=')));
        }
    }
    let located = command
        .current_dir(project.folder)
        .stdin(Stdio::null())
        .output();
    let manifest = located.ok().filter(|located| located.status.success());
    let manifest =
        manifest.map(|located| String::from_utf8_lossy(&located.stdout).trim().to_owned());
    let folder = manifest.and_then(|manifest| Some(Path::new(&manifest).parent()?.to_owned()));
    folder.unwrap_or_else(|| project.folder.to_owned())
}

fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Returns whether the arguments select packages.
fn chooses_packages(arguments: &[String]) -> bool {
    arguments.iter().any(|argument| {
        ["--package", "--manifest-path", "--workspace"]
            .iter()
            .any(|option| argument.starts_with(option))
            || (argument.starts_with("-p") && !argument.starts_with("--"))
    })
}

fn sighting(message: &Message, registry: &Registry) -> Option<Sighting> {
    let used = marked_use(&message.text, registry)?;
    let span = message.primary()?;
    let mut sighting = Sighting {
        used,
        place: message.place()?,
        generated: false,
    };
    let mut expansion = &span.expansion;
    while let Some(step) = expansion {
        let home = step
            .def_site_span
            .as_ref()
            .map(|span| span.file_name.to_string_lossy());
        sighting.generated |= home.is_some_and(|home| home.contains("shadowcat-metrics-macros"));
        expansion = &step.span.expansion;
    }
    Some(sighting)
}

/// Returns the marks for recorders with some labels that lack `FromStr`.
fn without_from_str(labels: impl IntoIterator<Item = LabelId>, registry: &Registry) -> String {
    let labels = labels.into_iter().map(|label| format!(" {}", label.0));
    fingerprint(registry) + &labels.collect::<String>()
}

/// Parses one of rustc's messages. Returns `None` for other messages, and for marks of another schema.
fn marked_use(message: &str, registry: &Registry) -> Option<Use> {
    let (_, note) = message.split_once(MARK)?;
    let mut words = note.split_whitespace();
    if words.next()? != fingerprint(registry) {
        return None;
    }
    let kind = words.next()?;
    let mut number = || words.next()?.parse::<usize>().ok();
    match kind {
        "schema" => Some(Use::Schema),
        "metric" => Some(Use::Metric(MetricId(number()?))),
        "value" => Some(Use::Value(LabelId(number()?), number()?)),
        "values" => Some(Use::Values(LabelId(number()?))),
        _ => None,
    }
}

/// Runs rustc if cargo calls this program as its workspace wrapper: with the marks and additional flags. Cargo keeps these results
/// separate from those of ordinary builds and shares the dependencies.
pub(crate) fn wrap_rustc() -> Option<ExitCode> {
    let marks = std::env::var_os(CALLED_BY_CARGO)?;
    let mut arguments = std::env::args_os().skip(1);
    let rustc = arguments.next()?;
    // A build script may run this program as an ordinary command.
    let is_command = rustc
        .to_str()
        .is_some_and(|name| Cli::command().find_subcommand(name).is_some());
    if is_command {
        return None;
    }
    Some(rustc_with_marks(&rustc, arguments, &marks))
}

fn rustc_with_marks(
    rustc: &OsString,
    arguments: impl Iterator<Item = OsString>,
    marks: &OsString,
) -> ExitCode {
    let status = Command::new(rustc)
        .args(arguments)
        // `allow(deprecated)` must not hide a use, and `deny(warnings)` must not stop the build.
        .args(["--force-warn", "deprecated", "--cap-lints", "warn"])
        .env(MARK_USES, marks)
        .status();
    match status {
        // A killed rustc has no exit code.
        Ok(status) => ExitCode::from(
            status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .unwrap_or(1),
        ),
        Err(error) => {
            Failure::new(format!("cannot run `{}`: {error}", rustc.display())).print(Form::Human)
        }
    }
}

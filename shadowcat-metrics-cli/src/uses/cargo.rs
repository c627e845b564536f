//! Runs `cargo check` and reads uses from its messages.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;
use shadowcat_metrics_codegen::emit::recorders::uses::Use;
use shadowcat_metrics_codegen::model::{LabelId, Registry};
use shadowcat_metrics_codegen::name::pascal_case;

use super::{Place, Project, marks, wrapper};
use crate::failure::Failure;

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
    let without = marks::without_from_str(labels.iter().copied(), registry);
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
        .env(wrapper::CALLED_BY_CARGO, marks)
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
    let used = marks::in_message(&message.text, registry)?;
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

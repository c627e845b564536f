//! The schemas that a command works on: the one that an argument names (a file, an included file or standard input), and the
//! others of its program.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use cargo_metadata::{Metadata, MetadataCommand};
use shadowcat_metrics_codegen::codes::errors::INVALID_USE;
use shadowcat_metrics_codegen::files::{self, Disk};
use shadowcat_metrics_codegen::model::Registry;
use shadowcat_metrics_codegen::{Diagnostic, Files, Source, Span, Version};
use shadowcat_metrics_operations::program::{Part, check_program};
use shadowcat_metrics_operations::{self as operations, Outcome, compile_files};

use crate::failure::Failure;
use crate::files::{canonical, folder_of};
use crate::including_schema::{IncludingSchema, schemas_above};
use crate::newline::with_lf;
use crate::release::release_of;
use crate::report;
use crate::schema_files::LfFiles;

/// The default schema file.
pub(crate) const DEFAULT: &str = "metrics.toml";

/// Maximum size of a file that is not a page of metrics, in bytes.
const MAX_FILE: u64 = 256 << 20;

/// An argument that names a schema. A file that another schema includes selects that schema. The default is the nearest
/// `metrics.toml`, in this folder or above.
#[derive(Debug, Clone)]
pub(crate) struct SchemaArg {
    path: PathBuf,
    note: Option<String>,
}

impl From<OsString> for SchemaArg {
    fn from(named: OsString) -> Self {
        let FileArg(Self { path, .. }) = FileArg::from(named);
        match IncludingSchema::of(&path) {
            Some(including) => Self {
                note: Some(format!(
                    "`{}` is included by `{}`; using that schema",
                    including.part,
                    including.schema.display()
                )),
                path: including.schema,
            },
            None => Self { path, note: None },
        }
    }
}

/// Like [`SchemaArg`], but a file that another schema includes stands for itself.
#[derive(Debug, Clone)]
pub(crate) struct FileArg(pub(crate) SchemaArg);

impl From<OsString> for FileArg {
    fn from(named: OsString) -> Self {
        let mut path = PathBuf::from(named);
        if path == Path::new(DEFAULT) && !path.exists() {
            path = above(&path).unwrap_or(path);
        }
        Self(SchemaArg::exact(path))
    }
}

impl SchemaArg {
    /// Uses the file exactly as named, even if another schema includes it.
    pub(crate) const fn exact(path: PathBuf) -> Self {
        Self { path, note: None }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns a note for the user if a schema other than the named one is used.
    pub(crate) fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Returns whether the schema is a stream, which cannot be replaced: the changed text goes to standard output.
    pub(crate) fn is_stream(&self) -> bool {
        is_stream(&self.path)
    }

    /// Reads the schema's own file to edit it, without included files.
    pub(crate) fn read(&self) -> Result<Source, Failure> {
        Ok(Source::from_bytes(self.name(), &self.read_bytes()?))
    }

    fn name(&self) -> String {
        if is_stdin(&self.path) {
            "<stdin>".to_owned()
        } else {
            self.path.display().to_string()
        }
    }

    fn read_bytes(&self) -> Result<Vec<u8>, Failure> {
        let path = &self.path;
        if is_stdin(path) {
            return read_stdin(MAX_FILE);
        }
        if path.is_dir() {
            let inside = path.join(DEFAULT);
            let failure = Failure::new(format!("`{}` is a directory", path.display()));
            return Err(if inside.is_file() {
                failure.help(format!(
                    "name the schema in this folder: `{}`",
                    inside.display()
                ))
            } else {
                failure.help(advice(&inside))
            });
        }
        match read_file(path, MAX_FILE) {
            Ok(bytes) => Ok(bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(Failure::new(format!(
                "there is no file `{}`",
                path.display()
            ))
            .help(advice(path))),
            Err(error) => Err(Failure::io("read", path, &error)),
        }
    }

    /// Returns access to the included files; `None` for a schema without a folder.
    pub(crate) fn files(&self) -> Option<Disk> {
        (!is_stdin(&self.path)).then(disk)
    }

    /// Compiles the schema and its included files, with line ends normalized.
    pub(crate) fn compile(&self, release: Option<&Version>) -> Result<Outcome, Failure> {
        let source = Source::from_bytes(self.name(), &with_lf(self.read_bytes()?));
        let disk = self.files();
        let files = disk.as_ref().map(|disk| LfFiles(disk));
        let files = files.as_ref().map(|files| files as &dyn Files);
        Ok(compile_files(source, files, release))
    }

    /// Compiles the schema with its texts unchanged, to edit them.
    pub(crate) fn compile_to_edit(&self) -> Result<Outcome, Failure> {
        let source = self.read()?;
        let disk = self.files();
        let files = disk.as_ref().map(|disk| disk as &dyn Files);
        Ok(compile_files(source, files, None))
    }

    /// Compiles the schema. Fails if it has errors.
    pub(crate) fn load(&self, release: Option<&Version>) -> Result<Schema, Failure> {
        Schema::valid(self.compile(release)?)
    }

    /// Returns the path of one of the schema's files. The schema's own path is taken from the argument, because its name loses
    /// bytes that are not UTF-8.
    pub(crate) fn path_of(&self, name: &str, source: &Source) -> PathBuf {
        if name == source.name() {
            self.path.clone()
        } else {
            PathBuf::from(name)
        }
    }

    /// Returns the documents folder next to the schema. A link to a schema shares the documents of the schema.
    pub(crate) fn documents_folder(&self) -> PathBuf {
        if self.is_stream() {
            return PathBuf::from("docs");
        }
        let path = files::follow(&self.path);
        let path = if path.is_symlink() {
            canonical(&path)
        } else {
            path
        };
        path.with_file_name("docs")
    }

    /// Returns the command-line argument for this schema, after a space; empty for the default.
    pub(crate) fn as_argument(&self) -> String {
        if self.path == Path::new(DEFAULT) {
            String::new()
        } else {
            format!(" {}", report::argument(&self.path))
        }
    }
}

/// A schema without errors.
#[derive(Debug)]
pub(crate) struct Schema(Outcome);

impl Schema {
    /// Returns the schema, or a failure that prints its errors.
    pub(crate) fn valid(outcome: Outcome) -> Result<Self, Failure> {
        if outcome.report.has_errors() {
            Err(Failure::invalid_schema(outcome))
        } else {
            Ok(Self(outcome))
        }
    }

    pub(crate) fn registry(&self) -> &Registry {
        &self.model().registry
    }

    /// Returns the metrics, objectives and alerts.
    pub(crate) fn model(&self) -> &operations::Schema {
        self.0.skeleton()
    }

    pub(crate) fn source(&self) -> &Source {
        &self.0.source
    }

    pub(crate) fn outcome(&self) -> &Outcome {
        &self.0
    }
}

/// Returns access to files by paths as given on the command line.
pub(crate) fn disk() -> Disk {
    Disk::new("")
}

/// Returns whether a path means standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]
        .iter()
        .any(|name| path == Path::new(name))
}

/// Returns whether a path is standard input, a pipe or a device, which cannot be replaced.
pub(crate) fn is_stream(path: &Path) -> bool {
    let is_special =
        |metadata: fs::Metadata| !metadata.file_type().is_file() && !metadata.file_type().is_dir();
    is_stdin(path) || fs::metadata(path).is_ok_and(is_special)
}

/// Reads a file, or standard input for `-`, of at most `max` bytes.
pub(crate) fn read_bytes(path: &Path, max: u64) -> Result<Vec<u8>, Failure> {
    if is_stdin(path) {
        read_stdin(max)
    } else {
        read_file(path, max).map_err(|error| Failure::io("read", path, &error))
    }
}

fn read_file(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    read_all(fs::File::open(files::follow(path))?, max)
}

/// Reads to the end, up to a limit: `/dev/zero` has no end.
fn read_all(reader: impl io::Read, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        let most = format!("it is larger than {} MiB", max >> 20);
        return Err(io::Error::new(ErrorKind::FileTooLarge, most));
    }
    Ok(bytes)
}

/// Reads a file that is not a schema.
pub(crate) fn read_source(path: &Path) -> Result<Source, Failure> {
    let name = SchemaArg::exact(path.to_owned()).name();
    Ok(Source::from_bytes(name, &read_bytes(path, MAX_FILE)?))
}

fn read_stdin(max: u64) -> Result<Vec<u8>, Failure> {
    static READ: AtomicBool = AtomicBool::new(false);

    if READ.swap(true, Ordering::Relaxed) {
        return Err(Failure::new(
            "standard input can only be read once, and two arguments name it",
        )
        .help("put one of the two inputs into a file"));
    }
    read_all(io::stdin().lock(), max)
        .map_err(|error| Failure::new(format!("cannot read standard input: {error}")))
}

/// Returns the help for a schema that does not exist.
fn advice(path: &Path) -> String {
    if let Some(other) = similar_file(path).or_else(|| above(path)) {
        return format!("if you mean `{}`, name that file", other.display());
    }
    "name the schema, run `shadowcat-metrics init`, or create a file; two lines are enough:\n\n    format = 1\n    namespace = \"my_service\"\n".to_owned()
}

/// Returns the `metrics.toml` of the nearest folder above a file.
fn above(path: &Path) -> Option<PathBuf> {
    let mut above = schemas_above(path).into_iter().map(PathBuf::from);
    above.find(|path| path.is_file())
}

/// Returns a similar file in the same folder: the first by name, so that the result is stable.
fn similar_file(path: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder_of(path))
        .ok()?
        .filter_map(Result::ok)
        .map(|entry| entry.path());
    let meant = entries.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.contains("metric")
            && path
                .extension()
                .is_some_and(|extension| extension == "toml")
    });
    meant
        .min()
        .map(|path| path.strip_prefix(".").map(Path::to_owned).unwrap_or(path))
}

/// The table of a Cargo.toml that names the crate's schema, below `[package.metadata]`.
const TABLE: &str = "shadowcat-metrics";

/// Further schemas of the program.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ProgramArgs {
    /// Another schema of the same program, in addition to those of the crates in `uses`; can be repeated
    #[arg(long, value_name = "FILE")]
    with: Vec<SchemaArg>,
}

impl ProgramArgs {
    /// Returns the arguments in a command that users can copy, each after a space.
    pub(crate) fn as_arguments(&self) -> String {
        let mut arguments = String::new();
        for file in &self.with {
            let _ = write!(arguments, " --with {}", report::argument(file.path()));
        }
        arguments
    }

    /// Returns all schemas of a program. Fails if they have errors.
    pub(crate) fn load(&self, file: &SchemaArg) -> Result<Program, Failure> {
        let mut outcome = file.compile(None)?;
        let parts = self.join(file, &mut outcome)?;
        let schema = Schema::valid(outcome)?;
        Ok(Program { schema, parts })
    }

    /// Returns the other schemas of a program, and adds the problems of all of them together to the report of its own.
    pub(crate) fn join(
        &self,
        schema: &SchemaArg,
        outcome: &mut Outcome,
    ) -> Result<Vec<Part>, Failure> {
        let mut search = Search {
            cargo: None,
            seen: HashSet::from([canonical(schema.path())]),
            parts: Vec::new(),
            problems: Vec::new(),
        };
        match search.crates(schema.path(), outcome, None) {
            // The errors of the schema come first: `uses` may be wrong, too.
            Err(_) if outcome.report.has_errors() => {}
            found => found?,
        }
        for file in &self.with {
            search.file(file, &file.path().display().to_string(), Span::default())?;
        }
        let Search {
            parts, problems, ..
        } = search;
        outcome.report.extend(problems);
        if let Some(schema) = outcome.schema() {
            let problems = check_program(schema, &parts);
            outcome.report.extend(problems);
        }
        outcome.report.sort();
        Ok(parts)
    }
}

/// A program: its own schema, and the other ones.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) schema: Schema,
    pub(crate) parts: Vec<Part>,
}

impl Program {
    /// Returns the models of all schemas, each with the name of its part; the program's own has none.
    pub(crate) fn registries(&self) -> impl Iterator<Item = (Option<&str>, &Registry)> {
        let parts = self.parts.iter();
        let parts = parts.map(|part| (Some(part.name.as_str()), &part.schema.registry));
        std::iter::once((None, self.schema.registry())).chain(parts)
    }
}

struct Search {
    /// What cargo says about the program, once it was asked.
    cargo: Option<Metadata>,
    seen: HashSet<PathBuf>,
    parts: Vec<Part>,
    problems: Vec<Diagnostic>,
}

impl Search {
    /// Finds the schemas of the crates that a schema uses. Those of a crate's own `uses` are reported at `span`, where the
    /// program's schema names the crate.
    fn crates(
        &mut self,
        path: &Path,
        outcome: &Outcome,
        span: Option<Span>,
    ) -> Result<(), Failure> {
        for used in &outcome.skeleton().registry.uses {
            let span = span.unwrap_or(used.span);
            match self.schema_of(path, &used.value)? {
                Ok(schema) => self.file(&SchemaArg::exact(schema), &used.value, span)?,
                Err(message) => self.problem(span, message),
            }
        }
        Ok(())
    }

    fn problem(&mut self, span: Span, message: String) {
        let problem = Diagnostic::error(INVALID_USE, span, message)
            .label("expected a dependency with a schema");
        self.problems.push(problem);
    }

    /// Compiles a schema and those that it uses.
    fn file(&mut self, file: &SchemaArg, name: &str, span: Span) -> Result<(), Failure> {
        if !self.seen.insert(canonical(file.path())) {
            return Ok(());
        }
        let outcome = file.compile(release_of(file.path()).as_ref())?;
        let Some(schema) = outcome.schema() else {
            let path = file.path().display();
            self.problems.push(
                Diagnostic::error(
                    INVALID_USE,
                    span,
                    format!("the schema of `{name}` has errors"),
                )
                .label(format!("`{path}` cannot be used"))
                .help(format!(
                    "run `shadowcat-metrics check {}`",
                    report::argument(file.path())
                )),
            );
            return Ok(());
        };
        self.parts.push(Part::new(name, schema.clone(), span));
        self.crates(file.path(), &outcome, Some(span))
    }

    /// Returns the path of a crate's schema, or the reason why there is none.
    fn schema_of(&mut self, schema: &Path, name: &str) -> Result<Result<PathBuf, String>, Failure> {
        let metadata = match &mut self.cargo {
            Some(metadata) => metadata,
            none => none.insert(metadata(schema)?),
        };
        let Some(package) = metadata
            .packages
            .iter()
            .find(|package| *package.name == name)
        else {
            return Ok(Err(format!(
                "the program does not depend on the crate `{name}`"
            )));
        };
        let Some(path) = package.metadata[TABLE]["schema"].as_str() else {
            return Ok(Err(format!(
                "the crate `{name}` names no schema: its Cargo.toml has no `[package.metadata.{TABLE}] schema`"
            )));
        };
        Ok(Ok(package.manifest_path.with_file_name(path).into()))
    }
}

/// Asks cargo about the package around a schema.
fn metadata(schema: &Path) -> Result<Metadata, Failure> {
    let folder = std::path::absolute(schema)
        .ok()
        .filter(|_| !is_stream(schema))
        .and_then(|path| path.parent().map(Path::to_owned));
    let mut command = MetadataCommand::new();
    if let Some(folder) = folder {
        command.current_dir(folder);
    }
    command.exec().map_err(|error| {
        let message = error.to_string();
        let line = message
            .lines()
            .find(|line| line.contains("error"))
            .unwrap_or(&message);
        Failure::new(format!("`uses` cannot be resolved: {}", line.trim()))
            .help("run `cargo metadata` in the folder of the schema to see the reason")
    })
}

//! The schema that a command works on: a file, an included file, or standard input.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use shadowcat_metrics_codegen::files::{self, Disk};
use shadowcat_metrics_codegen::model::Registry;
use shadowcat_metrics_codegen::{Files, Source, Version};
use shadowcat_metrics_operations::{self as operations, Outcome, compile_files};

use crate::failure::Failure;
use crate::files::folder_of;
use crate::including_schema::{IncludingSchema, schemas_above};
use crate::newline::with_lf;
use crate::report;
use crate::schema_files::LfFiles;

/// The default schema file.
pub(crate) const DEFAULT: &str = "metrics.toml";

/// Maximum size of an input, in bytes.
pub(crate) const MAX_INPUT: u64 = 256 << 20;

/// An argument that names a schema. A file that another schema includes selects that schema. The default is the nearest
/// `metrics.toml`, in this folder or above.
#[derive(Debug, Clone)]
pub(crate) struct SchemaArg {
    path: PathBuf,
    note: Option<String>,
}

impl From<OsString> for SchemaArg {
    fn from(named: OsString) -> Self {
        let path = nearest(PathBuf::from(named));
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
            return read_stdin();
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
        match read_file(path) {
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

    /// Returns the documents folder next to the schema.
    pub(crate) fn documents_folder(&self) -> PathBuf {
        if self.is_stream() {
            PathBuf::from("docs")
        } else {
            self.path.with_file_name("docs")
        }
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

/// Returns the nearest `metrics.toml` above if `path` is the default and does not exist in this folder.
pub(crate) fn nearest(path: PathBuf) -> PathBuf {
    if path != Path::new(DEFAULT) || path.exists() {
        return path;
    }
    above(&path).unwrap_or(path)
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

/// Reads a file, or standard input for `-`.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    if is_stdin(path) {
        read_stdin()
    } else {
        read_file(path).map_err(|error| Failure::io("read", path, &error))
    }
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    read_all(fs::File::open(files::follow(path))?)
}

/// Reads to the end, up to a limit: `/dev/zero` has no end.
fn read_all(reader: impl io::Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(MAX_INPUT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_INPUT {
        let most = format!("it is larger than {} MiB", MAX_INPUT >> 20);
        return Err(io::Error::new(ErrorKind::FileTooLarge, most));
    }
    Ok(bytes)
}

/// Reads a file that is not a schema.
pub(crate) fn read_source(path: &Path) -> Result<Source, Failure> {
    let name = SchemaArg::exact(path.to_owned()).name();
    Ok(Source::from_bytes(name, &read_bytes(path)?))
}

fn read_stdin() -> Result<Vec<u8>, Failure> {
    static READ: AtomicBool = AtomicBool::new(false);

    if READ.swap(true, Ordering::Relaxed) {
        return Err(Failure::new(
            "standard input can only be read once, and two arguments name it",
        )
        .help("put one of the two inputs into a file"));
    }
    read_all(io::stdin().lock())
        .map_err(|error| Failure::new(format!("cannot read standard input: {error}")))
}

/// Returns the help for a schema that does not exist.
fn advice(path: &Path) -> String {
    if let Some(other) = similar_file(path).or_else(|| above(path)) {
        return format!("if you mean `{}`, name that file", other.display());
    }
    "name the schema, or create one; two lines are enough:\n\n    format = 1\n    namespace = \"my_service\"\n".to_owned()
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

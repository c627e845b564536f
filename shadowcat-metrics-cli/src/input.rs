//! Reading the schema, from a file or from standard input.

use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use shadowcat_metrics_codegen::files::Disk;
use shadowcat_metrics_codegen::{Files, Outcome, Source, Version, compile_files};

use crate::failure::Failure;
use crate::revision::Git;
use crate::whole::schemas_above;

/// Whether the schema is to be read from standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Compiles a schema and what it includes.
pub(crate) fn compile_schema(path: &Path, release: Option<&Version>) -> Result<Outcome, Failure> {
    let source = read_schema(path)?;
    let disk = disk();
    let files = (!is_stdin(path)).then_some(&disk as &dyn Files);
    Ok(compile_files(source, files, release))
}

/// Files by paths as the command line gives them.
pub(crate) fn disk() -> Disk {
    Disk::new("")
}

pub(crate) fn read_schema(path: &Path) -> Result<Source, Failure> {
    if is_stdin(path) {
        let mut bytes = Vec::new();
        io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map_err(|error| {
                Failure::new(format!(
                    "cannot read the schema from standard input: {error}"
                ))
            })?;
        return Ok(Source::from_bytes("<stdin>", &bytes));
    }
    if path.is_dir() {
        let inside = path.join("metrics.toml");
        let failure = Failure::new(format!("`{}` is a directory", path.display()));
        return Err(if inside.is_file() {
            failure.help(format!("name the schema in it: `{}`", inside.display()))
        } else {
            failure.help(advice(&inside))
        });
    }
    match fs::read(path) {
        Ok(bytes) => Ok(Source::from_bytes(path.display().to_string(), &bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(Failure::new(format!("there is no file `{}`", path.display())).help(advice(path)))
        }
        Err(error) => Err(Failure::io("read", path, &error)),
    }
}

/// A file that is no schema, as it is named.
pub(crate) fn read_source(path: &Path) -> Result<Source, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::io("read", path, &error))?;
    Ok(Source::from_bytes(path.display().to_string(), &bytes))
}

/// What is in a file, or comes on standard input for `-`.
pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    if is_stdin(path) {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        read.map(|_| bytes)
            .map_err(|error| Failure::new(format!("cannot read standard input: {error}")))
    } else {
        fs::read(path).map_err(|error| Failure::io("read", path, &error))
    }
}

/// Compiles a schema that may be a file or, as `REVISION:PATH`, what git has of one.
pub(crate) fn compile_revision(name: &str) -> Result<Outcome, Failure> {
    let path = Path::new(name);
    match name.split_once(':') {
        Some((revision, _)) if !path.exists() => {
            let source = read_revision(name)?;
            Ok(compile_files(source, Some(&Git::new(revision)), None))
        }
        None if !path.exists() && !is_stdin(path) && Git::new(name).exists() => Err(Failure::new(
            format!("`{name}` is a revision of git's, which has many files"),
        )
        .help(format!(
            "name the schema in it, such as `{name}:metrics.toml`"
        ))),
        Some(_) | None => compile_schema(path, None),
    }
}

fn read_revision(name: &str) -> Result<Source, Failure> {
    let shown = Command::new("git")
        // Git takes the path as one from the top of the repository, unless it begins with `./`.
        .args(["show", "--no-textconv", "--end-of-options", name])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Failure::new(format!("cannot run git to read `{name}`: {error}")))?;
    if shown.status.success() {
        return Ok(Source::from_bytes(name, &shown.stdout));
    }
    let said = String::from_utf8_lossy(&shown.stderr);
    Err(Failure::new(format!("git has no `{name}`: {}", said.trim())).help(
        "a revision's schema is named like `HEAD~1:metrics.toml`, by its path from the top of the repository",
    ))
}

/// What to do about a schema that is not there.
fn advice(path: &Path) -> String {
    if let Some(other) = beside(path).or_else(|| above(path)) {
        return format!(
            "there is `{}`; name that, if it is the one you mean",
            other.display()
        );
    }
    "name the schema, or begin one; two lines are enough:\n\n    format = 1\n    namespace = \"my_service\"\n".to_owned()
}

/// The `metrics.toml` of the nearest folder above a file.
fn above(path: &Path) -> Option<PathBuf> {
    let mut above = schemas_above(path).into_iter().map(PathBuf::from);
    above.find(|path| path.is_file())
}

/// A file that may be the one that was meant, in the same folder: the first by name, so that it is always the same.
fn beside(path: &Path) -> Option<PathBuf> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let entries = fs::read_dir(folder)
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

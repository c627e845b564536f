//! Reading the files that a schema includes.

use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use crate::pattern::{Part, Pattern};

/// Reads the files that a schema includes. Names are paths separated by `/`, like [`Source::name`] of the
/// schema.
///
/// [`Source::name`]: crate::Source::name
pub trait Files {
    /// Returns the files that a path or pattern matches in a folder, sorted by name. Empty if nothing
    /// matches.
    ///
    /// # Errors
    ///
    /// If the pattern is invalid, or the folder cannot be read.
    fn list(&self, folder: &str, pattern: &str) -> Result<Vec<String>>;

    /// Returns the contents of a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn read(&self, name: &str) -> Result<Vec<u8>>;

    /// Returns the identity of a file: the same for all its names.
    fn identity(&self, name: &str) -> String {
        normal(name)
    }
}

/// Joins a folder and a path with `/`.
#[must_use]
pub fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    }
}

/// Removes `.` and `..` from a name.
#[must_use]
pub fn normal(name: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in name.split('/') {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Files on disk. Their names are absolute paths, or relative to a folder.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// Files whose names are relative to `root`. An empty path is the current folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

impl Files for Disk {
    fn list(&self, folder: &str, pattern: &str) -> Result<Vec<String>> {
        let root = self.root.join(folder);
        let names = find(&root, pattern)?;
        if names.is_empty() && root.join(pattern).is_dir() {
            let all = join(pattern.trim_end_matches('/'), "*.toml");
            return Err(invalid(format!(
                "this is a folder; to include its files, write `{all}`"
            )));
        }
        let mut paths = Vec::new();
        for name in names {
            paths.push(join(folder, &name));
        }
        Ok(paths)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        read_regular(&self.root.join(name))
    }

    /// Links have the identity of their target.
    fn identity(&self, name: &str) -> String {
        let path = follow(&self.root.join(name)).canonicalize();
        path.map_or_else(|_| normal(name), |path| path.display().to_string())
    }
}

/// Reads a schema file, following links written as text files.
///
/// # Errors
///
/// If it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(follow(path))
}

/// Like [`read`], but fails for anything except a regular file: reading a named pipe would wait for a writer.
///
/// # Errors
///
/// If it is not a regular file, or cannot be read.
pub fn read_regular(path: &Path) -> Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(invalid("this is not a regular file".to_owned()));
    }
    read(path)
}

/// Returns the file that a path finally leads to, see [`links`].
#[must_use]
pub fn follow(path: &Path) -> PathBuf {
    links(path).pop().unwrap_or_else(|| path.to_owned())
}

/// Returns the files that a path leads to: where Git cannot make symbolic links (`core.symlinks=false`, the default on
/// Windows), it writes a file of one line instead, the path that the link points to. Symbolic links themselves are left to
/// the operating system.
#[must_use]
pub fn links(path: &Path) -> Vec<PathBuf> {
    /// Linux follows at most this many links in a path.
    const MAX_LINKS: usize = 40;
    let targets = std::iter::successors(link_target(path), |path| link_target(path));
    targets.take(MAX_LINKS).collect()
}

/// Returns the target of a link that Git wrote as a text file: its only line names an existing TOML file. Such a line is never
/// TOML itself.
fn link_target(path: &Path) -> Option<PathBuf> {
    /// Longer than any valid path.
    const MAX_LENGTH: u64 = 4096;
    let metadata = fs::metadata(path).ok()?;
    // A pipe can be read only once.
    if !metadata.is_file() || metadata.len() > MAX_LENGTH {
        return None;
    }
    let text = fs::read_to_string(path).ok()?;
    let line = text.trim_end_matches(['\r', '\n']);
    let target = path.parent()?.join(line);
    let is_toml = target
        .extension()
        .is_some_and(|extension| extension == "toml");
    (is_toml && !line.contains(['\n', '=', '#', '"']) && target.is_file()).then_some(target)
}

/// Returns the files below `root` that a pattern matches, as paths relative to it, sorted. Everything except a folder counts
/// as a file: a broken link is reported when it is read. `**` does not follow links.
///
/// # Errors
///
/// If the pattern is invalid, if a folder cannot be read, or if the name of a match is not UTF-8.
pub fn find(root: &Path, pattern: &str) -> Result<Vec<String>> {
    let pattern = Pattern::new(pattern).map_err(invalid)?;
    let mut found = Vec::new();
    let mut open = vec![(String::new(), pattern.parts.as_slice())];
    while let Some((name, parts)) = open.pop() {
        let path = root.join(&name);
        let Some((part, later)) = parts.split_first() else {
            if !path.is_dir() {
                found.push(name);
            }
            continue;
        };
        if let Part::Name(part) = part {
            let name = join(&name, part);
            if root.join(&name).symlink_metadata().is_ok() {
                open.push((name, later));
            }
            continue;
        }
        let recursive = matches!(part, Part::Folders);
        if recursive && !later.is_empty() {
            open.push((name.clone(), later));
        }
        if !path.is_dir() {
            continue;
        }
        let entries = fs::read_dir(&path).map_err(|error| {
            Error::new(
                error.kind(),
                format!("the folder `{}` cannot be read: {error}", path.display()),
            )
        })?;
        for entry in entries {
            let entry = entry?;
            let file = entry.file_name();
            let lossy = file.to_string_lossy();
            if !part.matches(&lossy) {
                continue;
            }
            let is_folder = if recursive {
                entry.file_type()?.is_dir()
            } else {
                entry.path().is_dir()
            };
            if is_folder == (later.is_empty() && !recursive) || (recursive && !is_folder) {
                continue;
            }
            let Some(file) = file.to_str() else {
                return Err(invalid(format!("the name of `{lossy}` is not UTF-8")));
            };
            open.push((join(&name, file), if recursive { parts } else { later }));
        }
    }
    // `**` may match a file in more than one way.
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn invalid(problem: String) -> Error {
    Error::new(ErrorKind::InvalidInput, problem)
}

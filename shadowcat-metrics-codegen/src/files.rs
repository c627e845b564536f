//! Where the files that a schema includes are read from.

use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern, glob_with};

/// Reads the files that a schema includes. Names are paths with `/` between folders, as [`Source::name`] of the schema is.
///
/// [`Source::name`]: crate::Source::name
pub trait Files {
    /// The files in a folder that a path or pattern stands for, by name and in order. None if there is no such file.
    ///
    /// # Errors
    ///
    /// If the pattern is none, or the folder cannot be read.
    fn list(&self, folder: &str, pattern: &str) -> Result<Vec<String>>;

    /// What is in a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    fn read(&self, name: &str) -> Result<Vec<u8>>;

    /// Which file a name is of: the same for all names of one file.
    fn identity(&self, name: &str) -> String {
        normal(name)
    }
}

/// How patterns match: `*` stops at a `/`, and hidden files are named as such.
pub const MATCHING: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: true,
};

/// A path below a folder, as names are written.
#[must_use]
pub fn join(folder: &str, path: &str) -> String {
    if folder.is_empty() {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    }
}

/// A name without `.` and `..`.
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

/// Files on disk. Their names are paths relative to a folder, or whole ones.
#[derive(Debug, Clone)]
pub struct Disk {
    root: PathBuf,
}

impl Disk {
    /// Files whose names are relative to `root`; the empty path is the folder that the program runs in.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

impl Files for Disk {
    fn list(&self, folder: &str, pattern: &str) -> Result<Vec<String>> {
        let invalid = |error: String| Error::new(ErrorKind::InvalidInput, error);
        let root = self.root.join(folder);
        let root_text = root
            .to_str()
            .ok_or_else(|| invalid("the folder's name is not UTF-8".to_owned()))?;
        let whole = join(&Pattern::escape(root_text.trim_end_matches('/')), pattern);
        let whole = if root_text == "/" {
            format!("/{pattern}")
        } else {
            whole
        };
        let found = glob_with(&whole, MATCHING).map_err(|error| invalid(error.to_string()))?;
        let mut names = Vec::new();
        for path in found {
            let path = path.map_err(Error::from)?;
            // A link that leads nowhere is told when it is read.
            if !path.is_dir() {
                names.push(join(folder, &relative(&path, &root)));
            }
        }
        if names.is_empty() && root.join(pattern).is_dir() {
            let all = join(pattern.trim_end_matches('/'), "*.toml");
            return Err(invalid(format!("that is a folder; its files are `{all}`")));
        }
        names.sort_unstable();
        Ok(names)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        fs::read(self.root.join(name))
    }

    /// Links lead to the file that they are of.
    fn identity(&self, name: &str) -> String {
        let path = self.root.join(name).canonicalize();
        path.map_or_else(|_| normal(name), |path| path.display().to_string())
    }
}

fn relative(path: &Path, root: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = relative
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}

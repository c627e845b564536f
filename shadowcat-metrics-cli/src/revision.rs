//! The files of a revision, as git has them, for schemas that include others.

use std::io::{Error, Result};
use std::process::{Command, Stdio};

use glob::Pattern;
use shadowcat_metrics_codegen::Files;
use shadowcat_metrics_codegen::files::{MATCHING, join, normal};

/// Files of one revision. Their names are `REVISION:PATH`, the path from the top of the repository.
#[derive(Debug)]
pub(crate) struct Git<'r> {
    revision: &'r str,
}

impl<'r> Git<'r> {
    pub(crate) const fn new(revision: &'r str) -> Self {
        Self { revision }
    }

    /// Whether git knows the revision.
    pub(crate) fn exists(&self) -> bool {
        let commit = format!("{}^{{commit}}", self.revision);
        git(&[
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &commit,
        ])
        .is_ok()
    }

    /// A name's path from the top of the repository. Git takes one that begins with `./` or `../` as one from this folder.
    fn path(&self, name: &str) -> Result<String> {
        let rest = name.strip_prefix(self.revision);
        let path = rest.and_then(|rest| rest.strip_prefix(':')).unwrap_or(name);
        if !matches!(path.split('/').next(), Some("." | "..")) {
            return Ok(path.to_owned());
        }
        let here = git(&["rev-parse", "--show-prefix"])?;
        let here = String::from_utf8_lossy(&here);
        Ok(normal(&join(here.trim_end().trim_end_matches('/'), path)))
    }
}

impl Files for Git<'_> {
    fn list(&self, folder: &str, pattern: &str) -> Result<Vec<String>> {
        let folder = self.path(folder)?;
        let pattern = normal(&join(&Pattern::escape(&folder), pattern));
        let pattern = Pattern::new(&pattern).map_err(Error::other)?;
        let whole_tree = ["ls-tree", "-r", "-z", "--name-only", "--full-tree"];
        let arguments: Vec<_> = whole_tree.into_iter().chain([self.revision]).collect();
        let listed = git(&arguments)?;
        let listed = String::from_utf8_lossy(&listed);
        let mut names: Vec<_> = listed
            .split('\0')
            .filter(|path| pattern.matches_with(path, MATCHING))
            .map(|path| format!("{}:{path}", self.revision))
            .collect();
        names.sort_unstable();
        Ok(names)
    }

    fn identity(&self, name: &str) -> String {
        self.path(name)
            .map_or_else(|_| name.to_owned(), |path| normal(&path))
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        git(&["show", "--no-textconv", "--end-of-options", name])
    }
}

fn git(arguments: &[&str]) -> Result<Vec<u8>> {
    let ran = Command::new("git")
        .args(arguments)
        .stdin(Stdio::null())
        .output()?;
    if ran.status.success() {
        Ok(ran.stdout)
    } else {
        let said = String::from_utf8_lossy(&ran.stderr);
        Err(Error::other(said.trim().to_owned()))
    }
}

//! The files of a revision, as git has them, for schemas that include others.

use std::io::{Error, Result};
use std::process::{Command, Stdio};

use glob::Pattern;
use shadowcat_metrics_codegen::Files;
use shadowcat_metrics_codegen::files::{MATCHING, join};

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

    /// A name's path, which a folder at the top has none of.
    fn path<'n>(&self, name: &'n str) -> &'n str {
        let rest = name.strip_prefix(self.revision);
        rest.and_then(|rest| rest.strip_prefix(':')).unwrap_or(name)
    }
}

impl Files for Git<'_> {
    fn list(&self, folder: &str, pattern: &str) -> Result<Vec<String>> {
        let folder = self.path(folder);
        // Git takes a path as one from the top of the repository, unless it begins with `./`.
        let (top, folder) = match folder.strip_prefix('.') {
            Some(below) => ("./", below.trim_start_matches('/')),
            None => ("", folder),
        };
        let pattern =
            Pattern::new(&join(&Pattern::escape(folder), pattern)).map_err(Error::other)?;
        let whole_tree = top.is_empty().then_some("--full-tree");
        let arguments = ["ls-tree", "-r", "-z", "--name-only"];
        let arguments = arguments
            .into_iter()
            .chain(whole_tree)
            .chain([self.revision]);
        let listed = git(&arguments.collect::<Vec<_>>())?;
        let listed = String::from_utf8_lossy(&listed);
        let mut names: Vec<_> = listed
            .split('\0')
            .filter(|path| pattern.matches_with(path, MATCHING))
            .map(|path| format!("{}:{top}{path}", self.revision))
            .collect();
        names.sort_unstable();
        Ok(names)
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

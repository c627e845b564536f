//! The files of a git revision, to read old schemas. Symbolic links are followed as on disk, including those in paths of
//! included files.

use std::collections::{BTreeMap, VecDeque};
use std::io::{Error, ErrorKind, Result};
use std::process::{Command, Stdio};

use shadowcat_metrics_codegen::Files;
use shadowcat_metrics_codegen::files::join;
use shadowcat_metrics_codegen::pattern::Pattern;

use crate::schema_files::matches;

/// Maximum number of links in one path, as on Linux.
const MAX_LINKS: usize = 40;

/// The files of one revision, or of the index. Their names are `REVISION:PATH`, with the path from the root of the repository.
#[derive(Debug)]
pub(crate) struct Revision {
    /// Name as given; empty for the index.
    name: String,
    /// Files by path from the root of the repository.
    entries: BTreeMap<String, Entry>,
    /// The current folder, relative to the root of the repository.
    here: String,
}

#[derive(Debug)]
struct Entry {
    kind: EntryKind,
    object: String,
}

impl Entry {
    fn content(&self) -> Result<Vec<u8>> {
        git(&["cat-file", "blob", &self.object])
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EntryKind {
    File,
    Link,
    Submodule,
}

/// Splits `REVISION:PATH`. A colon in braces belongs to the revision, as in `HEAD@{9:00}:metrics.toml`. An empty revision, or a
/// stage such as `:2:metrics.toml`, means the index.
pub(crate) fn split(name: &str) -> Option<(&str, &str)> {
    if let Some(staged) = name.strip_prefix(':') {
        let is_stage = |stage: &str| ["0", "1", "2", "3"].contains(&stage);
        return match staged.split_once(':') {
            Some((stage, path)) if is_stage(stage) => Some((&name[..2], path)),
            Some(_) | None => Some(("", staged)),
        };
    }
    let mut depth = 0_usize;
    let colon = name.char_indices().find(|(_, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *c == ':' && depth == 0
    });
    let (colon, _) = colon?;
    Some((&name[..colon], &name[colon + 1..]))
}

/// Returns whether git knows a revision.
pub(crate) fn exists(revision: &str) -> bool {
    tree(revision).is_ok()
}

fn tree(revision: &str) -> Result<String> {
    let tree = format!("{revision}^{{tree}}");
    let parsed = git(&["rev-parse", "--verify", "--end-of-options", &tree])?;
    let parsed = String::from_utf8_lossy(&parsed);
    // Older versions of git repeat the option.
    Ok(parsed.lines().last().unwrap_or_default().to_owned())
}

impl Revision {
    /// Lists the files of a revision.
    pub(crate) fn open(name: &str) -> Result<Self> {
        let stage = match name {
            "" => Some("0"),
            name => name.strip_prefix(':'),
        };
        let listed = match stage {
            Some(_) => git(&["ls-files", "--stage", "-z", "--full-name", ":/"])?,
            None => git(&["ls-tree", "-r", "-z", "--full-tree", &tree(name)?])?,
        };
        let listed = String::from_utf8_lossy(&listed);
        let lines = listed.split_terminator('\0');
        let entries = lines.filter_map(|line| {
            let (what, path) = line.split_once('\t')?;
            let fields: Vec<_> = what.split(' ').collect();
            // Fields are `mode object stage` for the index, `mode type object` for a tree.
            let object = match (stage, fields.as_slice()) {
                (Some(stage), [_, object, listed]) if *listed == stage => object,
                (None, [_, _, object]) => object,
                _ => return None,
            };
            let kind = match fields[0] {
                "120000" => EntryKind::Link,
                "160000" => EntryKind::Submodule,
                _ => EntryKind::File,
            };
            let object = (*object).to_owned();
            Some((path.to_owned(), Entry { kind, object }))
        });
        let entries = entries.collect();
        let here = git(&["rev-parse", "--show-prefix"])?;
        let here = String::from_utf8_lossy(&here);
        Ok(Self {
            name: name.to_owned(),
            entries,
            here: here.trim_end_matches(['\r', '\n']).to_owned(),
        })
    }

    /// Returns a name's path from the root of the repository. As in git, a path that begins with `./` or `../` is relative to
    /// the current folder.
    fn path(&self, name: &str) -> String {
        let rest = name.strip_prefix(&*self.name);
        let path = rest.and_then(|rest| rest.strip_prefix(':')).unwrap_or(name);
        if matches!(path.split('/').next(), Some("." | "..")) {
            join(self.here.trim_end_matches('/'), path)
        } else {
            path.to_owned()
        }
    }

    /// Returns the path of the folder part of a name. A name without a `/` after its revision is in the root folder, even if
    /// the revision contains a `/`, as in `origin/main`.
    fn folder(&self, folder: &str) -> String {
        let rest = folder.strip_prefix(&*self.name);
        if rest.is_some_and(|rest| rest.starts_with(':')) {
            self.path(folder)
        } else {
            String::new()
        }
    }

    /// Follows the links in a path.
    fn resolve(&self, path: &str) -> Result<String> {
        let mut rest: VecDeque<String> = path.split('/').map(str::to_owned).collect();
        let mut resolved: Vec<String> = Vec::new();
        let mut links = 0;
        while let Some(part) = rest.pop_front() {
            match &*part {
                "" | "." => continue,
                ".." => {
                    resolved.pop().ok_or_else(|| outside(path))?;
                    continue;
                }
                _ => resolved.push(part),
            }
            let Some(entry) = self.entries.get(&resolved.join("/")) else {
                continue;
            };
            if entry.kind != EntryKind::Link {
                continue;
            }
            links += 1;
            if links > MAX_LINKS {
                return Err(Error::other("its symbolic links form a loop"));
            }
            let target = entry.content()?;
            let target = String::from_utf8(target)
                .map_err(|_| Error::other("it is a symbolic link whose target is not UTF-8"))?;
            if target.starts_with('/') {
                return Err(outside(path));
            }
            resolved.pop();
            for part in target.rsplit('/') {
                rest.push_front(part.to_owned());
            }
        }
        Ok(resolved.join("/"))
    }

    fn has_folder(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        path.is_empty() || self.below(&inside).next().is_some()
    }

    /// Returns the files below a folder, whose path must end with `/`.
    fn below<'r>(&'r self, folder: &'r str) -> impl Iterator<Item = &'r String> {
        let from = self.entries.range(folder.to_owned()..);
        from.map(|(path, _)| path)
            .take_while(move |path| path.starts_with(folder))
    }

    /// Returns all paths that a pattern may match: files, and files in folders behind links.
    fn candidates(&self, pattern: &str) -> Vec<String> {
        let literal = pattern
            .split_once(['*', '?', '['])
            .map_or(pattern, |(literal, _)| literal);
        let mut paths: Vec<_> = self.below(literal).cloned().collect();
        let links = self.entries.iter().filter(|(path, entry)| {
            let on_the_way = path.starts_with(literal) || literal.starts_with(&format!("{path}/"));
            entry.kind == EntryKind::Link && on_the_way
        });
        for (link, _) in links {
            let Ok(folder) = self.resolve(link) else {
                continue;
            };
            let inside = format!("{folder}/");
            paths.extend(
                self.below(&inside)
                    .map(|path| join(link, &path[inside.len()..])),
            );
        }
        paths
    }
}

fn outside(path: &str) -> Error {
    Error::other(format!("`{path}` points outside the repository"))
}

impl Files for Revision {
    fn list(&self, folder: &str, pattern: &str) -> Result<Vec<String>> {
        let folder = self.resolve(&self.folder(folder))?;
        let written = pattern;
        let pattern = normal_pattern(&folder, pattern)?;
        let parsed = Pattern::new(&pattern).map_err(Error::other)?;
        let paths = self.candidates(&pattern).into_iter();
        let mut names: Vec<_> = paths
            .filter(|path| matches(&parsed, path))
            .map(|path| format!("{}:{path}", self.name))
            .collect();
        names.sort_unstable();
        names.dedup();
        if names.is_empty() && self.has_folder(pattern.trim_end_matches('/')) {
            let all = join(written.trim_end_matches('/'), "*.toml");
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("that is a folder; its files are `{all}`"),
            ));
        }
        Ok(names)
    }

    fn identity(&self, name: &str) -> String {
        self.resolve(&self.path(name))
            .unwrap_or_else(|_| name.to_owned())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.path(name);
        let resolved = self.resolve(&path)?;
        match self.entries.get(&resolved) {
            Some(entry) if entry.kind == EntryKind::File => entry.content(),
            Some(_) => Err(Error::other("it is a submodule")),
            None if self.has_folder(&resolved) => {
                Err(Error::new(ErrorKind::IsADirectory, "it is a directory"))
            }
            None if resolved == path => Err(Error::new(
                ErrorKind::NotFound,
                "the revision does not have it",
            )),
            None => Err(Error::new(
                ErrorKind::NotFound,
                format!("it leads to `{resolved}`, which the revision does not have"),
            )),
        }
    }
}

/// Resolves `.` and `..` in a pattern, and makes it relative to the root of the repository.
fn normal_pattern(folder: &str, pattern: &str) -> Result<String> {
    let escaped = glob::Pattern::escape(folder);
    let mut parts: Vec<&str> = escaped.split('/').filter(|part| !part.is_empty()).collect();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop().ok_or_else(|| outside(pattern))?),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

fn git(arguments: &[&str]) -> Result<Vec<u8>> {
    let ran = Command::new("git")
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::new(error.kind(), format!("cannot run git: {error}")))?;
    if ran.status.success() {
        Ok(ran.stdout)
    } else {
        let stderr = String::from_utf8_lossy(&ran.stderr);
        Err(Error::other(stderr.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn names_are_split_as_git_does() {
        for (name, parts) in [
            ("HEAD:metrics.toml", Some(("HEAD", "metrics.toml"))),
            ("HEAD@{9:00}:a:b", Some(("HEAD@{9:00}", "a:b"))),
            (":metrics.toml", Some(("", "metrics.toml"))),
            (":2:metrics.toml", Some((":2", "metrics.toml"))),
            ("metrics.toml", None),
        ] {
            assert_eq!(split(name), parts, "{name}");
        }
    }
}

//! Wrappers of a schema's files: with replaced texts, or with normalized line ends.

use std::collections::BTreeMap;
use std::io::{self, Error, ErrorKind};

use shadowcat_metrics_codegen::Files;
use shadowcat_metrics_codegen::files::{join, normal};
use shadowcat_metrics_codegen::pattern::Pattern;

use crate::newline::with_lf;
use crate::pattern::matches;

/// Files on disk, some of them with replaced texts, by name.
pub(crate) struct Overlay<'f> {
    pub(crate) files: &'f dyn Files,
    pub(crate) texts: BTreeMap<String, String>,
}

impl Files for Overlay<'_> {
    fn list(&self, folder: &str, pattern: &str) -> io::Result<Vec<String>> {
        let mut names = self.files.list(folder, pattern)?;
        let whole = normal(&join(&glob::Pattern::escape(folder), pattern));
        let whole =
            Pattern::new(&whole).map_err(|error| Error::new(ErrorKind::InvalidInput, error))?;
        let listed: Vec<_> = names.iter().map(|name| self.identity(name)).collect();
        // A file that another process creates in the meantime was not listed.
        let new = self.texts.keys().filter(|name| {
            matches(&whole, &normal(name)) && !listed.contains(&self.identity(name))
        });
        names.extend(new.cloned());
        names.sort_unstable();
        Ok(names)
    }

    fn identity(&self, name: &str) -> String {
        self.files.identity(name)
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        match self.texts.get(name) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => self.files.read(name),
        }
    }
}

/// Files with LF line ends, so that multi-line strings are the same in a checkout with CRLF.
pub(crate) struct LfFiles<'f>(pub(crate) &'f dyn Files);

impl Files for LfFiles<'_> {
    fn list(&self, folder: &str, pattern: &str) -> io::Result<Vec<String>> {
        self.0.list(folder, pattern)
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        self.0.read(name).map(with_lf)
    }

    fn identity(&self, name: &str) -> String {
        self.0.identity(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files that another process created after the folder was listed.
    struct ListedBefore;

    impl Files for ListedBefore {
        fn list(&self, _: &str, _: &str) -> io::Result<Vec<String>> {
            Ok(vec!["parts/old.toml".to_owned()])
        }

        fn read(&self, _: &str) -> io::Result<Vec<u8>> {
            Ok(Vec::new())
        }
    }

    #[test]
    fn replaced_texts_are_listed_once() {
        let names = ["parts/new.toml", "parts/old.toml", "other.toml"];
        let overlay = Overlay {
            files: &ListedBefore,
            texts: names
                .map(|name| (name.to_owned(), String::new()))
                .into_iter()
                .collect(),
        };
        let listed = overlay.list("", "parts/*.toml").expect("a list");
        assert_eq!(listed, ["parts/new.toml", "parts/old.toml"]);
    }
}

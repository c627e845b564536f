//! Wrappers of a schema's files: with replaced texts, or with normalized line ends; and the patterns of `include`, for files that
//! are not on disk.

use std::collections::BTreeMap;
use std::io::{self, Error, ErrorKind};

use shadowcat_metrics_codegen::Files;
use shadowcat_metrics_codegen::files::{join, normal};
use shadowcat_metrics_codegen::pattern::{Part, Pattern, names};

use crate::newline::with_lf;

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

/// Returns whether a file's path, without `.` and `..`, matches. A `/` at the beginning makes no difference.
pub(crate) fn matches(pattern: &Pattern, path: &str) -> bool {
    matches_path(&pattern.parts, &names(path).collect::<Vec<_>>())
}

fn matches_path(parts: &[Part], names: &[&str]) -> bool {
    let (Some((part, later)), Some((name, below))) = (parts.split_first(), names.split_first())
    else {
        return parts.is_empty() && names.is_empty();
    };
    match part {
        Part::Folders => {
            matches_path(later, names) || part.matches(name) && matches_path(parts, below)
        }
        Part::Name(_) | Part::Names(_) => part.matches(name) && matches_path(later, below),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    /// The options with which `glob` matches in the same way.
    const OPTIONS: glob::MatchOptions = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };

    #[test]
    fn paths_match_or_not() {
        for (pattern, path, expected) in [
            // Only an explicit dot matches the one of a hidden name.
            ("*.toml", ".toml", true),
            (".*", ".a", true),
            ("*", ".a", false),
            ("?a", ".a", false),
            ("[.]a", ".a", false),
            ("**/.b/*", ".a", false),
            ("*a", ".a", false),
            ("**/a", ".b/a", false),
            // Folders end with a file.
            ("**/a", "a", true),
            ("**/a", "b/c/a", true),
            ("b/**/**/a", "b/a", true),
            ("b/**", "b/a", false),
            ("/a/b/*.toml", "/a/b/c.toml", true),
            ("/a/b/*.toml", "/a/c.toml", false),
            // Stars in brackets are characters.
            ("a[**]", "a*", true),
            ("a[**]", "ab", false),
        ] {
            let own = Pattern::new(pattern).expect("it is valid");
            assert_eq!(matches(&own, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn faulty_patterns_are_refused() {
        for pattern in ["a**", "***", "[", "[]", "[!]", "a/[a/b]"] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn names_match_as_in_glob(pattern in "[ab.*?é\\[\\]!-]{0,6}", name in "[ab.é!\\]-]{1,6}") {
            let own = Pattern::new(&pattern).map(|own| matches(&own, &name));
            let glob = glob::Pattern::new(&pattern).map(|glob| glob.matches_with(&name, OPTIONS));
            prop_assert_eq!(own.ok(), glob.ok().map(|matches| matches && pattern != "**"));
        }

        #[test]
        fn paths_match_as_in_glob(parts in proptest::collection::vec("\\*\\*|[ab]|\\*|[ab]\\*", 1..4), path in "[ab]{1,2}(/[ab]{1,2}){0,3}") {
            let pattern = parts.join("/");
            let (own, glob) = (Pattern::new(&pattern), glob::Pattern::new(&pattern));
            let (own, glob) = (own.expect("valid"), glob.expect("valid"));
            // A path that ends with `**` names folders.
            let expected = !pattern.ends_with("**") && glob.matches_with(&path, OPTIONS);
            prop_assert_eq!(matches(&own, &path), expected);
        }
    }
}

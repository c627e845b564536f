//! Which paths a pattern of `include` matches, for files that are not on disk.

use shadowcat_metrics_codegen::pattern::{Part, Pattern, names};

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
    use super::matches;
    use proptest::prelude::*;
    use shadowcat_metrics_codegen::pattern::Pattern;

    /// How `glob` matches as this does.
    const OPTIONS: glob::MatchOptions = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };

    #[test]
    fn hidden_names_match_an_explicit_dot() {
        let matches = |pattern, path| Pattern::new(pattern).is_ok_and(|own| matches(&own, path));
        assert!(matches("*.toml", ".toml"));
        assert!(matches(".*", ".a"));
        for hidden in ["*", "?a", "[.]a", "**/.b/*", "*a"] {
            assert!(!matches(hidden, ".a"), "{hidden}");
        }
        assert!(!matches("**/a", ".b/a"));
    }

    #[test]
    fn folders_end_with_a_file() {
        let matches = |pattern, path| Pattern::new(pattern).is_ok_and(|own| matches(&own, path));
        assert!(matches("**/a", "a") && matches("**/a", "b/c/a"));
        assert!(matches("b/**/**/a", "b/a"));
        assert!(!matches("b/**", "b/a"));
    }

    #[test]
    fn absolute_paths_match() {
        let pattern = Pattern::new("/a/b/*.toml").expect("it is valid");
        assert!(matches(&pattern, "/a/b/c.toml") && !matches(&pattern, "/a/c.toml"));
    }

    #[test]
    fn stars_in_brackets_are_characters() {
        let pattern = Pattern::new("a[**]").expect("it is valid");
        assert!(matches(&pattern, "a*") && !matches(&pattern, "ab"));
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

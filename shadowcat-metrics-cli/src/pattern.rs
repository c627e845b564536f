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

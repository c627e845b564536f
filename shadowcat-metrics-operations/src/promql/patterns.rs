//! Regular expressions in matchers: their alternatives, and what each of them can match.

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::token::T_EQL_REGEX;

/// Returns the alternatives at the top level of a pattern: both in `ok|time.*`. Returns the whole pattern if
/// they cannot be separated.
pub(super) fn alternatives(pattern: &str) -> Vec<&str> {
    let inner = unwrapped(pattern);
    // A flag such as `(?i)` applies to everything after it.
    if inner.starts_with("(?") {
        return vec![pattern];
    }
    split(inner).unwrap_or_else(|| vec![pattern])
}

/// Returns the values that a matcher asks for, and whether they are patterns.
pub(super) fn values_of(matcher: &Matcher) -> (Vec<&str>, bool) {
    match &matcher.op {
        MatchOp::Equal | MatchOp::NotEqual => (vec![matcher.value.as_str()], false),
        MatchOp::Re(_) | MatchOp::NotRe(_) => (alternatives(&matcher.value), true),
    }
}

/// Returns whether a text contains pattern syntax.
pub(super) fn is_pattern(text: &str) -> bool {
    Matcher::new_matcher(T_EQL_REGEX, String::new(), text.to_owned()).is_ok()
}

/// Returns whether a pattern matches any of some texts as a whole. A pattern that cannot be parsed is assumed
/// to match.
pub(super) fn matches_any<'t>(pattern: &str, texts: impl IntoIterator<Item = &'t str>) -> bool {
    let matcher = Matcher::new_matcher(T_EQL_REGEX, String::new(), pattern.to_owned());
    match matcher {
        Ok(matcher) => texts.into_iter().any(|text| matcher.is_match(text)),
        Err(_) => true,
    }
}

/// Removes anchors, which are implied anyway, and a group around the whole pattern.
fn unwrapped(pattern: &str) -> &str {
    let plain = pattern.strip_prefix('^').unwrap_or(pattern);
    let plain = match plain.strip_suffix('$') {
        Some(rest) if !rest.ends_with('\\') => rest,
        _ => plain,
    };
    let grouped = plain
        .strip_prefix("(?:")
        .or_else(|| {
            plain
                .strip_prefix('(')
                .filter(|rest| !rest.starts_with('?'))
        })
        .and_then(|inner| inner.strip_suffix(')'));
    // `(a)|(b)` has no group around the whole.
    match grouped.filter(|inner| split(inner).is_some()) {
        Some(inner) => inner,
        None => plain,
    }
}

/// Splits at bars outside groups and classes. Returns `None` if parentheses do not match.
fn split(pattern: &str) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut depth, mut class) = (Vec::new(), 0, 0_usize, false);
    let mut letters = pattern.char_indices();
    while let Some((at, c)) = letters.next() {
        match c {
            '\\' => drop(letters.next()?),
            '[' => class = true,
            ']' => class = false,
            '(' if !class => depth += 1,
            ')' if !class => depth = depth.checked_sub(1)?,
            '|' if !class && depth == 0 => {
                parts.push(&pattern[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&pattern[start..]);
    (depth == 0 && !class).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_those_of_the_top_level() {
        for (pattern, parts) in [
            ("ok", &["ok"][..]),
            ("ok|time.*", &["ok", "time.*"]),
            ("^(ok|error)$", &["ok", "error"]),
            ("(?:a|b)", &["a", "b"]),
            ("(a)|(b)", &["(a)", "(b)"]),
            ("x(a|b)|[|]\\|", &["x(a|b)", "[|]\\|"]),
            ("(?i)a|b", &["(?i)a|b"]),
            ("a|b\\", &["a|b\\"]),
            ("", &[""]),
        ] {
            assert_eq!(alternatives(pattern), parts, "{pattern}");
        }
    }

    #[test]
    fn patterns_match_as_a_whole() {
        assert!(matches_any("o.", ["ok"]) && !matches_any("o", ["ok"]));
        assert!(matches_any("(", ["ok"]));
    }
}

//! The way back from a TOML string's value to the characters it is written with.

use std::ops::Range;

/// Where in `literal`, a string of TOML with its quotes, a part of its value is written. A bare key is its own value. What
/// is behind the end of the value is at the end of the literal's content.
pub(super) fn locate(literal: &str, part: Range<usize>) -> Range<usize> {
    let Parts { content, escapes } = parts(literal);
    let mut value = 0;
    let (mut start, mut end) = (None, None);
    let mut rest = content.clone();
    while !rest.is_empty() {
        let (written, length) = next(&literal[rest.clone()], escapes);
        if length > 0 && value <= part.start && part.start < value + length {
            start = Some(rest.start);
        }
        if length > 0 && value < part.end && part.end <= value + length {
            end = Some(rest.start + written);
        }
        value += length;
        rest.start += written;
    }
    let start = start.unwrap_or(content.end);
    start..end.unwrap_or(start).max(start)
}

struct Parts {
    /// What is between the quotes.
    content: Range<usize>,
    /// Whether a backslash begins an escape.
    escapes: bool,
}

fn parts(literal: &str) -> Parts {
    for (quote, escapes) in [("\"\"\"", true), ("'''", false), ("\"", true), ("'", false)] {
        let inside = literal
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        let Some(inside) = inside else { continue };
        let mut start = quote.len();
        if quote.len() == 3 {
            // A line break right behind the quotes is not part of the value.
            start += ["\r\n", "\n"]
                .iter()
                .find(|newline| inside.starts_with(**newline))
                .map_or(0, |newline| newline.len());
        }
        let content = start..literal.len() - quote.len();
        return Parts { content, escapes };
    }
    Parts {
        content: 0..literal.len(),
        escapes: false,
    }
}

/// How many bytes the next part of a string takes to write, and how many of the value it is.
fn next(rest: &str, escapes: bool) -> (usize, usize) {
    let mut characters = rest.chars();
    let first = characters.next().map_or(0, char::len_utf8);
    if !escapes || !rest.starts_with('\\') {
        return (first, first);
    }
    let code = |digits: usize| {
        let end = (2 + digits).min(rest.len());
        let code = rest
            .get(2..end)
            .and_then(|code| u32::from_str_radix(code, 16).ok());
        let character = code.and_then(char::from_u32);
        (end, character.map_or(0, char::len_utf8))
    };
    match characters.next() {
        Some('x') => code(2),
        Some('u') => code(4),
        Some('U') => code(8),
        // At the end of a line it takes the line break away, and all space up to what comes next.
        Some(' ' | '\t' | '\r' | '\n') => {
            let behind = rest[1..].trim_start_matches([' ', '\t', '\r', '\n']);
            (rest.len() - behind.len(), 0)
        }
        Some(other) => (1 + other.len_utf8(), 1),
        None => (1, 1),
    }
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    /// Each character of the value, as TOML's own parser reads it, is found where it is written.
    fn check(literal: &str, written: &[&str]) {
        let text = format!("a = {literal}");
        let table = DeTable::parse(&text).expect("valid TOML").into_inner();
        let value = table.values().next().expect("one value");
        let value = value.get_ref().as_str().expect("a string");
        let found: Vec<_> = value
            .char_indices()
            .map(|(at, c)| &literal[locate(literal, at..at + c.len_utf8())])
            .collect();
        assert_eq!(found, written, "{literal}");
    }

    #[test]
    fn characters_are_where_they_are_written() {
        check("\"\"", &[]);
        check("\"aé\"", &["a", "é"]);
        check(r"'a\n'", &["a", r"\", "n"]);
        check(r#""a\"\\\tb""#, &["a", "\\\"", r"\\", r"\t", "b"]);
        check(r#""\u00e9\U0001F600x""#, &[r"\u00e9", r"\U0001F600", "x"]);
        check("\"\"\"\na\nb\"\"\"", &["a", "\n", "b"]);
        check("'''\na\\'''", &["a", "\\"]);
        check("\"\"\"a \\\n   b\\\n\n c\"\"\"", &["a", " ", "b", "c"]);
        check("\"\"\"a\"\"b\"\"\"", &["a", "\"", "\"", "b"]);
    }

    #[test]
    fn parts_are_where_they_are_written() {
        assert_eq!(&r#""a\"b\"c""#[locate(r#""a\"b\"c""#, 1..4)], r#"\"b\""#);
        assert_eq!(locate("bare", 1..3), 1..3, "a bare key");
        assert_eq!(locate("\"ab\"", 2..2), 3..3, "behind the end is the end");
        assert_eq!(locate("\"ab\"", 9..20), 3..3);
        assert_eq!(locate("\"", 0..1), 0..1, "no string at all");
    }
}

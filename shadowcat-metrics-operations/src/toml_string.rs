//! Maps positions in a TOML string's value to positions in its source text.

use std::ops::Range;

use shadowcat_metrics_codegen::{Source, Span};

/// Returns the position of a part of a TOML string's value. `string` is the string with its quotes; `part` counts bytes of
/// the value, where an escape is one character. An empty part is before the character at its offset.
pub(crate) fn inside(source: &Source, string: Span, part: Range<usize>) -> Span {
    let inside = locate(source.slice(string), part);
    Span::new(string.start + inside.start, string.start + inside.end)
}

/// Returns the range of a part of a value in `literal`, a TOML string with its quotes. A bare key is its own value. Offsets
/// after the end of the value map to the end of the content.
fn locate(literal: &str, part: Range<usize>) -> Range<usize> {
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
    /// The text between the quotes.
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
            // A line break directly after the quotes is not part of the value.
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

/// Returns the length of the next part of a string in the source, and in the value.
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
        // At the end of a line, a backslash removes the line break and all following white space.
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

    /// Checks that each character of the value, as parsed by the `toml` crate, is found at its source text.
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
    fn positions_of_characters() {
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
    fn positions_of_parts() {
        assert_eq!(&r#""a\"b\"c""#[locate(r#""a\"b\"c""#, 1..4)], r#"\"b\""#);
        assert_eq!(locate("bare", 1..3), 1..3, "a bare key");
        assert_eq!(locate("\"ab\"", 2..2), 3..3, "behind the end is the end");
        assert_eq!(locate("\"ab\"", 9..20), 3..3);
        assert_eq!(locate("\"", 0..1), 0..1, "no string at all");
    }
}

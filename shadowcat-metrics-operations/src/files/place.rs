//! The way from a part of a text's value to where it is written: through quotes and escapes, and through the indentation and
//! the folded lines of YAML's blocks.

use std::ops::Range;

use shadowcat_metrics_codegen::Span;

use super::tree::Text;

/// Where a part of a text's value is written.
pub(super) fn locate(source: &str, text: &Text, part: Range<usize>) -> Span {
    let mut reader = Reader::new(source, text.start);
    let (mut start, mut end) = (None, None);
    for (at, c) in text.value.char_indices() {
        if at >= part.end && end.is_some() {
            break;
        }
        let written = reader.next(c);
        if at == part.start || (at < part.start && at + c.len_utf8() > part.start) {
            start = Some(written.start);
        }
        if at < part.end {
            end = Some(written.end);
        }
    }
    let start = start.unwrap_or(reader.at).min(source.len());
    let end = end.unwrap_or(start).clamp(start, source.len());
    Span::new(start, end)
}

/// Reads a value's characters where they are written.
struct Reader<'s> {
    source: &'s str,
    at: usize,
    quote: Option<char>,
}

impl<'s> Reader<'s> {
    fn new(source: &'s str, start: usize) -> Self {
        let start = start.min(source.len());
        let rest = source.get(start..).unwrap_or_default();
        let mut reader = Self {
            source,
            at: start,
            quote: None,
        };
        match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                reader.quote = Some(quote);
                reader.at += 1;
            }
            // A block's text begins on the line below its sign.
            Some('|' | '>') => reader.at += rest.find('\n').map_or(rest.len(), |end| end + 1),
            _ => {}
        }
        reader
    }

    /// Where the next character of the value, which is `wanted`, is written.
    fn next(&mut self, wanted: char) -> Range<usize> {
        let rest = &self.source[self.at..];
        let place = match self.quote {
            Some('"') if rest.starts_with('\\') && !rest[1..].starts_with('\n') => {
                self.at..self.at + escape_length(rest)
            }
            Some('\'') if wanted == '\'' && rest.starts_with("''") => self.at..self.at + 2,
            _ => {
                let skipped = distance(rest, wanted);
                let start = self.at + skipped;
                let length = self.source[start..]
                    .chars()
                    .next()
                    .map_or(0, char::len_utf8);
                start..start + length
            }
        };
        self.at = place.end;
        place
    }
}

/// How far off a character is, behind nothing but space: indentation, or a line break that was folded into a space.
fn distance(rest: &str, wanted: char) -> usize {
    if rest.starts_with(wanted) {
        return 0;
    }
    let space = rest.len() - rest.trim_start().len();
    if rest[space..].starts_with(wanted) {
        return space;
    }
    // A folded line break is a space of the value: it is the break itself.
    0
}

/// How many bytes an escape takes.
fn escape_length(escape: &str) -> usize {
    let kind = escape.chars().nth(1);
    let length = match kind {
        Some('x') => 4,
        // Characters beyond the first plane are two in JSON.
        Some('u') if escape.get(6..8) == Some("\\u") && is_surrogate(escape) => 12,
        Some('u') => 6,
        Some('U') => 10,
        Some(other) => 1 + other.len_utf8(),
        None => 1,
    };
    let mut length = length.min(escape.len());
    while !escape.is_char_boundary(length) {
        length -= 1;
    }
    length
}

fn is_surrogate(escape: &str) -> bool {
    let code = escape
        .get(2..6)
        .and_then(|code| u32::from_str_radix(code, 16).ok());
    code.is_some_and(|code| (0xd800..0xdc00).contains(&code))
}

//! Maps a part of a scalar's value to its position in the file, through quotes, escapes, and the indentation
//! and folded lines of YAML's blocks.

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::tree::Text;

/// Returns the position of a part of a scalar's value, or of the whole scalar if the part cannot be found.
pub(super) fn locate(source: &str, text: &Text, part: &Range<usize>) -> Range<usize> {
    let whole = text.span.start.min(source.len())..text.span.end.min(source.len());
    let Some(inside) = source.get(whole.clone()) else {
        return 0..0;
    };
    let mut reader = Reader::new(inside, text.style);
    let (mut start, mut end) = (None, None);
    for (at, letter) in text.value.char_indices() {
        if at >= part.end && start.is_some() {
            break;
        }
        let Some(written) = reader.next(letter) else {
            return whole;
        };
        let behind = at + letter.len_utf8();
        if at <= part.start && part.start < behind {
            start = Some(written.start);
        }
        if at < part.end {
            end = Some(written.end);
        }
    }
    let start = start.unwrap_or(reader.at);
    let end = end
        .filter(|end| !part.is_empty() && *end >= start)
        .unwrap_or(start);
    whole.start + start..whole.start + end
}

/// Reads the characters of a scalar's value at their positions.
struct Reader<'s> {
    source: &'s str,
    style: ScalarStyle,
    at: usize,
}

impl<'s> Reader<'s> {
    fn new(source: &'s str, style: ScalarStyle) -> Self {
        let is_quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        Self {
            source,
            style,
            at: usize::from(is_quoted),
        }
    }

    /// Returns the position of the next character of the value.
    fn next(&mut self, letter: char) -> Option<Range<usize>> {
        if self.style == ScalarStyle::DoubleQuoted {
            loop {
                let rest = self.rest();
                let space = rest.len() - rest.trim_start().len();
                let is_skipped =
                    space == 0 || !(letter.is_whitespace() || rest.starts_with(letter));
                match escaped_break(&rest[space..]) {
                    Some(length) if is_skipped => self.at += space + length,
                    Some(_) | None => break,
                }
            }
            // A folded line break may come first, as in `a\` and `  \ b`.
            let rest = self.rest();
            let space = rest.len() - rest.trim_start().len();
            if rest[space..].starts_with('\\')
                && !rest.starts_with(letter)
                && escaped_break(&rest[space..]).is_none()
            {
                self.at += space;
            }
            let rest = self.rest();
            if rest.starts_with('\\') {
                return Some(self.take(0, escape_length(rest)));
            }
        }
        let rest = self.rest();
        if self.style == ScalarStyle::SingleQuoted && letter == '\'' && rest.starts_with("''") {
            return Some(self.take(0, 2));
        }
        if rest.starts_with(letter) {
            return Some(self.take(0, letter.len_utf8()));
        }
        let space = rest.len() - rest.trim_start().len();
        // A line break that is folded into a space, with the indentation of the next line.
        if letter == ' ' && rest.starts_with(['\r', '\n']) {
            return Some(self.take(0, space));
        }
        // Indentation or a line break: between a block's lines, or folded.
        let behind = rest[space..]
            .chars()
            .next()
            .map_or(space, |next| space + next.len_utf8());
        if let Some(skipped) = rest[..behind].find(letter) {
            return Some(self.take(skipped, letter.len_utf8()));
        }
        let is_fold = letter == ' ' || letter == '\n';
        let fold = rest[..space]
            .find('\n')
            .map(|at| at + 1)
            .filter(|_| is_fold);
        fold.map(|length| self.take(0, length))
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, skipped: usize, length: usize) -> Range<usize> {
        let start = self.at + skipped;
        self.at = (start + length).min(self.source.len());
        start..self.at
    }
}

/// Returns the length of a line break after a backslash, including the indentation of the next line. It is
/// not part of the value.
fn escaped_break(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('\\')?;
    let rest = rest
        .strip_prefix("\r\n")
        .or_else(|| rest.strip_prefix('\n'))?;
    let rest = rest.trim_start_matches([' ', '\t']);
    Some(text.len() - rest.len())
}

/// Returns the length of an escape in bytes.
fn escape_length(escape: &str) -> usize {
    let kind = escape.chars().nth(1);
    let length = match kind {
        Some('x') => 4,
        // JSON writes characters beyond the first plane as two escapes.
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

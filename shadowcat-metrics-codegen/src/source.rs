//! The text of a schema: its name, its characters, and the way from a byte offset to a line and a column.

mod bytes;
mod included;
mod span;
mod string;

use std::ops::Range;

pub(crate) use included::{WILD, is_pattern};
pub use span::{Position, Span};

/// A schema: the name that messages show, and its text; and those of the files that it includes, behind it.
///
/// ```
/// use shadowcat_metrics_codegen::{Position, Source};
///
/// let source = Source::new("metrics.toml", "# é\nformat = 1\n");
/// assert_eq!(source.position(5), Position { line: 2, column: 1 });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The schema, then the files that it includes. There is always one.
    files: Vec<File>,
    /// Their texts, one behind the other, with a newline after each but the last.
    text: String,
    /// Offset of each line's first byte.
    line_starts: Vec<usize>,
    invalid_utf8: Vec<Span>,
    is_utf16: bool,
    /// What was included, by folder and pattern.
    patterns: Vec<(String, String)>,
}

/// One of the files of a [`Source`].
#[derive(Debug, Clone, PartialEq, Eq)]
struct File {
    name: String,
    /// Its part of the text.
    span: Span,
}

impl Source {
    /// Makes a source from text. A byte order mark at the start is dropped, as editors do not count it either.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Self::with_invalid(name.into(), text, Vec::new())
    }

    fn with_invalid(name: String, text: String, invalid_utf8: Vec<Span>) -> Self {
        let behind_newlines = text.match_indices('\n').map(|(offset, _)| offset + 1);
        let line_starts = std::iter::once(0).chain(behind_newlines).collect();
        let span = Span::new(0, text.len());
        Self {
            files: vec![File { name, span }],
            text,
            line_starts,
            invalid_utf8,
            is_utf16: false,
            patterns: Vec::new(),
        }
    }

    /// The files, the schema itself first: the name and the part of the text of each.
    pub fn files(&self) -> impl Iterator<Item = (&str, Span)> {
        self.files.iter().map(|file| (&*file.name, file.span))
    }

    /// The name and the part of the text of the file that an offset lies in.
    #[must_use]
    pub fn file_at(&self, offset: usize) -> (&str, Span) {
        let file = self.file(offset);
        (&file.name, file.span)
    }

    fn file(&self, offset: usize) -> &File {
        let behind = self.files.partition_point(|file| file.span.start <= offset);
        &self.files[behind.saturating_sub(1)]
    }

    /// The name that messages show: usually the file's path. Included files have their own.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.files[0].name
    }

    /// The text of the schema itself, without what it includes.
    #[must_use]
    pub fn own_text(&self) -> &str {
        self.slice(self.files[0].span)
    }

    /// The text that every [`Span`] points into, without byte order marks: that of the schema and, behind it, of what it
    /// includes.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where the file was not UTF-8.
    #[must_use]
    pub fn invalid_utf8(&self) -> &[Span] {
        &self.invalid_utf8
    }

    /// Whether the file was UTF-16, which can be read and is refused all the same.
    pub(crate) const fn is_utf16(&self) -> bool {
        self.is_utf16
    }

    /// A number that differs, but for one chance in 2^64, between different texts: FNV-1a, 64 bits (Fowler, Noll, Vo).
    /// It keeps two readers of one file honest, not an attacker out.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        self.text.bytes().fold(OFFSET_BASIS, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(PRIME)
        })
    }

    /// Line and column of a byte offset, in its file. One behind the end is the end; one inside a character is that
    /// character.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        // No character is longer than four bytes, so this ends at the third step back at the latest.
        let offset = (0..=offset)
            .rev()
            .find(|offset| self.text.is_char_boundary(*offset))
            .unwrap_or(0);
        let line = self.line_number(offset);
        let column = self.text[self.line_starts[line - 1]..offset]
            .chars()
            .count()
            + 1;
        let first = self.line_number(self.file(offset).span.start);
        Position {
            line: line - first + 1,
            column,
        }
    }

    /// The line of an offset among those of all files, from 1.
    fn line_number(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// Where a line begins, from 1; the end if there is none.
    pub(crate) fn line_start(&self, number: usize) -> usize {
        let start = number
            .checked_sub(1)
            .and_then(|index| self.line_starts.get(index));
        start.copied().unwrap_or(self.text.len())
    }

    /// A line, from 1, with its end; empty if there is none.
    pub(crate) fn line(&self, number: usize) -> &str {
        let start = number
            .checked_sub(1)
            .and_then(|index| self.line_starts.get(index));
        let end = self.line_starts.get(number).copied();
        let line = start.and_then(|start| self.text.get(*start..end.unwrap_or(self.text.len())));
        line.unwrap_or_default()
    }

    /// Where a part of a TOML string's value is written: `string` is the string with its quotes, `part` counts bytes of the
    /// value, in which escapes are one character. A part of no length is before the character it is at.
    #[must_use]
    pub fn inside_string(&self, string: Span, part: Range<usize>) -> Span {
        let inside = string::locate(self.slice(string), part);
        Span::new(string.start + inside.start, string.start + inside.end)
    }

    /// The text that a span covers; what lies outside the text or cuts a character in two is left out.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, offset: usize) -> (usize, usize) {
        let position = Source::new("t", text).position(offset);
        (position.line, position.column)
    }

    #[test]
    fn line_starts_and_ends() {
        assert_eq!(at("", 0), (1, 1));
        assert_eq!(at("ab\ncd", 0), (1, 1));
        assert_eq!(
            at("ab\ncd", 2),
            (1, 3),
            "a newline is the last column of its line"
        );
        assert_eq!(at("ab\ncd", 3), (2, 1));
        assert_eq!(
            at("ab\ncd", 5),
            (2, 3),
            "end of a file without a last newline"
        );
        assert_eq!(at("ab\n", 3), (2, 1), "end of a file with one");
        assert_eq!(at("ab\n", 99), (2, 1), "behind the end is the end");
    }

    #[test]
    fn carriage_return_belongs_to_the_line_it_ends() {
        assert_eq!(at("ab\r\ncd", 2), (1, 3));
        assert_eq!(at("ab\r\ncd", 4), (2, 1));
    }

    #[test]
    fn columns_are_characters() {
        assert_eq!(at("é = \"日本\" x", "é = \"日本\" ".len()), (1, 10));
        assert_eq!(at("日", 1), (1, 1), "inside a character is that character");
    }

    /// The reference values of the algorithm's authors.
    #[test]
    fn fingerprints_are_fnv_1a() {
        let fingerprint = |text: &str| Source::new("t", text).fingerprint();
        assert_eq!(fingerprint(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fingerprint("foobar"), 0x8594_4171_f739_67e8);
    }
}

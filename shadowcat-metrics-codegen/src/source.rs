//! The text of a schema: its files, and the conversion of byte offsets to lines and columns.

use std::ops::Range;

use crate::files::join;
use crate::pattern::{WILD, is_pattern};

/// A schema's text and name, followed by the texts of its included files.
///
/// ```
/// use shadowcat_metrics_codegen::{Position, Source};
///
/// let source = Source::new("metrics.toml", "# é
/// format = 1
/// ");
/// assert_eq!(source.position(5), Position { line: 2, column: 1 });
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The schema's file, then its included files. Never empty.
    files: Vec<File>,
    /// The texts of all files, with a newline between two of them.
    text: String,
    /// Offset of the first byte of each line.
    line_starts: Vec<usize>,
    invalid_utf8: Vec<Span>,
    is_utf16: bool,
    /// The folder and pattern of each `include`.
    patterns: Vec<(String, String)>,
}

/// One file of a [`Source`].
#[derive(Debug, Clone, PartialEq, Eq)]
struct File {
    name: String,
    /// The file's range in the text.
    span: Span,
}

impl Source {
    /// Creates a source from text. A byte order mark at the start is dropped, because editors do not count it either.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Self::with_invalid(name.into(), text, Vec::new())
    }

    fn with_invalid(name: String, text: String, invalid_utf8: Vec<Span>) -> Self {
        let mut line_starts = vec![0];
        for (offset, _) in text.match_indices('\n') {
            line_starts.push(offset + 1);
        }
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

    /// Returns the name and range of each file, the schema itself first.
    pub fn files(&self) -> impl Iterator<Item = (&str, Span)> {
        self.files.iter().map(|file| (&*file.name, file.span))
    }

    /// Returns the name and range of the file that contains an offset.
    #[must_use]
    pub fn file_at(&self, offset: usize) -> (&str, Span) {
        let file = self.file(offset);
        (&file.name, file.span)
    }

    fn file(&self, offset: usize) -> &File {
        let behind = self.files.partition_point(|file| file.span.start <= offset);
        &self.files[behind.saturating_sub(1)]
    }

    /// Returns the name shown in messages: usually the file's path. Included files have their own names.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.files[0].name
    }

    /// Returns the text of the schema's own file, without included files.
    #[must_use]
    pub fn own_text(&self) -> &str {
        self.slice(self.files[0].span)
    }

    /// Returns the text that every [`Span`] refers to, without byte order marks: the schema's own file, then its included
    /// files.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the ranges where the file was not UTF-8.
    #[must_use]
    pub fn invalid_utf8(&self) -> &[Span] {
        &self.invalid_utf8
    }

    /// Returns whether the file was UTF-16, which is parsed but rejected.
    pub(crate) const fn is_utf16(&self) -> bool {
        self.is_utf16
    }

    /// Returns whether every file was UTF-8.
    #[must_use]
    pub fn is_text(&self) -> bool {
        !self.is_utf16 && self.invalid_utf8.is_empty()
    }

    /// Returns a hash of the text: FNV-1a, 64 bits (Fowler, Noll, Vo). It detects accidental differences, not attacks.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0100_0000_01b3;
        self.text.bytes().fold(OFFSET_BASIS, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(PRIME)
        })
    }

    /// Returns line and column of a byte offset in its file. An offset after the end counts as the end; one inside a character
    /// counts as its start.
    #[must_use]
    pub fn position(&self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_number(offset);
        let before = &self.text[self.line_starts[line - 1]..offset];
        let first = self.line_number(self.file(offset).span.start);
        Position {
            line: line - first + 1,
            column: before.chars().count() + 1,
        }
    }

    /// Returns whether two spans are in one file and at most 1,000 lines apart. If they are not, each has an excerpt of its own,
    /// because `annotate-snippets` reads all lines in between, which takes too long for thousands of problems.
    #[must_use]
    pub fn are_near(&self, one: Span, other: Span) -> bool {
        const MAX_LINES: usize = 1000;

        let [first, second] = [one, other].map(|span| self.line_number(span.start));
        self.file_at(one.start) == self.file_at(other.start) && first.abs_diff(second) <= MAX_LINES
    }

    /// Returns the line of an offset, from 1, counted over all files.
    fn line_number(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset)
    }

    /// Returns a line, from 1, with its line end; empty for a line after the last one.
    pub(crate) fn line(&self, number: usize) -> &str {
        let Some(start) = self.line_starts.get(number.wrapping_sub(1)) else {
            return "";
        };
        let end = self.line_starts.get(number).copied();
        &self.text[*start..end.unwrap_or(self.text.len())]
    }

    /// Returns the text of a span, cut to the text and to character boundaries.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }
}

/// A half-open range of byte offsets into a [`Source`](super::Source)'s text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset after the last byte.
    pub end: usize,
}

impl Span {
    /// Creates the span `start..end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Returns the span moved forward by `by` bytes.
    #[must_use]
    pub const fn moved(self, by: usize) -> Self {
        Self::new(self.start + by, self.end + by)
    }

    /// Returns the span as a range, for slicing.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A value with its position in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spanned<T> {
    /// The value itself.
    pub value: T,
    /// Its position.
    pub span: Span,
}

impl<T> Spanned<T> {
    pub(crate) const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// Position of a byte offset, as editors count it: from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters (not bytes), from 1.
    pub column: usize,
}

impl Source {
    /// Creates a source from a file's bytes.
    ///
    /// Invalid UTF-8 is replaced by U+FFFD and recorded, so that [`compile`](crate::compile) reports the first position and the
    /// number of positions.
    #[must_use]
    pub fn from_bytes(name: impl Into<String>, bytes: &[u8]) -> Self {
        if let Some(text) = from_utf16(bytes) {
            let first = text.chars().next().map_or(0, char::len_utf8);
            return Self {
                is_utf16: true,
                ..Self::with_invalid(name.into(), text, vec![Span::new(0, first)])
            };
        }
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let mut text = String::with_capacity(bytes.len());
        let mut invalid = Vec::new();
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                let start = text.len();
                text.push(char::REPLACEMENT_CHARACTER);
                invalid.push(Span::new(start, text.len()));
            }
        }
        Self::with_invalid(name.into(), text, invalid)
    }
}

/// Decodes a file with a UTF-16 byte order mark, as some shells write it.
fn from_utf16(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let mut units = Vec::new();
    for pair in bytes[2..].chunks_exact(2) {
        units.push(unit([pair[0], pair[1]]));
    }
    Some(String::from_utf16_lossy(&units))
}

impl Source {
    /// Appends an included file. Returns the offset of its text.
    pub(crate) fn append(&mut self, file: &Self) -> usize {
        self.text.push('\n');
        let base = self.text.len();
        self.text.push_str(&file.text);
        for start in &file.line_starts {
            self.line_starts.push(start + base);
        }
        for span in &file.invalid_utf8 {
            self.invalid_utf8.push(span.moved(base));
        }
        for file in &file.files {
            self.files.push(File {
                name: file.name.clone(),
                span: file.span.moved(base),
            });
        }
        base
    }

    /// Records that the files of a pattern, relative to a folder, were included.
    pub(crate) fn remember(&mut self, folder: &str, pattern: &str) {
        self.patterns.push((folder.to_owned(), pattern.to_owned()));
    }

    /// Returns everything whose change may change the schema: its files, and the folders where patterns with `*`, `?` or `[`
    /// may match new files. The paths are like [`Source::name`].
    pub fn watched(&self) -> impl Iterator<Item = String> {
        let files = self.files.iter().map(|file| file.name.clone());
        let folders = self.patterns.iter().filter_map(|(folder, pattern)| {
            let wild = pattern.find(WILD)?;
            let path = join(folder, &pattern[..wild]);
            let end = path.rfind('/').filter(|end| *end > 0);
            Some(end.map_or(".", |end| &path[..end]).to_owned())
        });
        files.chain(folders)
    }

    /// Returns whether new files may become part of the schema through a pattern.
    #[must_use]
    pub fn may_grow(&self) -> bool {
        self.patterns.iter().any(|(_, pattern)| is_pattern(pattern))
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
    fn positions_are_counted_in_lines_and_characters() {
        for (text, offset, position) in [
            ("", 0, (1, 1)),
            ("ab\ncd", 0, (1, 1)),
            // A newline is the last column of its line, and a carriage return belongs to its line.
            ("ab\ncd", 2, (1, 3)),
            ("ab\r\ncd", 2, (1, 3)),
            ("ab\r\ncd", 4, (2, 1)),
            ("ab\ncd", 3, (2, 1)),
            // The end of a file without and with a final newline. An offset after the end counts as the end.
            ("ab\ncd", 5, (2, 3)),
            ("ab\n", 3, (2, 1)),
            ("ab\n", 99, (2, 1)),
            ("é = \"日本\" x", "é = \"日本\" ".len(), (1, 10)),
            // Inside a character counts as its start.
            ("日", 1, (1, 1)),
        ] {
            assert_eq!(at(text, offset), position, "{text:?} {offset}");
        }
    }

    /// Reference values of the algorithm's authors.
    #[test]
    fn fingerprints_are_fnv_1a() {
        let fingerprint = |text: &str| Source::new("t", text).fingerprint();
        assert_eq!(fingerprint(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fingerprint("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn byte_order_mark_is_not_a_column() {
        let source = Source::from_bytes("t", "\u{feff}ab".as_bytes());
        assert_eq!(source, Source::new("t", "\u{feff}ab"));
        assert_eq!(source.position(1), Position { line: 1, column: 2 });
    }

    #[test]
    fn invalid_utf8_is_recorded() {
        let source = Source::from_bytes("t", b"a\n\xffb\xc3");
        assert_eq!(source.text(), "a\n\u{fffd}b\u{fffd}");
        let starts: Vec<_> = source
            .invalid_utf8()
            .iter()
            .map(|span| span.start)
            .collect();
        assert_eq!(starts, [2, 6]);
    }
}

//! The text of a schema: its name, its characters, and the way from a byte offset to a line and a column.

use std::ops::Range;

mod string;

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

    /// Whether every file was UTF-8.
    #[must_use]
    pub fn is_text(&self) -> bool {
        !self.is_utf16 && self.invalid_utf8.is_empty()
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
    pub(crate) fn line_number(&self, offset: usize) -> usize {
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

/// A half-open range of byte offsets into a [`Source`](super::Source)'s text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
}

impl Span {
    /// Makes the span of `start..end`.
    #[must_use]
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// The same so many bytes further behind.
    #[must_use]
    pub const fn moved(self, by: usize) -> Self {
        Self::new(self.start + by, self.end + by)
    }

    /// The same as counted from an offset before it.
    #[must_use]
    pub const fn relative_to(self, start: usize) -> Self {
        Self::new(
            self.start.saturating_sub(start),
            self.end.saturating_sub(start),
        )
    }

    /// The span as a range, for slicing.
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

/// Where a byte offset is, as editors count: from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters (not bytes), from 1.
    pub column: usize,
}

impl Source {
    /// Makes a source from a file's bytes.
    ///
    /// Bytes that are not UTF-8 are replaced by U+FFFD and remembered, so that [`compile`](crate::compile) reports
    /// the first with its position, and how many there are.
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

/// The text of a file that says it is UTF-16, as some shells write it into files.
fn from_utf16(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let units = bytes[2..]
        .chunks_exact(2)
        .map(|pair| unit([pair[0], pair[1]]));
    let decoded = char::decode_utf16(units);
    Some(
        decoded
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
    )
}

impl Source {
    /// Puts an included file behind the others, and tells where its text begins.
    pub(crate) fn append(&mut self, file: Self) -> usize {
        self.text.push('\n');
        let base = self.text.len();
        self.text.push_str(&file.text);
        let moved = |span: &Span| span.moved(base);
        self.line_starts
            .extend(file.line_starts.iter().map(|start| start + base));
        self.invalid_utf8
            .extend(file.invalid_utf8.iter().map(moved));
        self.files.extend(file.files.into_iter().map(|file| File {
            span: file.span.moved(base),
            ..file
        }));
        base
    }

    /// Remembers that the files of a pattern were included, which is relative to a folder.
    pub(crate) fn remember(&mut self, folder: &str, pattern: &str) {
        self.patterns.push((folder.to_owned(), pattern.to_owned()));
    }

    /// Everything whose change may change the schema: its files and, where files are included by a pattern with `*`, `?` or
    /// `[`, the folders that such files may come into. Paths as [`Source::name`] is one.
    pub fn watched(&self) -> impl Iterator<Item = String> {
        let files = self.files.iter().map(|file| file.name.clone());
        let folders = self.patterns.iter().filter_map(|(folder, pattern)| {
            let wild = pattern.find(WILD)?;
            let fixed = pattern[..wild]
                .rfind('/')
                .map_or("", |slash| &pattern[..slash]);
            let path = [folder.as_str(), fixed];
            let path: Vec<_> = path.into_iter().filter(|part| !part.is_empty()).collect();
            Some(if path.is_empty() {
                ".".to_owned()
            } else {
                path.join("/")
            })
        });
        files.chain(folders)
    }

    /// Whether files that are not there yet may come to belong to the schema, by a pattern.
    #[must_use]
    pub fn may_grow(&self) -> bool {
        self.patterns.iter().any(|(_, pattern)| is_pattern(pattern))
    }
}

/// What makes a pattern of a path.
pub(crate) const WILD: [char; 3] = ['*', '?', '['];

/// Whether a path of an `include` may stand for several files.
pub(crate) fn is_pattern(path: &str) -> bool {
    path.contains(WILD)
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
            // A newline is the last column of its line, and a carriage return belongs to the line it ends.
            ("ab\ncd", 2, (1, 3)),
            ("ab\r\ncd", 2, (1, 3)),
            ("ab\r\ncd", 4, (2, 1)),
            ("ab\ncd", 3, (2, 1)),
            // The end of a file without a last newline, and with one; behind the end is the end.
            ("ab\ncd", 5, (2, 3)),
            ("ab\n", 3, (2, 1)),
            ("ab\n", 99, (2, 1)),
            ("é = \"日本\" x", "é = \"日本\" ".len(), (1, 10)),
            // Inside a character is that character.
            ("日", 1, (1, 1)),
        ] {
            assert_eq!(at(text, offset), position, "{text:?} {offset}");
        }
    }

    /// The reference values of the algorithm's authors.
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
    fn bytes_that_are_not_utf8_are_remembered() {
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

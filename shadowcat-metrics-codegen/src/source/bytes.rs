//! From the bytes of a file to its text: byte order marks, UTF-16, and what is no character.

use super::{Source, Span};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Position;

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
        let positions: Vec<_> = source
            .invalid_utf8()
            .iter()
            .map(|span| source.position(span.start))
            .collect();
        assert_eq!(
            positions,
            [
                Position { line: 2, column: 1 },
                Position { line: 2, column: 3 }
            ]
        );
    }
}

//! The text of a query, divided into code, strings and comments. All code that reads PromQL without the
//! parser uses this.

use std::ops::Range;

/// The kind of a piece of a query's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// One character of code.
    Code(char),
    /// A string with its quotes. `closed` is false if the closing quote is missing.
    Quoted { closed: bool },
    /// From `#` to the end of the line.
    Comment,
}

/// Returns the first piece of a text, and its length in bytes.
pub(crate) fn first(text: &str) -> Option<(Piece, usize)> {
    let letter = text.chars().next()?;
    Some(match letter {
        '#' => {
            let end = text.find(['\n', '\r']).unwrap_or(text.len());
            (Piece::Comment, end)
        }
        '"' | '\'' | '`' => match closing(text, letter) {
            Some(end) => (Piece::Quoted { closed: true }, end),
            None => (Piece::Quoted { closed: false }, text.len()),
        },
        _ => (Piece::Code(letter), letter.len_utf8()),
    })
}

/// Returns the offset after the quote that closes the string at the beginning of a text.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if letter == '\\' && quote != '`' {
            escaped = true;
        } else if letter == quote {
            return Some(at + 1);
        }
    }
    None
}

/// Returns every piece of a text, in order.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = (Piece, Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (piece, length) = first(&text[at..])?;
        let range = at..at + length;
        at = range.end;
        Some((piece, range))
    })
}

/// Removes leading white space and comments.
pub(super) fn trim_start(text: &str) -> &str {
    let mut rest = text;
    while let Some((piece, length)) = first(rest) {
        let is_space = match piece {
            Piece::Code(letter) => letter.is_whitespace(),
            Piece::Quoted { .. } => false,
            Piece::Comment => true,
        };
        if !is_space {
            break;
        }
        rest = &rest[length..];
    }
    rest
}

/// Returns the unclosed brackets of a text with their offsets, the outermost first.
pub(super) fn open_brackets(text: &str) -> Vec<(char, usize)> {
    let mut open = Vec::new();
    for (piece, range) in pieces(text) {
        match piece {
            Piece::Code(letter @ ('(' | '[' | '{')) => open.push((letter, range.start)),
            Piece::Code(')' | ']' | '}') => drop(open.pop()),
            Piece::Code(_) | Piece::Quoted { .. } | Piece::Comment => {}
        }
    }
    open
}

/// Characters that replace an escape in backquotes for the parser: two bytes, like the escape, from a block
/// of letters that PromQL does not use. The parser would interpret the backslash, which is literal in
/// backquotes.
const ESCAPED: Range<u32> = 0x780..0x800;
/// Replaces a backslash before a character that is not ASCII.
const BACKSLASH: char = '\u{1}';

/// Rewrites text that Prometheus accepts and the parser does not, without changing positions: underscores
/// between digits, and backslashes in backquotes. [`restore`] reverts the latter.
pub(super) fn for_parser(text: &str) -> String {
    let mut rewritten = String::with_capacity(text.len());
    let mut pieces = pieces(text).peekable();
    while let Some((piece, range)) = pieces.next() {
        match piece {
            Piece::Quoted { .. } if text[range.clone()].starts_with('`') => {
                rewritten.push_str(&hide_escapes(&text[range]));
            }
            Piece::Code(letter) if is_word(letter) => {
                let mut end = range.end;
                while let Some((Piece::Code(letter), more)) = pieces.peek() {
                    if !is_word(*letter) && *letter != '.' {
                        break;
                    }
                    end = more.end;
                    pieces.next();
                }
                let word = &text[range.start..end];
                match without_underscores(word) {
                    Some(number) => rewritten.push_str(&number),
                    None => rewritten.push_str(word),
                }
            }
            Piece::Code(_) | Piece::Quoted { .. } | Piece::Comment => {
                rewritten.push_str(&text[range]);
            }
        }
    }
    rewritten
}

fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == ':'
}

fn hide_escapes(quoted: &str) -> String {
    let mut hidden = String::with_capacity(quoted.len());
    let mut letters = quoted.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            hidden.push(letter);
            continue;
        }
        let next = letters.next_if(|next| next.is_ascii() && *next != '`');
        let code = next.and_then(|next| char::from_u32(ESCAPED.start + u32::from(next)));
        hidden.push(code.unwrap_or(BACKSLASH));
    }
    hidden
}

/// Returns a string's value as it was before [`for_parser`].
pub(super) fn restore(value: &str) -> String {
    let mut restored = String::with_capacity(value.len());
    for letter in value.chars() {
        let code = u32::from(letter);
        if letter == BACKSLASH {
            restored.push('\\');
        } else if ESCAPED.contains(&code) {
            restored.push('\\');
            restored.extend(char::from_u32(code - ESCAPED.start));
        } else {
            restored.push(letter);
        }
    }
    restored
}

/// Removes the underscores between the digits of a number, and pads it to the same length. Returns `None` for
/// other words.
fn without_underscores(word: &str) -> Option<String> {
    let is_number = word.starts_with(|c: char| c.is_ascii_digit());
    if !is_number || !word.contains('_') {
        return None;
    }
    let hex = ["0x", "0X"].iter().any(|prefix| word.starts_with(prefix));
    let (prefix, digits) = word.split_at(if hex { 2 } else { 0 });
    let is_digit = |c: char| {
        if hex {
            c.is_ascii_hexdigit()
        } else {
            c.is_ascii_digit()
        }
    };
    let mut before = if hex { '0' } else { '_' };
    for letter in digits.chars() {
        let fits = match letter {
            '_' => is_digit(before),
            '.' => !hex && is_digit(before),
            'e' | 'E' if !hex => is_digit(before) || before == '.',
            letter => is_digit(letter),
        };
        if !fits {
            return None;
        }
        before = letter;
    }
    if before == '_' {
        return None;
    }
    let plain = digits.replace('_', "");
    let padding = digits.len() - plain.len();
    // Octal and hexadecimal numbers may begin with more zeros.
    if hex || (plain.starts_with('0') && !plain.contains(['.', 'e', 'E'])) {
        return Some(format!("{prefix}{}{plain}", "0".repeat(padding)));
    }
    let end = plain.find(['e', 'E']).unwrap_or(plain.len());
    let (mantissa, exponent) = plain.split_at(end);
    let point = if mantissa.contains('.') { "" } else { "." };
    let zeros = "0".repeat(padding - point.len());
    Some(format!("{mantissa}{point}{zeros}{exponent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_quotes_are_not_code() {
        let code = |text: &str| -> String {
            pieces(text)
                .filter_map(|(piece, _)| match piece {
                    Piece::Code(letter) => Some(letter),
                    Piece::Quoted { .. } | Piece::Comment => None,
                })
                .collect()
        };
        assert_eq!(code("a # it's\nb"), "a \nb");
        assert_eq!(code("a'#\\''b`\\`c\"#\"d"), "abcd");
        assert_eq!(code("a\"b"), "a");
        assert_eq!(trim_start(" # a\r\n # b\n c # d"), "c # d");
        assert_eq!(open_brackets("f(x{a='}'} # (\n[5"), [('(', 1), ('[', 15)]);
    }

    #[test]
    fn numbers_lose_their_underscores_and_keep_their_length() {
        for (written, read) in [
            ("x > 1_000", "x > 1000."),
            ("1_000_000", "1000000.0"),
            ("1_0.5_0", "10.5000"),
            ("1_0e1_0", "10.0e10"),
            ("0x_1F", "0x01F"),
            ("0xAB_CD", "0x0ABCD"),
            ("0_17", "0017"),
            ("1__0", "1__0"),
            ("1_", "1_"),
            ("x_1_2 # 1_0", "x_1_2 # 1_0"),
            ("'1_0'", "'1_0'"),
        ] {
            assert_eq!(for_parser(written), read);
        }
        assert_eq!("1000.".parse::<f64>(), Ok(1000.0));
    }

    #[test]
    fn backslashes_in_backquotes_are_restored() {
        let written = "x{a=~`\\d+\\(é\\é|\\\\`, b=\"\\\\d\"}";
        let hidden = for_parser(written);
        assert_eq!(hidden.len(), written.len());
        assert!(!hidden[..20].contains('\\'));
        assert_eq!(restore(&hidden), written);
    }
}

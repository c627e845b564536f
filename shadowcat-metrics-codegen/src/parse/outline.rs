//! A rough scan of TOML that works for broken TOML, too: strings, nesting of brackets, and whether a key or a value is expected
//! at a position. The parser's errors have only a position, and this scan adds the context.

use toml_parser::lexer::TokenKind as Lexed;

/// Maximum nesting of tables and arrays. A schema needs six levels. The parser recurses at each level, and limits brackets and
/// dots separately but not together.
pub(super) const MAX_LEVELS: usize = 64;

/// The element expected at a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The name of a table, between its brackets.
    Header,
    /// A key, followed by `=`.
    Key,
    /// A value.
    Value,
    /// The end of a line or list item, after a value.
    AfterValue,
    /// The rest of the string that began at this offset, with these quotes.
    String(usize, &'static str),
}

/// The outline of a text.
#[derive(Debug)]
pub(super) struct Outline {
    /// The expected elements, each with the offset where it begins to apply.
    places: Vec<(usize, Place)>,
    /// The outermost unclosed bracket. Headers end with their line.
    pub(super) open_bracket: Option<usize>,
    /// The unclosed multi-line string, with its quotes.
    pub(super) open_string: Option<(usize, &'static str)>,
}

impl Outline {
    pub(super) fn new(text: &str) -> Self {
        let mut outline = Self {
            places: vec![(0, Place::Key)],
            open_bracket: None,
            open_string: None,
        };
        let mut open: Vec<(usize, char)> = Vec::new();
        let mut place = Place::Key;
        let mut in_line = false;
        for token in tokens(text) {
            let (start, end) = (token.start, token.end);
            let next = match token.kind {
                TokenKind::String { quotes, closed } => {
                    let inside = Place::String(start, quotes);
                    outline.places.push((start + quotes.len(), inside));
                    if !closed && quotes.len() == 3 {
                        outline.open_string = Some((start, quotes));
                    }
                    if place == Place::Value {
                        place = Place::AfterValue;
                    }
                    // The closing quotes come after everything inside the string.
                    outline.places.push((end + usize::from(!closed), place));
                    in_line = true;
                    continue;
                }
                TokenKind::Char('\n') => {
                    in_line = false;
                    match open.last() {
                        None => Place::Key,
                        Some(_) if place == Place::Header => {
                            open.clear();
                            Place::Key
                        }
                        Some(_) => continue,
                    }
                }
                TokenKind::Char(c) if c.is_whitespace() => continue,
                TokenKind::Char(c) => {
                    let begins = !std::mem::replace(&mut in_line, true);
                    match c {
                        '[' | '{' if place == Place::Header => {
                            open.push((start, c));
                            Place::Header
                        }
                        '[' if begins && open.is_empty() => {
                            open.push((start, c));
                            Place::Header
                        }
                        '[' | '{' => {
                            open.push((start, c));
                            if c == '[' { Place::Value } else { Place::Key }
                        }
                        ']' | '}' => {
                            open.pop();
                            if place == Place::Header {
                                place
                            } else {
                                Place::AfterValue
                            }
                        }
                        '=' if place == Place::Key => Place::Value,
                        ',' => match open.last() {
                            Some((_, '[')) => Place::Value,
                            Some(_) => Place::Key,
                            None => place,
                        },
                        _ if place == Place::Value => Place::AfterValue,
                        _ => continue,
                    }
                }
            };
            if next != place {
                outline.places.push((end, next));
                place = next;
            }
        }
        outline.open_bracket = open
            .first()
            .map(|(at, _)| *at)
            .filter(|_| place != Place::Header);
        outline
    }

    /// Returns the element expected at an offset.
    pub(super) fn place(&self, at: usize) -> Place {
        let behind = self.places.partition_point(|(start, _)| *start <= at);
        self.places[behind.saturating_sub(1)].1
    }
}

/// Returns the first bracket, or dot of a key, that is deeper than [`MAX_LEVELS`]. Decimal points count as dots, which changes
/// the result by at most one level.
pub(super) fn too_deep(text: &str) -> Option<usize> {
    // Levels of the header, of the open brackets with the keys before them, and of the key that is being read.
    let (mut header, mut outer, mut key) = (0, 0, 0);
    let mut open: Vec<usize> = Vec::new();
    let mut in_header = false;
    let mut starts_line = true;
    for token in tokens(text) {
        let TokenKind::Char(c) = token.kind else {
            starts_line = false;
            continue;
        };
        match c {
            '[' | '{' => {
                if open.is_empty() && starts_line {
                    (in_header, header) = (true, 0);
                }
                if in_header {
                    header += 1;
                }
                open.push(key);
                outer += key + 1;
                key = 0;
            }
            ']' | '}' => {
                key = open.pop().unwrap_or(0);
                outer = outer.saturating_sub(key + 1);
            }
            '.' if in_header => header += 1,
            '.' => key += 1,
            ',' => key = 0,
            '\n' if open.is_empty() || in_header => {
                open.clear();
                (in_header, outer, key) = (false, 0, 0);
            }
            _ => {}
        }
        starts_line = c == '\n' || (starts_line && c.is_whitespace());
        let inner = if in_header { 0 } else { outer + key };
        if header + inner > MAX_LEVELS {
            return Some(token.start);
        }
    }
    None
}

/// A string, or a character outside strings and comments.
struct Token {
    start: usize,
    end: usize,
    kind: TokenKind,
}

enum TokenKind {
    Char(char),
    /// A string, and whether it has the quotes that it ends with. One of a single line ends with the line, closed or not.
    String {
        quotes: &'static str,
        closed: bool,
    },
}

fn tokens(text: &str) -> impl Iterator<Item = Token> {
    toml_parser::Source::new(text).lex().filter_map(|token| {
        let (start, end) = (token.span().start(), token.span().end());
        let written = &text[start..end];
        let quotes = match token.kind() {
            Lexed::Comment | Lexed::Eof => return None,
            Lexed::MlBasicString => "\"\"\"",
            Lexed::MlLiteralString => "'''",
            Lexed::BasicString => "\"",
            Lexed::LiteralString => "'",
            kind => {
                let c = written.chars().next()?;
                let end = start + c.len_utf8();
                let c = if kind == Lexed::Newline { '\n' } else { c };
                let kind = TokenKind::Char(c);
                return Some(Token { start, end, kind });
            }
        };
        let content = written.get(quotes.len()..).unwrap_or_default();
        let content = content.strip_suffix(quotes);
        let closed = content.is_some_and(|content| {
            let backslashes = content.len() - content.trim_end_matches('\\').len();
            quotes.starts_with('\'') || backslashes % 2 == 0
        });
        let kind = TokenKind::String { quotes, closed };
        Some(Token { start, end, kind })
    })
}

#[test]
fn the_outermost_open_bracket_is_found() {
    let open = |text: &str| Outline::new(text).open_bracket;
    assert_eq!(open("[a]\nb = [1, [2]"), Some(8));
    assert_eq!(open("b = [[1, {"), Some(4));
    assert_eq!(open("b = \"[\" # [\nc = '['\nd = '''[\n'''"), None);
    assert_eq!(open("b = \"\\\"[\nc = {"), Some(13));
    assert_eq!(open("é = [\"ü\""), Some(5));
    assert_eq!(open("[a\nb = 1\n[c"), None, "a header ends with its line");
    assert_eq!(open(""), None);
}

#[test]
fn expected_tokens_at_positions() {
    use Place::{AfterValue, Header, Key, String, Value};
    for (text, expected) in [
        ("^a = 1", Key),
        ("a ^: 1", Key),
        ("a = ^1", Value),
        ("a =^", Value),
        ("a = 1 ^b", AfterValue),
        ("a = \"b\" ^c", AfterValue),
        ("a = \"b^", String(4, "\"")),
        ("a = \"b^\nc = 1", String(4, "\"")),
        ("a = \"b\n^c = 1", Key),
        ("a = '''b\n^", String(4, "'''")),
        ("a = [1, ^b]", Value),
        ("a = [1 ^b]", AfterValue),
        ("a = [\n^b\n]", Value),
        ("a = { ^b = 1 }", Key),
        ("a = { b = ^1 }", Value),
        ("a = { b = 1, ^c }", Key),
        ("[a ^b]", Header),
        ("[[a]]\n^b = 1", Key),
        ("[a\n^b = 1", Key),
        ("\"a b\" ^= 1", Key),
        ("a = 1 # = [\n^b", Key),
    ] {
        let at = text.find('^').expect("a mark");
        assert_eq!(
            Outline::new(&text.replacen('^', "", 1)).place(at),
            expected,
            "{text}"
        );
    }
}

#[test]
fn brackets_and_dots_are_bounded_together() {
    let dots = |count: usize| ["a"].repeat(count).join(".");
    for shallow in [
        format!("[{}]\nb.c = [1.5, 2.5, {{ a.b = 1 }}]\n", dots(40)),
        "a.b = 1\n".repeat(100),
        format!("x = [{}]", "[1.5], { a.b = 1 },".repeat(100)),
        format!("x = \"{}\" # {}", "[".repeat(100), dots(100)),
        format!("{} = 1", dots(MAX_LEVELS)),
        "[[a.b]]\nx = { a = 1,\n b = [2] }\n".repeat(100),
    ] {
        assert_eq!(too_deep(&shallow), None, "{shallow}");
    }
    for (deep, at) in [
        (format!("x = {}", "[".repeat(100)), 4 + MAX_LEVELS),
        (format!("{} = 1", dots(100)), 2 * MAX_LEVELS + 1),
        // The bracket of the header is a level, too.
        (format!("[{}]", dots(100)), 2 * MAX_LEVELS),
        // 30 levels of the header, 29 dots and a bracket: the fifth dot after it exceeds the limit.
        (
            format!("[{}]\n{} = {{ {} = 1 }}", dots(30), dots(30), dots(10)),
            61 + 1 + 59 + 5 + 2 * 4 + 1,
        ),
    ] {
        assert_eq!(too_deep(&deep), Some(at), "{deep}");
    }
}

//! The outline of a text that may not be valid TOML: whether a key or a value is expected at a position, and what is not closed.
//! The parser's errors have only a position, and its events add the context.

use toml_parser::decoder::Encoding;
use toml_parser::parser::{Event, EventKind, RecursionGuard, parse_document};

use crate::source::Span;

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
    /// Every part of a key or header.
    keys: Vec<Span>,
    /// The outermost unclosed bracket of an array or inline table.
    pub(super) open_bracket: Option<usize>,
    /// The unclosed multi-line string, with its quotes.
    pub(super) open_string: Option<(usize, &'static str)>,
}

impl Outline {
    pub(super) fn new(text: &str) -> Self {
        let mut outline = Self {
            places: vec![(0, Place::Key)],
            keys: Vec::new(),
            open_bracket: None,
            open_string: None,
        };
        // Each open bracket, with the element expected after a comma in it.
        let mut open: Vec<(usize, Place)> = Vec::new();
        let mut place = Place::Key;
        for event in events(text) {
            let span = Span::new(event.span().start(), event.span().end());
            let is_missing = span.start == span.end;
            let mut end = span.end;
            place = match event.kind() {
                EventKind::StdTableOpen | EventKind::ArrayTableOpen => Place::Header,
                EventKind::ArrayOpen => {
                    open.push((span.start, Place::Value));
                    Place::Value
                }
                EventKind::InlineTableOpen => {
                    open.push((span.start, Place::Key));
                    Place::Key
                }
                EventKind::ArrayClose | EventKind::InlineTableClose => {
                    if let Some((start, _)) = open.pop().filter(|_| is_missing) {
                        outline.open_bracket = Some(start);
                    }
                    Place::AfterValue
                }
                EventKind::KeyValSep => Place::Value,
                EventKind::ValueSep if !is_missing => open.last().map_or(place, |(_, next)| *next),
                EventKind::Newline if open.is_empty() => Place::Key,
                EventKind::SimpleKey if !is_missing => {
                    end = outline.add_string(event, text);
                    outline.keys.push(span);
                    place
                }
                EventKind::Scalar if !is_missing => {
                    end = outline.add_string(event, text);
                    Place::AfterValue
                }
                // The parser ignores some brackets inside an unclosed one.
                EventKind::Error if !open.is_empty() => {
                    match &text[span.range()] {
                        "[" | "{" => open.push((span.start, place)),
                        "]" | "}" => drop(open.pop()),
                        _ => {}
                    }
                    place
                }
                _ => continue,
            };
            // A string without an end reaches beyond the brackets that are missing after it.
            let before = outline.places.last().map_or(0, |(before, _)| *before);
            outline.places.push((end.max(before), place));
        }
        outline
    }

    /// Adds the inside of a string, if the key or value is one. Returns the offset after it. The end of a line that does not close
    /// a string still belongs to the string. The parser reads `1 b` as one value, so the offset after a value without quotes is
    /// the one after its first character.
    fn add_string(&mut self, event: Event, text: &str) -> usize {
        let (start, end) = (event.span().start(), event.span().end());
        let quotes = match event.encoding() {
            None => return start + 1,
            Some(Encoding::BasicString) => "\"",
            Some(Encoding::LiteralString) => "'",
            Some(Encoding::MlBasicString) => "\"\"\"",
            Some(Encoding::MlLiteralString) => "'''",
        };
        let inside = start + quotes.len();
        self.places.push((inside, Place::String(start, quotes)));
        let content = text.get(inside..end).unwrap_or_default();
        let is_closed = content.strip_suffix(quotes).is_some_and(|content| {
            let backslashes = content.len() - content.trim_end_matches('\\').len();
            quotes.starts_with('\'') || backslashes % 2 == 0
        });
        if !is_closed && quotes.len() == 3 {
            self.open_string = Some((start, quotes));
        }
        end + usize::from(!is_closed)
    }

    /// Returns the element expected at an offset.
    pub(super) fn place(&self, at: usize) -> Place {
        let behind = self.places.partition_point(|(start, _)| *start <= at);
        self.places[behind.saturating_sub(1)].1
    }

    /// Returns whether a span is a whole part of a key or header.
    pub(super) fn is_key(&self, span: Span) -> bool {
        self.keys.binary_search(&span).is_ok()
    }
}

/// Returns the first bracket, or dot of a key, that is deeper than [`MAX_LEVELS`].
pub(super) fn too_deep(text: &str) -> Option<usize> {
    // Levels of the header, of the open brackets with the keys before them, and of the key that is being read.
    let (mut header, mut outer, mut key) = (0, 0, 0);
    let mut open: Vec<usize> = Vec::new();
    for event in events(text) {
        match event.kind() {
            EventKind::StdTableOpen => (header, key) = (1, 0),
            EventKind::ArrayTableOpen => (header, key) = (2, 0),
            EventKind::StdTableClose | EventKind::ArrayTableClose => {
                header += key;
                key = 0;
            }
            EventKind::ArrayOpen | EventKind::InlineTableOpen => {
                open.push(key);
                outer += key + 1;
                key = 0;
            }
            EventKind::ArrayClose | EventKind::InlineTableClose => {
                key = open.pop().unwrap_or(0);
                outer = outer.saturating_sub(key + 1);
            }
            EventKind::KeySep => key += 1,
            EventKind::ValueSep => key = 0,
            EventKind::Newline if open.is_empty() => key = 0,
            _ => {}
        }
        if header + outer + key > MAX_LEVELS {
            return Some(event.span().start());
        }
    }
    None
}

/// Returns the parser's events, without the contents of brackets that are too deep.
fn events(text: &str) -> Vec<Event> {
    /// More than [`MAX_LEVELS`], so that the first bracket that is too deep still has an event.
    const MAX_DEPTH: u32 = 80;
    let tokens = toml_parser::Source::new(text).lex().into_vec();
    let mut events = Vec::new();
    let mut receiver = RecursionGuard::new(&mut events, MAX_DEPTH);
    parse_document(&tokens, &mut receiver, &mut ());
    events
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
        ("a = [\"b^", String(5, "\"")),
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

//! A YAML or JSON document as a tree of keys and values with positions.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};

/// A value and its position.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) value: Value,
    /// Its token. For a map or list, its start.
    pub(crate) span: Range<usize>,
    /// The alias or merge key that refers to it, if it is written elsewhere.
    pub(crate) alias: Option<Range<usize>>,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Map(Vec<Entry>),
    List(Vec<Node>),
    Text(Text),
    /// No value, or `null`.
    Null,
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: Text,
    pub(crate) node: Node,
}

/// A scalar.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) value: String,
    /// Its position including quotes. For a block, its lines.
    pub(crate) span: Range<usize>,
    pub(crate) style: ScalarStyle,
    /// The alias or merge key that refers to it, if it is written elsewhere.
    pub(crate) alias: Option<Range<usize>>,
}

impl Text {
    /// Returns whether it is an integer.
    pub(crate) fn is_integer(&self) -> bool {
        self.style == ScalarStyle::Plain && self.value.parse::<i64>().is_ok()
    }

    /// Returns the position of a part of its value in the file, or of the whole scalar if the part cannot be found.
    pub(crate) fn locate(&self, source: &str, part: &Range<usize>) -> Range<usize> {
        let whole = self.span.start.min(source.len())..self.span.end.min(source.len());
        let Some(inside) = source.get(whole.clone()) else {
            return 0..0;
        };
        let mut reader = Reader::new(inside, self.style);
        let (mut start, mut end) = (None, None);
        for (at, letter) in self.value.char_indices() {
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
}

impl Node {
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::List(_) | Value::Text(_) | Value::Null => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Map(_) | Value::Text(_) | Value::Null => &[],
        }
    }

    pub(crate) fn text(&self) -> Option<&Text> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Map(_) | Value::List(_) | Value::Null => None,
        }
    }
}

/// Returns the value of a key.
pub(crate) fn get<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Node> {
    let found = entries.iter().find(|entry| entry.key.value == key);
    found.map(|entry| &entry.node)
}

/// Returns the value of a key, if it is a scalar.
pub(crate) fn text<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Text> {
    get(entries, key)?.text()
}

/// The position of a comment, without its line break.
pub(crate) type Comment = Range<usize>;

/// The content of a file.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    pub(crate) nodes: Vec<Node>,
    pub(crate) comments: Vec<Comment>,
}

/// Why a file cannot be read, with the offset of the fault.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) message: String,
    pub(crate) at: usize,
}

/// Maximum nesting of maps and lists.
const MAX_DEPTH: usize = 100;
/// Maximum number of values. Nested aliases can multiply a few values into many.
const MAX_NODES: usize = 1_000_000;

/// Reads every document of a file.
pub(crate) fn parse(source: &str) -> Result<Documents, Unreadable> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(source) {
        let (event, span) = event.map_err(|error| Unreadable {
            message: format!("the file is neither YAML nor JSON: {}", error.info()),
            at: error.marker().byte_offset().unwrap_or_default(),
        })?;
        let span = span.byte_range().unwrap_or_default();
        let at = span.start;
        builder.event(event, span).map_err(|message| Unreadable {
            message: message.to_owned(),
            at,
        })?;
    }
    Ok(builder.documents)
}

#[derive(Default)]
struct Builder {
    documents: Documents,
    /// The incomplete maps and lists, the outermost first.
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
}

struct Open {
    anchor: usize,
    span: Range<usize>,
    parts: Parts,
}

enum Parts {
    Map(Vec<Entry>, Option<Node>),
    List(Vec<Node>),
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: Range<usize>) -> Result<(), &'static str> {
        match event {
            Event::Scalar(value, style, anchor, _) => {
                let value = value.into_owned();
                let is_null = style == ScalarStyle::Plain
                    && matches!(value.as_str(), "" | "~" | "null" | "Null" | "NULL");
                let value = if is_null {
                    Value::Null
                } else {
                    Value::Text(Text {
                        value,
                        span: span.clone(),
                        style,
                        alias: None,
                    })
                };
                self.add(
                    Node {
                        value,
                        span,
                        alias: None,
                    },
                    anchor,
                )
            }
            Event::SequenceStart(_, anchor, _) => self.begin(anchor, span, Parts::List(Vec::new())),
            Event::MappingStart(_, anchor, _) => {
                self.begin(anchor, span, Parts::Map(Vec::new(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let Some(mut node) = self.anchors.get(&anchor).cloned() else {
                    return Err("the alias has no anchor");
                };
                self.nodes += count(&node);
                mark_alias(&mut node, &span);
                self.add(node, 0)
            }
            Event::Comment(..) => {
                self.documents.comments.push(span);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin(
        &mut self,
        anchor: usize,
        span: Range<usize>,
        parts: Parts,
    ) -> Result<(), &'static str> {
        self.open.push(Open {
            anchor,
            span,
            parts,
        });
        if self.open.len() > MAX_DEPTH {
            return Err("the file is nested too deeply: expected at most 100 levels");
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), &'static str> {
        let Some(Open {
            anchor,
            span,
            parts,
        }) = self.open.pop()
        else {
            return Ok(());
        };
        let value = match parts {
            Parts::Map(entries, _) => Value::Map(merged(entries)),
            Parts::List(items) => Value::List(items),
        };
        self.add(
            Node {
                value,
                span,
                alias: None,
            },
            anchor,
        )
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), &'static str> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err("the file has too many values: expected at most 1000000");
        }
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.parts) {
            None => self.documents.nodes.push(node),
            Some(Parts::List(items)) => items.push(node),
            Some(Parts::Map(entries, key)) => match key.take() {
                None => *key = Some(node),
                Some(before) => {
                    let key = match before.value {
                        Value::Text(text) => text,
                        Value::Map(_) | Value::List(_) | Value::Null => Text {
                            value: String::new(),
                            span: before.span,
                            style: ScalarStyle::Plain,
                            alias: None,
                        },
                    };
                    entries.push(Entry { key, node });
                }
            },
        }
        Ok(())
    }
}

fn count(node: &Node) -> usize {
    let parts: usize = match &node.value {
        Value::Map(entries) => entries.iter().map(|entry| count(&entry.node)).sum(),
        Value::List(items) => items.iter().map(count).sum(),
        Value::Text(_) | Value::Null => 0,
    };
    parts + 1
}

/// Records the alias that refers to values. For nested aliases, the outermost one counts.
fn mark_alias(node: &mut Node, alias: &Range<usize>) {
    node.alias = Some(alias.clone());
    match &mut node.value {
        Value::Map(entries) => {
            for entry in entries {
                entry.key.alias = Some(alias.clone());
                mark_alias(&mut entry.node, alias);
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| mark_alias(item, alias)),
        Value::Text(text) => text.alias = Some(alias.clone()),
        Value::Null => {}
    }
}

/// Returns the entries of a map, including those that `<<` merges into it. The map's own keys take
/// precedence.
fn merged(entries: Vec<Entry>) -> Vec<Entry> {
    let is_merge = |entry: &Entry| entry.key.value == "<<" && entry.key.style == ScalarStyle::Plain;
    if !entries.iter().any(is_merge) {
        return entries;
    }
    let (merges, mut all): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_merge);
    for merge in merges {
        let maps = match merge.node.value {
            Value::List(maps) => maps,
            Value::Map(_) => vec![merge.node],
            Value::Text(_) | Value::Null => continue,
        };
        for map in maps {
            let Value::Map(more) = map.value else {
                continue;
            };
            for entry in more {
                if !all.iter().any(|own| own.key.value == entry.key.value) {
                    all.push(entry);
                }
            }
        }
    }
    all
}

/// Reads the characters of a scalar's value at their positions in the file, through quotes, escapes, and the indentation and
/// folded lines of YAML's blocks.
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

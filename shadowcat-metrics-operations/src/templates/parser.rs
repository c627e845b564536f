//! A parser for Go's `text/template` with the functions and variables of Prometheus. It accepts what Go
//! accepts, so that a template that Prometheus refuses is reported with a position.

use std::ops::Range;

use crate::codes;
use shadowcat_metrics_codegen::suggest;

use super::{Context, DECLARED, MAX_DEPTH};
use crate::promql::Finding;

/// Functions that Prometheus adds to Go's.
const PROMETHEUS: &str = "\
    args externalURL first graphLink humanize humanize1024 humanizeDuration humanizePercentage humanizeTimestamp label \
    match now parseDuration pathPrefix query reReplaceAll safeHtml sortByLabel stripDomain stripPort strvalue tableLink \
    title toDuration toLower toTime toUpper urlQueryEscape value";
/// Functions that only vmalert adds.
const VMALERT: &str = "\
    contains crlfEscape formatTime htmlEscape jsonEscape parseDurationTime pathEscape queryEscape quotesEscape";
/// Functions of `text/template`.
const GO: &str = "\
    and call eq ge gt html index js le len lt ne not or print printf println slice urlquery";
/// Variables that only vmalert declares.
const DECLARED_BY_VMALERT: [&str; 8] = [
    "activeAt",
    "alertID",
    "expr",
    "for",
    "groupID",
    "isPartial",
    "type",
    "annotations",
];

fn syntax<T>(
    range: Range<usize>,
    message: impl Into<String>,
    label: impl Into<String>,
) -> Result<T, Box<Finding>> {
    let finding = Finding::new(codes::TEMPLATE_SYNTAX, range, message, label);
    Err(Box::new(finding))
}

/// A token between `{{` and `}}`.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// `{{` and `}}`.
    Open,
    Close,
    /// A function or a keyword.
    Word,
    /// `$name`.
    Variable,
    /// `.name`, or `.` alone.
    Field,
    Text(Literal),
    Number,
    Pipe,
    Comma,
    Left,
    Right,
    Declare,
    Assign,
}

/// A string in a template, with the offset of each of its bytes in the template.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Literal {
    pub(super) value: String,
    pub(super) offsets: Vec<usize>,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    kind: Kind,
    range: Range<usize>,
    /// Whether it follows the previous token without white space, as a field does.
    adjoins: bool,
}

#[derive(Debug)]
pub(super) enum Node {
    Action(Pipe),
    /// `if`, `with` and `range`, with their `else` branches.
    Branch {
        keyword: Keyword,
        pipe: Pipe,
        body: Vec<Node>,
        otherwise: Vec<Node>,
    },
    Template {
        name: String,
        pipe: Option<Pipe>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keyword {
    If,
    With,
    Range,
}

#[derive(Debug, Default)]
pub(super) struct Pipe {
    pub(super) declared: Vec<String>,
    pub(super) commands: Vec<Vec<Operand>>,
}

#[derive(Debug)]
pub(super) struct Operand {
    pub(super) kind: OperandKind,
    /// Fields after it, such as the last two of `$.Labels.job`.
    pub(super) fields: Vec<(String, Range<usize>)>,
}

#[derive(Debug)]
pub(super) enum OperandKind {
    Dot,
    Variable(String),
    Function(String),
    Text(Literal),
    Pipe(Pipe),
    Other,
}

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) context: Context<'t>,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    /// The variables in scope.
    pub(super) scopes: Vec<String>,
    pub(super) defines: Vec<(String, Vec<Node>)>,
    /// Number of open parentheses and actions.
    pub(super) depth: usize,
    /// Number of open `range` actions.
    ranges: usize,
}

pub(super) type Parsed<T> = Result<T, Box<Finding>>;

/// The end of a list of nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Text,
    End,
    Else,
}

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, context: Context<'t>) -> Self {
        let declared = DECLARED.map(|(name, _)| name).into_iter();
        let by_vmalert = DECLARED_BY_VMALERT
            .into_iter()
            .filter(|_| context.of_vmalert);
        let declared = declared.chain(by_vmalert).map(|name| format!("${name}"));
        Self {
            text,
            context,
            tokens: Vec::new(),
            at: 0,
            scopes: ["$".to_owned()].into_iter().chain(declared).collect(),
            defines: Vec::new(),
            depth: 0,
            ranges: 0,
        }
    }

    pub(super) fn parse(&mut self) -> Parsed<Vec<Node>> {
        self.tokens = tokens(self.text)?;
        let (body, _) = self.list(None)?;
        Ok(body)
    }

    /// Parses nodes up to the end of the text, or to the `end` or `else` of the surrounding action.
    fn list(&mut self, opened: Option<(&str, Range<usize>)>) -> Parsed<(Vec<Node>, Ending)> {
        self.deeper()?;
        let mut nodes = Vec::new();
        while self.take(&Kind::Open).is_some() {
            let word = self.peek(&Kind::Word).map_or("", |range| &self.text[range]);
            let keyword = match word {
                "end" | "else" => {
                    let range = self.next_range();
                    self.at += 1;
                    let Some(_) = opened else {
                        let message = format!("`{word}` without `if`, `with` or `range`");
                        return syntax(range, message, "remove it");
                    };
                    self.depth -= 1;
                    if word == "end" {
                        self.close()?;
                        return Ok((nodes, Ending::End));
                    }
                    return Ok((nodes, Ending::Else));
                }
                "if" => Some(Keyword::If),
                "with" => Some(Keyword::With),
                "range" => Some(Keyword::Range),
                _ => None,
            };
            match (keyword, word) {
                (Some(keyword), _) => nodes.push(self.branch(keyword)?),
                (None, "define") if opened.is_some() => {
                    let message = "`define` is inside another action";
                    return syntax(self.next_range(), message, "move it outside");
                }
                (None, "define" | "block") => self.define(word == "block", &mut nodes)?,
                (None, "template") => {
                    self.at += 1;
                    let name = self.name("template")?;
                    let pipe = if self.peek(&Kind::Close).is_some() {
                        None
                    } else {
                        Some(self.pipe(1)?)
                    };
                    self.close()?;
                    nodes.push(Node::Template { name, pipe });
                }
                (None, "break" | "continue") => {
                    if self.ranges == 0 {
                        let message = format!("`{word}` is not in a `range`");
                        return syntax(self.next_range(), message, "remove it");
                    }
                    self.at += 1;
                    self.close()?;
                }
                (None, _) => {
                    let pipe = self.pipe(1)?;
                    self.close()?;
                    nodes.push(Node::Action(pipe));
                }
            }
        }
        match opened {
            Some((what, range)) => syntax(
                range,
                format!("`{what}` is not closed"),
                "expected `{{ end }}` after it",
            ),
            None => Ok((nodes, Ending::Text)),
        }
    }

    fn branch(&mut self, keyword: Keyword) -> Parsed<Node> {
        let range = self.next_range();
        let word = self.text[range.clone()].to_owned();
        self.at += 1;
        let scope = self.scopes.len();
        let pipe = self.pipe(if keyword == Keyword::Range { 2 } else { 1 })?;
        self.close()?;
        let is_range = usize::from(keyword == Keyword::Range);
        self.ranges += is_range;
        let (body, ending) = self.list(Some((&word, range.clone())))?;
        self.ranges -= is_range;
        let mut otherwise = Vec::new();
        if ending == Ending::Else {
            let next = self
                .peek(&Kind::Word)
                .map(|range| self.text[range].to_owned());
            let chained = match next.as_deref() {
                Some("if") => Some(Keyword::If),
                Some("with") => Some(Keyword::With),
                _ => None,
            };
            if let Some(chained) = chained {
                // `else if` and `else with` share the `end` of the first action.
                self.deeper()?;
                otherwise.push(self.branch(chained)?);
                self.depth -= 1;
            } else {
                self.close()?;
                let (nodes, ending) = self.list(Some((&word, range.clone())))?;
                if ending == Ending::Else {
                    let message = format!("`{word}` has two `else`");
                    return syntax(range, message, "expected `{{ end }}` after the first");
                }
                otherwise = nodes;
            }
        }
        self.scopes.truncate(scope);
        Ok(Node::Branch {
            keyword,
            pipe,
            body,
            otherwise,
        })
    }

    fn define(&mut self, is_block: bool, nodes: &mut Vec<Node>) -> Parsed<()> {
        let range = self.next_range();
        let word = self.text[range.clone()].to_owned();
        self.at += 1;
        let name = self.name(&word)?;
        if is_block {
            let pipe = self.pipe(1)?;
            let name = name.clone();
            nodes.push(Node::Template {
                name,
                pipe: Some(pipe),
            });
        }
        self.close()?;
        // A template does not see the variables of the surrounding one.
        let around = std::mem::replace(&mut self.scopes, vec!["$".to_owned()]);
        let place = range.clone();
        let (body, _) = self.list(Some((&word, range)))?;
        self.scopes = around;
        let is_again = |(known, before): &(String, Vec<Node>)| *known == name && !before.is_empty();
        if self.defines.iter().any(is_again) && !body.is_empty() {
            let message = format!("the template `{name}` is defined twice");
            return syntax(place, message, "expected another name");
        }
        self.defines.push((name, body));
        Ok(())
    }

    fn name(&mut self, word: &str) -> Parsed<String> {
        if let Some(Token {
            kind: Kind::Text(name),
            ..
        }) = self.tokens.get(self.at)
        {
            self.at += 1;
            return Ok(name.value.clone());
        }
        let message = format!("`{word}` has no name");
        syntax(self.next_range(), message, "expected a name in quotes")
    }

    /// Enters one more level of nesting.
    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let label = format!("expected at most {MAX_DEPTH} levels");
            let message = "the template is nested too deeply";
            return syntax(self.next_range(), message, label);
        }
        Ok(())
    }

    /// Parses a pipeline that declares at most `most` variables.
    fn pipe(&mut self, most: usize) -> Parsed<Pipe> {
        let mut pipe = Pipe::default();
        // `$x := ...`, `$x = ...` and `range $key, $value := ...`.
        let mut ahead = self.at;
        let mut names = Vec::new();
        while let Some(Token {
            kind: Kind::Variable,
            range,
            ..
        }) = self.tokens.get(ahead)
        {
            names.push(self.text[range.clone()].to_owned());
            ahead += 1;
            match self.tokens.get(ahead).map(|token| &token.kind) {
                Some(Kind::Comma) => ahead += 1,
                Some(Kind::Declare | Kind::Assign) => {
                    if names.len() > most {
                        let message = "too many variables are declared here";
                        return syntax(range.clone(), message, format!("expected at most {most}"));
                    }
                    self.at = ahead + 1;
                    pipe.declared = std::mem::take(&mut names);
                }
                Some(_) | None => break,
            }
            if !pipe.declared.is_empty() {
                break;
            }
        }
        loop {
            let start = self.next_range();
            let command = self.command()?;
            let cannot_take = |operand: &Operand| match operand.kind {
                OperandKind::Dot => operand.fields.is_empty(),
                OperandKind::Text(_) | OperandKind::Other => true,
                OperandKind::Variable(_) | OperandKind::Function(_) | OperandKind::Pipe(_) => false,
            };
            if !pipe.commands.is_empty() && command.first().is_some_and(cannot_take) {
                let message = format!("`{}` takes no value from a pipe", &self.text[start.clone()]);
                return syntax(start, message, "expected a function");
            }
            // Go lets a pipeline end with `|`.
            if command.is_empty() && !pipe.commands.is_empty() && self.peek(&Kind::Close).is_some()
            {
                break;
            }
            if command.is_empty() {
                let range = self.next_range();
                return syntax(range, "a value is missing", "expected a value before this");
            }
            pipe.commands.push(command);
            if self.take(&Kind::Pipe).is_none() {
                break;
            }
        }
        self.scopes.extend(pipe.declared.iter().cloned());
        Ok(pipe)
    }

    fn command(&mut self) -> Parsed<Vec<Operand>> {
        let mut operands: Vec<Operand> = Vec::new();
        while let Some(Token {
            kind,
            range,
            adjoins,
        }) = self.tokens.get(self.at).cloned()
        {
            let word = &self.text[range.clone()];
            let kind = match kind {
                Kind::Field if adjoins && word.len() == 1 && !operands.is_empty() => {
                    let message = "unexpected `.` in the template";
                    return syntax(range, message, "expected a field after it");
                }
                Kind::Field if adjoins && !operands.is_empty() && self.at > 0 => {
                    self.at += 1;
                    if let Some(last) = operands.last_mut() {
                        last.fields.push((word[1..].to_owned(), range));
                    }
                    continue;
                }
                Kind::Field => {
                    self.at += 1;
                    let mut fields = Vec::new();
                    if word.len() > 1 {
                        fields.push((word[1..].to_owned(), range));
                    }
                    operands.push(Operand {
                        kind: OperandKind::Dot,
                        fields,
                    });
                    continue;
                }
                Kind::Variable => {
                    self.declared(&range)?;
                    OperandKind::Variable(word.to_owned())
                }
                Kind::Word if matches!(word, "true" | "false" | "nil") => OperandKind::Other,
                Kind::Word => {
                    self.function(word, &range)?;
                    OperandKind::Function(word.to_owned())
                }
                Kind::Text(literal) => OperandKind::Text(literal),
                Kind::Number => OperandKind::Other,
                Kind::Left => {
                    self.at += 1;
                    self.deeper()?;
                    let inner = self.pipe(1)?;
                    self.depth -= 1;
                    if self.peek(&Kind::Right).is_none() {
                        let label = "expected `)` for this `(`";
                        return syntax(range, "the parenthesis is not closed", label);
                    }
                    OperandKind::Pipe(inner)
                }
                Kind::Open
                | Kind::Close
                | Kind::Pipe
                | Kind::Comma
                | Kind::Right
                | Kind::Declare
                | Kind::Assign => break,
            };
            self.at += 1;
            operands.push(Operand {
                kind,
                fields: Vec::new(),
            });
        }
        Ok(operands)
    }

    fn declared(&self, range: &Range<usize>) -> Parsed<()> {
        let name = &self.text[range.clone()];
        if self.scopes.iter().any(|known| known == name) {
            return Ok(());
        }
        let known = self.scopes.iter().map(String::as_str);
        let label = suggest::expected(name, known);
        syntax(
            range.clone(),
            format!("there is no variable `{name}`"),
            label,
        )
    }

    fn function(&self, name: &str, range: &Range<usize>) -> Parsed<()> {
        let more = if self.context.of_vmalert { VMALERT } else { "" };
        let known = || {
            [PROMETHEUS, GO, more]
                .into_iter()
                .flat_map(str::split_whitespace)
        };
        if known().any(|known| known == name) {
            return Ok(());
        }
        let label = match suggest::nearest(name, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "expected one of the template functions of Prometheus or Go".to_owned(),
        };
        syntax(
            range.clone(),
            format!("there is no template function `{name}`"),
            label,
        )
    }

    fn peek(&self, kind: &Kind) -> Option<Range<usize>> {
        let token = self.tokens.get(self.at).filter(|token| token.kind == *kind);
        token.map(|token| token.range.clone())
    }

    fn take(&mut self, kind: &Kind) -> Option<Range<usize>> {
        let range = self.peek(kind)?;
        self.at += 1;
        Some(range)
    }

    fn next_range(&self) -> Range<usize> {
        let token = self.tokens.get(self.at);
        token.map_or(self.text.len()..self.text.len(), |token| {
            token.range.clone()
        })
    }

    fn close(&mut self) -> Parsed<()> {
        if self.take(&Kind::Close).is_some() {
            return Ok(());
        }
        let range = self.next_range();
        let message = format!("unexpected `{}` in the template", &self.text[range.clone()]);
        syntax(range, message, "expected `}}`")
    }
}

/// Returns the tokens of a template's actions, without the text between them.
fn tokens(text: &str) -> Parsed<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find("{{").map(|open| at + open) {
        at = open + 2;
        if text[at..].starts_with('-') && text[at + 1..].starts_with(char::is_whitespace) {
            at += 1;
        }
        let inside = text[at..].trim_start();
        if inside.starts_with("/*") {
            let start = text.len() - inside.len();
            let end = text[start..].find("*/").map(|end| start + end + 2);
            let close = end.and_then(|end| closing(&text[end..]).map(|length| end + length));
            let Some(close) = close else {
                let label = "expected `*/}}` after it";
                return syntax(open..start + 2, "the comment is not closed", label);
            };
            at = close;
            continue;
        }
        tokens.push(Token {
            kind: Kind::Open,
            range: open..open + 2,
            adjoins: false,
        });
        at = action(text, open, at, &mut tokens)?;
    }
    Ok(tokens)
}

/// Adds the tokens of the action at an offset. Returns its end.
fn action(text: &str, open: usize, mut at: usize, tokens: &mut Vec<Token>) -> Parsed<usize> {
    let mut behind = at;
    loop {
        let rest = &text[at..];
        let Some(letter) = rest.chars().next() else {
            let message = "the template action is not closed";
            return syntax(open..open + 2, message, "expected `}}` for this `{{`");
        };
        if let Some(length) = closing(rest) {
            let range = at + length - 2..at + length;
            tokens.push(Token {
                kind: Kind::Close,
                range,
                adjoins: false,
            });
            return Ok(at + length);
        }
        if [' ', '\t', '\r', '\n'].contains(&letter) {
            at += letter.len_utf8();
            continue;
        }
        let word = |from: usize| {
            let rest = &rest[from..];
            from + rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len())
        };
        let (kind, length) = match letter {
            '|' => (Kind::Pipe, 1),
            ',' => (Kind::Comma, 1),
            '(' => (Kind::Left, 1),
            ')' => (Kind::Right, 1),
            ':' if rest.starts_with(":=") => (Kind::Declare, 2),
            '=' => (Kind::Assign, 1),
            '"' | '`' | '\'' => {
                let (literal, length) = literal(text, at)?;
                (Kind::Text(literal), length)
            }
            '$' => (Kind::Variable, word(1)),
            '.' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                (Kind::Number, number(rest))
            }
            '.' => (Kind::Field, word(1)),
            '0'..='9' | '+' | '-' => (Kind::Number, number(rest)),
            letter if letter.is_alphabetic() || letter == '_' => (Kind::Word, word(0)),
            letter => {
                let range = at..at + letter.len_utf8();
                let message = format!("unexpected `{letter}` in the template");
                return syntax(range, message, "not valid here");
            }
        };
        let range = at..at + length;
        if kind == Kind::Number && !is_number(&text[range.clone()]) {
            let message = format!("`{}` is not a number", &text[range.clone()]);
            return syntax(range, message, "expected a number");
        }
        let is_name = matches!(kind, Kind::Word | Kind::Variable | Kind::Field);
        let after = text[range.end..]
            .chars()
            .next()
            .filter(|_| is_name && closing(&text[range.end..]).is_none());
        let ends = |c: char| c.is_whitespace() || ".,|:)=".contains(c);
        if let Some(after) = after.filter(|after| !ends(*after)) {
            let place = range.end..range.end + after.len_utf8();
            let message = format!("unexpected `{after}` after `{}`", &text[range]);
            let label = "expected a space or `}}`; other names are read with `index`";
            return syntax(place, message, label);
        }
        let adjoins = behind == at && tokens.last().is_some_and(|token| token.kind != Kind::Open);
        behind = range.end;
        at = range.end;
        tokens.push(Token {
            kind,
            range,
            adjoins,
        });
    }
}

/// Returns the length of the end of an action at the beginning of a text.
fn closing(text: &str) -> Option<usize> {
    if text.starts_with("}}") {
        return Some(2);
    }
    let rest = text.trim_start();
    let is_trimming = rest.len() < text.len() && rest.starts_with("-}}");
    is_trimming.then(|| text.len() - rest.len() + 3)
}

/// Returns the length of a number, in any of Go's forms.
fn number(text: &str) -> usize {
    let is_part = |c: char| c.is_alphanumeric() || "._+-".contains(c);
    text.find(|c| !is_part(c)).unwrap_or(text.len()).max(1)
}

/// Returns whether a text is a number in Go's syntax.
fn is_number(text: &str) -> bool {
    let digits = text
        .trim_start_matches(['+', '-'])
        .replace('_', "")
        .to_ascii_lowercase();
    let digits = digits.strip_suffix('i').unwrap_or(&digits);
    let of_radix = [("0x", 16), ("0o", 8), ("0b", 2)]
        .iter()
        .find_map(|(prefix, radix)| Some((digits.strip_prefix(prefix)?, *radix)));
    match of_radix {
        Some((digits, radix)) => u64::from_str_radix(digits, radix).is_ok(),
        None => {
            digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
                && digits.parse::<f64>().is_ok()
        }
    }
}

/// Parses the string or character at an offset. Returns it with its length including quotes.
fn literal(text: &str, start: usize) -> Parsed<(Literal, usize)> {
    let mut literal = Literal::default();
    let mut letters = text[start..].char_indices();
    let quote = letters.next().map_or('"', |(_, quote)| quote);
    while let Some((at, letter)) = letters.next() {
        if letter == quote {
            literal.offsets.push(start + at);
            if quote == '\'' && literal.value.chars().count() != 1 {
                let message = "single quotes are for one character";
                return syntax(start..start + at + 1, message, "expected double quotes");
            }
            return Ok((literal, at + 1));
        }
        let mut value = letter;
        if letter == '\n' && quote != '`' {
            break;
        }
        if letter == '\\' && quote != '`' {
            let Some((_, escaped)) = letters.next() else {
                break;
            };
            if !"abfnrtvxuU\\\"'01234567".contains(escaped) {
                let place = start + at..start + at + 1 + escaped.len_utf8();
                let message = format!("there is no escape `\\{escaped}`");
                return syntax(place, message, format!("expected `\\\\{escaped}`"));
            }
            value = match escaped {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            };
        }
        literal.value.push(value);
        let offsets = std::iter::repeat_n(start + at, value.len_utf8());
        literal.offsets.extend(offsets);
    }
    let label = format!("expected a closing `{quote}`");
    syntax(start..start + 1, "the string is not closed", label)
}

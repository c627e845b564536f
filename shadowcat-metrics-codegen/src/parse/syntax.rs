//! What the TOML parser complains of, one message a mistake: what follows from an earlier complaint is left out.

use std::collections::HashMap;

use toml::de::Error;

use super::brackets::open_bracket;
use super::slips::{self, BARE_ITEM, BARE_KEY, Slip};
use crate::codes::errors;
use crate::diagnostic::{Diagnostic, Report};
use crate::source::{Source, Span};

/// Reports syntax errors.
pub(super) fn report(found: &[Error], source: &Source, report: &mut Report) {
    if found.is_empty() {
        return;
    }
    let text = source.text();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("<<<<<<< ") {
            let span = Span::new(offset, offset + "<<<<<<<".len());
            let label = "keep one side, or both, and remove the three marks";
            report.push(invalid(span, "a conflict of two versions").label(label));
            return;
        }
        offset += line.len();
    }
    if let Some(start) = text
        .find(|c: char| !c.is_whitespace())
        .filter(|start| text[*start..].starts_with('{'))
    {
        let label = "expected `KEY = VALUE`, without braces around the file";
        report.push(invalid(Span::new(start, start + 1), "this looks like JSON").label(label));
        return;
    }
    let mut problems: Vec<_> = found
        .iter()
        .map(|error| Problem::new(error, source))
        .collect();
    problems.sort_by_key(|problem| problem.span);
    // A bracket that stays open swallows the lines behind it, which mean something else then.
    let swallowed = problems
        .iter()
        .find(|problem| problem.is_unclosed())
        .and_then(|unclosed| open_bracket(source.text(), unclosed.span.start));
    let headers = headers(source.text());
    let mut line = 0;
    let mut repeated_table = false;
    let mut is_list = false;
    // The first line of YAML, and how many more there are.
    let mut yaml: Option<(Diagnostic, usize)> = None;
    for problem in &problems {
        let at = source.position(problem.span.start).line;
        if header(source.line(at)).is_some() {
            repeated_table = false;
        }
        if swallowed.is_some_and(|bracket| bracket < problem.span.start) {
            break;
        }
        let duplicate = problem.text == DUPLICATE;
        // Keys of a table that is there already are there already, too.
        if at == line || (duplicate && repeated_table) {
            continue;
        }
        line = at;
        repeated_table = duplicate && header(source.line(at)).is_some();
        let slip = problem.slip(source, at);
        let diagnostic = match &slip {
            Some((slip, span)) => invalid(*span, slip.text).label(slip.label.as_str()),
            None => problem.diagnostic(source, at, &headers),
        };
        let text = slip.as_ref().map(|(slip, _)| slip.text);
        // The items of a key's list are what the key lacks.
        is_list = text == Some(BARE_KEY) || (is_list && text == Some(BARE_ITEM));
        if is_list && text == Some(BARE_ITEM) {
            continue;
        }
        match &mut yaml {
            _ if !slip.is_some_and(|(slip, _)| slip.is_yaml) => report.push(diagnostic),
            Some((_, more)) => *more += 1,
            None => yaml = Some((diagnostic, 0)),
        }
    }
    report.extend(yaml.map(|(first, more)| first_of(first, more)));
    if let Some(bracket) = swallowed {
        let span = Span::new(bracket, bracket + 1);
        let closing = if source.slice(span) == "[" { "]" } else { "}" };
        let text = format!("this `{}` is not closed", source.slice(span));
        report.push(invalid(span, &text).label(format!("its `{closing}` is missing")));
    }
}

fn invalid(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error(errors::SYNTAX, span, format!("invalid TOML: {text}"))
}

/// One message for all lines of YAML.
fn first_of(mut first: Diagnostic, more: usize) -> Diagnostic {
    let lines = match more {
        0 => return first,
        1 => ", here and on 1 more line".to_owned(),
        more => format!(", here and on {more} more lines"),
    };
    first.message.push_str(&lines);
    first.help(
        "this looks like YAML; in TOML the keys of a table stand below its name in brackets, as in `[metrics.cart.added]`, \
         each as `KEY = VALUE`",
    )
}

const DUPLICATE: &str = "duplicate key";

/// A complaint, as the parser words it.
struct Problem<'e> {
    text: &'e str,
    expected: Option<&'e str>,
    span: Span,
}

impl<'e> Problem<'e> {
    fn new(error: &'e Error, source: &Source) -> Self {
        let mut span = error.span().map(Span::from).unwrap_or_default();
        if span.start == source.text().len() {
            // What lacks its end lacks it on the last line that says something, not on the empty one behind it.
            let end = source.text().trim_end_matches(['\n', '\r']).len();
            span = Span::new(end, end);
        }
        let (text, expected) = match error.message().split_once(", expected ") {
            Some((text, expected)) => (text, Some(expected)),
            None => (error.message(), None),
        };
        Self {
            text,
            expected,
            span,
        }
    }

    fn is_unclosed(&self) -> bool {
        ["unclosed array", "unclosed inline table"].contains(&self.text)
    }

    fn diagnostic(
        &self,
        source: &Source,
        line: usize,
        headers: &HashMap<&str, Span>,
    ) -> Diagnostic {
        const VALUE: &str = "expected a string in quotes, a number, `true`, `[` or `{`";
        if self.text == DUPLICATE {
            return self.duplicate(source, line, headers);
        }
        if let Some(diagnostic) = self.open_text(source) {
            return diagnostic;
        }
        let written = source.slice(self.span);
        let behind = source.text().get(self.span.start..).unwrap_or_default();
        let (text, label) = match (self.text, self.expected) {
            ("invalid boolean", _) => match written.to_lowercase().as_str() {
                word @ ("true" | "false") => (self.text, format!("expected `{word}`")),
                // Any other word that begins like one.
                _ => ("string values must be quoted", VALUE.to_owned()),
            },
            ("invalid basic string", Some("`\"`")) => {
                ("the string is not closed", "expected `\"`".to_owned())
            }
            ("invalid literal string", Some("`'`")) => {
                ("the string is not closed", "expected `'`".to_owned())
            }
            (text, _) if behind.starts_with(['“', '”', '„', '«', '‘', '’']) => {
                (text, "expected straight quotes: `\"`".to_owned())
            }
            (text, Some("literal string")) => (text, VALUE.to_owned()),
            (text, Some("nothing") | None) => (text, "not valid here".to_owned()),
            (text, Some(expected)) => (text, format!("expected {expected}")),
        };
        invalid(self.span, text).label(label)
    }

    /// A text of several lines goes on to the end of the file if it is not closed, so that its last quotes opened it.
    fn open_text(&self, source: &Source) -> Option<Diagnostic> {
        let quotes = match self.text {
            "invalid multi-line basic string" => "\"\"\"",
            "invalid multi-line literal string" => "'''",
            _ => return None,
        };
        let rest = source.text().get(self.span.start..)?;
        let start = source
            .text()
            .rfind(quotes)
            .filter(|_| rest.trim().is_empty())?;
        let span = Span::new(start, start + quotes.len());
        Some(invalid(span, "this string is not closed").label(format!("its `{quotes}` is missing")))
    }

    /// What the line was meant as, and where that is in the text.
    fn slip(&self, source: &Source, line: usize) -> Option<(Slip, Span)> {
        let (text, start) = (source.line(line), source.line_start(line));
        let slip = slips::find(text, self.span.start.checked_sub(start)?, self.text)?;
        let span = slip.span.moved(start);
        Some((slip, span))
    }

    fn duplicate(&self, source: &Source, line: usize, headers: &HashMap<&str, Span>) -> Diagnostic {
        let Some(header) = header(source.line(line)) else {
            let name = source.slice(self.span);
            return Diagnostic::error(errors::SYNTAX, self.span, format!("duplicate key `{name}`"))
                .label("already set further up, in the same table")
                .help(
                    "a key may be set once in a table; rename this one or remove one of the two",
                );
        };
        let diagnostic = Diagnostic::error(
            errors::SYNTAX,
            self.span,
            format!("duplicate table `{header}`"),
        )
        .label("already there further up")
        .help("a table may be opened once; rename this one, or merge the two");
        match headers.get(header) {
            Some(first) if first.end < self.span.start => {
                diagnostic.secondary(*first, "the first one")
            }
            // It is written otherwise there.
            Some(_) | None => diagnostic,
        }
    }
}

/// The header that a line is, if it is one: `[metrics.cart.added]`.
fn header(line: &str) -> Option<&str> {
    let text = line.trim_start();
    let end = text.starts_with('[').then(|| text.find(']'))??;
    Some(&text[..=end])
}

/// Where each header stands for the first time.
fn headers(text: &str) -> HashMap<&str, Span> {
    let mut headers = HashMap::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(header) = header(line) {
            let start = start + line.len() - line.trim_start().len();
            headers
                .entry(header)
                .or_insert(Span::new(start, start + header.len()));
        }
        start += line.len();
    }
    headers
}

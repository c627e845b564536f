//! Converts the TOML parser's errors to one message per mistake; consequences of an earlier error are left out.
//!
//! The parser's messages are shown, but the code does not depend on them. The intended TOML is derived from the position of an
//! error: see [`slips`].

use std::collections::BTreeMap;

use toml::de::Error;

use super::outline::Outline;
use super::slips::{self, BARE_ITEM, BARE_KEY, Slip};
use crate::codes::{codes, errors};
use crate::diagnostic::{Diagnostic, Report};
use crate::source::{Source, Span};

codes! {
    table SYNTAX_ERRORS;

    SYNTAX = "SM0001" "syntax": "the file is not valid TOML",
    "The schema is not valid TOML. Until the syntax is fixed, only syntax errors are reported, because everything \
     after an unclosed quote or bracket would be misread. Duplicate tables and duplicate keys are syntax errors too.",
    example: r#"- format =
+ format = 1
namespace = "app"
"#;
}

/// Reports syntax errors.
pub(super) fn report(found: &[Error], source: &Source, report: &mut Report) {
    if found.is_empty() {
        return;
    }
    let text = source.text();
    if let Some(problem) = not_toml(text) {
        report.push(problem);
        return;
    }
    let outline = Outline::new(text);
    let headers = headers(text);
    let mut problems = Vec::new();
    for error in found {
        problems.push((span(error, text), error.message()));
    }
    problems.sort_by_key(|(span, _)| *span);
    let mut line = 0;
    let mut repeated_table = false;
    let mut is_list = false;
    // The problem with the first line of YAML, and the number of further lines.
    let mut yaml: Option<(Diagnostic, usize)> = None;
    // The start of a YAML document is no mistake of its own, unless it is the only one.
    let line_of = |span: Span| source.position(span.start).line;
    let is_start = |span: Span| source.line(line_of(span)).trim_end() == "---";
    if problems.iter().any(|(span, _)| !is_start(*span)) {
        problems.retain(|(span, _)| !is_start(*span));
    }
    for (span, message) in problems {
        let at = line_of(span);
        let header = header(source.line(at));
        if header.is_some() {
            repeated_table = false;
        }
        // An unclosed bracket or string absorbs the following lines, so errors in them are meaningless.
        let is_before = |start: usize| start < span.start;
        if outline.open_bracket.is_some_and(is_before)
            || outline
                .open_string
                .is_some_and(|(start, _)| is_before(start))
        {
            break;
        }
        let repeats = is_duplicate(&outline, span, text);
        // Repeated keys in a repeated table are part of the same mistake.
        if at == line || (repeats && repeated_table) {
            continue;
        }
        line = at;
        repeated_table = repeats && header.is_some();
        let slip = slip(&outline, source, span, at).filter(|_| !repeats);
        let diagnostic = match &slip {
            Some((slip, span)) => invalid(*span, slip.text).label(slip.label.as_str()),
            None if repeats => duplicate(source, span, header, &headers),
            None => invalid(span, message).label("fix the syntax here"),
        };
        let text = slip.as_ref().map(|(slip, _)| slip.text);
        // YAML list items below a key without a value belong to the same mistake.
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
    if let Some((first, more)) = yaml {
        report.push(first_of(first, more));
    }
    if let Some((start, quotes)) = outline.open_string {
        let span = Span::new(start, start + quotes.len());
        let problem = invalid(span, "this string is not closed");
        report.push(problem.label(format!("expected a closing `{quotes}`")));
    } else if let Some(bracket) = outline.open_bracket {
        let span = Span::new(bracket, bracket + 1);
        let closing = if source.slice(span) == "[" { "]" } else { "}" };
        let text = format!("this `{}` is not closed", source.slice(span));
        report.push(invalid(span, &text).label(format!("expected a closing `{closing}`")));
    }
}

/// Reports a file in which nothing is TOML: one with the marks of a conflict in git, JSON, XML or HTML.
fn not_toml(text: &str) -> Option<Diagnostic> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with("<<<<<<< ") {
            let span = Span::new(offset, offset + "<<<<<<<".len());
            let label = "resolve the conflict, and remove its three markers";
            return Some(invalid(span, "an unresolved merge conflict").label(label));
        }
        offset += line.len();
    }
    let start = text.find(|c: char| !c.is_whitespace())?;
    let (text, label) = match text.as_bytes()[start] {
        b'{' => (
            "this looks like JSON",
            "expected `KEY = VALUE`, without braces around the file",
        ),
        b'<' => ("this looks like XML or HTML", "expected `KEY = VALUE`"),
        _ => return None,
    };
    Some(invalid(Span::new(start, start + 1), text).label(label))
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
        "this looks like YAML; in TOML, write the name of a table in brackets, as in `[metrics.cart.added]`, and its \
         keys below as `KEY = VALUE`",
    )
}

/// Returns the position of an error. An error at the end of the file is shown on the last line with content.
fn span(error: &Error, text: &str) -> Span {
    let span = error.span().map(Span::from).unwrap_or_default();
    if span.start == text.len() {
        let end = text.trim_end_matches(['\n', '\r']).len();
        return Span::new(end, end);
    }
    span
}

/// Recognizes a mistake in a line, with its position in the text.
fn slip(outline: &Outline, source: &Source, span: Span, line: usize) -> Option<(Slip, Span)> {
    let before = source.text().get(..span.start)?;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let place = outline.place(span.start);
    let slip = slips::find(source.line(line), span.start - start, place)?;
    let span = slip.span.moved(start);
    Some((slip, span))
}

/// Returns whether an error is about a duplicate key or table. Other errors in keys are at a part of a key, at a bare key with
/// letters that are not ASCII, or at a multi-line string.
fn is_duplicate(outline: &Outline, span: Span, text: &str) -> bool {
    let key = text.get(span.range()).unwrap_or_default();
    let is_bare = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    let is_quoted =
        key.starts_with(['"', '\'']) && !key.starts_with("\"\"\"") && !key.starts_with("'''");
    outline.is_key(span) && (is_quoted || key.chars().all(is_bare))
}

fn duplicate(
    source: &Source,
    span: Span,
    header: Option<&str>,
    headers: &BTreeMap<&str, usize>,
) -> Diagnostic {
    let Some(header) = header else {
        let key = source.slice(span);
        return Diagnostic::error(errors::SYNTAX, span, format!("duplicate key `{key}`"))
            .label("already set above, in the same table")
            .help("rename this key, or remove one of the two");
    };
    let diagnostic = Diagnostic::error(errors::SYNTAX, span, format!("duplicate table `{header}`"))
        .label("already declared above")
        .help("rename this table, or merge the two");
    match headers.get(header) {
        Some(first) if first + header.len() < span.start => {
            let first = Span::new(*first, first + header.len());
            diagnostic.secondary(first, "the first one")
        }
        // The first header is written differently, such as with spaces.
        Some(_) | None => diagnostic,
    }
}

/// Returns the first position of each header.
fn headers(text: &str) -> BTreeMap<&str, usize> {
    let mut headers = BTreeMap::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some(header) = header(line) {
            let start = start + line.len() - line.trim_start().len();
            headers.entry(header).or_insert(start);
        }
        start += line.len();
    }
    headers
}

/// Returns the header in a line, if the line is one: `[metrics.cart.added]`.
fn header(line: &str) -> Option<&str> {
    let text = line.trim_start();
    let end = text.starts_with('[').then(|| text.find(']'))??;
    Some(&text[..=end])
}

#[test]
fn starts_of_yaml_documents_are_never_valid() {
    crate::testing::rules(
        r#"
        whole: format = 1 | namespace = "x" | ---^ => syntax
        whole: format = 1 | namespace = "x" | ---^ | ---^ => syntax syntax
        whole: --- | format^: 1 | --- => syntax
    "#,
    );
}

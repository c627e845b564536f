//! Texts that the lexer refuses: a string or bracket is not closed, or a character does not occur in PromQL.

use std::ops::Range;

use super::super::query::tokens;
use super::super::text::{self, Piece};
use super::Complaint;

/// Quotes that word processors insert.
const CURLED: [char; 6] = ['“', '”', '„', '‘', '’', '«'];

pub(super) fn explain(query: &str, message: &str) -> Complaint {
    let Some(place) = first_wrong(query) else {
        return left_open(query, message);
    };
    let (before, found) = (&query[..place.start], &query[place.clone()]);
    let letter = found.chars().next().unwrap_or(' ');
    if ends_in_quotes(before) {
        let label = format!("expected `\\\\{found}`: a backslash in quotes is written twice");
        let message = format!("there is no escape `\\{found}`");
        return Complaint::new(place.start - 1..place.end, message, label);
    }
    let unexpected = format!("unexpected `{found}`");
    if CURLED.contains(&letter) {
        return Complaint::new(place, unexpected, "expected a straight quote, `\"`");
    }
    if before.ends_with('!') {
        let start = before.trim_end_matches(['=', '!']).len();
        let message = format!("unexpected `{}`", &query[start..place.start]);
        return Complaint::new(start..place.start, message, "expected `!=`");
    }
    let open = text::open_brackets(before);
    match open.last() {
        Some(('{', _)) => return in_braces(query, place),
        Some(('[', bracket)) => return in_brackets(query, *bracket, place),
        Some(_) | None => {}
    }
    if let Some(complaint) = of_number(query, &place) {
        return complaint;
    }
    if [')', ']', '}'].contains(&letter) {
        let message = format!("unmatched `{found}`");
        return Complaint::new(place, message, "remove it, or add its opening bracket");
    }
    if letter == '~' && before.ends_with('=') {
        let label = "write patterns in braces, as in `x{label=~\"...\"}`";
        return Complaint::new(
            place.start - 1..place.end,
            "`=~` only works on labels",
            label,
        );
    }
    if before.ends_with('.') {
        let place = word(query, &place);
        let message = format!("`{}` is not a name", &query[place.clone()]);
        return Complaint::new(place, message, "expected letters, digits, `_` and `:`");
    }
    let label = match letter {
        '&' => "expected `and`",
        '|' => "expected `or`",
        _ => "remove or replace it",
    };
    let rest = &query[place.end..];
    let same = rest.len() - rest.trim_start_matches(letter).len();
    let place = place.start..place.end + if "&|".contains(letter) { same } else { 0 };
    let message = format!("unexpected `{}`", &query[place.clone()]);
    Complaint::new(place, message, label)
}

/// Returns the first character that cannot belong to a query, or `None` if the text only ends too early.
fn first_wrong(query: &str) -> Option<Range<usize>> {
    let letters: Vec<_> = query
        .char_indices()
        .map(|(at, letter)| at..at + letter.len_utf8())
        .collect();
    let fitting = letters.partition_point(|letter| can_continue(&query[..letter.end]));
    letters.get(fitting).cloned()
}

/// Returns whether the lexer may accept a text with this beginning.
fn can_continue(beginning: &str) -> bool {
    // Characters that complete a number, a duration, an operator or an escape.
    const MORE: [&str; 5] = ["", "0", "m", "=", "n"];
    let mut closing = String::new();
    if ends_in_quotes(beginning) {
        let quoted = text::pieces(beginning).last().map(|(_, range)| range.start);
        closing.extend(quoted.and_then(|start| beginning[start..].chars().next()));
    }
    for (bracket, _) in text::open_brackets(beginning).into_iter().rev() {
        closing.push(match bracket {
            '(' => ')',
            '[' => ']',
            _ => '}',
        });
    }
    MORE.iter()
        .any(|more| tokens(&format!("{beginning}{more}{closing}")).is_some())
}

fn ends_in_quotes(beginning: &str) -> bool {
    let last = text::pieces(beginning).last();
    matches!(last, Some((Piece::Quoted { closed: false }, _)))
}

/// Reports the unclosed part at the end of a query, at its beginning.
fn left_open(query: &str, message: &str) -> Complaint {
    if let Some((Piece::Quoted { closed: false }, range)) = text::pieces(query).last() {
        let place = range.start..range.start + 1;
        let label = format!("expected a closing `{}`", &query[place.clone()]);
        return Complaint::new(place, "the string is not closed", label);
    }
    let Some((bracket, at)) = text::open_brackets(query).pop() else {
        return Complaint::new(0..query.len(), message, "expected more after it");
    };
    let (closing, what) = match bracket {
        '(' => (')', "the parenthesis is"),
        '[' => (']', "the bracket is"),
        _ => ('}', "the braces are"),
    };
    let label = format!("expected `{closing}` for this `{bracket}`");
    Complaint::new(at..at + 1, format!("{what} not closed"), label)
}

fn in_braces(query: &str, place: Range<usize>) -> Complaint {
    let label = match &query[place.clone()] {
        "~" if query[place.end..].starts_with('=') => "expected `=~`",
        "[" | "(" | ")" | "]" | "{" => "expected `}` before it",
        _ => "expected `label=\"value\"`",
    };
    let message = format!("unexpected `{}` in braces", &query[place.clone()]);
    Complaint::new(place, message, label)
}

fn in_brackets(query: &str, bracket: usize, place: Range<usize>) -> Complaint {
    if let Some(complaint) = of_number(query, &place) {
        return complaint;
    }
    let found = &query[place.clone()];
    if found == ":" {
        return if query[bracket + 1..place.start].trim().is_empty() {
            let label = "expected a duration before it, as in `[5m:1m]`";
            Complaint::new(place, "the range has no length", label)
        } else {
            let message = "a range has at most two parts";
            Complaint::new(place, message, "expected `[range:step]`")
        };
    }
    if found.starts_with(is_of_word) {
        let place = word(query, &place);
        let message = format!("`{}` is not a duration", &query[place.clone()]);
        let label = "expected a duration such as `5m` or `1h30m`";
        return Complaint::new(place, message, label);
    }
    let message = format!("unexpected `{found}` in a range");
    Complaint::new(place, message, "expected `]` before it")
}

/// Explains a fault in a number at this position.
fn of_number(query: &str, place: &Range<usize>) -> Option<Complaint> {
    let place = word(query, place);
    let found = &query[place.clone()];
    let digits = found.strip_prefix('.').unwrap_or(found);
    digits
        .starts_with(|letter: char| letter.is_ascii_digit())
        .then(|| {
            let message = format!("`{found}` is neither a number nor a duration");
            let label = "expected a number, or a duration such as `5m` or `1h30m`";
            Complaint::new(place, message, label)
        })
}

/// Returns the word around a position, or an empty range.
fn word(query: &str, place: &Range<usize>) -> Range<usize> {
    if !query[place.clone()].starts_with(is_of_word) {
        return place.start..place.start;
    }
    let start = query[..place.start].trim_end_matches(is_of_word).len();
    let rest = &query[place.end..];
    start..place.end + (rest.len() - rest.trim_start_matches(is_of_word).len())
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

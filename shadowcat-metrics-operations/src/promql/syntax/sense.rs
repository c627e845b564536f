//! Queries that are built as they should be, and make no sense: what the parser says, in words for whoever wrote them.

use super::super::tokens::{Place, Token};
use super::Complaint;
use super::calls::{of_aggregations, of_calls};
use super::parts::Part;

pub(super) fn explain(
    query: &str,
    written: &str,
    tokens: &[(Token, Place)],
    said: &str,
) -> Complaint {
    let part = Part::find(query, written, tokens, said);
    let known = [
        of_calls,
        of_aggregations,
        of_matchers,
        of_modifiers,
        of_operators,
    ];
    let complaint = known.iter().find_map(|explain| explain(&part, said));
    complaint.unwrap_or_else(|| Complaint::new(part.place.clone(), said, "not taken like this"))
}

/// What stands between two parts of a message, and what comes behind.
pub(super) fn between<'s>(said: &'s str, start: &str, end: &str) -> Option<&'s str> {
    let (inner, _) = said.strip_prefix(start)?.split_once(end)?;
    Some(inner)
}

fn of_matchers(part: &Part<'_>, said: &str) -> Option<Complaint> {
    let whole = || part.place.clone();
    if let Some(sign) = between(said, "unexpected '", "' in label matching") {
        let place = part.signs().unwrap_or_else(whole);
        let message = format!("unexpected `{sign}` in braces");
        return Some(Complaint::new(
            place,
            message,
            "expected `=`, `!=`, `=~` or `!~`",
        ));
    }
    if let Some(word) = between(said, "unexpected identifier '", "'") {
        let place = part.word(word).unwrap_or_else(whole);
        let label = format!("expected quotes around it: `\"{word}\"`");
        return Some(Complaint::new(place, format!("`{word}` is no text"), label));
    }
    let start = "invalid label matcher, expected label matching operator after '";
    if let Some(word) = between(said, start, "'") {
        let place = part.word(word).unwrap_or_else(whole);
        let message = format!("the label `{word}` is compared with nothing");
        let label = format!("expected `{word}=\"value\"`");
        return Some(Complaint::new(place, message, label));
    }
    if said.starts_with("illegal regex for ") {
        let place = part.last(&Token::Text);
        let message = format!("{} is no regular expression", part.written(&place));
        let label = "expected one in the syntax of RE2, without look-ahead and with its parentheses in pairs";
        return Some(Complaint::new(place, message, label));
    }
    said.starts_with("vector selector must contain").then(|| {
        let label = "expected a name, or a matcher that is not true of everything";
        Complaint::new(whole(), "this would select every series there is", label)
    })
}

/// Of ranges, `offset` and `@`.
fn of_modifiers(part: &Part<'_>, said: &str) -> Option<Complaint> {
    match said {
        "ranges only allowed for vector selectors" => {
            let label = "expected a subquery, such as `[5m:1m]`, or the range behind the series, such as `rate(x[5m])`";
            return Some(Complaint::new(
                part.last(&Token::Range),
                "only a series itself has a range",
                label,
            ));
        }
        "duration must be greater than 0" => {
            let place = part.last(&Token::Range);
            return Some(Complaint::new(
                place,
                "no time at all",
                "expected a longer one, such as `5m`",
            ));
        }
        "missing unit character in duration" => {
            let place = part.last(&Token::Range);
            return Some(Complaint::new(
                place,
                "the range is empty",
                "expected a duration, such as `[5m]`",
            ));
        }
        _ => {}
    }
    if let Some(duration) = said.strip_prefix("not a valid duration string: ") {
        let place = part.last(&Token::Range);
        let message = format!("`{duration}` is no duration");
        let label =
            "expected each unit once at most, and the longer before the shorter, as in `1h30m`";
        return Some(Complaint::new(place, message, label));
    }
    let word = ["offset", "@"]
        .into_iter()
        .find(|word| said.contains(word))?;
    let place = part.word(word).unwrap_or_else(|| part.place.clone());
    if said.ends_with("may not be set multiple times") {
        return Some(Complaint::new(
            place,
            format!("`{word}` is there twice"),
            "expected one",
        ));
    }
    if said.ends_with("modifiers allowed before range") {
        let label = format!("expected it behind the range: `x[5m] {word} ...`");
        return Some(Complaint::new(
            place,
            format!("`{word}` stands before the range"),
            label,
        ));
    }
    if said.starts_with("unexpected end of input") {
        let label = if word == "@" {
            "expected a time in seconds, `start()` or `end()` behind it"
        } else {
            "expected a duration such as `5m` behind it"
        };
        return Some(Complaint::new(place, "it ends too early", label));
    }
    said.contains("must be preceded by").then(|| {
        let label =
            format!("expected it inside, right behind the series: `rate(x[5m] {word} ...)`");
        let message = format!("`{word}` stands behind what is no series, range or subquery");
        Complaint::new(place, message, label)
    })
}

fn of_operators(part: &Part<'_>, said: &str) -> Option<Complaint> {
    if said.starts_with("binary expression must contain only") {
        return Some(operand(part));
    }
    // What the parser's words begin with, the word that is shown, if one is, and what to say.
    let known = [
        (
            "comparisons between scalars",
            "",
            "two numbers are compared",
            "expected series on one side, or `bool` behind the operator",
        ),
        (
            "set operator",
            "",
            "`and`, `or` and `unless` are about series, and one side is a number",
            "expected series on both sides, such as `vector(1)`",
        ),
        (
            "bool modifier",
            "bool",
            "`bool` is about comparisons alone",
            "expected none, or a comparison before it",
        ),
        (
            "no grouping allowed",
            "group_left",
            "`and`, `or` and `unless` match many with many as it is",
            "expected `on (...)` or `ignoring (...)` alone",
        ),
        (
            "unary expression",
            "",
            "only numbers and series have a sign",
            "expected none before it",
        ),
        (
            "metric name must not be set twice",
            "__name__",
            "the series is named twice",
            "expected its name in front of the braces, or in them",
        ),
    ];
    let (_, word, message, label) = known.iter().find(|(start, ..)| said.starts_with(start))?;
    let place = part.word(word).unwrap_or_else(|| part.place.clone());
    Some(Complaint::new(place, *message, *label))
}

/// An operand that no operator takes.
fn operand(part: &Part<'_>) -> Complaint {
    let (place, message, label) = match part.outermost() {
        Some((Token::Range, place)) => (
            place,
            "an operator takes one value of each series, and a range has many",
            "expected no range, or `rate`, `max_over_time` or the like around it",
        ),
        Some((_, place)) => (
            place,
            "an operator takes numbers, and this is a text",
            "expected a number; a label is compared in braces",
        ),
        None => (
            part.place.clone(),
            "an operator takes numbers, and one value of each series",
            "expected no text or range on either side",
        ),
    };
    Complaint::new(place, message, label)
}

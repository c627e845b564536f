//! Texts that cannot be taken apart into words: something is left open, or a letter is none of PromQL's.

use std::ops::Range;

use super::super::tokens::{Place, Token};
use super::{Complaint, refusal};

/// What people type for quotes when a word processor helps them.
const CURLED: [char; 6] = ['“', '”', '„', '‘', '’', '«'];

pub(super) fn explain(query: &str, tokens: &[(Token, Place)], said: &str) -> Complaint {
    if let Some(complaint) = left_open(query, tokens, said) {
        return complaint;
    }
    let place = letter(query, said);
    let found = &query[place.clone()];
    let unexpected = format!("unexpected `{found}`");
    let letter = found.chars().next().unwrap_or(' ');
    if CURLED.contains(&letter) {
        return Complaint::new(place, unexpected, "expected a straight quote, `\"`");
    }
    let behind = &query[place.end..];
    if said.starts_with("unexpected right") {
        let message = format!("nothing is open that this `{found}` closes");
        return Complaint::new(place, message, "expected none");
    }
    if said.starts_with("unexpected character after '!'") {
        let end = place.start;
        let start = query[..end].trim_end_matches(['=', '!']).len();
        let message = format!("unexpected `{}`", &query[start..end]);
        return Complaint::new(start..end, message, "expected `!=`");
    }
    if said.starts_with("unexpected character after '='") {
        let place = place.start - 1..place.end;
        let label = "patterns stand in braces, as in `x{label=~\"...\"}`";
        return Complaint::new(place, "`=~` is about labels alone", label);
    }
    if said.starts_with("unexpected character after '.'") {
        let place = word(query, place);
        let message = format!("`{}` is no name", &query[place.clone()]);
        return Complaint::new(place, message, "expected letters, digits, `_` and `:`");
    }
    if said.starts_with("unexpected second colon") {
        return Complaint::new(
            place,
            "a range has no third part",
            "expected `[range:step]`",
        );
    }
    if said.starts_with("expect duration before") {
        let label = "expected a duration before it, as in `[5m:1m]`";
        return Complaint::new(place, "the range has no length", label);
    }
    if said.starts_with("bad number") {
        let place = word(query, place);
        let found = &query[place.clone()];
        let message = format!("`{found}` is neither a number nor a duration");
        let label = "expected a number, or a duration such as `5m` or `1h30m`";
        return Complaint::new(place, message, label);
    }
    if said.starts_with("unknown escape") {
        let place = place.start - 1..place.end;
        return Complaint::new(
            place,
            format!("there is no `\\{found}` in a text"),
            format!(
                "expected `\\\\{found}`: in quotes, the backslash of a pattern is written twice"
            ),
        );
    }
    if said.starts_with("unexpected character inside brackets") && is_of_word(letter) {
        let place = word(query, place);
        let message = format!("`{}` is no duration", &query[place.clone()]);
        return Complaint::new(
            place,
            message,
            "expected a duration such as `5m` or `1h30m`",
        );
    }
    if said.contains("inside brackets") {
        let label = "expected `]` before it";
        return Complaint::new(place, format!("{unexpected} in a range"), label);
    }
    if said.contains("inside braces") {
        let label = match letter {
            '~' if behind.starts_with('=') => "expected `=~`",
            '[' | '(' | ')' | ']' | '{' => "expected `}` before it",
            _ => "expected `label=\"value\"`",
        };
        return Complaint::new(place, format!("{unexpected} in braces"), label);
    }
    let label = match letter {
        '&' => "expected `and`",
        '|' => "expected `or`",
        _ => "cannot be read from here on",
    };
    let same = behind.len() - behind.trim_start_matches(letter).len();
    let is_operator = "&|".contains(letter);
    let place = place.start..place.end + if is_operator { same } else { 0 };
    let message = if said.starts_with("unexpected character: ") {
        format!("unexpected `{}`", &query[place.clone()])
    } else {
        said.to_owned()
    };
    Complaint::new(place, message, label)
}

/// What is open at the end of the query, if that is what is said: shown where it begins.
fn left_open(query: &str, tokens: &[(Token, Place)], said: &str) -> Option<Complaint> {
    let mut open = Vec::new();
    for (token, place) in tokens {
        match token {
            Token::Sign('(' | '{') => open.push(place.start),
            Token::Sign(')' | '}') => drop(open.pop()),
            Token::Range if !query[place.clone()].ends_with(']') => open.push(place.start),
            Token::Range | Token::Word | Token::Text | Token::Number | Token::Sign(_) => {}
        }
    }
    if said.starts_with("unterminated quoted string") {
        let is_text = |token: &Token| *token == Token::Text;
        let (_, last) = tokens.iter().rfind(|(token, _)| is_text(token))?;
        let quote = &query[last.start..=last.start];
        let label = format!("expected another `{quote}` behind it");
        return Some(Complaint::new(
            last.start..last.start + 1,
            "a text does not end",
            label,
        ));
    }
    let (sign, closing, what) = match said {
        "unclosed left parenthesis" => ("(", ")", "a parenthesis is"),
        "unexpected end of input inside braces" => ("{", "}", "braces are"),
        "unexpected end of input inside brackets" => ("[", "]", "a bracket is"),
        _ => return None,
    };
    let at = open
        .into_iter()
        .rfind(|at| query[*at..].starts_with(sign))?;
    let message = format!("{what} not closed");
    Some(Complaint::new(
        at..at + 1,
        message,
        format!("expected `{closing}` for this `{sign}`"),
    ))
}

/// The letter at which the parser stops: the last one of the shortest beginning of which it says the same.
fn letter(query: &str, said: &str) -> Range<usize> {
    let ends: Vec<_> = query
        .char_indices()
        .map(|(at, letter)| at + letter.len_utf8())
        .collect();
    let short = ends.partition_point(|end| refusal(&query[..*end]).is_none_or(|why| why != said));
    let end = ends.get(short).copied().unwrap_or(query.len());
    let letter = query[..end].chars().next_back();
    end - letter.map_or(0, char::len_utf8)..end
}

/// The word around a place.
fn word(query: &str, place: Range<usize>) -> Range<usize> {
    let start = query[..place.start].trim_end_matches(is_of_word).len();
    let rest = &query[place.end..];
    start..place.end + (rest.len() - rest.trim_start_matches(is_of_word).len())
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '.'
}

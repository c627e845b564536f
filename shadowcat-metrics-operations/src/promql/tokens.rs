//! What a query is written in: words, texts, numbers, ranges, signs, and which words the language has.

use std::ops::Range;

/// A part of a query, in bytes.
pub(super) type Place = Range<usize>;

/// What a query is written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word,
    Text,
    Number,
    /// A range or a subquery's, brackets included.
    Range,
    Sign(char),
}

/// What a query is written in, without its spaces and comments.
pub(super) fn tokens(query: &str) -> Vec<(Token, Place)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = query[at..].chars().next() {
        let rest = &query[at..];
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' | '`' => text_length(rest, first),
            // What stands in brackets is a range, and holds no names.
            '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
            _ if is_word(first) || first.is_ascii_digit() => rest
                .find(|c: char| !is_word(c) && !c.is_ascii_digit() && c != '.')
                .unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let token = match first {
            '"' | '\'' | '`' => Some(Token::Text),
            '#' => None,
            '[' => Some(Token::Range),
            _ if first.is_whitespace() => None,
            _ if first.is_ascii_digit() => Some(Token::Number),
            _ if is_word(first) => Some(Token::Word),
            _ => Some(Token::Sign(first)),
        };
        tokens.extend(token.map(|token| (token, at..at + length)));
        at += length;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || c == ':'
}

/// How long a string is, with both quotes.
fn text_length(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote != '`' {
            escaped = true;
        } else if c == quote {
            return at + 1;
        }
    }
    text.len()
}

pub(super) fn is_grouping(word: &str) -> bool {
    [
        "by",
        "without",
        "on",
        "ignoring",
        "group_left",
        "group_right",
    ]
    .iter()
    .any(|known| word.eq_ignore_ascii_case(known))
}

pub(super) fn is_aggregator(word: &str) -> bool {
    [
        "sum",
        "avg",
        "count",
        "min",
        "max",
        "group",
        "stddev",
        "stdvar",
        "topk",
        "bottomk",
        "count_values",
        "quantile",
        "limitk",
        "limit_ratio",
    ]
    .iter()
    .any(|known| word.eq_ignore_ascii_case(known))
}

pub(super) fn is_keyword(word: &str) -> bool {
    [
        "and",
        "or",
        "unless",
        "bool",
        "offset",
        "atan2",
        "inf",
        "nan",
        "fill",
        "fill_left",
        "fill_right",
    ]
    .iter()
    .any(|known| word.eq_ignore_ascii_case(known))
}

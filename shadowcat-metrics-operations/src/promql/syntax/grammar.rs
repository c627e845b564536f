//! Tokens in an order that the grammar does not allow: finds the first one after which no query is possible.

use promql_parser::parser::token::{
    T_AT, T_BY, T_EQL, T_FILL, T_FILL_LEFT, T_FILL_RIGHT, T_GROUP_LEFT, T_GROUP_RIGHT,
    T_IDENTIFIER, T_IGNORING, T_LAND, T_LOR, T_LUNLESS, T_METRIC_IDENTIFIER, T_MOD, T_NUMBER,
    T_OFFSET, T_ON, T_RIGHT_PAREN, T_STRING, T_WITHOUT, TokenId, TokenType,
};

use super::super::query::{Place, Refusal, Token, parse, tokens as tokens_of};
use super::super::text::open_brackets;
use super::{Complaint, NO_GRAMMAR};

/// Operators of other languages, or with swapped characters.
const MEANT: [(&str, &str); 8] = [
    ("=", "=="),
    ("===", "=="),
    ("!==", "!="),
    ("=>", ">="),
    ("=<", "<="),
    ("<>", "!="),
    ("=!", "!="),
    ("**", "^"),
];

pub(super) fn explain(query: &str, written: &str, tokens: &[Token]) -> Complaint {
    let fits = |count: usize| can_continue(&query[..tokens[count - 1].place.end]);
    let counts: Vec<_> = (1..=tokens.len()).collect();
    let fitting = counts.partition_point(|count| fits(*count));
    if let Some(complaint) = percentage(written, &tokens[..fitting]) {
        return complaint;
    }
    let Some(token) = tokens.get(fitting) else {
        return ends_early(query, tokens);
    };
    let place = &token.place;
    if let Some(complaint) = other_sign(query, place) {
        return complaint;
    }
    if let Some(complaint) = operator_twice(query, tokens, fitting) {
        return complaint;
    }
    let word = &written[place.clone()];
    let before = &query[..place.start];
    let last = fitting.checked_sub(1).map(|last| &tokens[last]);
    let lacks =
        |lacking: &str| can_continue(&format!("{before} {lacking} {}", &query[place.clone()]));
    // An aggregation, or its labels before or after, must be followed by a parenthesis.
    let opens = last.is_some_and(|last| {
        is_grouping(last.id) || TokenType::new(last.id).is_aggregator() || last.id == T_RIGHT_PAREN
    });
    let label = match token.id {
        id if is_grouping(id) && lacks(")") => "expected `)` before it".to_owned(),
        T_BY | T_WITHOUT => {
            format!("`{word} (...)` belongs to an aggregation, as in `sum {word} (...) (...)`")
        }
        T_GROUP_LEFT | T_GROUP_RIGHT => {
            format!("expected `{word}` after `on (...)` or `ignoring (...)`")
        }
        T_ON | T_IGNORING => {
            format!("expected `{word} (...)` after an operator, as in `/ {word} (...)`")
        }
        _ if opens && lacks("(") => "expected `(` before it".to_owned(),
        _ if lacks(",") => "expected `,` before it".to_owned(),
        _ if last.is_some_and(|last| last.id == T_OFFSET) => {
            "expected a duration such as `5m`".to_owned()
        }
        _ if last.is_some_and(|last| last.id == T_AT) => {
            "expected a time in seconds, `start()` or `end()`".to_owned()
        }
        _ if matches!(open_brackets(before).last(), Some(('{', _))) => {
            "expected `label=\"value\"`".to_owned()
        }
        _ if lacks("+") => match last {
            Some(last) => {
                let last = &written[last.place.clone()];
                format!("expected an operator between `{last}` and this")
            }
            None => "expected an operator before it".to_owned(),
        },
        id if !is_word(id) && lacks("x") => "expected a number or series before it".to_owned(),
        _ => "remove or replace it".to_owned(),
    };
    Complaint::new(place.clone(), format!("unexpected `{word}`"), label)
}

/// Returns whether a token is a word.
fn is_word(id: TokenId) -> bool {
    let words = [T_IDENTIFIER, T_METRIC_IDENTIFIER, T_NUMBER, T_STRING];
    words.contains(&id) || is_grouping(id) || TokenType::new(id).is_aggregator()
}

fn is_grouping(id: TokenId) -> bool {
    [
        T_BY,
        T_WITHOUT,
        T_ON,
        T_IGNORING,
        T_GROUP_LEFT,
        T_GROUP_RIGHT,
    ]
    .contains(&id)
}

/// Reports that a query ends too early.
fn ends_early(query: &str, tokens: &[Token]) -> Complaint {
    let last = tokens
        .last()
        .map_or(0..query.len(), |token| token.place.clone());
    let goes_on = |more: &str| can_continue(&format!("{query} {more}"));
    let label = match tokens.last().map(|token| token.id) {
        Some(T_AT) => "expected a time in seconds, `start()` or `end()` after it",
        Some(T_OFFSET) => "expected a duration such as `5m` after it",
        _ if goes_on("x") => "expected a number or series after it",
        _ if goes_on("(x)") => "expected series in parentheses after it",
        _ => "expected more after it",
    };
    Complaint::new(last, "the query ends too early", label)
}

/// Returns the explanation for a percentage such as `90%` at the end of the tokens.
fn percentage(written: &str, tokens: &[Token]) -> Option<Complaint> {
    let [.., number, sign] = tokens else {
        return None;
    };
    let is_percentage = number.id == T_NUMBER && sign.id == T_MOD;
    if !is_percentage || number.place.end != sign.place.start {
        return None;
    }
    // Parsed with the exponent, so that 99.9% is the float nearest to 0.999.
    let percent = &written[number.place.clone()];
    let share: f64 = format!("{percent}e-2").parse().ok()?;
    Some(Complaint::new(
        number.place.start..sign.place.end,
        "`%` is the remainder operator, not a percent sign",
        format!("expected a share: `{share}`"),
    ))
}

/// Returns the explanation for a sign from another language, at a position or right before it.
fn other_sign(query: &str, place: &Place) -> Option<Complaint> {
    let is_sign = |c: char| "=!<>*".contains(c);
    let here = query[place.clone()].starts_with(is_sign);
    let end = if here {
        let rest = &query[place.start..];
        place.start + rest.find(|c| !is_sign(c)).unwrap_or(rest.len())
    } else {
        query[..place.start].trim_end().len()
    };
    let start = query[..end].trim_end_matches(is_sign).len();
    let sign = &query[start..end];
    let (_, meant) = MEANT.iter().find(|(wrong, _)| *wrong == sign)?;
    can_continue(&format!("{}{meant}", &query[..start])).then(|| {
        Complaint::new(
            start..end,
            format!("there is no operator `{sign}`"),
            format!("expected `{meant}`"),
        )
    })
}

/// `and and x`: the second `and` is parsed as a series name, and conflicts with what follows.
fn operator_twice(query: &str, tokens: &[Token], at: usize) -> Option<Complaint> {
    let second = tokens.get(at.checked_sub(1)?)?;
    let first = tokens.get(at.checked_sub(2)?)?;
    let is_set = |token: &Token| [T_LAND, T_LOR, T_LUNLESS].contains(&token.id);
    let is_comparison = TokenType::new(first.id).is_comparison_operator() || first.id == T_EQL;
    if !is_set(second) || !(is_set(first) || is_comparison) {
        return None;
    }
    let word = &query[second.place.clone()];
    Some(Complaint::new(
        second.place.clone(),
        format!("unexpected `{word}`"),
        "expected a number or series after the operator",
    ))
}

/// Returns whether the grammar allows a query with this beginning. The parser does not report that, so the function tries
/// possible continuations.
fn can_continue(beginning: &str) -> bool {
    const IN_BRACES: [&str; 5] = ["", " a=\"\"", "=\"\"", "\"\"", "~\"\""];
    const IN_BRACKETS: [&str; 3] = ["", "5m", ":"];
    const ELSEWHERE: [&str; 11] = [
        "", "x", "(x)", "(a) (x)", "(a) x", "5m", "1", "()", "= x", "(0) x", "a) x",
    ];
    // Closes every open bracket, the innermost first, and adds what a list of labels requires.
    let open = open_brackets(beginning);
    let mut closing: Vec<&[&str]> = Vec::new();
    for (bracket, at) in &open {
        closing.push(match bracket {
            '(' if opens_list(&beginning[..*at]) => &[")", ") x", ") (x)"],
            '(' => &[")"],
            '[' => &["]"],
            _ => &["}"],
        });
    }
    let innermost = closing.pop().unwrap_or(&[""]);
    let rest: String = closing.iter().rev().map(|closing| closing[0]).collect();
    let (next, joint): (&[&str], _) = match open.last() {
        Some(('{', _)) => (&IN_BRACES, ""),
        Some(('[', _)) => (&IN_BRACKETS, ""),
        _ if beginning.ends_with(['!', '=']) => (&ELSEWHERE, ""),
        Some(_) | None => (&ELSEWHERE, " "),
    };
    next.iter().any(|next| {
        innermost.iter().any(|closing| {
            let text = format!("{beginning}{joint}{next}{closing}{rest}");
            match parse(&text) {
                Ok(_) | Err(Refusal::TooLong { .. }) => true,
                Err(Refusal::Parser(message)) => {
                    message != *NO_GRAMMAR && tokens_of(&text).is_some()
                }
            }
        })
    })
}

/// Returns whether a parenthesis at this position opens a list of labels or the value of `fill`.
fn opens_list(before: &str) -> bool {
    let before = before.trim_end();
    let start = before
        .trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_')
        .len();
    let word = tokens_of(&before[start..]).and_then(|tokens| tokens.first().map(|token| token.id));
    let is_fill = ["fill", "fill_left", "fill_right"]
        .iter()
        .any(|fill| before[start..].eq_ignore_ascii_case(fill));
    is_fill
        || word
            .is_some_and(|id| is_grouping(id) || [T_FILL, T_FILL_LEFT, T_FILL_RIGHT].contains(&id))
}

#[cfg(test)]
mod tests {
    use super::super::refusal;
    use super::*;

    /// Every kind of word in every position that it may have.
    const QUERIES: [&str; 22] = [
        "sum by (a, b) (rate(x{l=\"v\", m!~'w',}[5m])) > bool 1e3",
        "max(sum(x) by (a,)) without () / on (c) group_left (d, e) y offset -5m",
        "topk(3, x) or absent(y{}) and {__name__=\"q\"} unless inf",
        "quantile_over_time(0.5, x[5m:1m] offset 1h) * on () y",
        "SUM BY (a) (x{`l`=\"\\\"\"}) # the end",
        "x{a=\"b\" or c!=\"d\", e=~\"f\"}",
        "{\"x\", 'a'!=\"b\"} @ 17 + y[5m] @ start() == z @ end ()",
        "-x ^ +2 * (- 3 % 4) atan2 5 != 6 <= 7 < 8 >= y",
        "x / ignoring (a) group_right y + on (a) fill (0) z - fill_left(-1) fill_right (+1) v",
        "count_values without (a) (\"l\", x) / scalar(y)",
        "label_replace(up, \"a\", \"$1\", \"b\", '(.*)') == bool on (a) vector(1)",
        "histogram_quantile(0.9, sum by (le) (rate(x_bucket[1h30m])))",
        "x[5m]",
        "\"text\"",
        "1",
        "time() - start() + end()",
        "rate(x[5])",
        "(x)",
        "sum",
        "by{by=\"by\"}",
        "avg_over_time((x > 1)[1h:] @ 1 offset 1m)",
        "group by (`a.b`) (x)",
    ];

    #[test]
    fn every_prefix_of_a_query_can_continue() {
        for query in QUERIES {
            assert!(
                parse(query).is_ok() || refusal(query) != Some(NO_GRAMMAR.clone()),
                "{query}"
            );
            for token in tokens_of(query).expect("it lexes") {
                let beginning = &query[..token.place.end];
                assert!(can_continue(beginning), "{beginning}");
            }
        }
    }

    #[test]
    fn an_invalid_query_cannot_continue() {
        for beginning in [
            "x x",
            "sum by x",
            "sum by (a) x",
            "x = 1",
            "x{a=\"b\" c",
            "x)",
            "rate(x[5m] by",
            ") x",
            "x offset y",
            "x{a b",
        ] {
            assert!(!can_continue(beginning), "{beginning}");
        }
    }
}

//! Words in an order that is none of PromQL's: the first of them after which nothing can make a query of it.

use promql_parser::parser;

use super::super::tokens::{Place, Token, is_aggregator, is_grouping, tokens as words_of};
use super::{Complaint, NO_GRAMMAR, refusal};

/// Signs that people take from other languages for PromQL's, or the wrong way round.
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

pub(super) fn explain(query: &str, written: &str, tokens: &[(Token, Place)]) -> Complaint {
    let fits = |count: usize| may_go_on(&query[..tokens[count - 1].1.end]);
    let counts: Vec<_> = (1..=tokens.len()).collect();
    let fitting = counts.partition_point(|count| fits(*count));
    let Some((token, place)) = tokens.get(fitting) else {
        return ends_early(query, tokens);
    };
    let before = &query[..place.start];
    let word = &written[place.clone()];
    if let Some(complaint) = other_sign(query, place) {
        return complaint;
    }
    if let Some(complaint) = operator_twice(query, tokens, fitting) {
        return complaint;
    }
    let message = format!("unexpected `{word}`");
    let lacks = |lacking: &str| may_go_on(&format!("{before} {lacking} {}", &query[place.clone()]));
    let last = fitting
        .checked_sub(1)
        .map(|last| &query[tokens[last].1.clone()]);
    let last = last.unwrap_or_default();
    // An aggregation, or the labels before or behind it, are to have a parenthesis.
    let opens = is_grouping(last) || is_aggregator(last) || last == ")";
    let is_by = *token == Token::Word && is_grouping(word);
    let label = if is_by && lacks(")") {
        "expected `)` before it".to_owned()
    } else if is_by
        && ["by", "without"]
            .iter()
            .any(|by| word.eq_ignore_ascii_case(by))
    {
        format!("`{word} (...)` stands beside an aggregation, as in `sum {word} (...) (...)`")
    } else if is_by && word.to_ascii_lowercase().starts_with("group") {
        format!("`{word}` stands behind `on (...)` or `ignoring (...)`")
    } else if is_by {
        format!("`{word} (...)` stands behind an operator, as in `/ {word} (...)`")
    } else if opens && lacks("(") {
        "expected `(` before it".to_owned()
    } else if lacks(",") {
        "expected `,` before it".to_owned()
    } else if last.eq_ignore_ascii_case("offset") {
        "expected a duration such as `5m`".to_owned()
    } else if last == "@" {
        "expected a time in seconds, `start()` or `end()`".to_owned()
    } else if in_braces(before) {
        "expected `label=\"value\"`".to_owned()
    } else if lacks("+") {
        match fitting
            .checked_sub(1)
            .map(|before| &written[tokens[before].1.clone()])
        {
            Some(before) => format!("expected an operator between `{before}` and this"),
            None => "expected an operator before it".to_owned(),
        }
    } else if matches!(token, Token::Sign(_)) && lacks("x") {
        "expected a number or series before it".to_owned()
    } else {
        "not expected here".to_owned()
    };
    Complaint::new(place.clone(), message, label)
}

/// Whether a beginning ends between braces.
fn in_braces(beginning: &str) -> bool {
    let words = words_of(beginning);
    let brace = words
        .iter()
        .rfind(|(token, _)| matches!(token, Token::Sign('{' | '}')));
    brace.is_some_and(|(token, _)| *token == Token::Sign('{'))
}

/// Nothing is wrong but that there is not more of it.
fn ends_early(query: &str, tokens: &[(Token, Place)]) -> Complaint {
    let last = tokens
        .last()
        .map_or(0..query.len(), |(_, place)| place.clone());
    let goes_on = |more: &str| may_go_on(&format!("{query} {more}"));
    let label = if goes_on("x") {
        "expected a number or series behind it"
    } else if goes_on("(x)") {
        "expected series in parentheses behind it"
    } else {
        "expected more behind it"
    };
    Complaint::new(last, "it ends too early", label)
}

/// A sign that means something in other languages, at a place or just before it.
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
    may_go_on(&format!("{}{meant}", &query[..start])).then(|| {
        Complaint::new(
            start..end,
            format!("there is no operator `{sign}`"),
            format!("expected `{meant}`"),
        )
    })
}

/// `and and x`: the second of them is taken for the name of a series, and stands in the way of what comes behind.
fn operator_twice(query: &str, tokens: &[(Token, Place)], at: usize) -> Option<Complaint> {
    let (_, second) = tokens.get(at.checked_sub(1)?)?;
    let (_, first) = tokens.get(at.checked_sub(2)?)?;
    let is_operator = |place: &Place| {
        let word = &query[place.clone()];
        let set = ["and", "or", "unless"];
        set.iter().any(|known| word.eq_ignore_ascii_case(known))
    };
    if !is_operator(second)
        || !(is_operator(first) || query[first.clone()].ends_with(['>', '<', '=']))
    {
        return None;
    }
    let word = &query[second.clone()];
    Some(Complaint::new(
        second.clone(),
        format!("unexpected `{word}`"),
        "expected a number or series: there is an operator before it",
    ))
}

/// Whether a query may begin like this: whether there is anything that makes PromQL of it, as far as its grammar goes. The
/// parser does not tell, so it is asked about what may come next.
fn may_go_on(beginning: &str) -> bool {
    const IN_BRACES: [&str; 5] = ["", " a=\"\"", "=\"\"", "\"\"", "~\"\""];
    const ELSEWHERE: [&str; 11] = [
        "", "x", "(x)", "(a) (x)", "(a) x", "5m", "1", "()", "= x", "(0) x", "a) x",
    ];
    // What closes all that is open, the innermost first, and behind that what a list of labels is for.
    let mut closing = vec![];
    let words = words_of(beginning);
    for (at, (token, _)) in words.iter().enumerate() {
        match token {
            Token::Sign('(') => {
                let word = at.checked_sub(1).and_then(|before| words.get(before));
                let lists = word.is_some_and(|(token, place)| {
                    let word = &beginning[place.clone()];
                    *token == Token::Word
                        && (is_grouping(word) || word.to_ascii_lowercase().starts_with("fill"))
                });
                closing.push(if lists {
                    [")", ") x", ") (x)"].as_slice()
                } else {
                    &[")"]
                });
            }
            Token::Sign('{') => closing.push(&["}"]),
            Token::Sign(')' | '}') => drop(closing.pop()),
            Token::Sign(_) | Token::Word | Token::Text | Token::Number | Token::Range => {}
        }
    }
    let innermost = closing.pop().unwrap_or(&[""]);
    let rest: String = closing.iter().rev().map(|closing| closing[0]).collect();
    let next: &[&str] = if innermost == ["}"] {
        &IN_BRACES
    } else {
        &ELSEWHERE
    };
    let joint = if innermost == ["}"] || beginning.ends_with('!') || beginning.ends_with('=') {
        ""
    } else {
        " "
    };
    next.iter().any(|next| {
        innermost.iter().any(|closing| {
            let text = format!("{beginning}{joint}{next}{closing}{rest}");
            match refusal(&text) {
                None => true,
                Some(why) => why != NO_GRAMMAR && parser::lexer(&text).is_ok(),
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind of word that there is, in every place that it may have.
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
    fn every_beginning_of_a_query_may_go_on() {
        for query in QUERIES {
            assert_ne!(refusal(query).as_deref(), Some(NO_GRAMMAR), "{query}");
            for (_, place) in words_of(query) {
                let beginning = &query[..place.end];
                assert!(may_go_on(beginning), "{beginning}");
            }
        }
    }

    #[test]
    fn what_is_no_query_may_not() {
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
            assert!(!may_go_on(beginning), "{beginning}");
        }
    }
}

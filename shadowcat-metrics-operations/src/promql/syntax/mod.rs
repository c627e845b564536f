//! Explanations of PromQL syntax errors. The parser reports no position and, for its grammar, no reason. The
//! position is found by parsing parts of the text, and the reason from the tokens there.

mod grammar;
mod lexer;
mod semantics;

use std::ops::Range;
use std::sync::LazyLock;

use promql_parser::parser;

use super::query::{Refusal, parse, tokens};

/// Maximum number of tokens for finding a position, because each part has to be parsed.
const MAX_TOKENS: usize = 400;
/// Maximum number of bytes for the same, if the text has no tokens.
const MAX_LENGTH: usize = 10_000;

/// An explanation of why the parser refuses a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) range: Range<usize>,
    /// What is wrong.
    pub(super) message: String,
    /// What was expected there.
    pub(super) label: String,
}

impl Complaint {
    fn new(range: Range<usize>, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            range,
            message: message.into(),
            label: label.into(),
        }
    }
}

/// Explains the parser's message about a query. `written` is the query with its variables instead of their replacements,
/// which have the same length.
pub(super) fn explain(query: &str, written: &str, message: &str) -> Complaint {
    match tokens(query) {
        None if query.len() <= MAX_LENGTH => lexer::explain(query, message),
        Some(tokens) if !tokens.is_empty() && tokens.len() <= MAX_TOKENS => {
            if message == *NO_GRAMMAR {
                grammar::explain(query, written, &tokens)
            } else {
                semantics::explain(query, written, &tokens, message)
            }
        }
        Some(_) | None => Complaint::new(0..query.len(), message, "cannot be read"),
    }
}

/// The parser's message about tokens in an order that its grammar does not allow.
static NO_GRAMMAR: LazyLock<String> =
    LazyLock::new(|| parser::parse("x x").err().unwrap_or_default());

/// Returns the parser's message about a text, or `None` if it accepts it.
fn refusal(text: &str) -> Option<String> {
    match parse(text).err()? {
        Refusal::Parser(message) | Refusal::TooLong { message, .. } => Some(message),
    }
}

#[cfg(test)]
mod tests {
    use crate::promql::Vocabulary;
    use crate::promql::testing::check;

    /// Returns a finding as `place: message; label`.
    fn findings(query: &str) -> String {
        let findings = check(query, &Vocabulary::default());
        let finding = findings
            .first()
            .unwrap_or_else(|| panic!("{query} is taken"));
        let message = finding.message.strip_prefix("this is not PromQL: ");
        let message = message.unwrap_or_else(|| panic!("{query}: {}", finding.message));
        let before = &query[..finding.range.start];
        let place = &query[finding.range.clone()];
        format!("{}>{place}<: {message}; {}", before.len(), finding.label)
    }

    /// Checks pairs of lines: a query, and the finding in it.
    fn assert_rows(rows: &str) {
        let lines = rows.lines().map(str::trim).filter(|line| !line.is_empty());
        let lines: Vec<_> = lines.collect();
        let cases: Vec<_> = lines.chunks(2).map(|case| (case[0], case[1])).collect();
        assert_messages(&cases);
    }

    /// Checks queries that do not fit on one line.
    fn assert_messages(cases: &[(&str, &str)]) {
        for (query, expected) in cases {
            assert_eq!(findings(query), *expected, "{query}");
        }
    }

    #[test]
    fn unclosed_and_extra_brackets() {
        assert_rows(
            r#"
                sum(rate(x[5m]) > 0
                    3>(<: the parenthesis is not closed; expected `)` for this `(`
                rate(x[5m) > 0
                    9>)<: unexpected `)` in a range; expected `]` before it
                sum(rate(x[5m))
                    13>)<: unexpected `)` in a range; expected `]` before it
                rate(x5m]) > 0
                    8>]<: unmatched `]`; remove it, or add its opening bracket
                sum(rate(x[5m]))) > 0
                    16>)<: unmatched `)`; remove it, or add its opening bracket
                x{a="b"[5m]
                    7>[<: unexpected `[` in braces; expected `}` before it
                x > 1 or {a="b"
                    9>{<: the braces are not closed; expected `}` for this `{`
                x{a="b}
                    4>"<: the string is not closed; expected a closing `"`
                x[5m
                    1>[<: the bracket is not closed; expected `]` for this `[`
                x}
                    1>}<: unmatched `}`; remove it, or add its opening bracket
            "#,
        );
        assert_messages(&[(
            "# nothing\n",
            "0># nothing\n<: no expression found in input; cannot be read",
        )]);
    }

    #[test]
    fn invalid_characters() {
        assert_rows(
            r#"
                x > 0 && y == 0
                    6>&&<: unexpected `&&`; expected `and`
                x > 0 || y == 0
                    6>||<: unexpected `||`; expected `or`
                x{a=“b”}
                    4>“<: unexpected `“`; expected a straight quote, `"`
                “x” == 1
                    0>“<: unexpected `“`; expected a straight quote, `"`
                x{a~="b"}
                    3>~<: unexpected `~` in braces; expected `=~`
                x{a="b";c="d"}
                    7>;<: unexpected `;` in braces; expected `label="value"`
                {{ x }} > 1
                    1>{<: unexpected `{` in braces; expected `}` before it
                x{a=~"\d+"}
                    6>\d<: there is no escape `\d`; expected `\\d`: a backslash in quotes is written twice
                job.ended > 1
                    0>job.ended<: `job.ended` is not a name; expected letters, digits, `_` and `:`
                é
                    0>é<: unexpected `é`; remove or replace it
            "#,
        );
    }

    #[test]
    fn numbers_and_ranges() {
        assert_rows("
                rate(x[5 minutes])
                    9>minutes<: `minutes` is not a duration; expected a duration such as `5m` or `1h30m`
                rate(x[5min])
                    7>5min<: `5min` is neither a number nor a duration; expected a number, or a duration such as `5m` or `1h30m`
                rate(x[1d5h3x])
                    7>1d5h3x<: `1d5h3x` is neither a number nor a duration; expected a number, or a duration such as `5m` or `1h30m`
                x > .5.3
                    4>.5.3<: `.5.3` is neither a number nor a duration; expected a number, or a duration such as `5m` or `1h30m`
                rate(x[5m:1m:2m])
                    12>:<: a range has at most two parts; expected `[range:step]`
                rate(x[:1m])
                    7>:<: the range has no length; expected a duration before it, as in `[5m:1m]`
                rate(x[])
                    6>[]<: the range is empty; expected a duration, such as `[5m]`
            ");
    }

    #[test]
    fn words_in_the_wrong_order() {
        assert_rows(
            r#"
                sum by a (x)
                    7>a<: unexpected `a`; expected `(` before it
                sum by (a) rate(x[5m])
                    11>rate<: unexpected `rate`; expected `(` before it
                sum(rate(x[5m]) by (a)) > 0
                    16>by<: unexpected `by`; expected `)` before it
                rate(x[5m] by (a))
                    11>by<: unexpected `by`; `by (...)` belongs to an aggregation, as in `sum by (...) (...)`
                sum(x) by (a) (b)
                    14>(<: unexpected `(`; expected an operator between `)` and this
                sum x
                    4>x<: unexpected `x`; expected `(` before it
                x == 1 and on a y
                    14>a<: unexpected `a`; expected `(` before it
                x group_left y
                    2>group_left<: unexpected `group_left`; expected `group_left` after `on (...)` or `ignoring (...)`
                x{a="b" c="d"}
                    8>c<: unexpected `c`; expected `,` before it
                sum(x) 5
                    7>5<: unexpected `5`; expected an operator between `)` and this
                not x
                    4>x<: unexpected `x`; expected an operator between `not` and this
                if x > 0 then 1
                    3>x<: unexpected `x`; expected an operator between `if` and this
                select avg(x)
                    7>avg<: unexpected `avg`; expected an operator between `select` and this
                rate(x[5m] offset)
                    17>)<: unexpected `)`; expected a duration such as `5m`
                x offset y
                    9>y<: unexpected `y`; expected a duration such as `5m`
                > 0
                    0>><: unexpected `>`; expected a number or series before it
                x > 1,000
                    5>,<: unexpected `,`; remove or replace it
                topk(5 x)
                    7>x<: unexpected `x`; expected `,` before it
            "#,
        );
    }

    #[test]
    fn operators_of_other_languages() {
        assert_rows(
            r#"
                sum(x) = 0
                    7>=<: there is no operator `=`; expected `==`
                sum(x) => 0
                    7>=><: there is no operator `=>`; expected `>=`
                x =< 0
                    2>=<<: there is no operator `=<`; expected `<=`
                x <> 0
                    2><><: there is no operator `<>`; expected `!=`
                x !== 1
                    2>!==<: there is no operator `!==`; expected `!=`
                x === 1
                    2>===<: there is no operator `===`; expected `==`
                x > 0 and and y == 0
                    10>and<: unexpected `and`; expected a number or series after the operator
                x > and y
                    4>and<: unexpected `and`; expected a number or series after the operator
                x ** 2
                    2>**<: there is no operator `**`; expected `^`
                x ! y
                    2>!<: unexpected `!`; expected `!=`
                x =~ "b"
                    2>=~<: `=~` only works on labels; write patterns in braces, as in `x{label=~"..."}`
            "#,
        );
    }

    #[test]
    fn percentages() {
        assert_rows(
            "
                avg(x) > 10%
                    9>10%<: `%` is the remainder operator, not a percent sign; expected a share: `0.1`
                (x > 99.9%)
                    5>99.9%<: `%` is the remainder operator, not a percent sign; expected a share: `0.999`
            ",
        );
    }

    #[test]
    fn truncated_queries() {
        assert_rows("
                sum(x) >
                    7>><: the query ends too early; expected a number or series after it
                avg(x) > 10 %
                    12>%<: the query ends too early; expected a number or series after it
                x > bool
                    4>bool<: the query ends too early; expected a number or series after it
                x offset
                    2>offset<: the query ends too early; expected a duration such as `5m` after it
                x @
                    2>@<: the query ends too early; expected a time in seconds, `start()` or `end()` after it
                sum by (a)
                    9>)<: the query ends too early; expected series in parentheses after it
                x and on (a)
                    11>)<: the query ends too early; expected a number or series after it
            ");
    }

    #[test]
    fn functions_and_their_arguments() {
        assert_rows("
                rates(x[5m])
                    0>rates<: there is no function `rates`; did you mean `rate`?
                sum(sums(x))
                    4>sums<: there is no function `sums`; did you mean `sum`?
                x + whatever(y)
                    4>whatever<: there is no function `whatever`; expected a PromQL function, or an operator before the parenthesis
                rate(x) > 0
                    0>rate<: `rate` takes a range of series, not series; expected a range such as `[5m]` after the series
                sum(x[5m])
                    0>sum<: `sum` takes series, not a range of series; expected series without a range, or `rate` or the like around them
                1 + sum by (a) (rate(x))
                    16>rate<: `rate` takes a range of series, not series; expected a range such as `[5m]` after the series
                histogram_quantile(sum by (le) (x), 0.9) > 1
                    0>histogram_quantile<: `histogram_quantile` takes a number, not series; expected the number first, or `scalar(...)` around the series
                histogram_quantile(x) > 1
                    0>histogram_quantile<: `histogram_quantile` has 1 argument; expected 2
                clamp(x, 1)
                    0>clamp<: `clamp` has 2 arguments; expected 3
                time(1)
                    0>time<: `time` has 1 argument; expected 0
                label_join(x)
                    0>label_join<: `label_join` has 1 argument; expected at least 3
                topk(x) > 0
                    0>topk<: `topk` takes a parameter and series; expected `topk(parameter, series)`
                sum(1, x)
                    0>sum<: `sum` takes only series; expected `sum(series)`
                sum()
                    0>sum<: `sum` has no argument; expected series in its parentheses
                sum(rate(x[5m],))
                    14>,<: trailing comma; remove it: the last argument has no comma after it
                abs(1)
                    0>abs<: `abs` takes series, not a number; expected series, or `vector(...)` around the number
            ");
    }

    #[test]
    fn matchers() {
        assert_rows(
            r#"
                rate(x{a=b}[5m])
                    9>b<: `b` is not a string; expected quotes around it: `"b"`
                x{a=="b"}
                    3>==<: unexpected `==` in braces; expected `=`, `!=`, `=~` or `!~`
                x{a=!"b"}
                    3>=!<: unexpected `=!`; expected `!=`
                x{a!"b"}
                    3>!<: unexpected `!`; expected `!=`
                x{a}
                    2>a<: the label `a` is not compared with anything; expected `a="value"`
                x{c="d", a=~"b|(c"}
                    12>"b|(c"<: "b|(c" is not a regular expression; expected RE2 syntax, which has no look-ahead, with balanced parentheses
                {}
                    0>{}<: the selector matches every series; expected a name, or a matcher that an empty value does not satisfy
                sum({a=~".*"})
                    4>{a=~".*"}<: the selector matches every series; expected a name, or a matcher that an empty value does not satisfy
            "#,
        );
    }

    #[test]
    fn modifiers_and_operands() {
        assert_rows(
            r#"
                rate(x[5m]) offset 1h > 0
                    12>offset<: `offset` is not after a selector or subquery; expected it right after the series, as in `rate(x[5m] offset ...)`
                rate(x offset 1h [5m])
                    7>offset<: `offset` is before the range; expected it after the range: `x[5m] offset ...`
                sum(x) @ 5
                    7>@<: `@` is not after a selector or subquery; expected it right after the series, as in `rate(x[5m] @ ...)`
                y + rate(sum(x)[5m])
                    15>[5m]<: only a series selector has a range; expected a subquery, such as `[5m:1m]`, or the range right after the series, as in `rate(x[5m])`
                x == "down"
                    5>"down"<: an operator takes numbers, and this is a string; expected a number; a label is compared in braces
                rate(x[5m]) == 'down'
                    15>'down'<: an operator takes numbers, and this is a string; expected a number; a label is compared in braces
                (x[5m]) > 0
                    0>(x[5m]) > 0<: an operator takes numbers, and one value of each series; expected numbers or series on both sides
                y and x[5m] > 0
                    7>[5m]<: an operator takes one value of each series, and a range has many; remove the range, or write `rate`, `max_over_time` or the like around it
                1 > 2
                    0>1 > 2<: two numbers are compared; expected series on one side, or `bool` after the operator
                x + (1 < 2)
                    5>1 < 2<: two numbers are compared; expected series on one side, or `bool` after the operator
                x and 1
                    0>x and 1<: `and`, `or` and `unless` take series, and one side is a number; expected series on both sides, such as `vector(1)`
            "#,
        );
    }

    #[test]
    fn repeated_and_useless_parts() {
        assert_rows(
            r#"
                sum(x) by (a) by (b)
                    14>by<: unexpected `by`; `by (...)` belongs to an aggregation, as in `sum by (...) (...)`
                x{a="b",,c="d"}
                    8>,<: unexpected `,`; expected `label="value"`
                x offset 5m offset 1h
                    12>offset<: duplicate `offset`; remove one of them
                x @ 1 @ 2
                    6>@<: duplicate `@`; remove one of them
                x @ y
                    4>y<: unexpected `y`; expected a time in seconds, `start()` or `end()`
                x + bool y
                    4>bool<: `bool` is for comparisons only; remove it, or write a comparison before it
                x and on (a) group_left y
                    13>group_left<: `and`, `or` and `unless` already match many to many; expected only `on (...)` or `ignoring (...)`
                -'a'
                    0>-'a'<: only numbers and series have a sign; remove the sign
                x{__name__="y"}
                    2>__name__<: the series is named twice; expected the name either before the braces or in them
                x[0s]
                    2>0s<: the duration is zero; expected a longer one, such as `5m`
                x[5m5m]
                    2>5m5m<: `5m5m` is not a duration; expected each unit at most once, longer units first, as in `1h30m`
                topk('a', x)
                    0>topk<: `topk` takes a number, not a string; expected a number
                holt_winters(x[5m], 0.5, 0.5)
                    0>holt_winters<: there is no function `holt_winters`; Prometheus 3 calls it `double_exponential_smoothing`
                label_replace(up, 'a', '$1', 'job', '(')
                    0>label_replace<: `(` is not a regular expression; expected a pattern in the syntax of RE2
            "#,
        );
    }

    #[test]
    fn variables_are_shown_as_written() {
        assert_rows(
            "
                sum by ($by) rate(x[$__rate_interval])
                    13>rate<: unexpected `rate`; expected `(` before it
                $f(x[5m]) = $limit
                    10>=<: there is no operator `=`; expected `==`
                x $operator 1
                    2>$operator<: unexpected `$operator`; expected an operator between `x` and this
            ",
        );
    }

    #[test]
    fn positions_in_long_queries_are_found_within_a_limit() {
        let sum = ["sum by (a) (rate(x{b=\"c\"}[5m]))"; 9].join(" + ");
        let found = findings(&format!("{sum} + clamp(x, 1) + {sum}"));
        assert!(found.ends_with(">clamp<: `clamp` has 2 arguments; expected 3"));
        let far_too_long = ["x"; 1000].join(" + ") + " +";
        let findings = check(&far_too_long, &Vocabulary::default());
        assert_eq!(findings[0].range, 0..far_too_long.len());
    }
}

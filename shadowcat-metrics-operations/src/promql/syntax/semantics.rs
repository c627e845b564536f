//! Grammatical queries whose parts do not fit together. The faulty part is the smallest subexpression that
//! triggers the same parser error; its tokens and the types of its operands give the reason.

use std::ops::Range;

use promql_parser::parser::token::{
    T_AT, T_BOOL, T_BY, T_COLON, T_COMMA, T_COUNT_VALUES, T_DURATION, T_END, T_EQL, T_EQL_REGEX,
    T_GROUP_LEFT, T_GROUP_RIGHT, T_IDENTIFIER, T_IGNORING, T_LEFT_BRACE, T_LEFT_BRACKET,
    T_LEFT_PAREN, T_NEQ, T_NEQ_REGEX, T_OFFSET, T_ON, T_RIGHT_BRACE, T_RIGHT_BRACKET,
    T_RIGHT_PAREN, T_START, T_STRING, T_SUB, T_WITHOUT, TokenId, TokenType,
};
use promql_parser::parser::value::ValueType;
use promql_parser::parser::{Expr, Function};
use shadowcat_metrics_codegen::suggest;

use super::super::matchers::is_valid_pattern;
use super::super::query::{Token, parse, place_of};
use super::super::text::unquoted;
use super::{Complaint, refusal};

/// Maximum number of tokens in a part that is divided further.
const MAX_TOKENS: usize = 80;

/// Names of functions and aggregations, for suggestions.
const CALLED: &str = "\
    abs absent absent_over_time acos acosh asin asinh atan atanh avg avg_over_time bottomk ceil changes clamp \
    clamp_max clamp_min cos cosh count count_over_time count_values day_of_month day_of_week day_of_year \
    days_in_month deg delta deriv double_exponential_smoothing exp first_over_time floor group histogram_avg \
    histogram_count histogram_fraction histogram_quantile histogram_stddev histogram_stdvar histogram_sum \
    hour idelta increase info irate label_join label_replace last_over_time limit_ratio limitk ln log10 log2 \
    mad_over_time max max_over_time min min_over_time minute month pi predict_linear present_over_time \
    quantile quantile_over_time rad rate resets round scalar sgn sin sinh sort sort_by_label \
    sort_by_label_desc sort_desc sqrt stddev stddev_over_time stdvar stdvar_over_time sum sum_over_time tan \
    tanh time timestamp topk ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time \
    ts_of_min_over_time vector year";

pub(super) fn explain(query: &str, written: &str, tokens: &[Token], message: &str) -> Complaint {
    let part = Part {
        query,
        written,
        tokens: smallest(query, tokens, message),
    };
    let known = [
        Part::call,
        Part::aggregation,
        Part::selector,
        Part::duration,
        Part::range,
        Part::modifier,
        Part::operator,
    ];
    let complaint = known.iter().find_map(|explain| explain(&part));
    complaint.unwrap_or_else(|| Complaint::new(part.place(), message, "fix the syntax here"))
}

/// A faulty part of a query. It has at least one token.
struct Part<'q> {
    query: &'q str,
    written: &'q str,
    tokens: &'q [Token],
}

impl<'q> Part<'q> {
    fn place(&self) -> Range<usize> {
        place_of(self.tokens)
    }

    fn id(&self, at: usize) -> Option<TokenId> {
        self.tokens.get(at).map(|token| token.id)
    }

    fn last_id(&self) -> Option<TokenId> {
        self.tokens.last().map(|token| token.id)
    }

    fn written(&self, place: &Range<usize>) -> &'q str {
        &self.written[place.clone()]
    }

    /// Returns the tokens outside brackets of any kind, with their positions.
    fn outermost(&self) -> impl Iterator<Item = (usize, &'q Token)> {
        let mut depth = 0_usize;
        self.tokens
            .iter()
            .enumerate()
            .filter(move |(_, token)| match token.id {
                T_LEFT_PAREN | T_LEFT_BRACE | T_LEFT_BRACKET => {
                    depth += 1;
                    false
                }
                T_RIGHT_PAREN | T_RIGHT_BRACE | T_RIGHT_BRACKET => {
                    depth = depth.saturating_sub(1);
                    false
                }
                _ => depth == 0,
            })
    }

    /// Returns the operands in the parentheses that open at `open`, if nothing but a `by` clause follows
    /// them.
    fn operands(&self, open: usize) -> Option<Vec<&'q [Token]>> {
        if self.id(open) != Some(T_LEFT_PAREN) {
            return None;
        }
        let (mut depth, mut start, mut operands) = (0_usize, open + 1, Vec::new());
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            match token.id {
                T_LEFT_PAREN | T_LEFT_BRACE | T_LEFT_BRACKET => depth += 1,
                T_RIGHT_PAREN | T_RIGHT_BRACE | T_RIGHT_BRACKET => depth = depth.saturating_sub(1),
                T_COMMA if depth == 1 => {
                    operands.push(&self.tokens[start..at]);
                    start = at + 1;
                }
                _ => {}
            }
            if depth == 0 {
                let last = &self.tokens[start..at];
                if !last.is_empty() || !operands.is_empty() {
                    operands.push(last);
                }
                return Some(operands);
            }
        }
        None
    }

    fn type_of(&self, operand: &[Token]) -> Option<ValueType> {
        let parsed = parse(&self.query[place_of(operand)]).ok()?;
        Some(parsed.expr.value_type())
    }

    /// Returns the type of the first operand that differs from the expected type, and that type.
    fn misfit(
        &self,
        operands: &[&[Token]],
        expected: impl Fn(usize) -> Option<ValueType>,
    ) -> Option<[ValueType; 2]> {
        operands.iter().enumerate().find_map(|(at, operand)| {
            let (expected, given) = (expected(at)?, self.type_of(operand)?);
            (expected != given).then_some([expected, given])
        })
    }

    fn call(&self) -> Option<Complaint> {
        if !matches!(self.id(0)?, T_IDENTIFIER | T_START | T_END)
            || self.last_id() != Some(T_RIGHT_PAREN)
        {
            return None;
        }
        let operands = self.operands(1)?;
        let place = self.tokens[0].place.clone();
        let name = self.written(&place);
        let Some(function) = function(&self.query[place.clone()]) else {
            let label = match suggest::nearest(name, CALLED.split_whitespace()) {
                _ if name == "holt_winters" => {
                    "Prometheus 3 calls it `double_exponential_smoothing`".to_owned()
                }
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    "expected a PromQL function, or an operator before the parenthesis".to_owned()
                }
            };
            let message = format!("there is no function `{name}`");
            return Some(Complaint::new(place, message, label));
        };
        if let Some(complaint) = self.trailing_comma(&operands) {
            return Some(complaint);
        }
        if let Some(expected) = arity(&function, operands.len()) {
            let word = if operands.len() == 1 {
                "argument"
            } else {
                "arguments"
            };
            let message = format!("`{name}` has {} {word}", operands.len());
            return Some(Complaint::new(
                place,
                message,
                format!("expected {expected}"),
            ));
        }
        let types = &function.arg_types;
        let expected = |at: usize| types.get(at).or(types.last()).copied();
        let [expected, given] = self.misfit(&operands, expected)?;
        Some(of_types(place, name, expected, given))
    }

    fn trailing_comma(&self, operands: &[&[Token]]) -> Option<Complaint> {
        let is_empty = operands.last().is_some_and(|last| last.is_empty());
        let comma = self.tokens.iter().rfind(|token| token.id == T_COMMA);
        comma.filter(|_| is_empty).map(|comma| {
            let label = "remove it: the last argument has no comma after it";
            Complaint::new(comma.place.clone(), "trailing comma", label)
        })
    }

    fn aggregation(&self) -> Option<Complaint> {
        let first = self.tokens.first().filter(|token| token.is_aggregator())?;
        let open = match self.id(1)? {
            T_BY | T_WITHOUT => {
                self.tokens
                    .iter()
                    .position(|token| token.id == T_RIGHT_PAREN)?
                    + 1
            }
            _ => 1,
        };
        let operands = self.operands(open)?;
        let place = first.place.clone();
        let name = self.written(&place);
        if let Some(complaint) = self.trailing_comma(&operands) {
            return Some(complaint);
        }
        let has_param = TokenType::new(first.id).is_aggregator_with_param();
        let (message, label) = match (operands.len(), has_param) {
            (0, _) => (
                format!("`{name}` has no argument"),
                "expected series in its parentheses".to_owned(),
            ),
            (1, false) | (2, true) => {
                let param = if first.id == T_COUNT_VALUES {
                    ValueType::String
                } else {
                    ValueType::Scalar
                };
                let expected = |at: usize| {
                    let is_param = has_param && at == 0;
                    Some(if is_param { param } else { ValueType::Vector })
                };
                let [expected, given] = self.misfit(&operands, expected)?;
                return Some(of_types(place, name, expected, given));
            }
            (_, false) => (
                format!("`{name}` takes only series"),
                format!("expected `{name}(series)`"),
            ),
            (_, true) => (
                format!("`{name}` takes a parameter and series"),
                format!("expected `{name}(parameter, series)`"),
            ),
        };
        Some(Complaint::new(place, message, label))
    }

    fn selector(&self) -> Option<Complaint> {
        let brace = self
            .tokens
            .iter()
            .position(|token| token.id == T_LEFT_BRACE)?;
        if brace > 1 || self.last_id() != Some(T_RIGHT_BRACE) {
            return None;
        }
        let is_match = |id: TokenId| [T_EQL, T_NEQ, T_EQL_REGEX, T_NEQ_REGEX].contains(&id);
        let text = |token: &Token| self.written(&token.place);
        for window in self.tokens[brace..].windows(3) {
            let [before, token, after] = window else {
                continue;
            };
            if is_match(before.id) && is_match(token.id) {
                let place = before.place.start..token.place.end;
                let message = format!("unexpected `{}` in braces", self.written(&place));
                let label = "expected `=`, `!=`, `=~` or `!~`";
                return Some(Complaint::new(place, message, label));
            }
            if is_match(before.id) && token.id == T_IDENTIFIER {
                let label = format!("expected quotes around it: `\"{}\"`", text(token));
                let message = format!("`{}` is not a string", text(token));
                return Some(Complaint::new(token.place.clone(), message, label));
            }
            if token.id == T_IDENTIFIER && !is_match(after.id) {
                let name = text(token);
                let message = format!("the label `{name}` is not compared with anything");
                let label = format!("expected `{name}=\"value\"`");
                return Some(Complaint::new(token.place.clone(), message, label));
            }
            let is_regex = [T_EQL_REGEX, T_NEQ_REGEX].contains(&before.id) && token.id == T_STRING;
            if is_regex && !is_valid_pattern(unquoted(text(token))) {
                let message = format!("{} is not a regular expression", text(token));
                let label =
                    "expected RE2 syntax, which has no look-ahead, with balanced parentheses";
                return Some(Complaint::new(token.place.clone(), message, label));
            }
            if brace > 0 && text(token) == "__name__" {
                let label = "expected the name either before the braces or in them";
                return Some(Complaint::new(
                    token.place.clone(),
                    "the series is named twice",
                    label,
                ));
            }
        }
        let label = "expected a name, or a matcher that an empty value does not satisfy";
        Some(Complaint::new(
            self.place(),
            "the selector matches every series",
            label,
        ))
    }

    fn duration(&self) -> Option<Complaint> {
        let [token] = self.tokens else {
            return None;
        };
        let text = &self.query[token.place.clone()];
        if token.id != T_DURATION {
            return None;
        }
        let (message, label) = if text.contains(|c: char| ('1'..='9').contains(&c)) {
            let message = format!("`{text}` is not a duration");
            (
                message,
                "expected each unit at most once, longer units first, as in `1h30m`",
            )
        } else {
            (
                "the duration is zero".to_owned(),
                "expected a longer one, such as `5m`",
            )
        };
        Some(Complaint::new(self.place(), message, label))
    }

    fn range(&self) -> Option<Complaint> {
        if self.last_id() != Some(T_RIGHT_BRACKET) {
            return None;
        }
        let open = self
            .tokens
            .iter()
            .rposition(|token| token.id == T_LEFT_BRACKET)?;
        let inside = &self.tokens[open + 1..self.tokens.len() - 1];
        let brackets = place_of(&self.tokens[open..]);
        if inside.is_empty() {
            let label = "expected a duration, such as `[5m]`";
            return Some(Complaint::new(brackets, "the range is empty", label));
        }
        let is_modifier = |token: &&Token| token.id == T_OFFSET || token.id == T_AT;
        let before = Part {
            tokens: &self.tokens[..open],
            ..*self
        };
        if before
            .outermost()
            .any(|(at, token)| at > 0 && token.is_operator())
        {
            return None;
        }
        let modifier = before.outermost().map(|(_, token)| token).find(is_modifier);
        if let Some(modifier) = modifier {
            let word = self.written(&modifier.place);
            let message = format!("`{word}` is before the range");
            let label = format!("expected it after the range: `x[5m] {word} ...`");
            return Some(Complaint::new(modifier.place.clone(), message, label));
        }
        (!inside.iter().any(|token| token.id == T_COLON)).then(|| {
            let label = "expected a subquery, such as `[5m:1m]`, or the range right after the series, as in \
                 `rate(x[5m])`";
            Complaint::new(brackets, "only a series selector has a range", label)
        })
    }

    fn modifier(&self) -> Option<Complaint> {
        let modifiers = self
            .outermost()
            .filter(|(_, token)| token.id == T_OFFSET || token.id == T_AT);
        let modifiers: Vec<_> = modifiers.collect();
        let (at, modifier) = modifiers.last()?;
        let place = modifier.place.clone();
        let word = self.written(&place);
        if *at == self.tokens.len() - 1 {
            let label = if modifier.id == T_AT {
                "expected a time in seconds, `start()` or `end()` after it"
            } else {
                "expected a duration such as `5m` after it"
            };
            return Some(Complaint::new(place, "the query ends too early", label));
        }
        if modifiers
            .iter()
            .filter(|(_, other)| other.id == modifier.id)
            .count()
            > 1
        {
            let message = format!("duplicate `{word}`");
            return Some(Complaint::new(place, message, "remove one of them"));
        }
        let of = parse(&self.query[place_of(&self.tokens[..*at])]).ok()?.expr;
        let takes = matches!(
            of,
            Expr::VectorSelector(_) | Expr::MatrixSelector(_) | Expr::Subquery(_)
        );
        (!takes).then(|| {
            let label =
                format!("expected it right after the series, as in `rate(x[5m] {word} ...)`");
            let message = format!("`{word}` is not after a selector or subquery");
            Complaint::new(place, message, label)
        })
    }

    fn operator(&self) -> Option<Complaint> {
        let whole = |message: &str, label: &str| Some(Complaint::new(self.place(), message, label));
        let operators = self
            .outermost()
            .filter(|(at, token)| *at > 0 && token.is_operator());
        let Some((at, operator)) = operators.last() else {
            let is_sign = self.id(0) == Some(T_SUB) && self.tokens.len() > 1;
            let of = self.type_of(self.tokens.get(1..)?).filter(|_| is_sign)?;
            return match of {
                ValueType::String | ValueType::Matrix => {
                    whole("only numbers and series have a sign", "remove the sign")
                }
                ValueType::Scalar | ValueType::Vector => None,
            };
        };
        let op = TokenType::new(operator.id);
        let right = without_modifiers(&self.tokens[at + 1..]);
        let modifiers = &self.tokens[at + 1..self.tokens.len() - right.len()];
        let modifier = |ids: &[TokenId]| modifiers.iter().find(|token| ids.contains(&token.id));
        let sides = [self.type_of(&self.tokens[..at])?, self.type_of(right)?];
        let is_number = |side: &ValueType| *side == ValueType::Scalar;
        if let Some(word) = modifier(&[T_BOOL]).filter(|_| !op.is_comparison_operator()) {
            let label = "remove it, or write a comparison before it";
            let message = "`bool` is for comparisons only";
            return Some(Complaint::new(word.place.clone(), message, label));
        }
        if sides
            .iter()
            .any(|side| matches!(side, ValueType::String | ValueType::Matrix))
        {
            return Some(self.operand());
        }
        if op.is_set_operator() {
            if sides.iter().any(is_number) {
                let message = "`and`, `or` and `unless` take series, and one side is a number";
                return whole(
                    message,
                    "expected series on both sides, such as `vector(1)`",
                );
            }
            let word = modifier(&[T_GROUP_LEFT, T_GROUP_RIGHT])?;
            let message = "`and`, `or` and `unless` already match many to many";
            let label = "expected only `on (...)` or `ignoring (...)`";
            return Some(Complaint::new(word.place.clone(), message, label));
        }
        if op.is_comparison_operator() && sides.iter().all(is_number) {
            let label = "expected series on one side, or `bool` after the operator";
            return whole("two numbers are compared", label);
        }
        None
    }

    /// Reports an operand without an operator.
    fn operand(&self) -> Complaint {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate() {
            match token.id {
                T_LEFT_PAREN | T_LEFT_BRACE => depth += 1,
                T_RIGHT_PAREN | T_RIGHT_BRACE => depth = depth.saturating_sub(1),
                T_LEFT_BRACKET if depth == 0 => {
                    let length = self.tokens[at..]
                        .iter()
                        .position(|token| token.id == T_RIGHT_BRACKET);
                    let place = place_of(&self.tokens[at..=at + length.unwrap_or_default()]);
                    let message =
                        "an operator takes one value of each series, and a range has many";
                    let label =
                        "remove the range, or write `rate`, `max_over_time` or the like around it";
                    return Complaint::new(place, message, label);
                }
                T_STRING if depth == 0 => {
                    let message = "an operator takes numbers, and this is a string";
                    let label = "expected a number; a label is compared in braces";
                    return Complaint::new(token.place.clone(), message, label);
                }
                _ => {}
            }
        }
        let message = "an operator takes numbers, and one value of each series";
        Complaint::new(
            self.place(),
            message,
            "expected numbers or series on both sides",
        )
    }
}

/// Returns the right side of an operator without `bool`, `on (...)` and similar modifiers.
fn without_modifiers(tokens: &[Token]) -> &[Token] {
    let start = (0..tokens.len()).find(|at| may_begin_operand(tokens, *at));
    &tokens[start.unwrap_or(0)..]
}

/// Returns whether a token after an operator may begin its right side: it is neither a modifier nor in the labels of one.
fn may_begin_operand(tokens: &[Token], at: usize) -> bool {
    let (mut lists, mut depth) = (false, 0_usize);
    for token in &tokens[..at] {
        match token.id {
            T_ON | T_IGNORING | T_GROUP_LEFT | T_GROUP_RIGHT => lists = true,
            T_LEFT_PAREN if lists => depth += 1,
            T_RIGHT_PAREN if lists => {
                depth = depth.saturating_sub(1);
                lists = depth > 0;
            }
            _ => {}
        }
    }
    let begins_list = lists && tokens[at].id == T_LEFT_PAREN;
    let is_modifier = matches!(
        tokens[at].id,
        T_BOOL | T_ON | T_IGNORING | T_GROUP_LEFT | T_GROUP_RIGHT
    );
    depth == 0 && !begins_list && !is_modifier
}

/// Returns the signature of a function, by parsing a valid call.
fn function(name: &str) -> Option<Function> {
    const OPERANDS: [&str; 16] = [
        "",
        "x",
        "x[5m]",
        "1",
        "1, x",
        "1, x[5m]",
        "x, 1",
        "x, 1, 1",
        "x[5m], 1",
        "x[5m], 1, 1",
        "1, 1, x",
        "x, 'a'",
        "x, 'a', 'a'",
        "x, 'a', 'a', 'a'",
        "x, 'a', 'a', 'a', 'a'",
        "x, {a='b'}",
    ];
    OPERANDS.iter().find_map(
        |operands| match parse(&format!("{name}({operands})")).ok()?.expr {
            Expr::Call(call) => Some(call.func),
            _ => None,
        },
    )
}

/// Returns the expected number of operands, if it differs from `given`.
fn arity(function: &Function, given: usize) -> Option<String> {
    let count = function.arg_types.len();
    if function.variadic == 0 {
        return (given != count).then(|| count.to_string());
    }
    let least = count.saturating_sub(1);
    let most = usize::try_from(function.variadic).map(|more| least + more);
    match most {
        _ if given < least => Some(format!("at least {least}")),
        Ok(most) if given > most => Some(format!("at most {most}")),
        Ok(_) | Err(_) => None,
    }
}

/// Reports an operand whose type the function or aggregation does not accept.
fn of_types(place: Range<usize>, name: &str, expected: ValueType, given: ValueType) -> Complaint {
    let kind = |of: ValueType| match of {
        ValueType::Scalar => "a number",
        ValueType::Vector => "series",
        ValueType::Matrix => "a range of series",
        ValueType::String => "a string",
    };
    let label = match (expected, given) {
        (ValueType::Matrix, ValueType::Vector) => {
            "expected a range such as `[5m]` after the series".to_owned()
        }
        (ValueType::Vector, ValueType::Matrix) => {
            "expected series without a range, or `rate` or the like around them".to_owned()
        }
        (ValueType::Scalar, ValueType::Vector) => {
            "expected the number first, or `scalar(...)` around the series".to_owned()
        }
        (ValueType::Vector, ValueType::Scalar) => {
            "expected series, or `vector(...)` around the number".to_owned()
        }
        (expected, _) => format!("expected {}", kind(expected)),
    };
    let message = format!("`{name}` takes {}, not {}", kind(expected), kind(given));
    Complaint::new(place, message, label)
}

/// Returns the smallest part that triggers the same parser error as the whole.
fn smallest<'t>(query: &str, tokens: &'t [Token], message: &str) -> &'t [Token] {
    let fails_alike =
        |part: &[Token]| refusal(&query[place_of(part)]).is_some_and(|why| why == message);
    // Among groups in parentheses, with the name before each, the smallest comes first.
    let mut open = Vec::new();
    let mut groups = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.id {
            T_LEFT_PAREN => {
                let called = at.checked_sub(1).filter(|before| {
                    let before = &tokens[*before];
                    before.is_aggregator() || matches!(before.id, T_IDENTIFIER | T_START | T_END)
                });
                open.push(called.unwrap_or(at));
            }
            T_RIGHT_PAREN => groups.extend(open.pop().map(|from| from..at + 1)),
            _ => {}
        }
    }
    groups.sort_by_key(|group| (group.len(), group.start));
    let group = groups
        .into_iter()
        .map(|group| &tokens[group])
        .find(|group| fails_alike(group));
    let group = group.unwrap_or(tokens);
    if group.len() > MAX_TOKENS {
        return group;
    }
    let begins = |token: &Token| {
        !token.is_operator()
            && !matches!(
                token.id,
                T_RIGHT_PAREN | T_RIGHT_BRACE | T_RIGHT_BRACKET | T_COMMA
            )
            || token.id == T_SUB
    };
    let ends = |token: &Token| {
        !token.is_operator()
            && !matches!(
                token.id,
                T_LEFT_PAREN | T_LEFT_BRACE | T_LEFT_BRACKET | T_COMMA
            )
    };
    for length in 1..group.len() {
        let part = group.windows(length).find(|part| {
            part.first().is_some_and(begins) && part.last().is_some_and(ends) && fails_alike(part)
        });
        if let Some(part) = part {
            return part;
        }
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggested_functions_exist() {
        for name in CALLED.split_whitespace() {
            let is_aggregation =
                parse(&format!("{name}(x)")).is_ok() || parse(&format!("{name}(1, x)")).is_ok();
            assert!(
                function(name).is_some() || is_aggregation || name == "count_values",
                "{name}"
            );
        }
        assert!(CALLED.split_whitespace().is_sorted());
        assert!(function("rates").is_none());
    }
}

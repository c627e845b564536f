//! Grafana's variables, which no PromQL parser knows: each is replaced by something of the same length that may stand there,
//! so that every place stays what it was. `surroundings` knows where in a query one stands.

use std::ops::Range;

use super::surroundings::{Around, Surroundings};

/// A query that a parser can read, and where it had variables outside of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Replaced {
    pub(super) text: String,
    pub(super) variables: Vec<Range<usize>>,
    /// Whether each of them is a range or an offset, about which there is no doubt.
    pub(super) only_durations: bool,
}

/// Replaces a query's variables.
pub(super) fn replace(query: &str) -> Replaced {
    let mut replaced = Replaced {
        text: String::with_capacity(query.len()),
        variables: Vec::new(),
        only_durations: true,
    };
    let mut surroundings = Surroundings::default();
    let mut quote = None;
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let variable = if quote.is_none() { variable(rest) } else { 0 };
        if variable > 0 {
            let around = surroundings.around(&replaced.text, &rest[variable..]);
            let start = replaced.text.len();
            let number = replaced.variables.len();
            replaced.text.push_str(&stand_in(around, variable, number));
            replaced.variables.push(start..start + variable);
            replaced.only_durations &= matches!(around, Around::Duration | Around::PartOfDuration);
            rest = &rest[variable..];
            continue;
        }
        quote = match (quote, first) {
            (None, '"' | '\'' | '`') => Some(first),
            (None, _) => {
                surroundings.pass(&replaced.text, first);
                None
            }
            (Some(open), _) if open == first => None,
            (quote, _) => quote,
        };
        let mut length = first.len_utf8();
        if quote.is_some_and(|quote| quote != '`') && first == '\\' {
            length += rest[1..].chars().next().map_or(0, char::len_utf8);
        }
        replaced.text.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    replaced
}

/// Whether a text in a query is up to Grafana.
pub(super) fn is_variable(text: &str) -> bool {
    let is_stand_in = !text.is_empty() && text.chars().all(|c| c == '_');
    text.contains('$') || text.contains("[[") || is_stand_in
}

/// The length of the variable that a text begins with: `$name`, `${name:format}`, `[[name]]`.
fn variable(text: &str) -> usize {
    if let Some(rest) = text.strip_prefix("${") {
        return rest.find('}').map_or(0, |end| end + 3);
    }
    if let Some(rest) = text.strip_prefix("[[") {
        // The first of three brackets is that of a range.
        let end = rest.find("]]").filter(|_| !rest.starts_with('['));
        return end.map_or(0, |end| end + 4);
    }
    let Some(rest) = text.strip_prefix('$') else {
        return 0;
    };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match rest.find(|c| !word(c)).unwrap_or(rest.len()) {
        0 => 0,
        length => length + 1,
    }
}

/// What may stand where the variable stood, as long as it. None is shorter than two letters. Names differ, because a label is
/// not to be listed twice.
fn stand_in(around: Around, length: usize, number: usize) -> String {
    let padded = |text: &str| format!("{text: <length$}");
    let letter = ('a'..='z').cycle().nth(number % 26).unwrap_or('a');
    let name = || format!("{letter:_>length$}");
    match around {
        Around::Duration => format!("{:0>length$}", "5m"),
        Around::PartOfDuration => format!("{:0>length$}", "5"),
        Around::Number => format!("{:0>length$}", "1"),
        Around::Text => format!("\"{}\"", "_".repeat(length - 2)),
        Around::Matchers { comma } => {
            let comma = if comma { "," } else { "" };
            match length.checked_sub(comma.len() + 4) {
                Some(more) => format!("{comma}{}=\"\"", "_".repeat(more + 1)),
                None => " ".repeat(length),
            }
        }
        Around::Aggregation if length >= 3 => padded("sum"),
        Around::Function { of_range: false } if length >= 3 => padded("abs"),
        Around::Function { of_range: false } => padded("ln"),
        Around::Function { of_range: true } if length >= 4 => padded("rate"),
        Around::Aggregation | Around::Function { of_range: true } | Around::Name => name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_give_way_to_what_may_stand_there() {
        let cases = [
            ("rate(x[$__rate_interval])", "rate(x[000000000000005m])"),
            ("rate(x{a=~\"$a\"}[${w}])", "rate(x{a=~\"$a\"}[005m])"),
            ("x[${w}m:$s] offset -$o", "x[0005m:5m] offset -5m"),
            ("x[[[w]]]", "x[0005m]"),
            ("topk($n, x) > [[limit]]", "topk(01, x) > 000000001"),
            ("topk by (a) ($n, $x)", "topk by (a) (01, _b)"),
            ("clamp(x, $min, ${m:raw})", "clamp(x, 0001, 00000001)"),
            ("sum by ($label) ($metric)", "sum by (_____a) (______b)"),
            ("quantile(0.$q, a1$b)", "quantile(0.01, a1_b)"),
            ("x{$filters, a=\"b\"$more}", "x{_____=\"\", a=\"b\",_=\"\"}"),
            (
                "x{$label=~${v:doublequote}}",
                "x{_____a=~\"______________\"}",
            ),
            ("$sum by (a) ($f(x))", "sum  by (a) (ln(x))"),
            ("$func(x{a=\"]\"}[5m] )", "rate (x{a=\"]\"}[5m] )"),
            ("x{a='\\'$b'} + $c @ $d", "x{a='\\'$b'} + 01 @ 01"),
            ("x[5m] $ é", "x[5m] $ é"),
        ];
        for (query, expected) in cases {
            assert_eq!(replace(query).text, expected);
            assert_eq!(query.len(), expected.len());
        }
        assert!(replace("rate(x[$a:$b] offset $c)").only_durations);
        assert!(!replace("rate($x[$a])").only_durations);
        assert_eq!(replace("a_$b + $c").variables, [2..4, 7..9]);
    }
}

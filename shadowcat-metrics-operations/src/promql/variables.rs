//! Grafana's variables, which no PromQL parser knows: each is replaced by something of the same length that may stand there,
//! so that every place stays what it was.

/// The query with its variables replaced, and whether there were any outside of strings.
pub(super) fn replace(query: &str) -> String {
    let mut replaced = String::with_capacity(query.len());
    let mut quote = None;
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let variable = if quote.is_none() { variable(rest) } else { 0 };
        if variable > 0 {
            let stand_in = stand_in(&replaced, variable);
            replaced.push_str(&stand_in);
            rest = &rest[variable..];
            continue;
        }
        quote = match (quote, first) {
            (None, '"' | '\'' | '`') => Some(first),
            (Some(open), _) if open == first => None,
            (quote, _) => quote,
        };
        let mut length = first.len_utf8();
        if quote.is_some_and(|quote| quote != '`') && first == '\\' {
            length += rest[1..].chars().next().map_or(0, char::len_utf8);
        }
        replaced.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    replaced
}

/// Whether a text in a query is up to Grafana.
pub(super) fn is_variable(text: &str) -> bool {
    text.contains('$') || text.contains("[[") || is_stand_in(text)
}

/// Whether a name stands for a variable.
pub(super) fn is_stand_in(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c == '_')
}

/// The length of the variable that a text begins with: `$name`, `${name:format}`, `[[name]]`.
fn variable(text: &str) -> usize {
    if let Some(rest) = text.strip_prefix("${") {
        return rest.find('}').map_or(0, |end| end + 3);
    }
    if let Some(rest) = text.strip_prefix("[[") {
        return rest.find("]]").map_or(0, |end| end + 4);
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

/// What may stand where the variable stood: a duration in brackets and behind `offset`, a number as the first of several
/// arguments, else a name.
fn stand_in(before: &str, length: usize) -> String {
    let before = before.trim_end();
    let last = before.chars().next_back();
    let duration = matches!(last, Some('[' | ':')) || before.ends_with("offset");
    let number = [
        "topk(",
        "bottomk(",
        "quantile(",
        "histogram_quantile(",
        "quantile_over_time(",
    ]
    .iter()
    .any(|opened| before.ends_with(opened))
        || matches!(last, Some('>' | '<' | '=' | '*' | '+' | '-' | '^' | '%'));
    if duration {
        format!("{:0>length$}", "5m")
    } else if number {
        format!("{:0>length$}", "1")
    } else {
        "_".repeat(length)
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
            ("topk($n, x) > [[limit]]", "topk(01, x) > 000000001"),
            ("sum by ($label) ($metric)", "sum by (______) (_______)"),
            ("x{a='\\'$b'} + $c", "x{a='\\'$b'} + 01"),
            ("x[5m] $ é", "x[5m] $ é"),
        ];
        for (query, replaced) in cases {
            assert_eq!(replace(query), replaced);
            assert_eq!(query.len(), replaced.len());
        }
    }
}

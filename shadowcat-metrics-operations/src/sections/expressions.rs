//! Parts that objectives and alerts share: durations, and PromQL in which `{group.metric}` stands for an
//! exposed name.

use std::ops::Range;
use std::time::Duration;

use shadowcat_metrics_codegen::Report;
use shadowcat_metrics_codegen::duration;
use shadowcat_metrics_codegen::section::{Checker, Field, Node, Spanned, Value, wrong_type};

use crate::model::{Expression, Reference};
use crate::promql::text::{Piece, pieces};
use crate::toml_string;

shadowcat_metrics_codegen::codes! {
    table CODES;

    INVALID_DURATION = "SM0801" "invalid-duration": "not a duration",
    "Durations of objectives and alerts have Prometheus' format: whole numbers with the units `y`, `w`, `d`, `h`, `m`, `s` and \
     `ms`, from the longest to the shortest, each at most once. A duration cannot be zero; remove the key instead. Only `under`, \
     the limit of an objective, may have decimals, such as `102.4ms`.",
    wrong: requests!(r#"
[alerts.busy]
summary = "Many requests."
expr = "rate({http.requests}[5m]) > 100"
for = "10 minutes"
severity = "warning"
"#),
    right: requests!(busy!(r#"severity = "warning""#));
}

/// Parses a duration.
pub(super) fn parse_duration(value: &Node, key: &str, report: &mut Report) -> Option<String> {
    match &value.value {
        Value::Text(text) => Some(text.clone()),
        _ => wrong_type(
            value,
            key,
            "a duration in quotes, such as `\"10m\"`",
            report,
        ),
    }
}

/// Returns a duration, if the key is present.
pub(super) fn check_duration(
    checker: &mut Checker<'_>,
    field: &Field<String>,
    key: &str,
) -> Option<Duration> {
    let given = field.given()?;
    let duration = duration::parse(&given.value);
    if duration.is_none() {
        let message = format!("`{key}` is not a duration: `{}`", given.value);
        checker
            .error(INVALID_DURATION, given.span, message)
            .label("expected whole numbers with units, such as `30d`, `1h30m` or `90s`");
    }
    duration
}

/// Resolves the references in PromQL, and reports unknown ones. Returns `None` if a metric cannot be determined.
pub(super) fn check_expression(
    checker: &mut Checker<'_>,
    text: &Spanned<String>,
) -> Option<Expression> {
    let mut references = Vec::new();
    for range in references_in(&text.value) {
        let inside = range.start + 1..range.end - 1;
        let name = &text.value[inside.clone()];
        // Finding the part means reading the string from its start, so it is done only for unknown names.
        let span = if checker.knows_metric(name) {
            text.span
        } else {
            toml_string::inside(checker.source(), text.span, inside)
        };
        let metric = checker.resolve_metric_in_text(name, span);
        references.push(metric.map(|metric| Reference { range, metric }));
    }
    Some(Expression {
        text: text.value.clone(),
        references: references.into_iter().collect::<Option<_>>()?,
        span: text.span,
    })
}

/// Returns every `{group.metric}` outside PromQL's strings and comments. No PromQL is mistaken for one, because its braces
/// contain comparisons or quotes.
fn references_in(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open = None;
    for (piece, Range { start: at, .. }) in pieces(text) {
        match piece {
            Piece::Code('{') => open = Some(at),
            Piece::Code('}') => {
                let start = open.take().filter(|start| text[*start..at].contains('.'));
                found.extend(start.map(|start| start..at + 1));
            }
            Piece::Code(letter) if letter.is_ascii_alphanumeric() || "._-".contains(letter) => {}
            Piece::Code(_) | Piece::Quoted { .. } | Piece::Comment => open = None,
        }
    }
    found
}

#[test]
fn rules_of_durations() {
    super::testing::rules(
        r#"
        ALERT severity = "info" | for = ^"10" => invalid-duration
        ALERT severity = "info" | test = { fires = { a = "1" }, silent = { a = "0" }, at = ^"x" } => invalid-duration
        "#,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_distinguished_from_matchers() {
        let found = |text: &'static str| -> Vec<_> {
            references_in(text)
                .into_iter()
                .map(|range| &text[range])
                .collect()
        };
        assert_eq!(
            found("rate({process.restarts}[5m]) / {a.b}_count{c=\"{d.e}\"}"),
            ["{process.restarts}", "{a.b}"]
        );
        assert_eq!(found(r#"x{a="\"{b.c}"} + {d.e}"#), ["{d.e}"]);
        assert_eq!(found("# it's {a.b}\n{c.d} # {e.f}"), ["{c.d}"]);
        assert_eq!(found("x{a='\\'{b.c}'} + x{} + x{a=~`.`}{"), [""; 0]);
        assert_eq!(
            found("{transport.operation-s}"),
            ["{transport.operation-s}"],
            "a slip"
        );
    }
}

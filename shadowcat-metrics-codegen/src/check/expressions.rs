//! What objectives and alerts have in common: required texts, durations, and PromQL in which `{group.metric}` stands for an
//! exposed name. What the PromQL itself says is for the crate that has a parser of it.

use std::ops::Range;
use std::time::Duration;

use super::{Checker, scope};
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::duration;
use crate::model::{Expression, Reference};
use crate::parse::ast::{Field, Spanned};
use crate::source::Span;

impl Checker<'_> {
    /// Reports that a table lacks a key. `what` is the table's subject: "the alert `x`".
    pub(super) fn missing_key(&mut self, what: &str, key: &str, owner: Span, expected: &str) {
        self.report.push(
            Diagnostic::error(errors::MISSING_KEY, owner, format!("{what} has no `{key}`"))
                .label(format!("expected `{expected}`")),
        );
    }

    /// A text that must be there and say something.
    pub(super) fn check_required_text(
        &mut self,
        field: &Field<String>,
        what: &str,
        key: &str,
        owner: Span,
        expected: &str,
    ) -> Option<String> {
        if field.is_absent() {
            self.missing_key(what, key, owner, expected);
        }
        self.check_text(field, key)
    }

    /// A duration, if the key is there.
    pub(super) fn check_duration(&mut self, field: &Field<String>, key: &str) -> Option<Duration> {
        let given = field.given()?;
        let duration = duration::parse(&given.value);
        if duration.is_none() {
            self.report.push(
                Diagnostic::error(
                    errors::INVALID_DURATION,
                    given.span,
                    format!("`{}` is no duration for `{key}`", given.value),
                )
                .label("expected whole numbers with units, such as `30d`, `1h30m` or `90s`"),
            );
        }
        duration
    }

    /// PromQL with its references resolved; unknown ones are reported where they stand.
    pub(super) fn check_expression(&mut self, text: &Spanned<String>) -> Expression {
        let mut references = Vec::new();
        for range in references_in(&text.value) {
            let name = &text.value[range.start + 1..range.end - 1];
            let span = self
                .source
                .inside_string(text.span, range.start + 1..range.end - 1);
            let found = self
                .scope
                .metrics
                .resolve(name, span, &scope::METRIC_IN_TEXT, self.report);
            references.extend(found.map(|metric| Reference { range, metric }));
        }
        Expression {
            text: text.value.clone(),
            references,
            span: text.span,
        }
    }
}

/// Every `{group.metric}` outside of PromQL's strings. Nothing in PromQL looks like it: in its own braces there are
/// comparisons or quotes.
fn references_in(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut quote = None;
    let mut open = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if let Some(end) = quote {
            if escaped {
                escaped = false;
            } else if c == '\\' && end != '`' {
                escaped = true;
            } else if c == end {
                quote = None;
            }
            continue;
        }
        match c {
            '"' | '\'' | '`' => (quote, open) = (Some(c), None),
            '{' => open = Some(at),
            '}' => {
                let start = open.take().filter(|start| text[*start..at].contains('.'));
                found.extend(start.map(|start| start..at + 1));
            }
            _ if c.is_ascii_alphanumeric() || "._-".contains(c) => {}
            _ => open = None,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_matchers() {
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
        assert_eq!(found("x{a='\\'{b.c}'} + x{} + x{a=~`.`}{"), [""; 0]);
        assert_eq!(
            found("{transport.operation-s}"),
            ["{transport.operation-s}"],
            "a slip"
        );
    }
}

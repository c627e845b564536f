//! The ways to write histogram bounds: a list, `exponential`, `linear`.

use super::ast::{Buckets, MetricBuckets};
use super::reader::{Reader, number, table, wrong_type};
use super::tree::{Entry, Spanned, Value};
use crate::codes::errors;
use crate::diagnostic::{Diagnostic, Report};
use crate::language;

const EXPECTED: &str = "a list of numbers, `{ exponential = ... }` or `{ linear = ... }`";

/// A set under `[buckets]`.
pub(super) fn parse_buckets(
    value: &Spanned<Value>,
    key: &str,
    report: &mut Report,
) -> Option<Spanned<Buckets>> {
    let buckets = match &value.value {
        Value::Array(items) => parse_list(items, key, report),
        Value::Table(entries) => parse_progression(entries, value, report),
        _ => wrong_type(value, key, EXPECTED, report),
    };
    buckets.map(|buckets| Spanned {
        value: buckets,
        span: value.span,
    })
}

/// A metric's `buckets`: the name of a set, or bounds of its own.
pub(super) fn parse_metric_buckets(
    value: &Spanned<Value>,
    report: &mut Report,
) -> Option<MetricBuckets> {
    match &value.value {
        Value::Text(name) => Some(MetricBuckets::Named(name.clone())),
        Value::Array(_) | Value::Table(_) => parse_buckets(value, "buckets", report)
            .map(|buckets| MetricBuckets::Inline(buckets.value)),
        _ => wrong_type(
            value,
            "buckets",
            &format!("the name of a bucket set, {EXPECTED}"),
            report,
        ),
    }
}

/// A list with an item of a wrong type is none: what is left might be anything.
fn parse_list(items: &[Spanned<Value>], key: &str, report: &mut Report) -> Option<Buckets> {
    let bounds: Vec<_> = items.iter().map(|item| number(item, key, report)).collect();
    let spanned = |(item, bound): (&Spanned<Value>, Option<f64>)| {
        Some(Spanned {
            value: bound?,
            span: item.span,
        })
    };
    items
        .iter()
        .zip(bounds)
        .map(spanned)
        .collect::<Option<_>>()
        .map(Buckets::List)
}

fn parse_progression(
    entries: &[Entry],
    value: &Spanned<Value>,
    report: &mut Report,
) -> Option<Buckets> {
    let mut ways = Reader::new(entries, "a bucket set", &language::PROGRESSION, report);
    let exponential = ways.read("exponential", |value, report| {
        let mut way = Reader::new(
            way(value, "exponential", report)?,
            "`exponential`",
            &language::EXPONENTIAL,
            report,
        );
        Some(Buckets::Exponential {
            start: way.number("start"),
            factor: way.number("factor"),
            count: way.integer("count"),
        })
    });
    let linear = ways.read("linear", |value, report| {
        let mut way = Reader::new(
            way(value, "linear", report)?,
            "`linear`",
            &language::LINEAR,
            report,
        );
        Some(Buckets::Linear {
            start: way.number("start"),
            width: way.number("width"),
            count: way.integer("count"),
        })
    });
    match (exponential.given(), linear.given()) {
        (Some(way), None) | (None, Some(way)) => Some(way.value.clone()),
        (Some(exponential), Some(linear)) => {
            report.push(
                Diagnostic::error(
                    errors::CONFLICTING_KEYS,
                    linear.key,
                    "a bucket set is `exponential` or `linear`, not both",
                )
                .label("remove one of the two")
                .secondary(exponential.key, "the other is here"),
            );
            Some(exponential.value.clone())
        }
        (None, None) => {
            if exponential.is_absent() && linear.is_absent() {
                report.push(
                    Diagnostic::error(
                        errors::MISSING_KEY,
                        value.span,
                        "the bucket set says nothing about its bounds",
                    )
                    .label(format!("expected {EXPECTED}")),
                );
            }
            None
        }
    }
}

fn way<'t>(value: &'t Spanned<Value>, key: &str, report: &mut Report) -> Option<&'t [Entry]> {
    table(
        value,
        key,
        "a table with `start`, `count` and a step",
        report,
    )
}

//! The ways to write histogram bounds (a list, `exponential`, `linear`), and the native buckets that a histogram may also have.

use super::ast::{BucketSet, Buckets, Extent, Field, MetricBuckets, Native, Progression};
use super::reader::{Reader, number, table, wrong_type};
use super::tree::{Entry, Node, Spanned, Value, more_places};
use crate::codes::errors;
use crate::diagnostic::Report;
use crate::duration;
use crate::language::{BUCKET_SET, EXPONENTIAL, Keys, LINEAR};

const BASE_UNIT: &str =
    "write bounds in the base unit of the histogram: seconds, bytes, or a share from 0 to 1";

const EXPECTED: &str = "a list of numbers, `{ exponential = ... }` or `{ linear = ... }`";

/// Parses a set under `[buckets]`.
pub(super) fn parse_buckets(
    value: &Node,
    key: &str,
    report: &mut Report,
) -> Option<Spanned<BucketSet>> {
    let buckets = match &value.value {
        Value::Array(items) => parse_list(items, key, report).map(|bounds| BucketSet {
            bounds,
            native: Field::Absent,
        }),
        Value::Table(entries) => parse_set(entries, value, report),
        _ => wrong_type(value, key, EXPECTED, report),
    };
    buckets.map(|buckets| Spanned::new(buckets, value.span))
}

/// Parses a metric's `buckets`: the name of a set, or inline bounds.
pub(super) fn parse_metric_buckets(
    value: &Node,
    key: &str,
    report: &mut Report,
) -> Option<MetricBuckets> {
    match &value.value {
        Value::Text(name) if is_list_of_numbers(name) => {
            let message = format!("unknown bucket set `{name}`");
            report
                .error(errors::UNKNOWN_BUCKET_SET, value.span, message)
                .label(format!("expected a list: `[{name}]`"));
            None
        }
        Value::Text(name) => Some(MetricBuckets::Named(name.clone())),
        Value::Array(_) | Value::Table(_) => {
            let buckets = parse_buckets(value, key, report)?;
            Some(MetricBuckets::Inline(Box::new(buckets.value)))
        }
        _ => {
            let expected = format!("the name of a bucket set, {EXPECTED}");
            wrong_type(value, key, &expected, report)
        }
    }
}

fn is_list_of_numbers(text: &str) -> bool {
    let is_number = |bound: &str| bound.trim().parse::<f64>().is_ok();
    text.contains(',') && text.split(',').all(is_number)
}

/// Parses a list. Numbers in quotes are reported, and read as numbers. Any other item of a wrong type makes the whole list
/// invalid, because its other bounds cannot be checked without it.
fn parse_list(items: &[Node], key: &str, report: &mut Report) -> Option<Buckets> {
    report_texts(items, report);
    let mut bounds = Vec::new();
    for item in items {
        let bound = match &item.value {
            Value::Text(text) => meant_number(text),
            _ => number(item, key, report),
        };
        bounds.extend(bound.map(|bound| Spanned::new(bound, item.span)));
    }
    (bounds.len() == items.len()).then_some(Buckets::List(bounds))
}

/// Returns the number in a string.
fn meant_number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Reports all bounds in quotes in one message, with the likely intent of the first.
fn report_texts(items: &[Node], report: &mut Report) {
    let mut texts = Vec::new();
    for item in items {
        if let Value::Text(text) = &item.value {
            texts.push((text, item.span));
        }
    }
    let Some(((text, span), more)) = texts.split_first() else {
        return;
    };
    let places = more_places(more.len());
    let message = format!("a bucket bound must be a number, not a string{places}");
    let problem = report.error(errors::WRONG_TYPE, *span, message);
    if meant_number(text).is_some() {
        problem.label(format!("expected `{text}`, without quotes"));
        return;
    }
    let label = match meant_seconds(text) {
        Some(seconds) => format!("expected `{seconds}`"),
        None => "expected a number".to_owned(),
    };
    problem.label(label).help(BASE_UNIT);
}

/// Returns the seconds of a duration such as `100us` or `1d`.
fn meant_seconds(text: &str) -> Option<f64> {
    let duration = duration::parse_fine(text).or_else(|| duration::parse(text))?;
    Some(duration.as_secs_f64())
}

fn parse_set(entries: &[Entry], value: &Node, report: &mut Report) -> Option<BucketSet> {
    if let Some(syntax) = intended_progression(entries) {
        let message = "the bucket set has neither `exponential` nor `linear`";
        report
            .error(errors::MISSING_KEY, value.span, message)
            .label(format!("expected `{{ {syntax} }}`"));
        return None;
    }
    let mut set = Reader::new(entries, "a bucket set", BUCKET_SET, report);
    let forms = [
        set.read("exponential", |value, key, report| {
            let keys = (key, "factor", EXPONENTIAL);
            parse_progression(value, keys, report).map(Buckets::Exponential)
        }),
        set.read("linear", |value, key, report| {
            let keys = (key, "width", LINEAR);
            parse_progression(value, keys, report).map(Buckets::Linear)
        }),
        set.read("bounds", |value, key, report| match &value.value {
            Value::Array(items) => parse_list(items, key, report),
            _ => wrong_type(value, key, "a list of numbers", report),
        }),
    ];
    let native = set.read("native", Native::parse);
    let has_form = forms.iter().any(|form| !form.is_absent());
    let mut given = Vec::new();
    for form in forms {
        if let Field::Given(form) = form {
            given.push(form);
        }
    }
    let mut given = given.into_iter();
    let Some(first) = given.next() else {
        // Other contents were reported.
        if entries.is_empty() || (!native.is_absent() && !has_form) {
            let message = "the bucket set has no bounds";
            report
                .error(errors::MISSING_KEY, value.span, message)
                .label(format!("expected {EXPECTED}"));
        }
        return None;
    };
    for other in given {
        let message = "a bucket set can have only one of `exponential`, `linear` and `bounds`";
        report
            .error(errors::CONFLICTING_KEYS, other.key, message)
            .label("remove one of the two")
            .secondary(first.key, "the other is here");
    }
    Some(BucketSet {
        bounds: first.value,
        native,
    })
}

pub(super) fn parse_extent(value: &Node, key: &str, report: &mut Report) -> Option<Extent> {
    let expected = "a number, or a duration such as `\"100us\"`";
    match &value.value {
        Value::Text(text) => {
            let duration = duration::parse_fine(text);
            if duration.is_none() {
                let message = format!("`{key}` is not a duration: `{text}`");
                report
                    .error(errors::INVALID_NATIVE_RANGE, value.span, message)
                    .label(format!("expected {expected}"));
            }
            duration.map(Extent::Duration)
        }
        Value::Integer(_) | Value::Float(_) => number(value, key, report).map(Extent::Number),
        _ => wrong_type(value, key, expected, report),
    }
}

/// Returns the syntax that was meant by a progression without its name: `{ start = 1, factor = 2, count = 5 }`.
fn intended_progression(entries: &[Entry]) -> Option<&'static str> {
    let has = |key| entries.iter().any(|entry| entry.key.value == key);
    if has("factor") {
        Some("exponential = { start = ..., factor = ..., count = ... }")
    } else if has("width") {
        Some("linear = { start = ..., width = ..., count = ... }")
    } else {
        None
    }
}

fn parse_progression(
    value: &Node,
    (key, step, keys): (&str, &str, Keys),
    report: &mut Report,
) -> Option<Progression> {
    let expected = "a table with `start`, `count` and a step";
    let entries = table(value, key, expected, report)?;
    let mut keys = Reader::new(entries, &format!("`{key}`"), keys, report);
    Some(Progression {
        start: keys.read("start", in_base_unit),
        step: keys.read(step, in_base_unit),
        count: keys.integer("count"),
    })
}

/// Parses a number in the base unit of a histogram.
fn in_base_unit(value: &Node, key: &str, report: &mut Report) -> Option<f64> {
    if let Value::Text(text) = &value.value
        && let Some(seconds) = meant_seconds(text)
    {
        let message = format!("`{key}` must be a number, not a string");
        report
            .error(errors::WRONG_TYPE, value.span, message)
            .label(format!("expected `{seconds}`"))
            .help(BASE_UNIT);
        return None;
    }
    number(value, key, report)
}

//! What is said of a value whose type is not the one that its key takes.

use super::tree::{Spanned, Value};
use crate::codes::{codes, errors};
use crate::diagnostic::{Diagnostic, Report};
use crate::fix::Fix;

codes! {
    table WRONG;

    /// A value has a type that its key does not take.
    WRONG_TYPE = "SM0007" "wrong-type": "a value of a wrong type",
    "The key takes another type of value. Versions and names are strings and need quotes; lists need brackets, also \
     with one item.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
since = 0.4
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
since = "0.4.0"
"#;
}

pub(super) const STRING: &str = "a string in quotes";

/// Reports a wrong type, and gives nothing, in whatever type is asked for.
pub fn wrong_type<T>(
    value: &Spanned<Value>,
    key: &str,
    expected: &str,
    report: &mut Report,
) -> Option<T> {
    wrong_quotes(value, key, expected, |_| false, report)
}

/// The same of an item of an array.
pub(super) fn wrong_item<T>(value: &Spanned<Value>, key: &str, report: &mut Report) -> Option<T> {
    wrong(value, &each_of(key), STRING, |_| false, report)
}

fn each_of(key: &str) -> String {
    format!("each of `{key}`")
}

/// The same for what may be right without its quotes.
pub(super) fn wrong_quotes<T>(
    value: &Spanned<Value>,
    key: &str,
    expected: &str,
    is_right: fn(&str) -> bool,
    report: &mut Report,
) -> Option<T> {
    wrong(value, &format!("`{key}`"), expected, is_right, report)
}

fn wrong<T>(
    value: &Spanned<Value>,
    subject: &str,
    expected: &str,
    is_right: fn(&str) -> bool,
    report: &mut Report,
) -> Option<T> {
    if matches!(value.value, Value::Unreadable) {
        return None;
    }
    let found = value.value.describe();
    let message = format!("{subject} must be {expected}, not {found}");
    let hint = match &value.value {
        Value::Text(text) if text.parse::<f64>().is_ok() || text.parse::<bool>().is_ok() => {
            ", without quotes"
        }
        Value::Array(items)
            if expected.starts_with("a table")
                && items
                    .iter()
                    .all(|item| matches!(item.value, Value::Table(_))) =>
        {
            ", in single brackets: `[...]`"
        }
        _ => "",
    };
    let fix = match &value.value {
        Value::Text(text) if is_right(text) => Some(Fix::replace(value.span, text)),
        _ => None,
    };
    report.push(
        Diagnostic::error(errors::WRONG_TYPE, value.span, message)
            .label(format!("expected {expected}{hint}"))
            .fix(fix),
    );
    None
}

/// Reports an item of an array that is no string, and takes it for one where it would be right in quotes.
pub(super) fn wrong_text(value: &Spanned<Value>, key: &str, report: &mut Report) -> Option<String> {
    let Some(text) = as_text(value) else {
        return wrong_item(value, key, report);
    };
    let message = format!(
        "{} must be {STRING}, not {}",
        each_of(key),
        value.value.describe()
    );
    report.push(
        Diagnostic::error(errors::WRONG_TYPE, value.span, message)
            .label(format!("expected {STRING}: `\"{text}\"`"))
            .fix(Fix::replace_text(value.span, &text)),
    );
    Some(text)
}

/// An integer or a boolean as the string that it would be in quotes.
fn as_text(value: &Spanned<Value>) -> Option<String> {
    let text = match value.value {
        Value::Integer(integer) => integer.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
        _ => return None,
    };
    // Otherwise it is written in another way: `0x10`, `1_000`.
    (text.len() == value.span.end - value.span.start).then_some(text)
}

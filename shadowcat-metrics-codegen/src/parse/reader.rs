//! One table, key by key: reports what the language does not know and what has the wrong type.

use super::ast::{Field, Given, Texts};
use super::tree::{Entry, Spanned, Value};
use super::unknown;
use super::wrong::{STRING, wrong_item, wrong_quotes, wrong_type};
use crate::codes::errors;
use crate::diagnostic::{Diagnostic, Report};
use crate::fix::{Fix, quoted};
use crate::language::Table;

/// Floats have every integer up to this, 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads the keys of one table.
#[derive(Debug)]
pub struct Reader<'t, 'r> {
    fields: Vec<Known<'t>>,
    /// Collects what is wrong with the table.
    pub report: &'r mut Report,
}

/// An entry under the key it is taken for.
#[derive(Debug)]
struct Known<'t> {
    key: &'static str,
    /// The key was misspelt; the rightly spelt one goes first.
    misspelt: bool,
    entry: &'t Entry,
}

impl<'t, 'r> Reader<'t, 'r> {
    /// Reports every key that `table` does not have, and takes one that is a near miss for the key it misses.
    /// `place` completes "is not a key of".
    pub fn new(
        entries: &'t [Entry],
        place: &str,
        table: &'static Table,
        report: &'r mut Report,
    ) -> Self {
        let mut fields = Vec::new();
        for entry in entries {
            let written = entry.key.value.as_str();
            if let Some(key) = table.names().find(|key| *key == written) {
                fields.push(Known {
                    key,
                    misspelt: false,
                    entry,
                });
                continue;
            }
            let meant = unknown::meant(written, table);
            report.push(unknown::key(entry, place, table, meant));
            if let Some(key) = meant {
                fields.push(Known {
                    key,
                    misspelt: true,
                    entry,
                });
            }
        }
        fields.sort_by_key(|field| field.misspelt);
        Self { fields, report }
    }

    /// Every entry taken for `key`: more than one if another was misspelt.
    #[must_use]
    pub fn entries(&self, key: &str) -> Vec<&'t Entry> {
        self.fields
            .iter()
            .filter(|field| field.key == key)
            .map(|field| field.entry)
            .collect()
    }

    /// Reads a key by `read`, which gives nothing for a wrong type that it has reported.
    pub fn read<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&'t Spanned<Value>, &mut Report) -> Option<T>,
    ) -> Field<T> {
        let Some(field) = self.fields.iter().find(|field| field.key == key) else {
            return Field::Absent;
        };
        let entry = field.entry;
        match read(&entry.value, self.report) {
            Some(value) => Field::Given(Given {
                key: entry.key.span,
                value,
                span: entry.value.span,
            }),
            None => Field::Invalid,
        }
    }

    /// A string.
    pub fn text(&mut self, key: &str) -> Field<String> {
        self.read(key, |value, report| {
            text(value, key, report).map(str::to_owned)
        })
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, key: &str) -> Field<bool> {
        self.read(key, |value, report| match value.value {
            Value::Boolean(boolean) => Some(boolean),
            Value::Text(_) => wrong_quotes(value, key, "`true` or `false`", is_boolean, report),
            _ => wrong_type(value, key, "`true` or `false`", report),
        })
    }

    /// An integer.
    pub fn integer(&mut self, key: &str) -> Field<i64> {
        self.read(key, |value, report| match value.value {
            Value::Integer(integer) => Some(integer),
            Value::Text(_) => wrong_quotes(value, key, "an integer", is_integer, report),
            // What JSON Schema calls an integer, too, and as far as floats have each of them.
            #[expect(clippy::cast_possible_truncation, reason = "it is whole, and in range")]
            Value::Float(float) if float.fract() == 0.0 && float.abs() <= EXACT => {
                Some(float as i64)
            }
            _ => wrong_type(value, key, "an integer", report),
        })
    }

    /// An integer or a float.
    pub fn number(&mut self, key: &str) -> Field<f64> {
        self.read(key, |value, report| number(value, key, report))
    }

    /// An array of strings. One string by itself is reported and taken for an array of one.
    pub fn texts(&mut self, key: &str) -> Field<Texts> {
        self.read(key, |value, report| {
            if let Value::Table(entries) = &value.value {
                return keys_for_texts(entries, value, key, report);
            }
            if let Value::Text(text) = &value.value {
                report.push(
                    Diagnostic::error(
                        errors::WRONG_TYPE,
                        value.span,
                        format!("`{key}` must be an array of strings"),
                    )
                    .label(format!("expected an array: `{key} = [\"{text}\"]`"))
                    .fix(Fix::replace(value.span, format!("[{}]", quoted(text)))),
                );
            }
            text_or_texts(value, key, report)
        })
    }

    /// A string or an array of strings.
    pub fn text_or_texts(&mut self, key: &str) -> Field<Texts> {
        self.read(key, |value, report| text_or_texts(value, key, report))
    }
}

/// A table where an array of strings is due, such as `labels = { shelf = "food" }`: its keys are what was meant.
fn keys_for_texts(
    entries: &[Entry],
    value: &Spanned<Value>,
    key: &str,
    report: &mut Report,
) -> Option<Texts> {
    /// A longer list is not read.
    const SHOWN: usize = 4;
    if entries.is_empty() || entries.len() > SHOWN {
        return wrong_type(value, key, "an array of strings", report);
    }
    let keys: Vec<_> = entries.iter().map(|entry| entry.key.clone()).collect();
    let quoted: Vec<_> = keys.iter().map(|key| quoted(&key.value)).collect();
    let message = format!("`{key}` must be an array of strings, not a table");
    report.push(
        Diagnostic::error(errors::WRONG_TYPE, value.span, message).label(format!(
            "expected an array: `{key} = [{}]`",
            quoted.join(", ")
        )),
    );
    Some(keys)
}

/// A string or an array of strings.
pub fn text_or_texts(value: &Spanned<Value>, key: &str, report: &mut Report) -> Option<Texts> {
    match &value.value {
        Value::Text(text) => Some(vec![Spanned {
            value: text.clone(),
            span: value.span,
        }]),
        Value::Array(items) => Some(
            items
                .iter()
                .filter_map(|item| {
                    Some(Spanned {
                        value: item_text(item, key, report)?.to_owned(),
                        span: item.span,
                    })
                })
                .collect(),
        ),
        _ => wrong_type(value, key, "an array of strings", report),
    }
}

/// A string.
pub fn text<'t>(value: &'t Spanned<Value>, key: &str, report: &mut Report) -> Option<&'t str> {
    match &value.value {
        Value::Text(text) => Some(text),
        _ => wrong_type(value, key, STRING, report),
    }
}

/// A string of an array.
fn item_text<'t>(value: &'t Spanned<Value>, key: &str, report: &mut Report) -> Option<&'t str> {
    match &value.value {
        Value::Text(text) => Some(text),
        _ => wrong_item(value, key, report),
    }
}

/// A number, written as an integer or a float.
pub fn number(value: &Spanned<Value>, key: &str, report: &mut Report) -> Option<f64> {
    match value.value {
        Value::Float(float) => Some(float),
        Value::Integer(integer) => Some(integer as f64),
        _ => wrong_type(value, key, "a number", report),
    }
}

/// The entries of a table.
pub fn table<'t>(
    value: &'t Spanned<Value>,
    key: &str,
    expected: &str,
    report: &mut Report,
) -> Option<&'t [Entry]> {
    match &value.value {
        Value::Table(entries) => Some(entries),
        _ => wrong_type(value, key, expected, report),
    }
}

fn is_boolean(text: &str) -> bool {
    matches!(text, "true" | "false")
}

fn is_integer(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
        && text
            .parse::<i64>()
            .is_ok_and(|number| text == number.to_string())
}

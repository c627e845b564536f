//! `[labels]`: parses a label and its values, in all forms.

use super::ast::{Field, Given, Label, LabelUse, LabelValue, Notes, Open, Texts, ValueLabels};
use super::reader::{Reader, texts, too_deep, wrong_item, wrong_text, wrong_type};
use super::sections::parse_deprecated;
use super::tree::{Entry, Spanned, Value};
use crate::codes::errors;
use crate::diagnostic::Report;
use crate::fix::quoted;
use crate::language;
use crate::source::Span;

/// Parses a label, or the labels one level too deep below it: `[labels.http.method]`.
pub(super) fn parse_labels(entry: &Entry, report: &mut Report) -> Vec<Label> {
    let Value::Table(keys) = &entry.value.value else {
        return vec![shapeless_label(entry, report)];
    };
    let inner = too_deep(
        entry,
        keys,
        ["help", "open"],
        "labels",
        &language::LABEL,
        report,
    );
    let mut labels = Vec::new();
    for (key, keys) in &inner {
        labels.push(parse_label(key, keys, report));
    }
    if inner.is_empty() {
        labels.push(parse_label(&entry.key, keys, report));
    }
    labels
}

fn parse_label(key: &Spanned<String>, keys: &[Entry], report: &mut Report) -> Label {
    let place = format!("`[labels.{}]`", key.value);
    let mut label = Reader::new(keys, &place, &language::LABEL, report);
    let notes = Notes::read(&mut label);
    let fields = Label::read(&mut label);
    Label {
        key: key.clone(),
        notes,
        // After all keys were read.
        given: label.given,
        ..fields
    }
}

/// Reports a label that is not a table. It is declared nevertheless, with the values of a list: `method = ["card", "invoice"]`.
fn shapeless_label(entry: &Entry, report: &mut Report) -> Label {
    let expected = "a table with `help` and one of `values`, `open` and `of`";
    let name = &entry.key.value;
    let span = entry.value.span;
    let values = match &entry.value.value {
        Value::Array(items)
            if items
                .iter()
                .all(|item| matches!(item.value, Value::Text(_))) =>
        {
            let message = format!("`{name}` must be {expected}, not an array");
            let form = format!("`{name} = {{ help = \"...\", values = [...] }}`");
            report
                .error(errors::WRONG_TYPE, span, message)
                .label(format!("expected {form}"));
            parse_label_values(&entry.value, report)
        }
        _ => wrong_type(&entry.value, name, expected, report),
    };
    Label {
        key: entry.key.clone(),
        help: Field::Invalid,
        values: values.map_or(Field::Invalid, |value| {
            let key = entry.key.span;
            Field::Given(Given { key, value, span })
        }),
        ..Label::default()
    }
}

pub(super) fn parse_label_values(
    values: &Spanned<Value>,
    report: &mut Report,
) -> Option<Vec<LabelValue>> {
    let expected = "an array of strings, or a table of values with their explanations";
    match &values.value {
        Value::Array(items) => {
            let value = |item: &Spanned<Value>| {
                let text = match &item.value {
                    Value::Text(text) => Some(text.clone()),
                    _ => wrong_text(item, "values", report),
                };
                text.map(|value| bare(Spanned::new(value, item.span)))
            };
            let values: Vec<_> = items.iter().filter_map(value).collect();
            // A list whose items are all invalid does not count as an empty list.
            (items.is_empty() || !values.is_empty()).then_some(values)
        }
        Value::Table(entries) => Some(
            entries
                .iter()
                .map(|entry| parse_label_value(entry, report))
                .collect(),
        ),
        Value::Text(text) if !text.trim().is_empty() => {
            Some(list_in_a_string(text, values.span, report))
        }
        _ => wrong_type(values, "values", expected, report),
    }
}

/// Parses `values = "card, invoice"`.
fn list_in_a_string(text: &str, span: Span, report: &mut Report) -> Vec<LabelValue> {
    let values: Vec<_> = text.split(',').map(str::trim).collect();
    let quoted: Vec<_> = values.iter().map(|value| quoted(value)).collect();
    let quoted = quoted.join(", ");
    let message = "`values` must be an array of strings, not a string";
    report
        .error(errors::WRONG_TYPE, span, message)
        .label(format!("expected an array: `values = [{quoted}]`"));
    let values = values.into_iter().filter(|value| !value.is_empty());
    values
        .map(|value| bare(Spanned::new(value.to_owned(), span)))
        .collect()
}

/// Returns a value without further keys.
fn bare(value: Spanned<String>) -> LabelValue {
    LabelValue {
        value,
        ..LabelValue::default()
    }
}

/// Parses `VALUE = "meaning"`, or a table with more keys.
fn parse_label_value(entry: &Entry, report: &mut Report) -> LabelValue {
    let name = &entry.key;
    match &entry.value.value {
        Value::Text(help) => LabelValue {
            help: Some(help.clone()),
            ..bare(name.clone())
        },
        Value::Table(entries) => {
            let place = format!("the value `{}`", name.value);
            let mut keys = Reader::new(entries, &place, &language::LABEL_VALUE, report);
            LabelValue {
                value: name.clone(),
                help: keys.text("help").given().map(|help| help.value.clone()),
                deprecated: keys.read("deprecated", |value, report| {
                    let expected =
                        "a table such as `{ since = \"1.2.0\", use = \"value\", note = \"Why.\" }`";
                    parse_deprecated(value, &language::DEPRECATED_VALUE, expected, report)
                }),
                ..LabelValue::read(&mut keys)
            }
        }
        _ => {
            let expected = "a string that explains the value";
            wrong_type::<()>(&entry.value, &name.value, expected, report);
            bare(name.clone())
        }
    }
}

/// Parses a list of labels, each a name or `{ name = "shelf", optional = true }`. Returns the names, and the positions of the
/// optional ones.
pub(super) fn parse_label_list(list: &mut Reader<'_, '_>) -> (Field<Texts>, Vec<Span>) {
    let mut optional = Vec::new();
    let labels = list.read("labels", |value, report| {
        let Value::Array(items) = &value.value else {
            return texts(value, "labels", report);
        };
        let mut labels = Vec::new();
        for item in items {
            let label = match &item.value {
                Value::Text(name) => Some(Spanned::new(name.clone(), item.span)),
                Value::Table(entries) => parse_label_use(entries, item.span, &mut optional, report),
                _ => {
                    wrong_item(item, "labels", report);
                    None
                }
            };
            labels.extend(label);
        }
        Some(labels)
    });
    (labels, optional)
}

fn parse_label_use(
    entries: &[Entry],
    span: Span,
    optional: &mut Vec<Span>,
    report: &mut Report,
) -> Option<Spanned<String>> {
    let mut label = Reader::new(entries, "a label of the list", &language::LABEL_USE, report);
    let LabelUse {
        name,
        optional: is_optional,
    } = LabelUse::read(&mut label);
    let Some(name) = name.given() else {
        if name.is_absent() {
            report
                .error(
                    errors::MISSING_KEY,
                    span,
                    "a label in the list has no `name`",
                )
                .label("expected `{ name = \"LABEL\", optional = true }`");
        }
        return None;
    };
    if is_optional.given().is_some_and(|given| given.value) {
        optional.push(name.span);
    }
    Some(Spanned::new(name.value.clone(), name.span))
}

pub(super) fn parse_with(with: &Spanned<Value>, report: &mut Report) -> Option<Vec<ValueLabels>> {
    let Value::Table(entries) = &with.value else {
        let expected = "a table of values with their further labels";
        return wrong_type(with, "with", expected, report);
    };
    let entry = |entry: &Entry| {
        let labels = texts(&entry.value, &entry.key.value, report)?;
        Some(ValueLabels {
            value: entry.key.clone(),
            labels,
        })
    };
    Some(entries.iter().filter_map(entry).collect())
}

pub(super) fn parse_open(open: &Spanned<Value>, report: &mut Report) -> Option<Open> {
    // `open = true` and `open = 64` are likely mistakes. Both lack the key `max`, so the message shows the syntax.
    let Value::Table(entries) = &open.value else {
        let message = format!("`open` must be a table, not {}", open.value.describe());
        report
            .error(errors::WRONG_TYPE, open.span, message)
            .label("expected `{ max = 64 }`, with the maximum number of values in use at once");
        return None;
    };
    let mut open = Reader::new(entries, "`open`", &language::OPEN, report);
    Some(Open::read(&mut open))
}

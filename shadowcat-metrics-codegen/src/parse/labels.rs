//! `[labels]`: parses a label and its values, in all forms.

use super::ast::{Field, Given, Label, LabelValue, ListedLabel, Open, ValueLabels};
use super::reader::{Reader, intended, quoted_list, texts, wrong_item, wrong_text, wrong_type};
use super::tree::{Entry, Node, Spanned, Value};
use crate::codes::errors;
use crate::diagnostic::Report;
use crate::language::LABEL_USE;
use crate::source::Span;

/// Parses a label, or the labels one level too deep below it: `[labels.http.method]`.
pub(super) fn parse_labels(entry: &Entry, labels: &mut Vec<Label>, report: &mut Report) {
    let Value::Table(keys) = &entry.value.value else {
        labels.push(shapeless_label(entry, report));
        return;
    };
    let (signs, item) = (["help", "open"], ("label", Label::KEYS));
    for (key, keys) in intended(entry, keys, signs, "labels", item, report) {
        let place = format!("`[labels.{}]`", key.value);
        let before = report.diagnostics().len();
        let mut reader = Reader::new(keys, &place, Label::KEYS, report);
        let label = Label::read(&mut reader);
        labels.push(Label {
            key,
            has_errors: reader.report.diagnostics().len() > before,
            given: reader.given,
            ..label
        });
    }
}

/// Reports a label that is not a table. It is declared nevertheless, with the values of a list: `method = ["card", "invoice"]`.
fn shapeless_label(entry: &Entry, report: &mut Report) -> Label {
    let expected = "a table with `help` and one of `values`, `open` and `of`";
    let name = &entry.key.value;
    let is_text = |item: &Node| matches!(item.value, Value::Text(_));
    let values = match &entry.value.value {
        Value::Array(items) if items.iter().all(is_text) => {
            let message = format!("`{name}` must be {expected}, not an array");
            let form = format!("`{name} = {{ help = \"...\", values = [...] }}`");
            report
                .error(errors::WRONG_TYPE, entry.value.span, message)
                .label(format!("expected {form}"));
            parse_label_values(&entry.value, "values", report)
        }
        _ => wrong_type(&entry.value, name, expected, report),
    };
    Label {
        key: entry.key.clone(),
        has_errors: true,
        help: Field::Invalid,
        values: match values {
            Some(values) => Field::Given(Given::of(entry, values)),
            None => Field::Invalid,
        },
        ..Label::default()
    }
}

pub(super) fn parse_label_values(
    value: &Node,
    key: &str,
    report: &mut Report,
) -> Option<Vec<LabelValue>> {
    let expected = "an array of strings, or a table of values with their explanations";
    let mut values = Vec::new();
    match &value.value {
        Value::Array(items) => {
            for item in items {
                let text = match &item.value {
                    Value::Text(text) => Some(text.clone()),
                    _ => wrong_text(item, key, report),
                };
                values.extend(text.map(|text| bare(Spanned::new(text, item.span))));
            }
            // A list whose items are all invalid does not count as an empty list.
            if values.is_empty() && !items.is_empty() {
                return None;
            }
        }
        Value::Table(entries) => {
            for entry in entries {
                values.push(parse_label_value(entry, report));
            }
        }
        Value::Text(text) if !text.trim().is_empty() => {
            values = list_in_a_string(text, value.span, report);
        }
        _ => return wrong_type(value, key, expected, report),
    }
    Some(values)
}

/// Parses `values = "card, invoice"`.
fn list_in_a_string(text: &str, span: Span, report: &mut Report) -> Vec<LabelValue> {
    let (mut items, mut values) = (Vec::new(), Vec::new());
    for item in text.split(',') {
        let item = Spanned::new(item.trim().to_owned(), span);
        if !item.value.is_empty() {
            values.push(bare(item.clone()));
        }
        items.push(item);
    }
    let quoted = quoted_list(&items);
    let message = "`values` must be an array of strings, not a string";
    report
        .error(errors::WRONG_TYPE, span, message)
        .label(format!("expected an array: `values = [{quoted}]`"));
    values
}

/// Returns a value without other keys.
fn bare(value: Spanned<String>) -> LabelValue {
    LabelValue {
        value,
        ..LabelValue::default()
    }
}

/// Parses `VALUE = "meaning"`, or a table with more keys.
fn parse_label_value(entry: &Entry, report: &mut Report) -> LabelValue {
    let value = entry.key.clone();
    match &entry.value.value {
        Value::Text(help) => LabelValue {
            help: Field::Given(Given::of(entry, help.clone())),
            ..bare(value)
        },
        Value::Table(entries) => {
            let place = format!("the value `{}`", value.value);
            let mut keys = Reader::new(entries, &place, LabelValue::KEYS, report);
            LabelValue {
                value,
                ..LabelValue::read(&mut keys)
            }
        }
        _ => {
            let expected = "a string that explains the value";
            wrong_type::<()>(&entry.value, &value.value, expected, report);
            bare(value)
        }
    }
}

/// Parses a list of labels, each a name or `{ name = "shelf", optional = true }`.
pub(super) fn parse_label_list(
    value: &Node,
    key: &str,
    report: &mut Report,
) -> Option<Vec<ListedLabel>> {
    let mut labels = Vec::new();
    let always = |name| ListedLabel {
        name,
        optional: false,
    };
    let Value::Array(items) = &value.value else {
        for name in texts(value, key, report)? {
            labels.push(always(name));
        }
        return Some(labels);
    };
    for item in items {
        match &item.value {
            Value::Text(name) => labels.push(always(Spanned::new(name.clone(), item.span))),
            Value::Table(entries) => labels.extend(parse_label_use(entries, item.span, report)),
            _ => wrong_item(item, key, report),
        }
    }
    Some(labels)
}

fn parse_label_use(entries: &[Entry], span: Span, report: &mut Report) -> Option<ListedLabel> {
    let mut label = Reader::new(entries, "a label of the list", LABEL_USE, report);
    let (name, optional) = (label.text("name"), label.boolean("optional"));
    if name.is_absent() {
        let message = "a label in the list has no `name`";
        report
            .error(errors::MISSING_KEY, span, message)
            .label("expected `{ name = \"LABEL\", optional = true }`");
    }
    let name = name.given()?;
    Some(ListedLabel {
        name: Spanned::new(name.value.clone(), name.span),
        optional: optional.is_true(),
    })
}

pub(super) fn parse_with(value: &Node, key: &str, report: &mut Report) -> Option<Vec<ValueLabels>> {
    let Value::Table(entries) = &value.value else {
        let expected = "a table of values with their extra labels";
        return wrong_type(value, key, expected, report);
    };
    let mut with = Vec::new();
    for entry in entries {
        let value = entry.key.clone();
        if let Some(labels) = texts(&entry.value, &value.value, report) {
            with.push(ValueLabels { value, labels });
        }
    }
    Some(with)
}

pub(super) fn parse_open(value: &Node, key: &str, report: &mut Report) -> Option<Open> {
    // `open = true` and `open = 64` are likely mistakes. Both lack the key `max`, so the message shows the syntax.
    let Value::Table(entries) = &value.value else {
        let message = format!("`{key}` must be a table, not {}", value.value.describe());
        report
            .error(errors::WRONG_TYPE, value.span, message)
            .label("expected `{ max = 64 }`, with the maximum number of values in use at once");
        return None;
    };
    let mut open = Reader::new(entries, "`open`", Open::KEYS, report);
    Some(Open::read(&mut open))
}

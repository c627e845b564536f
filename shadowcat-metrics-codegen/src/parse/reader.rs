//! Reads one table key by key, and reports unknown keys and wrong types.

use super::ast::{Field, Given, Group, Texts};
use super::tree::{Entry, Node, Spanned, Value};
use crate::codes::{codes, errors};
use crate::diagnostic::{Diagnostic, Report, Reported};
use crate::fix::{Fix, quoted};
use crate::language::Keys;
use crate::source::Span;
use crate::{name, suggest};

/// 2^53: floats represent every integer up to this exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads the keys of one table.
#[derive(Debug)]
pub struct Reader<'t, 'r> {
    /// Each entry with the key that was meant. Correctly spelled entries come first.
    fields: Vec<(&'static str, &'t Entry)>,
    /// The keys that were read, unless their values have a wrong type, with their positions.
    pub(super) given: Vec<(&'static str, Span)>,
    /// The report for problems in the table.
    pub report: &'r mut Report,
}

impl<'t, 'r> Reader<'t, 'r> {
    /// Creates a reader. Reports every key that is not in `keys`, and replaces it with its near miss.
    /// `place` completes "is not a key of".
    pub fn new(entries: &'t [Entry], place: &str, keys: Keys, report: &'r mut Report) -> Self {
        let (mut fields, mut slips) = (Vec::new(), Vec::new());
        for entry in entries {
            let written = entry.key.value.as_str();
            if let Some(key) = keys.iter().find(|key| **key == written) {
                fields.push((*key, entry));
                continue;
            }
            let meant = intended_key(written, keys);
            report.push(unknown_key(entry, place, keys, meant));
            if let Some(key) = meant {
                slips.push((key, entry));
            }
        }
        fields.append(&mut slips);
        Self {
            fields,
            given: Vec::new(),
            report,
        }
    }

    /// Returns every entry for `key`. There may be several if one is misspelled.
    #[must_use]
    pub fn entries(&self, key: &str) -> Vec<&'t Entry> {
        let mut entries = Vec::new();
        for (name, entry) in &self.fields {
            if *name == key {
                entries.push(*entry);
            }
        }
        entries
    }

    /// Reads a key with `parse`.
    pub fn read<T>(&mut self, key: &str, parse: Parse<T>) -> Field<T> {
        let Some((name, entry)) = self.fields.iter().find(|(name, _)| *name == key) else {
            return Field::Absent;
        };
        match parse(&entry.value, key, self.report) {
            Some(value) => {
                self.given.push((name, entry.key.span));
                Field::Given(Given::of(entry, value))
            }
            None => Field::Invalid,
        }
    }

    /// Reads a string.
    pub fn text(&mut self, key: &str) -> Field<String> {
        self.read(key, |value, key, report| {
            text(value, key, report).map(str::to_owned)
        })
    }

    /// Reads `true` or `false`.
    pub fn boolean(&mut self, key: &str) -> Field<bool> {
        self.read(key, |value, key, report| match value.value {
            Value::Boolean(boolean) => Some(boolean),
            _ => wrong_type(value, key, BOOLEAN, report),
        })
    }

    /// Reads an integer.
    pub fn integer(&mut self, key: &str) -> Field<i64> {
        self.read(key, |value, key, report| match value.value {
            Value::Integer(integer) => Some(integer),
            // JSON Schema counts `2.0` as an integer. Floats are exact up to this limit.
            #[expect(clippy::cast_possible_truncation, reason = "it is an integer in range")]
            Value::Float(float) if float.fract() == 0.0 && float.abs() <= EXACT => {
                Some(float as i64)
            }
            _ => wrong_type(value, key, INTEGER, report),
        })
    }

    /// Reads an integer or a float.
    pub fn number(&mut self, key: &str) -> Field<f64> {
        self.read(key, number)
    }

    /// Reads an array of strings. A single string is reported, and becomes an array of one.
    pub fn texts(&mut self, key: &str) -> Field<Texts> {
        self.read(key, texts)
    }

    /// Reads a string or an array of strings.
    pub fn text_or_texts(&mut self, key: &str) -> Field<Texts> {
        self.read(key, text_or_texts)
    }
}

/// A parser for the value of a key. It takes the value, the key and the report, and returns `None` after it reports a wrong type.
pub type Parse<T> = fn(&Node, &str, &mut Report) -> Option<T>;

/// Parses a table of the language with `read`. `expected` describes the table.
pub(super) fn parse_table<T>(
    (value, key): (&Node, &str),
    expected: &str,
    keys: Keys,
    report: &mut Report,
    read: fn(&mut Reader<'_, '_>) -> T,
) -> Option<T> {
    let entries = table(value, key, expected, report)?;
    Some(read(&mut Reader::new(
        entries,
        &format!("`{key}`"),
        keys,
        report,
    )))
}

/// Reads an array of strings. A single string is reported, and becomes an array of one.
pub(super) fn texts(value: &Node, key: &str, report: &mut Report) -> Option<Texts> {
    if let Value::Table(entries) = &value.value {
        return keys_for_texts(entries, value, key, report);
    }
    if let Value::Text(text) = &value.value {
        let message = format!("`{key}` must be an array of strings");
        report
            .error(errors::WRONG_TYPE, value.span, message)
            .label(format!("expected an array: `{key} = [\"{text}\"]`"))
            .fix(Fix::replace(value.span, format!("[{}]", quoted(text))));
    }
    text_or_texts(value, key, report)
}

/// Handles a table in place of an array of strings, such as `labels = { shelf = "food" }`: its keys are
/// probably meant.
fn keys_for_texts(
    entries: &[Entry],
    value: &Node,
    key: &str,
    report: &mut Report,
) -> Option<Texts> {
    /// Readers skip a longer list.
    const SHOWN: usize = 4;
    if entries.is_empty() || entries.len() > SHOWN {
        return wrong_type(value, key, "an array of strings", report);
    }
    let mut keys = Texts::new();
    for entry in entries {
        keys.push(entry.key.clone());
    }
    let quoted = quoted_list(&keys);
    let message = format!("`{key}` must be an array of strings, not a table");
    report
        .error(errors::WRONG_TYPE, value.span, message)
        .label(format!("expected an array: `{key} = [{quoted}]`"));
    Some(keys)
}

/// Returns strings as they are written in an array.
pub(super) fn quoted_list(texts: &[Spanned<String>]) -> String {
    let mut list = Vec::new();
    for text in texts {
        list.push(quoted(&text.value));
    }
    list.join(", ")
}

/// Returns a string or an array of strings.
pub fn text_or_texts(value: &Node, key: &str, report: &mut Report) -> Option<Texts> {
    let items = match &value.value {
        Value::Text(_) => std::slice::from_ref(value),
        Value::Array(items) => items,
        _ => return wrong_type(value, key, "an array of strings", report),
    };
    let mut texts = Vec::new();
    for item in items {
        match &item.value {
            Value::Text(text) => texts.push(Spanned::new(text.clone(), item.span)),
            _ => wrong_item(item, key, report),
        }
    }
    Some(texts)
}

/// Returns a value's string, or reports another type.
pub fn text<'t>(value: &'t Node, key: &str, report: &mut Report) -> Option<&'t str> {
    match &value.value {
        Value::Text(text) => Some(text),
        _ => wrong_type(value, key, STRING, report),
    }
}

/// Returns a value's number, written as an integer or a float, or reports another type.
pub fn number(value: &Node, key: &str, report: &mut Report) -> Option<f64> {
    match value.value {
        Value::Float(float) => Some(float),
        Value::Integer(integer) => Some(integer as f64),
        _ => wrong_type(value, key, "a number", report),
    }
}

/// Returns a table's entries, or reports another type.
pub fn table<'t>(
    value: &'t Node,
    key: &str,
    expected: &str,
    report: &mut Report,
) -> Option<&'t [Entry]> {
    match &value.value {
        Value::Table(entries) => Some(entries),
        _ => wrong_type(value, key, expected, report),
    }
}

codes! {
    table UNKNOWN;

    UNKNOWN_KEY = "SM0004" "unknown-key": "unknown key",
    "The table has no such key. Unknown keys are never ignored, because a misspelled `help` or `max` would be ignored \
     too. To add a comment, start it with `#`.",
    example: r#"[metrics.http.requests]
type = "counter"
- hepl = "Requests answered."
+ help = "Requests answered."
"#;

    UNKNOWN_TABLE = "SM0005" "unknown-table": "unknown table",
    "A schema file has these tables: {tables}.",
    example: r#"- [metric.http.requests]
+ [metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;
}

/// Returns the key of a table of which a word is a misspelling or a synonym.
pub(super) fn intended_key(written: &str, keys: Keys) -> Option<&'static str> {
    let here = |synonym: &&&str| keys.contains(*synonym);
    suggest::nearest(written, keys.iter().copied())
        .or_else(|| synonyms(written).iter().find(here).copied())
}

/// Keys that only a file has, above its first table.
const HEADER: [&str; 3] = ["format", "namespace", "include"];

/// Reports an unknown key or table. `place` completes "is not a key of".
pub(super) fn unknown_key(
    entry: &Entry,
    place: &str,
    keys: Keys,
    meant: Option<&str>,
) -> Diagnostic {
    let written = &entry.key.value;
    let known = suggest::list(keys.iter().copied());
    let (code, noun) = match entry.value.value {
        Value::Table(_) => (errors::UNKNOWN_TABLE, "table"),
        _ => (errors::UNKNOWN_KEY, "key"),
    };
    let diagnostic = Diagnostic::error(
        code,
        entry.key.span,
        format!("unknown {noun} `{written}` in {place}"),
    );
    match meant {
        Some(meant) => diagnostic
            .label(format!("did you mean `{meant}`?"))
            .fix(Fix::replace(entry.key.span, meant)),
        None if keys == Group::KEYS && noun == "table" => diagnostic
            .label("metrics are not declared inside the table of their group")
            .help("declare a metric as `[metrics.GROUP.NAME]`"),
        None if HEADER.contains(&written.as_str()) => diagnostic
            .label(format!("here it is a key of the table above it: {place}"))
            .help("move it above the first table"),
        None if is_path(written, keys) => diagnostic
            .label("the quotes make this a single name that contains dots")
            .help(format!("remove the quotes: `[{written}]`"))
            .fix(Fix::replace(entry.key.span, written)),
        None => diagnostic
            .label(format!("{place} has no such {noun}"))
            .help(format!("remove it, or use {known}")),
    }
}

/// Returns whether a key is an unquoted path to a table below this one.
fn is_path(written: &str, keys: Keys) -> bool {
    let mut words = written.split('.');
    let first = words.next().unwrap_or_default();
    keys.contains(&first) && words.clone().count() > 0 && words.all(name::is_snake_case)
}

/// Returns the key and the table of an entry. If the entry only has tables that are one level too deep, reports each of them, and
/// returns them instead, with the intended keys. A table is too deep if it has a key in `signs` and its name is not in `of_item`, the
/// keys of a `noun`. `path` is the path of the table that contains the entry.
pub(super) fn intended<'t>(
    entry: &Entry,
    keys: &'t [Entry],
    signs: [&str; 2],
    path: &str,
    (noun, of_item): (&str, Keys),
    report: &mut Report,
) -> Vec<(Spanned<String>, &'t [Entry])> {
    let mut found = Vec::new();
    for below in keys {
        let is_sign = |key: &Entry| signs.contains(&key.key.value.as_str());
        match &below.value.value {
            Value::Table(keys)
                if keys.iter().any(is_sign) && !of_item.contains(&below.key.value.as_str()) =>
            {
                found.push((below.key.clone(), keys.as_slice()));
            }
            _ => return vec![(entry.key.clone(), keys)],
        }
    }
    if found.is_empty() {
        return vec![(entry.key.clone(), keys)];
    }
    let outer = &entry.key.value;
    let form = match path.split_once('.') {
        Some((section, _)) => format!("{section}.GROUP.NAME"),
        None => format!("{path}.NAME"),
    };
    for (key, _) in &mut found {
        let inner = &key.value;
        let message = format!("`[{path}.{outer}.{inner}]` is nested too deeply for a {noun}");
        let meant = format!("{outer}_{inner}");
        report
            .error(errors::UNKNOWN_TABLE, key.span, message)
            .label(format!("expected `[{path}.{meant}]`"))
            .help(format!(
                "declare a {noun} as `[{form}]`, with the words of the name joined by `_`"
            ));
        key.value = meant;
    }
    found
}

/// Returns our keys for a key of another tool. The first one that the table has is meant.
fn synonyms(key: &str) -> &'static [&'static str] {
    match key {
        "kind" | "instrument" | "metric_type" => &["type"],
        "description" | "desc" | "doc" | "docs" | "documentation" | "brief" => &["help"],
        "tags" | "attributes" | "dimensions" | "label_names" | "labelnames" => &["labels"],
        "exponential_buckets" => &["exponential"],
        "linear_buckets" => &["linear"],
        "bounds" | "boundaries" | "bucket_boundaries" | "explicit_bucket_boundaries" => {
            &["buckets"]
        }
        "variants" | "members" => &["values"],
        "limit" | "cardinality" => &["max"],
        "version" => &["format", "since"],
        "prefix" => &["namespace"],
        "metric_name" | "exposed_name" => &["name"],
        "imports" => &["include"],
        "replacement" | "instead" => &["use"],
        "reason" => &["note"],
        "condition" | "query" => &["expr"],
        "target" | "goal" => &["objective"],
        "filter" | "matchers" => &["where"],
        "below" | "threshold" => &["under"],
        "annotation" | "title" => &["summary"],
        "runbook_link" => &["runbook"],
        _ => &[],
    }
}

codes! {
    table WRONG;

    WRONG_TYPE = "SM0007" "wrong-type": "a value of the wrong type",
    "The value has a different type than the key needs. Versions and names are strings and need quotes. Most lists \
     need brackets, even with a single item.",
    example: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
- since = 0.4
+ since = "0.4.0"
"#;
}

const STRING: &str = "a string in quotes";
const BOOLEAN: &str = "`true` or `false`";
const INTEGER: &str = "an integer";

/// Reports a wrong type, and returns `None`.
pub fn wrong_type<T>(value: &Node, key: &str, expected: &str, report: &mut Report) -> Option<T> {
    wrong(value, &format!("`{key}`"), expected, report);
    None
}

/// Reports an item of an array that is not a string.
pub(super) fn wrong_item(value: &Node, key: &str, report: &mut Report) {
    wrong(value, &format!("each of `{key}`"), STRING, report);
}

/// Like [`wrong_item`], and returns the item as a string if quotes would make it right.
pub(super) fn wrong_text(value: &Node, key: &str, report: &mut Report) -> Option<String> {
    let problem = wrong(value, &format!("each of `{key}`"), STRING, report)?;
    let text = as_text(value)?;
    problem
        .label(format!("expected {STRING}: `\"{text}\"`"))
        .fix(Fix::replace_text(value.span, &text));
    Some(text)
}

/// Returns the problem, unless it is reported already.
fn wrong<'r>(
    value: &Node,
    subject: &str,
    expected: &str,
    report: &'r mut Report,
) -> Option<Reported<'r>> {
    let is_table = |item: &Node| matches!(item.value, Value::Table(_));
    let (mut hint, mut fix) = ("", None);
    match &value.value {
        Value::Unreadable => return None,
        Value::Text(text) => {
            let is_boolean = text == "true" || text == "false";
            if text.parse::<f64>().is_ok() || is_boolean {
                hint = ", without quotes";
            }
            let is_right = match expected {
                BOOLEAN => is_boolean,
                INTEGER => text
                    .parse::<u32>()
                    .is_ok_and(|number| *text == number.to_string()),
                _ => false,
            };
            fix = is_right.then(|| Fix::replace(value.span, text));
        }
        Value::Array(items) if expected.starts_with("a table") && items.iter().all(is_table) => {
            hint = ", in single brackets: `[...]`";
        }
        _ => {}
    }
    let found = value.value.describe();
    let message = format!("{subject} must be {expected}, not {found}");
    let problem = report
        .error(errors::WRONG_TYPE, value.span, message)
        .label(format!("expected {expected}{hint}"))
        .fix(fix);
    Some(problem)
}

/// Returns an integer or a boolean as the string that it would be in quotes.
fn as_text(value: &Node) -> Option<String> {
    let text = match value.value {
        Value::Integer(integer) => integer.to_string(),
        Value::Boolean(boolean) => boolean.to_string(),
        _ => return None,
    };
    // A different length means another notation, such as `0x10` or `1_000`.
    (text.len() == value.span.end - value.span.start).then_some(text)
}

#[test]
fn rules_of_keys_and_types() {
    crate::testing::rules(
        r#"
        ^namspace = 1 => unknown-key
        ^label.x = { help = "X.", values = ["a"] } => unknown-table
        ^dashboards.x = { a = 1 } => unknown-table
        metrics = ^3 => wrong-type
        ^[[metrics]] | help = "X." => wrong-type
        labels.x = ^3 => wrong-type
        groups.x = ^[] => wrong-type
        buckets.x = ^"a" => wrong-type
        defaults.series_budget = ^"many" => wrong-type
        defaults.allow = ^"unused-label" => wrong-type
        labels.x = { help = "X.", values = [^1, "a"] } => wrong-type
        labels.x = { help = "X.", open = ^64 } => wrong-type
        buckets.x = [1, ^"2"] => wrong-type
        buckets.x = { ^exponental = { start = 1, factor = 2, count = 3 } } => unknown-table
        ^alert.a = { summary = 1 } => unknown-table
        metrics.app = { hits = ^3 } => wrong-type
        metrics.app.x = { type = ^1, help = "X." } => wrong-type
        metrics.app.x = { type = "counter", ^description = "X." } => unknown-key
        x: counter, since = ^0.4 => wrong-type
        x: counter, renamed_from = ^"old" => wrong-type
        alerts.a = { expr = 1, unknown = {} } | slos = 5 | policy = [1] | operations = { externl = [] } =>
    "#,
    );
}

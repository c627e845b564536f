//! TOML as a tree in source order, with the position of every key and value.

use toml::de::{DeFloat, DeInteger, DeTable, DeValue};

use super::outline::{self, MAX_LEVELS};
use super::syntax;
use crate::codes::{codes, errors};
use crate::diagnostic::Report;
pub use crate::source::Spanned;
use crate::source::{Source, Span};

codes! {
    table TREE;

    INVALID_UTF8 = "SM0002" "invalid-utf8": "the file is not valid UTF-8",
    "A TOML file must be UTF-8. The message points at the first byte that is not part of a valid character; the excerpt shows \
     `�` in its place. Save the file as UTF-8 in your editor, or convert it from Latin-1 with `iconv -f latin1 -t utf-8 \
     metrics.toml > new.toml`. There is no example here, because an example would not be valid UTF-8.",
    // Examples are UTF-8, so no example can contain invalid bytes.
    wrong: "",
    right: "";

    NUMBER_OUT_OF_RANGE = "SM0008" "number-out-of-range": "a number out of range",
    "Integers have 64 bits, and floats are at most about 1.8e308. Some keys have a smaller range, which the message \
     shows.",
    example: "[defaults]
- series_budget = 0
+ series_budget = 500
";
}

/// A value of TOML.
#[derive(Debug)]
pub enum Value {
    /// A string.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date, a time, or both, as written.
    Datetime(String),
    /// An array.
    Array(Vec<Node>),
    /// A table, in source order.
    Table(Vec<Entry>),
    /// A number that no type can represent, which was reported.
    Unreadable,
}

/// A value with its position.
pub type Node = Spanned<Value>;

/// `key = value`, or a table under its header.
#[derive(Debug)]
pub struct Entry {
    /// The key, without quotes.
    pub key: Spanned<String>,
    /// The value.
    pub value: Node,
}

impl Value {
    /// Returns the name of the type for messages.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Boolean(_) => "a boolean",
            Self::Datetime(_) => "a date",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
            Self::Unreadable => "a number",
        }
    }
}

/// Parses a file's TOML. With syntax errors, the table contains what could be parsed.
pub(crate) fn parse_toml<'s>(source: &'s Source, report: &mut Report) -> DeTable<'s> {
    report_encoding(source, report);
    if let Some(at) = outline::too_deep(source.text()) {
        let message = format!("tables and arrays are nested more than {MAX_LEVELS} levels deep");
        report
            .error(errors::SYNTAX, Span::new(at, at + 1), message)
            .label("expected at most six levels");
        return DeTable::new();
    }
    let (table, syntax_errors) = DeTable::parse_recoverable(source.text());
    syntax::report(&syntax_errors, source, report);
    table.into_inner()
}

/// Reports a file in another encoding.
fn report_encoding(source: &Source, report: &mut Report) {
    let Some((first, more)) = source.invalid_utf8().split_first() else {
        return;
    };
    if source.is_utf16() {
        let message = "the file is in UTF-16, not in UTF-8";
        report
            .error(errors::INVALID_UTF8, *first, message)
            .label("from here on, the bytes are not UTF-8")
            .help("save the file as UTF-8, or convert it with `iconv -f utf-16 -t utf-8`");
        return;
    }
    let message = format!("the file is not valid UTF-8{}", more_places(more.len()));
    report
        .error(errors::INVALID_UTF8, *first, message)
        .label("these bytes are not a character")
        .help("save the file as UTF-8, or convert it from Latin-1 with `iconv -f latin1 -t utf-8`");
}

/// Returns the end of a message about some places, of which the first has the caret.
pub(super) fn more_places(more: usize) -> String {
    match more {
        0 => String::new(),
        1 => ", here and in 1 more place".to_owned(),
        more => format!(", here and in {more} more places"),
    }
}

/// Converts a table of the file whose text begins at `base`. Reports numbers that no type can represent.
pub(super) fn convert_table(table: &DeTable<'_>, base: usize, report: &mut Report) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (key, value) in table {
        let span = Span::from(key.span()).moved(base);
        entries.push(Entry {
            key: Spanned::new(key.get_ref().to_string(), span),
            value: convert(value, base, report),
        });
    }
    // The parser's map is sorted by name.
    entries.sort_unstable_by_key(|entry| entry.key.span);
    entries
}

/// Recurses no deeper than [`MAX_LEVELS`].
fn convert(value: &toml::Spanned<DeValue<'_>>, base: usize, report: &mut Report) -> Node {
    let span = Span::from(value.span()).moved(base);
    let value = match value.get_ref() {
        // A multi-line string has the same value in a file with CRLF line endings.
        DeValue::String(text) => Value::Text(text.replace("\r\n", "\n")),
        DeValue::Integer(integer) => convert_integer(integer, span, report),
        DeValue::Float(float) => convert_float(float, span, report),
        DeValue::Boolean(boolean) => Value::Boolean(*boolean),
        DeValue::Datetime(datetime) => Value::Datetime(datetime.to_string()),
        DeValue::Array(items) => {
            let mut values = Vec::new();
            for item in items {
                values.push(convert(item, base, report));
            }
            Value::Array(values)
        }
        DeValue::Table(table) => Value::Table(convert_table(table, base, report)),
    };
    Spanned::new(value, span)
}

fn convert_integer(integer: &DeInteger<'_>, span: Span, report: &mut Report) -> Value {
    if let Ok(value) = i64::from_str_radix(integer.as_str(), integer.radix()) {
        return Value::Integer(value);
    }
    let expected = "an integer of at most 64 bits";
    unreadable(&integer.to_string(), expected, span, report)
}

fn convert_float(float: &DeFloat<'_>, span: Span, report: &mut Report) -> Value {
    // Infinity by overflow is a mistake. Other checks report `inf` where a finite number is required.
    let is_inf = !float.as_str().contains(|c: char| c.is_ascii_digit());
    match float.as_str().parse::<f64>() {
        Ok(value) if value.is_finite() || is_inf => Value::Float(value),
        Ok(_) | Err(_) => unreadable(&float.to_string(), "a number below 1.8e308", span, report),
    }
}

fn unreadable(text: &str, expected: &str, span: Span, report: &mut Report) -> Value {
    let message = format!("the number `{}` is out of range", shorten(text));
    report
        .error(errors::NUMBER_OUT_OF_RANGE, span, message)
        .label(format!("expected {expected}"));
    Value::Unreadable
}

/// Shortens a number for a message: hostile input can contain a million digits.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(32) {
        Some((cut, _)) => format!("{}...", &text[..cut]),
        None => text.to_owned(),
    }
}

#[test]
fn rules_of_numbers() {
    crate::testing::rules(
        r#"
        defaults.series_budget = ^99999999999999999999 => number-out-of-range
        defaults.series_budget = ^0xFFFF_FFFF_FFFF_FFFF => number-out-of-range
        buckets.x = [1, ^1e999] => number-out-of-range
        defaults.series_budget = ^-1 => number-out-of-range
        defaults.series_budget = ^10_000_001 => number-out-of-range
        labels.x = { help = "X.", open = { max = ^-1 } } => number-out-of-range
    "#,
    );
}

//! The part of the schema language that a value in the file corresponds to. It defines the order of keys.

use shadowcat_metrics_codegen::language::{Table, Value};
use shadowcat_metrics_operations::sections;

/// The part of the language that a position corresponds to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// A value of the language.
    Known(&'static Value),
    /// A table of the language.
    Table(&'static Table),
    /// Unknown to the language, or a value without keys.
    Unknown,
}

impl Shape {
    pub(super) const fn of_table(table: &'static Table) -> Self {
        Self::Table(table)
    }

    /// Returns the language's table, if it is one.
    pub(super) fn fixed(self) -> Option<&'static Table> {
        match self {
            Self::Known(value) => table_in(value),
            Self::Table(table) => Some(table),
            Self::Unknown => None,
        }
    }

    /// Returns the shape of a key's value.
    pub(super) fn under(self, key: &str) -> Self {
        if let Some(table) = self.fixed() {
            return match table.key(key).map(|key| &key.value) {
                Some(Value::Section) => sections::value(key).map_or(Self::Unknown, Self::Known),
                Some(value) => Self::Known(value),
                None => Self::Unknown,
            };
        }
        match self {
            Self::Known(value) => named_in(value).map_or(Self::Unknown, Self::Known),
            Self::Table(_) | Self::Unknown => Self::Unknown,
        }
    }
}

fn table_in(value: &'static Value) -> Option<&'static Table> {
    match value {
        Value::Table(table) => Some(table),
        Value::Any(ways) => ways.iter().find_map(table_in),
        // The items are formatted with the shape of their list.
        Value::List(item) => table_in(item),
        Value::Text
        | Value::Words
        | Value::Version
        | Value::Sentence
        | Value::OneOf(_)
        | Value::Lint
        | Value::Boolean
        | Value::Integer(..)
        | Value::Number
        | Value::Named(_)
        | Value::Section
        | Value::Opaque => None,
    }
}

fn named_in(value: &'static Value) -> Option<&'static Value> {
    match value {
        Value::Named(each) => Some(each),
        Value::Any(ways) => ways.iter().find_map(named_in),
        Value::Text
        | Value::Words
        | Value::Version
        | Value::Sentence
        | Value::OneOf(_)
        | Value::Lint
        | Value::Boolean
        | Value::Integer(..)
        | Value::Number
        | Value::List(_)
        | Value::Table(_)
        | Value::Section
        | Value::Opaque => None,
    }
}

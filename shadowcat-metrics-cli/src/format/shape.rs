//! The part of the schema language that a value in the file corresponds to. It defines the order of keys.

use shadowcat_metrics_authoring::language::{Table, Value};
use shadowcat_metrics_operations::sections;

/// The part of the language that a position corresponds to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// A table of the language.
    Table(&'static Table),
    /// A table whose keys the author chooses. All values have this type.
    Named(&'static Value),
    /// Unknown to the language, or a value without keys.
    Unknown,
}

impl Shape {
    fn of(value: &'static Value) -> Self {
        match value {
            Value::Table(table) => Self::Table(table),
            Value::Named(each) => Self::Named(each),
            Value::Any(ways) => {
                let mut shapes = ways.iter().map(Self::of);
                let with_keys = shapes.find(|shape| !matches!(shape, Self::Unknown));
                with_keys.unwrap_or(Self::Unknown)
            }
            // The items are formatted with the shape of their list.
            Value::List(item) => Self::of(item),
            Value::Text
            | Value::Words
            | Value::Version
            | Value::Sentence
            | Value::OneOf(_)
            | Value::Lint
            | Value::Boolean
            | Value::Integer(..)
            | Value::Number
            | Value::Section
            | Value::Opaque => Self::Unknown,
        }
    }

    /// Returns the language's table, if it is one.
    pub(super) const fn fixed(self) -> Option<&'static Table> {
        match self {
            Self::Table(table) => Some(table),
            Self::Named(_) | Self::Unknown => None,
        }
    }

    /// Returns the shape of a key's value.
    pub(super) fn under(self, key: &str) -> Self {
        let value = match self {
            Self::Table(table) => match table.key(key).map(|key| &key.value) {
                Some(Value::Section) => sections::value(key),
                value => value,
            },
            Self::Named(each) => Some(each),
            Self::Unknown => None,
        };
        value.map_or(Self::Unknown, Self::of)
    }
}

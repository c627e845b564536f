//! Annotations: data for other programs. The compiler passes it on without interpreting it.

use std::fmt;

/// A table of annotations, in the order of the schema.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotations(pub Vec<(String, Annotation)>);

/// One annotation.
#[derive(Debug, Clone, PartialEq)]
pub enum Annotation {
    /// A string.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A float.
    Float(f64),
    /// `true` or `false`.
    Boolean(bool),
    /// A date, a time, or both, in the format of RFC 3339.
    Datetime(String),
    /// An array.
    List(Vec<Annotation>),
    /// A table.
    Table(Annotations),
}

impl fmt::Display for Annotations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (index, (key, value)) in self.0.iter().enumerate() {
            let comma = if index == 0 { " " } else { ", " };
            write!(f, "{comma}{key:?} = {value}")?;
        }
        f.write_str(if self.0.is_empty() { "}" } else { " }" })
    }
}

impl fmt::Display for Annotation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Integer(integer) => write!(f, "{integer}"),
            Self::Float(float) => write!(f, "{float:?}"),
            Self::Boolean(boolean) => write!(f, "{boolean}"),
            Self::Datetime(datetime) => f.write_str(datetime),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{item}")?;
                }
                f.write_str("]")
            }
            Self::Table(table) => write!(f, "{table}"),
        }
    }
}

//! Annotations: data for other programs. The compiler passes it on without interpreting it.

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

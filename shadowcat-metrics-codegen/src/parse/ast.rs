//! The parsed schema: every key with its value and position, before any reference is resolved.

use std::time::Duration;

use super::buckets::{parse_extent, parse_metric_buckets};
use super::labels::{parse_label_list, parse_label_values, parse_open, parse_with};
use super::metrics::parse_states;
use super::sections::{parse_annotations, parse_deprecated_value};
use super::tree::Entry;
pub(crate) use super::tree::Spanned;
use crate::model::Annotations;
use crate::source::Span;

/// A value that a key may have.
#[derive(Debug, Clone, Default)]
pub enum Field<T> {
    /// The key is missing.
    #[default]
    Absent,
    /// The key is present with a value of the wrong type, which was reported.
    Invalid,
    /// The key is present.
    Given(Given<T>),
}

/// A key and its value.
#[derive(Debug, Clone)]
pub struct Given<T> {
    /// The position of the key.
    pub key: Span,
    /// The value.
    pub value: T,
    /// The position of the value.
    pub span: Span,
}

impl<T> Given<T> {
    /// Returns an entry of a table with its parsed value.
    pub(super) fn of(entry: &Entry, value: T) -> Self {
        Self {
            key: entry.key.span,
            value,
            span: entry.value.span,
        }
    }
}

impl<T> Field<T> {
    /// Returns the value, if there is one of the right type.
    #[must_use]
    pub fn given(&self) -> Option<&Given<T>> {
        match self {
            Self::Given(given) => Some(given),
            Self::Absent | Self::Invalid => None,
        }
    }

    /// Returns the value without its position.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        self.given().map(|given| &given.value)
    }

    /// Returns whether the key is missing.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Invalid | Self::Given(_) => false,
        }
    }

    /// Returns the position of the value, if there is one.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.given().map(|given| given.span)
    }
}

impl Field<bool> {
    /// Returns whether the key is present and `true`.
    pub(crate) fn is_true(&self) -> bool {
        self.value() == Some(&true)
    }
}

impl<T> Field<Vec<T>> {
    /// Returns the items of an array; empty if there is none.
    #[must_use]
    pub fn items(&self) -> &[T] {
        self.value().map_or(&[], Vec::as_slice)
    }
}

/// The strings in an array.
pub type Texts = Vec<Spanned<String>>;

/// A whole `metrics.toml`.
#[derive(Default)]
pub(crate) struct Schema {
    pub(crate) format: Field<i64>,
    pub(crate) namespace: Field<String>,
    pub(crate) include: Field<Texts>,
    pub(crate) uses: Field<Texts>,
    pub(crate) defaults: Defaults,
    pub(crate) labels: Vec<Label>,
    pub(crate) buckets: Vec<NamedBuckets>,
    pub(crate) groups: Vec<Group>,
    pub(crate) metrics: Vec<Metric>,
    /// Whether it has sections that another crate owns and that an included file may have.
    pub(crate) has_sections: bool,
}

/// Declares structs for tables of the language, for this crate and those that own sections.
///
/// - `NAME: "a table such as ..."` also declares `NAME::parse`, for a table that is the value of a key.
/// - The fields before the braces are not read from the table.
/// - Each field in the braces has a key: `field = "key": Type, method(parser);`. `= "key"` is only written if the names differ.
///   `method` is a method of [`Reader`](crate::section::Reader).
#[doc(hidden)]
#[macro_export]
macro_rules! tables {
    ($(
        $(#[$about:meta])*
        $table:ident $(: $expected:literal)? $(, $(#[$about_other:meta])* $other:ident: $other_type:ty)* {
            $($field:ident $(= $key:literal)?: $type:ty, $read:ident $(($parse:expr))?;)*
        }
    )*) => {$(
        $(#[$about])*
        #[derive(Default)]
        pub(crate) struct $table {
            $($(#[$about_other])* pub(crate) $other: $other_type,)*
            $(pub(crate) $field: $crate::section::Field<$type>,)*
        }

        impl $table {
            /// The names of its keys.
            pub(crate) const KEYS: $crate::language::Keys =
                &[$($crate::tables!(@key $field $($key)?)),*];

            /// Reads the keys, and leaves the other fields empty.
            pub(super) fn read(table: &mut $crate::section::Reader<'_, '_>) -> Self {
                $(let $field = table.$read($crate::tables!(@key $field $($key)?) $(, $parse)?);)*
                Self {
                    $($field,)*
                    $($other: Default::default(),)*
                }
            }
        }

        $(impl $table {
            pub(super) fn parse(
                value: &$crate::section::Node,
                key: &str,
                report: &mut $crate::Report,
            ) -> Option<Self> {
                $crate::parse::reader::parse_table(
                    (value, key),
                    $expected,
                    Self::KEYS,
                    report,
                    Self::read,
                )
            }
        })?
    )*};
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
}

tables! {
    /// `[defaults]`.
    Defaults {
        owner: String, text;
        stability: String, text;
        series_budget: i64, integer;
        allow: Texts, texts;
    }

    /// `[labels.NAME]`.
    Label,
    key: Spanned<String>,
    /// Whether an error in the table was reported.
    has_errors: bool,
    /// The keys with a valid value.
    given: Vec<(&'static str, Span)> {
        help: String, text;
        values: Vec<LabelValue>, read(parse_label_values);
        open: Open, read(parse_open);
        of: String, text;
        with: Vec<ValueLabels>, read(parse_with);
        extensible: bool, boolean;
        fallback: String, text;
        examples: Texts, texts;
        name: String, text;
        otel: String, text;
        stability: String, text;
        note: String, text;
        annotations: Annotations, read(parse_annotations);
        allow: Texts, texts;
    }

    /// One of a closed label's values.
    LabelValue, value: Spanned<String> {
        help: String, text;
        bad: bool, boolean;
        since: String, text;
        deprecated: Deprecated, read(parse_deprecated_value);
        renamed_from: Rename, read(Rename::parse);
    }

    /// `renamed_from = { name, until }`.
    Rename: "a table such as `{ name = \"former_name\", until = \"2.0.0\" }`" {
        name: String, text;
        until: String, text;
    }

    /// `deprecated = { since, use, note, remove_in }`.
    Deprecated: "a table such as `{ since = \"1.2.0\", use = \"group.metric\", note = \"Why.\" }`" {
        since: String, text;
        replacement = "use": String, text;
        note: String, text;
        remove_in: String, text;
    }

    /// `open = { max, overflow }`.
    Open {
        max: i64, integer;
        overflow: String, text;
    }

    /// `native = { factor, from, to }`.
    Native: "a table such as `{ factor = 1.1, from = \"100us\", to = \"60s\" }`" {
        factor: f64, number;
        from: Extent, read(parse_extent);
        to: Extent, read(parse_extent);
    }

    /// `[groups.NAME]`.
    Group,
    name: Spanned<String>,
    /// Whether an error in the table was reported.
    has_errors: bool {
        help: String, text;
        labels: Vec<ListedLabel>, read(parse_label_list);
        note: String, text;
        annotations: Annotations, read(parse_annotations);
        allow: Texts, texts;
    }

    /// `[metrics.GROUP.NAME]`.
    Metric,
    group: Spanned<String>,
    key: Spanned<String>,
    /// Whether an error in the table was reported.
    has_errors: bool,
    /// The keys with a valid value.
    given: Vec<(&'static str, Span)> {
        kind = "type": String, text;
        help: String, text;
        unit: String, text;
        labels: Vec<ListedLabel>, read(parse_label_list);
        buckets: MetricBuckets, read(parse_metric_buckets);
        native: Native, read(Native::parse);
        quantiles: bool, boolean;
        exemplars: bool, boolean;
        states: String, read(parse_states);
        callback: bool, boolean;
        bad: bool, boolean;
        numerator: Texts, text_or_texts;
        denominator: Texts, text_or_texts;
        name: String, text;
        otel: String, text;
        stability: String, text;
        since: String, text;
        owner: String, text;
        deprecated: Deprecated, read(Deprecated::parse);
        renamed_from: Rename, read(Rename::parse);
        note: String, text;
        annotations: Annotations, read(parse_annotations);
        allow: Texts, texts;
    }
}

/// A label in the list of a group or metric.
pub(crate) struct ListedLabel {
    pub(crate) name: Spanned<String>,
    /// Whether series may lack it.
    pub(crate) optional: bool,
}

/// An entry of a sum label's `with`: a value, and the labels that its series have in addition.
pub(crate) struct ValueLabels {
    pub(crate) value: Spanned<String>,
    pub(crate) labels: Texts,
}

/// `NAME = ...` under `[buckets]`.
pub(crate) struct NamedBuckets {
    pub(crate) name: Spanned<String>,
    /// `None` if its shape is wrong, which was reported.
    pub(crate) buckets: Option<Spanned<BucketSet>>,
}

/// Bounds of classic buckets, and the native buckets that a set may also have.
pub(crate) struct BucketSet {
    pub(crate) bounds: Buckets,
    pub(crate) native: Field<Native>,
}

/// An end of a range of values.
#[derive(Clone, Copy)]
pub(crate) enum Extent {
    /// In the unit of the values.
    Number(f64),
    /// A string such as `100us`.
    Duration(Duration),
}

/// The ways to write bounds.
pub(crate) enum Buckets {
    List(Vec<Spanned<f64>>),
    Exponential(Progression),
    Linear(Progression),
}

/// `{ start, factor, count }` or `{ start, width, count }`.
pub(crate) struct Progression {
    pub(crate) start: Field<f64>,
    /// The factor or the width.
    pub(crate) step: Field<f64>,
    pub(crate) count: Field<i64>,
}

/// A histogram's `buckets`.
pub(crate) enum MetricBuckets {
    Named(String),
    Inline(Box<BucketSet>),
}

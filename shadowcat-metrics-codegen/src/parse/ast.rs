//! The parsed schema: every key with its value and position, before any reference is resolved.

use std::time::Duration;

use super::buckets::{parse_extent, parse_metric_buckets, parse_native};
use super::labels::{parse_label_values, parse_open, parse_with};
use super::metrics::parse_states;
use super::sections::{parse_annotations, parse_rename};
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

impl<T> Field<T> {
    /// Returns the value, if there is one of the right type.
    #[must_use]
    pub fn given(&self) -> Option<&Given<T>> {
        match self {
            Self::Given(given) => Some(given),
            Self::Absent | Self::Invalid => None,
        }
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

/// The strings in an array.
pub type Texts = Vec<Spanned<String>>;

/// A whole `metrics.toml`.
#[derive(Debug, Default)]
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

/// Declares structs for tables of the language, for this crate and those that own sections. Before the braces are the fields
/// that are not a key's value; inside them is a field for each key, with the key where its name differs, and the method of
/// [`Reader`](crate::section::Reader) that reads it.
#[doc(hidden)]
#[macro_export]
macro_rules! tables {
    ($(
        $(#[$about:meta])*
        $table:ident $(, $(#[$about_other:meta])* $other:ident: $other_type:ty)* {
            $($field:ident $(= $key:literal)?: $type:ty, $read:ident $(($parse:expr))?;)*
        }
    )*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Default)]
        pub(crate) struct $table {
            $($(#[$about_other])* pub(crate) $other: $other_type,)*
            $(pub(crate) $field: $crate::section::Field<$type>,)*
        }

        impl $table {
            /// Reads the keys, and leaves the other fields empty.
            pub(super) fn read(table: &mut $crate::section::Reader<'_, '_>) -> Self {
                $(let $field = table.$read($crate::tables!(@key $field $($key)?) $(, $parse)?);)*
                Self {
                    $($field,)*
                    $($other: Default::default(),)*
                }
            }
        }
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
    /// The keys with a valid value.
    given: Vec<(&'static str, Span)>,
    notes: Notes {
        name: String, text;
        help: String, text;
        values: Vec<LabelValue>, read(parse_label_values);
        open: Open, read(parse_open);
        of: String, text;
        with: Vec<ValueLabels>, read(parse_with);
        extensible: bool, boolean;
        fallback: String, text;
        examples: Texts, texts;
        otel: String, text;
        stability: String, text;
        allow: Texts, texts;
    }

    /// One of a closed label's values.
    LabelValue, value: Spanned<String>, help: Option<String>, deprecated: Field<Deprecated> {
        bad: bool, boolean;
        since: String, text;
        renamed_from: Rename, read(parse_rename);
    }

    /// `{ name, optional }` in a list of labels.
    LabelUse {
        name: String, text;
        optional: bool, boolean;
    }

    /// Texts and data in addition to a label's, group's or metric's help.
    Notes {
        note: String, text;
        annotations: Annotations, read(parse_annotations);
    }

    /// `renamed_from = { name, until }`.
    Rename {
        name: String, text;
        until: String, text;
    }

    /// `deprecated = { since, use, note, remove_in }`.
    Deprecated {
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
    Native {
        factor: f64, number;
        from: Extent, read(|value, report| parse_extent(value, "from", report));
        to: Extent, read(|value, report| parse_extent(value, "to", report));
    }

    /// `[groups.NAME]`.
    Group,
    name: Spanned<String>,
    labels: Field<Texts>,
    /// Positions in `labels` of the optional ones.
    optional: Vec<Span>,
    notes: Notes {
        help: String, text;
        allow: Texts, texts;
    }

    /// `[metrics.GROUP.NAME]`.
    Metric,
    group: Spanned<String>,
    key: Spanned<String>,
    /// The keys with a valid value.
    given: Vec<(&'static str, Span)>,
    labels: Field<Texts>,
    /// Positions in `labels` of the optional ones.
    optional: Vec<Span>,
    deprecated: Field<Deprecated>,
    notes: Notes {
        kind = "type": String, text;
        help: String, text;
        unit: String, text;
        buckets: MetricBuckets, read(parse_metric_buckets);
        native: Native, read(parse_native);
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
        renamed_from: Rename, read(parse_rename);
        allow: Texts, texts;
    }
}

/// An entry of a sum label's `with`: a value, and the labels that its series have in addition.
#[derive(Debug, Clone)]
pub(crate) struct ValueLabels {
    pub(crate) value: Spanned<String>,
    pub(crate) labels: Texts,
}

/// `NAME = ...` under `[buckets]`.
#[derive(Debug)]
pub(crate) struct NamedBuckets {
    pub(crate) name: Spanned<String>,
    /// `None` if its shape is wrong, which was reported.
    pub(crate) buckets: Option<Spanned<BucketSet>>,
}

/// Bounds of classic buckets, and the native buckets that a set may also have.
#[derive(Debug, Clone)]
pub(crate) struct BucketSet {
    pub(crate) bounds: Buckets,
    pub(crate) native: Field<Native>,
}

/// An end of a range of values.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Extent {
    /// In the unit of the values.
    Number(f64),
    /// A string such as `100us`.
    Duration(Duration),
}

/// The ways to write bounds.
#[derive(Debug, Clone)]
pub(crate) enum Buckets {
    List(Vec<Spanned<f64>>),
    Exponential(Progression),
    Linear(Progression),
}

/// `{ start, factor, count }` or `{ start, width, count }`.
#[derive(Debug, Clone)]
pub(crate) struct Progression {
    pub(crate) start: Field<f64>,
    /// The factor or the width.
    pub(crate) step: Field<f64>,
    pub(crate) count: Field<i64>,
}

/// A histogram's `buckets`.
#[derive(Debug, Clone)]
pub(crate) enum MetricBuckets {
    Named(String),
    Inline(Box<BucketSet>),
}

//! The parsed schema: every key with its value and position, before any reference is resolved.

use std::time::Duration;

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

/// `[defaults]`.
#[derive(Debug, Default)]
pub(crate) struct Defaults {
    pub(crate) owner: Field<String>,
    pub(crate) stability: Field<String>,
    pub(crate) series_budget: Field<i64>,
    pub(crate) allow: Field<Texts>,
}

/// `[labels.NAME]`.
#[derive(Debug)]
pub(crate) struct Label {
    pub(crate) key: Spanned<String>,
    /// The keys with a valid value.
    pub(crate) given: Vec<(&'static str, Span)>,
    pub(crate) name: Field<String>,
    pub(crate) help: Field<String>,
    pub(crate) values: Field<Vec<LabelValue>>,
    pub(crate) open: Field<Open>,
    pub(crate) of: Field<String>,
    pub(crate) with: Field<Vec<ValueLabels>>,
    pub(crate) extensible: Field<bool>,
    pub(crate) fallback: Field<String>,
    pub(crate) examples: Field<Texts>,
    pub(crate) otel: Field<String>,
    pub(crate) stability: Field<String>,
    pub(crate) notes: Notes,
    pub(crate) allow: Field<Texts>,
}

/// An entry of a sum label's `with`: a value, and the labels that its series have in addition.
#[derive(Debug)]
pub(crate) struct ValueLabels {
    pub(crate) value: Spanned<String>,
    pub(crate) labels: Texts,
}

/// One of a closed label's values.
#[derive(Debug, Clone)]
pub(crate) struct LabelValue {
    pub(crate) value: Spanned<String>,
    pub(crate) help: Option<String>,
    pub(crate) bad: Field<bool>,
    pub(crate) since: Field<String>,
    pub(crate) deprecated: Field<Deprecated>,
    pub(crate) renamed_from: Field<Rename>,
}

/// Texts and data in addition to a label's, group's or metric's help.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) note: Field<String>,
    pub(crate) annotations: Field<Annotations>,
}

impl LabelValue {
    /// Creates a value without further keys.
    pub(crate) const fn bare(value: Spanned<String>) -> Self {
        Self {
            value,
            help: None,
            bad: Field::Absent,
            since: Field::Absent,
            deprecated: Field::Absent,
            renamed_from: Field::Absent,
        }
    }
}

/// `renamed_from = { name, until }`.
#[derive(Debug, Clone)]
pub(crate) struct Rename {
    pub(crate) name: Field<String>,
    pub(crate) until: Field<String>,
}

/// `open = { max, overflow }`.
#[derive(Debug, Clone)]
pub(crate) struct Open {
    pub(crate) max: Field<i64>,
    pub(crate) overflow: Field<String>,
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

/// `native = { factor, from, to }`.
#[derive(Debug, Clone)]
pub(crate) struct Native {
    pub(crate) factor: Field<f64>,
    pub(crate) from: Field<Extent>,
    pub(crate) to: Field<Extent>,
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
    Exponential {
        start: Field<f64>,
        factor: Field<f64>,
        count: Field<i64>,
    },
    Linear {
        start: Field<f64>,
        width: Field<f64>,
        count: Field<i64>,
    },
}

/// `[groups.NAME]`.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) name: Spanned<String>,
    pub(crate) help: Field<String>,
    pub(crate) labels: Field<Texts>,
    /// Positions in `labels` of the optional ones.
    pub(crate) optional: Vec<Span>,
    pub(crate) notes: Notes,
    pub(crate) allow: Field<Texts>,
}

/// `[metrics.GROUP.NAME]`.
#[derive(Debug)]
pub(crate) struct Metric {
    pub(crate) group: Spanned<String>,
    pub(crate) key: Spanned<String>,
    /// The keys with a valid value.
    pub(crate) given: Vec<(&'static str, Span)>,
    pub(crate) kind: Field<String>,
    pub(crate) help: Field<String>,
    pub(crate) unit: Field<String>,
    pub(crate) labels: Field<Texts>,
    /// Positions in `labels` of the optional ones.
    pub(crate) optional: Vec<Span>,
    pub(crate) buckets: Field<MetricBuckets>,
    pub(crate) native: Field<Native>,
    pub(crate) quantiles: Field<bool>,
    pub(crate) exemplars: Field<bool>,
    pub(crate) states: Field<String>,
    pub(crate) callback: Field<bool>,
    pub(crate) bad: Field<bool>,
    pub(crate) numerator: Field<Texts>,
    pub(crate) denominator: Field<Texts>,
    pub(crate) name: Field<String>,
    pub(crate) otel: Field<String>,
    pub(crate) stability: Field<String>,
    pub(crate) since: Field<String>,
    pub(crate) owner: Field<String>,
    pub(crate) deprecated: Field<Deprecated>,
    pub(crate) renamed_from: Field<Rename>,
    pub(crate) notes: Notes,
    pub(crate) allow: Field<Texts>,
}

/// A histogram's `buckets`.
#[derive(Debug, Clone)]
pub(crate) enum MetricBuckets {
    Named(String),
    Inline(Box<BucketSet>),
}

/// `deprecated = { since, use, note, remove_in }`.
#[derive(Debug, Clone)]
pub(crate) struct Deprecated {
    pub(crate) since: Field<String>,
    pub(crate) replacement: Field<String>,
    pub(crate) note: Field<String>,
    pub(crate) remove_in: Field<String>,
}

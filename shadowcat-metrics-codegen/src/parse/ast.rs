//! The schema as written: every key of the language with its value and place, nothing resolved, nothing final.

pub(crate) use super::tree::Spanned;
use crate::model::Annotations;
use crate::source::Span;

/// A value that a key may have.
#[derive(Debug, Clone, Default)]
pub enum Field<T> {
    /// The key is not there.
    #[default]
    Absent,
    /// The key is there with a value of a wrong type, which is already reported.
    Invalid,
    /// The key is there.
    Given(Given<T>),
}

/// A key and its value.
#[derive(Debug, Clone)]
pub struct Given<T> {
    /// The key.
    pub key: Span,
    /// What it holds.
    pub value: T,
    /// The value.
    pub span: Span,
}

impl<T> Field<T> {
    /// The value, if there is one of the right type.
    #[must_use]
    pub fn given(&self) -> Option<&Given<T>> {
        match self {
            Self::Given(given) => Some(given),
            Self::Absent | Self::Invalid => None,
        }
    }

    /// Whether the key must still be asked for.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Invalid | Self::Given(_) => false,
        }
    }

    /// Where the value is written, if it is.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.given().map(|given| given.span)
    }
}

/// Strings of an array.
pub type Texts = Vec<Spanned<String>>;

/// A whole `metrics.toml`.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    pub(crate) format: Field<i64>,
    pub(crate) namespace: Field<String>,
    pub(crate) include: Field<Texts>,
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
    pub(crate) name: Spanned<String>,
    pub(crate) help: Field<String>,
    pub(crate) values: Field<Vec<LabelValue>>,
    pub(crate) open: Field<Open>,
    pub(crate) extensible: Field<bool>,
    pub(crate) fallback: Field<String>,
    pub(crate) examples: Field<Texts>,
    pub(crate) stability: Field<String>,
    pub(crate) notes: Notes,
    pub(crate) allow: Field<Texts>,
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

/// What labels, groups and metrics may have beside their help.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    pub(crate) note: Field<String>,
    pub(crate) annotations: Field<Annotations>,
}

impl LabelValue {
    /// A value of which nothing is said.
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
    /// None if its shape is wrong, which is already reported.
    pub(crate) buckets: Option<Spanned<Buckets>>,
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
    pub(crate) notes: Notes,
    pub(crate) allow: Field<Texts>,
}

/// `[metrics.GROUP.NAME]`.
#[derive(Debug)]
pub(crate) struct Metric {
    pub(crate) group: Spanned<String>,
    pub(crate) key: Spanned<String>,
    pub(crate) kind: Field<String>,
    pub(crate) help: Field<String>,
    pub(crate) unit: Field<String>,
    pub(crate) labels: Field<Texts>,
    pub(crate) buckets: Field<MetricBuckets>,
    pub(crate) quantiles: Field<bool>,
    pub(crate) states: Field<String>,
    pub(crate) callback: Field<bool>,
    pub(crate) bad: Field<bool>,
    pub(crate) numerator: Field<Texts>,
    pub(crate) denominator: Field<Texts>,
    pub(crate) name: Field<String>,
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
    Inline(Buckets),
}

/// `deprecated = { since, use, note, remove_in }`.
#[derive(Debug, Clone)]
pub(crate) struct Deprecated {
    pub(crate) since: Field<String>,
    pub(crate) replacement: Field<String>,
    pub(crate) note: Field<String>,
    pub(crate) remove_in: Field<String>,
}

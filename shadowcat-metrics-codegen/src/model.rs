//! The checked model: what a valid `metrics.toml` means, with every reference resolved and every name final.
//!
//! `check` builds it, lints and outputs read it. Nothing here knows TOML.
//! Vectors are in source order and ids are positions in them, so every output is deterministic.

mod kind;
mod lifecycle;
mod metric;
mod unit;

use semver::Version;

use crate::source::Span;
pub use kind::{Kind, KindSpec, Operand, Storage, Units};
pub use lifecycle::{Deprecation, Former, Stability};
pub use unit::{Measure, Unit};

/// A whole schema. Every id in it points into its own vectors.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    /// Tells schemas apart: equal for those who have compiled the same text.
    pub fingerprint: u64,
    /// First part of every exposed name.
    pub namespace: String,
    /// Most series that all metrics together may expose, in the worst case.
    pub series_budget: u64,
    /// Label sets, in source order, then the library's own.
    pub labels: Vec<Label>,
    /// Named bucket sets, in source order, then those written inside a metric.
    pub bucket_sets: Vec<BucketSet>,
    /// Groups, in source order, then the library's own.
    pub groups: Vec<Group>,
    /// Metrics, in source order, then the library's own.
    pub metrics: Vec<Metric>,
    /// Which of `metrics` the library reports about itself with; only those that this schema needs.
    pub own_metrics: Vec<(OwnMetric, MetricId)>,
    /// Lints allowed for the whole file, by `[defaults] allow`.
    pub allow: Vec<Allow>,
}

/// Position of a [`Label`] in [`Registry::labels`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId(pub usize);
/// Position of a [`BucketSet`] in [`Registry::bucket_sets`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BucketSetId(pub usize);
/// Position of a [`Group`] in [`Registry::groups`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub usize);
/// Position of a [`Metric`] in [`Registry::metrics`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricId(pub usize);

/// A label and the values it may take; `[labels.transport]` in the schema.
#[derive(Debug, Clone)]
pub struct Label {
    /// Key in the schema and name of the Prometheus label: `transport`.
    pub name: String,
    /// What the label means, one sentence.
    pub help: String,
    /// The values it may take.
    pub values: LabelValues,
    /// How firmly it is promised: [`Stability::Experimental`] or [`Stability::Stable`].
    pub stability: Stability,
    /// Lints allowed for this label.
    pub allow: Vec<Allow>,
    /// Who declared it.
    pub origin: Origin,
    /// The key in the schema.
    pub span: Span,
}

/// The bound that every label has.
#[derive(Debug, Clone)]
pub enum LabelValues {
    /// A fixed list, which becomes a Rust enum.
    Closed(Vec<LabelValue>),
    /// Any string, interned into at most `max` values at a time.
    Open {
        /// Most values alive at once, the overflow value not counted.
        max: u32,
        /// Value that the surplus is recorded under.
        overflow: String,
    },
}

/// One value of a closed label.
#[derive(Debug, Clone)]
pub struct LabelValue {
    /// As exposed: `streamable-http`.
    pub value: String,
    /// The Rust variant: `StreamableHttp`.
    pub variant: String,
    /// What the value means, where the schema says.
    pub help: Option<String>,
    /// What the value was before, if it is still exposed as that too.
    pub former: Option<Former>,
    /// The value in the schema.
    pub span: Span,
}

/// Histogram bounds, shared by name or written in a metric.
#[derive(Debug, Clone)]
pub struct BucketSet {
    /// Name under `[buckets]`; none for bounds written inside a metric.
    pub name: Option<String>,
    /// Upper bounds, finite, strictly increasing, without `+Inf`, in the base unit (seconds, bytes).
    pub bounds: Vec<f64>,
    /// The key in the schema, or the list where it is written inside a metric.
    pub span: Span,
}

/// One recorder struct: metrics that share labels; `[groups.buffer_pool]` in the schema.
#[derive(Debug, Clone)]
pub struct Group {
    /// Key in the schema and second part of the exposed names: `buffer_pool`.
    pub name: String,
    /// What the group measures, one sentence.
    pub help: String,
    /// Labels bound once, when the recorder is made.
    pub labels: Vec<LabelId>,
    /// Lints allowed for this group.
    pub allow: Vec<Allow>,
    /// Who declared it.
    pub origin: Origin,
    /// The key in the schema.
    pub span: Span,
}

/// One metric family; `[metrics.buffer_pool.hits]` in the schema.
#[derive(Debug, Clone)]
pub struct Metric {
    /// The group it belongs to.
    pub group: GroupId,
    /// Key in the schema and name of the Rust method: `hits`.
    pub key: String,
    /// Name as exposed in the Prometheus text format: `shadowcat_buffer_pool_hits_total`.
    pub exposed: String,
    /// True if `name = "..."` set `exposed`, so that the naming rules did not.
    pub name_is_exact: bool,
    /// What it measures, one sentence.
    pub help: String,
    /// What kind of metric it is.
    pub kind: Kind,
    /// What its value is measured in.
    pub unit: Unit,
    /// All its labels: the group's, then its own. An info metric's own labels are its facts.
    pub labels: Vec<LabelId>,
    /// How many of `labels`, from the front, are bound by the group.
    pub group_labels: usize,
    /// Whether rules record its quantiles; only for a histogram.
    pub quantiles: bool,
    /// How firmly its name and labels are promised.
    pub stability: Stability,
    /// Version that introduced it.
    pub since: Option<Version>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Set when it is on its way out.
    pub deprecated: Option<Deprecation>,
    /// The name that it was exposed under before, if it still is.
    pub former: Option<Former>,
    /// Lints allowed for this metric.
    pub allow: Vec<Allow>,
    /// Who declared it.
    pub origin: Origin,
    /// Where its parts stand in the schema.
    pub spans: MetricSpans,
}

/// Positions that lints and later checks point at. A part that is not written has the metric's key as its span.
#[derive(Debug, Clone, Copy, Default)]
pub struct MetricSpans {
    /// The metric's key in the table header.
    pub key: Span,
    /// The value of `help`.
    pub help: Span,
    /// The value of `type`.
    pub kind: Span,
    /// The value of `unit`.
    pub unit: Span,
    /// The value of `name`.
    pub name: Span,
    /// The value of `labels`.
    pub labels: Span,
    /// The value of `buckets`.
    pub buckets: Span,
}

/// One entry of an `allow` list: the lint's name and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// Name of the lint.
    pub lint: String,
    /// The string in the schema.
    pub span: Span,
}

/// Who declared an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Origin {
    /// The schema's author.
    #[default]
    Schema,
    /// This library, for what it must report about itself.
    Library,
}

/// What a metric of the library's own is for, so that the runtime can find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OwnMetric {
    /// Values that went to an open label's overflow value.
    LabelOverflow,
    /// Values that were not recorded because they were not valid (NaN, negative, outside 0..=1).
    RejectedValues,
}

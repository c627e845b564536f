//! The checked model: the meaning of a valid `metrics.toml`, with resolved references and final names.
//!
//! `check` builds it; lints and outputs read it. It does not depend on TOML. Vectors are in source order and
//! ids are positions in them, so every output is deterministic.

use std::fmt;

use semver::Version;

use crate::source::{Span, Spanned};

pub use annotations::{Annotation, Annotations};
pub use kind::{Change, Kind, KindSpec, Operand, Storage, Units};
pub use native::{Boundary, Native};
pub use sums::{Argument, Part, PartLabel, Sum, SumId, SumUse};
pub use unit::{Encoding, Measure, Unit};

mod annotations;
mod kind;
mod native;
mod sums;
mod unit;

/// A whole schema. Its ids refer to its own vectors.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    /// Identifies the schema: the same text has the same fingerprint.
    pub fingerprint: u64,
    /// First part of every exposed name.
    pub namespace: String,
    /// Crates of the program that have their own schemas, by their names in Cargo.
    pub uses: Vec<Spanned<String>>,
    /// Limit on the number of series of all metrics together.
    pub series_budget: u64,
    /// Label sets, in source order, then the library's own.
    pub labels: Vec<Label>,
    /// Sum labels, each after those that it contains.
    pub sums: Vec<Sum>,
    /// Named bucket sets, in source order, then those written inside a metric.
    pub bucket_sets: Vec<BucketSet>,
    /// Groups, in source order, then the library's own.
    pub groups: Vec<Group>,
    /// Metrics, in source order, then the library's own.
    pub metrics: Vec<Metric>,
    /// The built-in metrics among `metrics`; only those that this schema needs.
    pub own_metrics: Vec<(OwnMetric, MetricId)>,
    /// Lints allowed for the whole file, by `[defaults] allow`.
    pub allow: Vec<Spanned<String>>,
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

/// A label and its possible values; `[labels.transport]` in the schema.
#[derive(Debug, Clone)]
pub struct Label {
    /// Key in the schema, from which the names in Rust are made: `kind`.
    pub key: String,
    /// Name of the Prometheus label: `type`. Usually the key.
    pub name: String,
    /// Description of the label, in one sentence.
    pub help: String,
    /// Its possible values.
    pub values: LabelValues,
    /// Whether releases may add values to a closed label without a breaking change.
    pub is_extensible: bool,
    /// Position of the value for strings that are not a value of the closed label.
    pub fallback: Option<usize>,
    /// Example values of an open label, for the documents.
    pub examples: Vec<String>,
    /// OpenTelemetry's name of the attribute, if the schema has one. [`otel_label_name`](crate::name::otel_label_name)
    /// returns the name that is used.
    pub otel: Option<Spanned<String>>,
    /// Stability of its name and values: [`Stability::Experimental`] or [`Stability::Stable`].
    pub stability: Stability,
    /// Additional explanation and annotations.
    pub notes: Notes,
    /// Lints allowed for this label.
    pub allow: Vec<Spanned<String>>,
    /// Who declared it.
    pub origin: Origin,
    /// The key in the schema.
    pub span: Span,
    /// The exposed name in the schema, or else the key.
    pub name_span: Span,
}

/// The possible values of a label.
#[derive(Debug, Clone)]
pub enum LabelValues {
    /// A fixed list, which becomes a Rust enum.
    Closed(Vec<LabelValue>),
    /// Any string, interned into at most `max` values at a time.
    Open {
        /// Maximum number of concurrent values, without the overflow value.
        max: u32,
        /// Value for all strings beyond `max`.
        overflow: String,
    },
}

/// One value of a closed label.
#[derive(Debug, Clone, Default)]
pub struct LabelValue {
    /// The exposed value: `streamable-http`.
    pub value: String,
    /// The Rust variant: `StreamableHttp`.
    pub variant: String,
    /// Its meaning, if the schema has one.
    pub help: Option<String>,
    /// Whether it counts failures or stands for one.
    pub bad: bool,
    /// Version that introduced it.
    pub since: Option<Version>,
    /// Set if it is deprecated. The replacement is another value of the label.
    pub deprecated: Option<Deprecation<String>>,
    /// The former name, if the value is still exposed under it too.
    pub former: Option<Former>,
    /// The value in the schema.
    pub span: Span,
}

/// Histogram bounds, shared by name or written in a metric.
#[derive(Debug, Clone)]
pub struct BucketSet {
    /// Name under `[buckets]`, or `None` for inline bounds.
    pub name: Option<String>,
    /// Upper bounds, finite, strictly increasing, without `+Inf`, in the base unit (seconds, bytes).
    pub bounds: Vec<f64>,
    /// Native buckets of the histograms that use it and have none of their own.
    pub native: Option<Native>,
    /// The key in the schema, or the list of inline bounds.
    pub span: Span,
}

/// One recorder struct: metrics that share labels; `[groups.buffer_pool]` in the schema.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Key in the schema and second part of the exposed names: `buffer_pool`.
    pub name: String,
    /// Description of the group, in one sentence.
    pub help: String,
    /// Labels that are bound once, when the recorder is created.
    pub labels: Vec<LabelId>,
    /// The labels that series may lack.
    pub optional: Vec<LabelId>,
    /// Those of `labels` that come from sum labels.
    pub sums: Vec<SumUse>,
    /// Additional explanation and annotations.
    pub notes: Notes,
    /// Lints allowed for this group.
    pub allow: Vec<Spanned<String>>,
    /// Who declared it.
    pub origin: Origin,
    /// The key in the schema.
    pub span: Span,
}

/// One metric family; `[metrics.buffer_pool.hits]` in the schema.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the schema")]
pub struct Metric {
    /// The group it belongs to.
    pub group: GroupId,
    /// Key in the schema and name of the Rust method: `hits`.
    pub key: String,
    /// Exposed name in the Prometheus text format: `shadowcat_buffer_pool_hits_total`.
    pub exposed: String,
    /// Whether `name = "..."` set `exposed` instead of the naming rules.
    pub name_is_exact: bool,
    /// OpenTelemetry's name, if the schema has one. [`otel_metric_name`](crate::name::otel_metric_name) returns the name
    /// that is used.
    pub otel: Option<Spanned<String>>,
    /// Description of the metric, in one sentence.
    pub help: String,
    /// Its kind.
    pub kind: Kind,
    /// The unit of its values.
    pub unit: Unit,
    /// All its labels: the group's, then its own. An info metric's own labels are its facts.
    pub labels: Vec<LabelId>,
    /// The labels that series may lack.
    pub optional: Vec<LabelId>,
    /// Those of `labels` that come from sum labels.
    pub sums: Vec<SumUse>,
    /// Number of `labels` that the group binds. They come first.
    pub group_labels: usize,
    /// Its native buckets, its own or those of its bucket set. Only set for histograms.
    pub native: Option<Native>,
    /// Whether rules record its quantiles. Only set for histograms.
    pub quantiles: bool,
    /// Whether its series keep exemplars. Only set for counters and histograms that the program records.
    pub exemplars: bool,
    /// Whether each count is a failure. Only set for counters.
    pub bad: bool,
    /// Stability of its name and labels.
    pub stability: Stability,
    /// Version that introduced it.
    pub since: Option<Version>,
    /// Who is responsible for it.
    pub owner: Option<String>,
    /// Set if it is deprecated.
    pub deprecated: Option<Deprecation>,
    /// The former name, if it is still exposed.
    pub former: Option<Former>,
    /// Additional explanation and annotations.
    pub notes: Notes,
    /// Lints allowed for this metric.
    pub allow: Vec<Spanned<String>>,
    /// Who declared it.
    pub origin: Origin,
    /// Positions of its parts in the schema.
    pub spans: MetricSpans,
}

/// Positions for lints and later checks. A part that is missing has the span of the metric's key.
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
    /// The value of `native`, or of `buckets`.
    pub native: Span,
}

/// Who declared an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// The schema's author.
    #[default]
    Schema,
    /// This library, for its built-in metrics.
    Library,
}

/// The purpose of a built-in metric, by which the runtime finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnMetric {
    /// Counts values that were recorded under an open label's overflow value.
    LabelOverflow,
    /// Counts values that were rejected as invalid (NaN, negative, outside 0..=1).
    RejectedValues,
}

/// Stability of a name and its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stability {
    /// May change in any release.
    #[default]
    Experimental,
    /// Changes only with a major release.
    Stable,
    /// Will be removed.
    Deprecated,
}

impl Stability {
    /// Stabilities of items that stay.
    pub const PROMISES: [Self; 2] = [Self::Experimental, Self::Stable];

    /// Every stability.
    pub const ALL: [Self; 3] = [Self::Experimental, Self::Stable, Self::Deprecated];

    /// Returns the word for it in the schema.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Experimental => "experimental",
            Self::Stable => "stable",
            Self::Deprecated => "deprecated",
        }
    }
}

impl fmt::Display for Stability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Texts and data in addition to a label's, group's or metric's help.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notes {
    /// Additional explanation in paragraphs, for the reference.
    pub note: Option<String>,
    /// Data for other programs.
    pub annotations: Annotations,
}

/// Why a metric, or a value of a label, should no longer be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecation<R = MetricId> {
    /// Version that deprecated it.
    pub since: Option<Version>,
    /// The metric or value to use instead.
    pub replacement: Option<R>,
    /// The reason, and what to do.
    pub note: Option<String>,
    /// Version of the package that removes it.
    pub remove_in: Option<Version>,
}

/// A former name, under which something is still exposed until a release of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// The former name: a metric's full name or a label's value.
    pub name: String,
    /// First version of the package that does not expose it.
    pub until: Version,
    /// The key `renamed_from` and its value in the schema.
    pub span: Span,
}

impl Label {
    /// Returns the value for unknown strings.
    #[must_use]
    pub fn fallback_value(&self) -> Option<&LabelValue> {
        match &self.values {
            LabelValues::Closed(values) => values.get(self.fallback?),
            LabelValues::Open { .. } => None,
        }
    }
}

impl Metric {
    /// Returns the labels of its series: all except an info's facts, which are set together.
    #[must_use]
    pub fn series_labels(&self) -> &[LabelId] {
        self.labels_and_facts().0
    }

    /// Returns whether series may lack a label.
    #[must_use]
    pub fn is_optional(&self, label: LabelId) -> bool {
        self.optional.contains(&label)
    }

    /// Returns the facts of an info; empty for other kinds.
    #[must_use]
    pub fn facts(&self) -> &[LabelId] {
        self.labels_and_facts().1
    }

    fn labels_and_facts(&self) -> (&[LabelId], &[LabelId]) {
        let labels = if self.kind.spec().has_facts {
            self.group_labels
        } else {
            self.labels.len()
        };
        self.labels.split_at(labels)
    }

    /// Returns whether a label appears in its series: as a label of its group, its own label, or its states.
    #[must_use]
    pub fn depends_on(&self, label: LabelId) -> bool {
        self.kind.spec().states == Some(label) || self.labels.contains(&label)
    }

    /// Returns the encoding of its values in cells; for a histogram, of its sum.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.kind.spec().change.encoding(self.unit.measure())
    }

    /// Returns the bucket set of a histogram; `None` for other kinds.
    #[must_use]
    pub fn bucket_set(&self) -> Option<BucketSetId> {
        self.kind.spec().buckets
    }
}

impl Registry {
    /// Returns the bounds of a histogram in this schema; `None` for other kinds.
    #[must_use]
    pub fn bounds(&self, metric: &Metric) -> Option<&[f64]> {
        let set = metric.bucket_set()?;
        Some(&self.bucket_sets[set.0].bounds)
    }
}

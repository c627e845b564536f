//! The checked model: what a valid `metrics.toml` means, with every reference resolved and every name final.
//!
//! `check` builds it, lints and outputs read it. Nothing here knows TOML.
//! Vectors are in source order and ids are positions in them, so every output is deterministic.

use std::fmt;

use semver::Version;

use crate::source::Span;

pub use annotations::{Annotation, Annotations};
pub use kind::{Change, Kind, KindSpec, Operand, Storage, Units};
pub use unit::{Encoding, Measure, Unit};

mod annotations;
mod kind;
mod unit;

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
    /// Whether releases may add values to a closed label without a breaking change.
    pub is_extensible: bool,
    /// Position of the value that a string which is none of a closed label's values is parsed as.
    pub fallback: Option<usize>,
    /// Values that an open label may have, for the documents.
    pub examples: Vec<String>,
    /// How firmly it is promised: [`Stability::Experimental`] or [`Stability::Stable`].
    pub stability: Stability,
    /// What else the schema says about it.
    pub notes: Notes,
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
    /// Whether it means that something went wrong.
    pub bad: bool,
    /// Version that introduced it.
    pub since: Option<Version>,
    /// Set when it is on its way out; the replacement is another value of the label.
    pub deprecated: Option<Deprecation<String>>,
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
    /// What else the schema says about it.
    pub notes: Notes,
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
    /// Whether each count means that something went wrong; only for a counter.
    pub bad: bool,
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
    /// What else the schema says about it.
    pub notes: Notes,
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

/// How firmly a name and its labels are promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Stability {
    /// May change in any release.
    #[default]
    Experimental,
    /// Changes only with a major release.
    Stable,
    /// On its way out.
    Deprecated,
}

impl Stability {
    /// Those that can be promised of what is to stay.
    pub const PROMISES: [Self; 2] = [Self::Experimental, Self::Stable];

    /// All of them.
    pub const ALL: [Self; 3] = [Self::Experimental, Self::Stable, Self::Deprecated];

    /// The word for it in the schema.
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

/// What a label, group or metric may say beside its help.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notes {
    /// More than one sentence about it, for the reference.
    pub note: Option<String>,
    /// Data of other programs.
    pub annotations: Annotations,
}

/// Why a metric, or a value of a label, should no longer be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecation<R = MetricId> {
    /// Version that deprecated it.
    pub since: Option<Version>,
    /// The metric or value to use instead.
    pub replacement: Option<R>,
    /// Why, and what to do.
    pub note: Option<String>,
    /// Version of the package that is without it.
    pub remove_in: Option<Version>,
}

/// A name that something had before, and is exposed under as well until a release of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Former {
    /// The name as exposed: a metric's whole name, or a label's value.
    pub name: String,
    /// Version of the package that no longer exposes it.
    pub until: Version,
    /// The key `renamed_from` with its value, in the schema.
    pub span: Span,
}

impl Label {
    /// The value that unknown strings are parsed as.
    #[must_use]
    pub fn fallback_value(&self) -> Option<&LabelValue> {
        match &self.values {
            LabelValues::Closed(values) => values.get(self.fallback?),
            LabelValues::Open { .. } => None,
        }
    }
}

impl Metric {
    /// The labels that tell its series apart: all but an info metric's facts, which are set together.
    #[must_use]
    pub fn series_labels(&self) -> &[LabelId] {
        self.labels_and_facts().0
    }

    /// The facts of an info metric; none for other kinds.
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

    /// Whether what it exposes changes with a label: one of its own, the group's included, or that of its states.
    #[must_use]
    pub fn depends_on(&self, label: LabelId) -> bool {
        self.kind.spec().states == Some(label) || self.labels.contains(&label)
    }

    /// How its values are written in their cells; of a histogram, their sum.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.kind.spec().change.encoding(self.unit.measure())
    }

    /// The bucket set of a histogram; none for other kinds.
    #[must_use]
    pub fn bucket_set(&self) -> Option<BucketSetId> {
        self.kind.spec().buckets
    }
}

impl Registry {
    /// The bounds of a histogram of this schema; none for other kinds.
    #[must_use]
    pub fn bounds(&self, metric: &Metric) -> Option<&[f64]> {
        let set = metric.bucket_set()?;
        Some(&self.bucket_sets[set.0].bounds)
    }

    /// Whether a metric's values are shares of a whole, and so never above 1: those of a gauge for which nothing else is taken,
    /// and of a ratio that counts below the line whatever it counts above.
    #[must_use]
    pub fn is_share(&self, metric: &Metric) -> bool {
        let is_counter = |id: &MetricId| self.metrics[id.0].kind.is_counter();
        let spec = metric.kind.spec();
        match spec.operands {
            Some((numerator, denominator)) => {
                denominator.iter().all(is_counter)
                    && numerator.iter().all(|part| denominator.contains(part))
            }
            // What is moved up and down, in each thread, may be moved anywhere.
            None => {
                spec.operand == Some(Operand::Gauge)
                    && spec.storage != Storage::PerThread
                    && metric.unit == Unit::Ratio
            }
        }
    }
}

//! The catalog: the checked schema as JSON, for programs that must know the metrics, such as dashboards and
//! inventories.
//!
//! All references are resolved, all names are final, and all defaults are filled in. [`Catalog`] and its types are the
//! documentation: each field is a JSON key of the same name. Missing values are `null`, never omitted. A key can be added at
//! any time; removing a key or changing its meaning raises `version`.
//!
//! Arrays are in the order of the schema, and nothing is a map, so the same schema results in the same bytes.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

use crate::annotations::inline;
use shadowcat_metrics_codegen::model::{self, LabelValues, MetricId, Registry, Storage, Unit};
use shadowcat_metrics_codegen::name::{open_metrics_family, otel_label_name, otel_metric_name};
use shadowcat_metrics_codegen::series;

/// The whole document.
#[derive(Debug, Serialize)]
pub struct Catalog<'a, S = ()> {
    /// Version of this format: 1.
    pub version: u32,
    /// First part of every exposed name.
    pub namespace: &'a str,
    /// Crates of the program that have schemas of their own.
    pub uses: Vec<&'a str>,
    /// Maximum number of series of all metrics together.
    pub series: u64,
    /// Limit on `series`.
    pub series_budget: u64,
    /// Every label.
    pub labels: Vec<Label<'a>>,
    /// Every sum label.
    pub sum_labels: Vec<Sum<'a>>,
    /// Every group of metrics.
    pub groups: Vec<Group<'a>>,
    /// Every metric family.
    pub metrics: Vec<Metric<'a>>,
    /// Keys for the sections of the schema that another crate owns.
    #[serde(flatten)]
    pub sections: S,
}

/// Who declared an item: `"schema"` for its author, or `"library"` for built-in metrics. Names of labels are
/// unique within one origin.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The schema's author.
    Schema,
    /// The library.
    Library,
}

/// A label.
#[derive(Debug, Serialize)]
pub struct Label<'a> {
    /// Exposed name.
    pub name: &'a str,
    /// Its key in the schema, which names it in Rust.
    pub key: &'a str,
    /// Meaning, in one sentence.
    pub help: &'a str,
    /// Who declared it.
    pub origin: Origin,
    /// Name of the attribute in OpenTelemetry: from the schema, or `name`.
    pub otel_name: &'a str,
    /// Stability of its name and values: `experimental` or `stable`.
    pub stability: &'static str,
    /// The values of a *closed* label.
    pub values: Option<Vec<Value<'a>>>,
    /// The bound of an *open* label.
    pub open: Option<Open<'a>>,
    /// Whether releases may add values to a closed label.
    pub extensible: bool,
    /// The value for strings that are not a value of the closed label, if the schema sets one.
    pub fallback: Option<&'a str>,
    /// Example values of an open label.
    pub examples: &'a [String],
    /// Additional explanation, if the schema has one.
    pub note: Option<&'a str>,
    /// Data for other programs, as in the schema. Dates and numbers that JSON lacks are strings.
    pub annotations: Option<Annotations<'a>>,
}

/// A sum label: the value of a closed label decides which extra labels a series has.
#[derive(Debug, Serialize)]
pub struct Sum<'a> {
    /// Its key in the schema. It is not exposed.
    pub name: &'a str,
    /// Description of the label, in one sentence.
    pub help: &'a str,
    /// The closed label.
    pub of: &'a str,
    /// The extra labels, for each value that has some.
    pub with: Vec<With<'a>>,
    /// Additional explanation, if the schema has one.
    pub note: Option<&'a str>,
    /// Data for other programs, as in the schema.
    pub annotations: Option<Annotations<'a>>,
}

/// The extra labels of a value.
#[derive(Debug, Serialize)]
pub struct With<'a> {
    /// The value.
    pub value: &'a str,
    /// Names of labels and sum labels.
    pub labels: Vec<&'a str>,
}

/// A value of a closed label.
#[derive(Debug, Serialize)]
pub struct Value<'a> {
    /// The exposed value.
    pub value: &'a str,
    /// Meaning, if the schema has one.
    pub help: Option<&'a str>,
    /// Whether it stands for a failure.
    pub bad: bool,
    /// Version that introduced it, if the schema has one.
    pub since: Option<String>,
    /// Set if it is deprecated. `use` is another value of the label.
    pub deprecated: Option<Deprecated<'a>>,
    /// The former name, if the value is still exposed under it too.
    pub renamed_from: Option<Former<'a>>,
}

/// A former name that is still exposed.
#[derive(Debug, Serialize)]
pub struct Former<'a> {
    /// The name as exposed.
    pub name: &'a str,
    /// First version that does not expose it.
    pub until: String,
}

/// The bound of an open label.
#[derive(Debug, Serialize)]
pub struct Open<'a> {
    /// Maximum number of concurrent values, without `overflow`.
    pub max: u32,
    /// The value for all strings beyond `max`.
    pub overflow: &'a str,
}

/// A group of metrics: one recorder.
#[derive(Debug, Serialize)]
pub struct Group<'a> {
    /// Its key in the schema.
    pub name: &'a str,
    /// Description of the group, in one sentence.
    pub help: &'a str,
    /// Who declared it.
    pub origin: Origin,
    /// Names of the labels that all its metrics share.
    pub labels: Vec<&'a str>,
    /// Names of the labels that series may lack.
    pub optional_labels: Vec<&'a str>,
    /// Additional explanation, if the schema has one.
    pub note: Option<&'a str>,
    /// Data for other programs, as in the schema.
    pub annotations: Option<Annotations<'a>>,
}

/// A metric family.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the schema")]
pub struct Metric<'a> {
    /// Exposed name in the Prometheus text format.
    pub name: &'a str,
    /// Name in OpenMetrics, without `_total` or `_info`.
    pub open_metrics_name: &'a str,
    /// Name in OpenTelemetry: from the schema, or derived from namespace, group and key.
    pub otel_name: Cow<'a, str>,
    /// Name of its group.
    pub group: &'a str,
    /// Key in the group, and name of the Rust method.
    pub key: &'a str,
    /// Kind in the schema: `counter`, `gauge`, `updown_counter`, `histogram`, `state`, `info` or `ratio`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The Prometheus type it is exposed as: `counter`, `gauge` or `histogram`.
    pub exposed_type: &'static str,
    /// The base unit of its values, or `null` for a plain number.
    pub unit: Option<&'static str>,
    /// Description of the metric, in one sentence.
    pub help: &'a str,
    /// Who declared it. Its labels have the same origin.
    pub origin: Origin,
    /// Names of the labels of its series, starting with the group's. A state's series also have a label with
    /// the metric's name; an info's have one for each of `facts`.
    pub labels: Vec<&'a str>,
    /// Names of the labels that series may lack.
    pub optional_labels: Vec<&'a str>,
    /// Names of the sum labels that decide which of these labels a series has.
    pub sum_labels: Vec<&'a str>,
    /// Names of an info's facts; `null` for other kinds.
    pub facts: Option<Vec<&'a str>>,
    /// Upper bounds of a histogram's buckets in `unit`, without `+Inf`; `null` for other kinds.
    pub buckets: Option<&'a [f64]>,
    /// Native buckets of a histogram; `null` without them.
    pub native: Option<Native>,
    /// Whether rules record a histogram's p50, p95 and p99.
    pub quantiles: bool,
    /// Whether its series keep exemplars.
    pub exemplars: bool,
    /// Whether each count of a counter is a failure.
    pub bad: bool,
    /// The states of a state; `null` for other kinds.
    pub states: Option<Vec<&'a str>>,
    /// Names of the metrics in a ratio's numerator; `null` for other kinds.
    pub numerator: Option<Vec<&'a str>>,
    /// Names of the metrics in a ratio's denominator; `null` for other kinds.
    pub denominator: Option<Vec<&'a str>>,
    /// Whether its value is read from a function at each scrape.
    pub callback: bool,
    /// Maximum number of series. A histogram's buckets, sum and count are separate series.
    pub series: u64,
    /// Stability of its name and labels: `experimental`, `stable` or `deprecated`.
    pub stability: &'static str,
    /// Version that introduced it, if the schema has one.
    pub since: Option<String>,
    /// Who is responsible for it, if the schema names an owner.
    pub owner: Option<&'a str>,
    /// Set if it is deprecated.
    pub deprecated: Option<Deprecated<'a>>,
    /// The former name, if it is still exposed.
    pub renamed_from: Option<Former<'a>>,
    /// Additional explanation, if the schema has one.
    pub note: Option<&'a str>,
    /// Data for other programs, as in the schema.
    pub annotations: Option<Annotations<'a>>,
}

/// Native buckets of a histogram, in its unit.
#[derive(Debug, Serialize)]
pub struct Native {
    /// The most by which a bucket's upper bound exceeds its lower one, as a factor.
    pub factor: f64,
    /// Smallest value that has buckets of its own.
    pub from: f64,
    /// Largest value that has buckets of its own.
    pub to: f64,
    /// Prometheus' number of the resolution, from -4 to 8.
    pub schema: i8,
    /// Highest value of the bucket with zero.
    pub zero_threshold: f64,
}

/// Data for other programs: a JSON object with keys in the order of the schema. Dates and non-finite floats
/// are strings in TOML's notation.
#[derive(Debug, Clone, Copy)]
pub struct Annotations<'a>(pub &'a model::Annotations);

/// One annotation.
struct Annotation<'a>(&'a model::Annotation);

impl Serialize for Annotations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.0.iter();
        serializer.collect_map(entries.map(|(key, value)| (key, Annotation(value))))
    }
}

impl Serialize for Annotation<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            model::Annotation::Text(text) => serializer.serialize_str(text),
            model::Annotation::Integer(integer) => serializer.serialize_i64(*integer),
            model::Annotation::Float(float) if float.is_finite() => {
                serializer.serialize_f64(*float)
            }
            model::Annotation::Boolean(boolean) => serializer.serialize_bool(*boolean),
            model::Annotation::Float(_) | model::Annotation::Datetime(_) => {
                serializer.serialize_str(&inline(self.0))
            }
            model::Annotation::List(items) => serializer.collect_seq(items.iter().map(Annotation)),
            model::Annotation::Table(table) => Annotations(table).serialize(serializer),
        }
    }
}

fn annotations(notes: &model::Notes) -> Option<Annotations<'_>> {
    (!notes.annotations.0.is_empty()).then_some(Annotations(&notes.annotations))
}

/// Why a metric or value should no longer be used. At least one of the fields is set.
#[derive(Debug, Serialize)]
pub struct Deprecated<'a> {
    /// Version that deprecated it.
    pub since: Option<String>,
    /// Exposed name of the metric, or the value, to use instead.
    #[serde(rename = "use")]
    pub replacement: Option<&'a str>,
    /// The reason, and what to do.
    pub note: Option<&'a str>,
    /// Version that removes it, if the schema has one.
    pub remove_in: Option<String>,
}

/// Emits the catalog of a schema as indented JSON with a newline at the end. `sections` is a struct with
/// keys for the sections that another crate owns, or `()`.
#[must_use]
#[expect(
    clippy::missing_panics_doc,
    reason = "strings, numbers and arrays are always JSON"
)]
pub fn emit_catalog(registry: &Registry, sections: impl Serialize) -> String {
    let catalog = Catalog::new(registry, sections);
    let json = serde_json::to_string_pretty(&catalog)
        .expect("strings, numbers and arrays are always JSON");
    json + "\n"
}

impl<'a, S> Catalog<'a, S> {
    /// Builds the catalog of a schema.
    #[must_use]
    pub fn new(registry: &'a Registry, sections: S) -> Self {
        Self {
            version: 1,
            namespace: &registry.namespace,
            uses: registry.uses.iter().map(|used| &*used.value).collect(),
            series: series::total(registry),
            series_budget: registry.series_budget,
            labels: registry.labels.iter().map(label).collect(),
            sum_labels: registry
                .sums
                .iter()
                .map(|sum| self::sum(registry, sum))
                .collect(),
            groups: registry
                .groups
                .iter()
                .map(|group| self::group(registry, group))
                .collect(),
            metrics: registry
                .metrics
                .iter()
                .map(|metric| self::metric(registry, metric))
                .collect(),
            sections,
        }
    }
}

impl From<model::Origin> for Origin {
    fn from(origin: model::Origin) -> Self {
        match origin {
            model::Origin::Schema => Self::Schema,
            model::Origin::Library => Self::Library,
        }
    }
}

fn label(label: &model::Label) -> Label<'_> {
    let (values, open) = match &label.values {
        LabelValues::Closed(values) => {
            let values = values.iter().map(|value| Value {
                value: &value.value,
                help: value.help.as_deref(),
                bad: value.bad,
                since: value.since.as_ref().map(ToString::to_string),
                deprecated: value
                    .deprecated
                    .as_ref()
                    .map(|it| deprecated(it, |replacement| replacement)),
                renamed_from: value.former.as_ref().map(former),
            });
            (Some(values.collect()), None)
        }
        LabelValues::Open { max, overflow } => (
            None,
            Some(Open {
                max: *max,
                overflow,
            }),
        ),
    };
    Label {
        name: &label.name,
        key: &label.key,
        help: &label.help,
        origin: label.origin.into(),
        otel_name: otel_label_name(label),
        stability: label.stability.name(),
        values,
        open,
        extensible: label.is_extensible,
        fallback: label.fallback_value().map(|value| &*value.value),
        examples: &label.examples,
        note: label.notes.note.as_deref(),
        annotations: annotations(&label.notes),
    }
}

fn sum<'a>(registry: &'a Registry, sum: &'a model::Sum) -> Sum<'a> {
    let of = &registry.labels[sum.of.0];
    let with = of.closed_values().iter().zip(&sum.with);
    let with = with.filter(|(_, items)| !items.is_empty());
    Sum {
        name: &sum.name,
        help: &sum.help,
        of: &of.name,
        with: with
            .map(|(value, items)| With {
                value: &value.value,
                labels: items.iter().map(|item| registry.item_name(*item)).collect(),
            })
            .collect(),
        note: sum.notes.note.as_deref(),
        annotations: annotations(&sum.notes),
    }
}

fn group<'a>(registry: &'a Registry, group: &'a model::Group) -> Group<'a> {
    Group {
        name: &group.name,
        help: &group.help,
        origin: group.origin.into(),
        labels: registry.label_names(&group.labels),
        optional_labels: registry.label_names(&group.optional),
        note: group.notes.note.as_deref(),
        annotations: annotations(&group.notes),
    }
}

fn metric<'a>(registry: &'a Registry, metric: &'a model::Metric) -> Metric<'a> {
    let spec = metric.kind.spec();
    let mut entry = Metric {
        name: &metric.exposed,
        open_metrics_name: open_metrics_family(&metric.exposed, &metric.kind),
        otel_name: otel_metric_name(registry, metric),
        group: &registry.groups[metric.group.0].name,
        key: &metric.key,
        kind: metric.kind.name(),
        exposed_type: spec.text_type,
        unit: (metric.unit != Unit::None).then(|| metric.unit.name()),
        help: &metric.help,
        origin: metric.origin.into(),
        labels: registry.label_names(&metric.labels),
        optional_labels: registry.label_names(&metric.optional),
        sum_labels: metric
            .sums
            .iter()
            .map(|sum| &*registry.sums[sum.sum.0].name)
            .collect(),
        facts: None,
        buckets: registry.bounds(metric),
        native: metric.native.map(native),
        quantiles: metric.quantiles,
        exemplars: metric.exemplars,
        bad: metric.bad,
        states: spec.states.map(|states| {
            let values = registry.labels[states.0].closed_values().iter();
            values.map(|value| &*value.value).collect()
        }),
        numerator: spec
            .operands
            .map(|(above, _)| metric_names(registry, above)),
        denominator: spec
            .operands
            .map(|(_, below)| metric_names(registry, below)),
        callback: spec.storage == Storage::Callback,
        series: series::worst_case(registry, metric),
        stability: metric.stability.name(),
        since: metric.since.as_ref().map(ToString::to_string),
        owner: metric.owner.as_deref(),
        deprecated: metric
            .deprecated
            .as_ref()
            .map(|it| deprecated(it, |id| &*registry.metrics[id.0].exposed)),
        renamed_from: metric.former.as_ref().map(former),
        note: metric.notes.note.as_deref(),
        annotations: annotations(&metric.notes),
    };
    if spec.has_facts {
        entry.facts = Some(entry.labels.split_off(metric.series_labels().len()));
    }
    entry
}

fn native(native: model::Native) -> Native {
    Native {
        factor: native.factor,
        from: native.from,
        to: native.to,
        schema: native.schema(),
        zero_threshold: native.zero_threshold(),
    }
}

fn deprecated<'a, R>(
    deprecation: &'a model::Deprecation<R>,
    name: impl Fn(&'a R) -> &'a str,
) -> Deprecated<'a> {
    Deprecated {
        since: deprecation.since.as_ref().map(ToString::to_string),
        replacement: deprecation.replacement.as_ref().map(name),
        note: deprecation.note.as_deref(),
        remove_in: deprecation.remove_in.as_ref().map(ToString::to_string),
    }
}

fn former(former: &model::Former) -> Former<'_> {
    Former {
        name: &former.name,
        until: former.until.to_string(),
    }
}

fn metric_names<'a>(registry: &'a Registry, ids: &[MetricId]) -> Vec<&'a str> {
    ids.iter()
        .map(|id| &*registry.metrics[id.0].exposed)
        .collect()
}

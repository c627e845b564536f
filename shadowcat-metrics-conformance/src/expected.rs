//! The families that a schema expects on a page.

use shadowcat_metrics_codegen::Version;
use shadowcat_metrics_codegen::model::{self, LabelValues, Registry};

use crate::finding::Code;
use crate::page::Type;

/// The expected contents of a page.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// The prefix that only the schema's names have, if known.
    pub namespace: Option<String>,
    /// Every family, under each of its names.
    pub families: Vec<Family>,
}

/// A family.
#[derive(Debug, Clone)]
pub struct Family {
    /// Name in the Prometheus text format.
    pub name: String,
    /// Help text: one sentence.
    pub help: String,
    /// Unit, or empty for a plain number.
    pub unit: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Labels of its series.
    pub labels: Vec<Label>,
    /// Whether its series appear only after the program sets them: facts, and values of callbacks.
    pub optional: bool,
    /// Whether it is one of the library's own metrics.
    pub is_own: bool,
    /// The version that should have removed this metric or name, if that version is reached.
    pub expired: Option<String>,
}

/// The kind of a family, as visible on a page.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A value that only goes up.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// A histogram with its upper bounds, without `+Inf`.
    Histogram(Vec<f64>),
    /// One of several states, each a series with a label of the family's name.
    State {
        /// The states, including former names.
        states: Vec<Value>,
    },
    /// Facts, with the names of their labels.
    Info(Vec<String>),
}

/// The representation of a kind on a page.
pub(crate) struct Row<'k> {
    /// Its type in the text format.
    pub(crate) text: Type,
    /// Its type in OpenMetrics.
    pub(crate) open_metrics: Type,
    /// The suffix of its name that OpenMetrics family names do not have.
    pub(crate) suffix: &'static str,
    /// Its type in OpenMetrics if its name lacks the suffix.
    pub(crate) bare: Type,
    /// Returns whether a value is allowed.
    pub(crate) allows: fn(f64) -> bool,
    /// The code for other values.
    pub(crate) broken: Code,
    /// The bounds of a histogram.
    pub(crate) bounds: Option<&'k [f64]>,
    /// The states, each a series with a label of the family's name.
    pub(crate) states: Option<&'k [Value]>,
    /// The labels that are facts.
    pub(crate) facts: &'k [String],
}

impl Kind {
    /// Returns the row of the kind. All other code that depends on the kind reads it.
    #[expect(clippy::float_cmp, reason = "a state and an info have exact values")]
    pub(crate) fn row(&self) -> Row<'_> {
        let plain = Row {
            text: Type::Gauge,
            open_metrics: Type::Gauge,
            suffix: "",
            bare: Type::Gauge,
            allows: |_| true,
            broken: Code::BrokenState,
            bounds: None,
            states: None,
            facts: &[],
        };
        match self {
            Self::Counter => Row {
                text: Type::Counter,
                open_metrics: Type::Counter,
                suffix: "_total",
                bare: Type::Unknown,
                allows: |value| value >= 0.0,
                broken: Code::BrokenCounter,
                ..plain
            },
            Self::Gauge => plain,
            Self::Histogram(bounds) => Row {
                text: Type::Histogram,
                open_metrics: Type::Histogram,
                bounds: Some(bounds),
                ..plain
            },
            Self::State { states } => Row {
                open_metrics: Type::StateSet,
                allows: |value| value == 0.0 || value == 1.0,
                states: Some(states),
                ..plain
            },
            Self::Info(facts) => Row {
                open_metrics: Type::Info,
                suffix: "_info",
                allows: |value| value == 1.0,
                facts,
                ..plain
            },
        }
    }
}

/// A label.
#[derive(Debug, Clone)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Its possible values.
    pub values: Values,
    /// Whether series may lack it.
    pub optional: bool,
}

/// The possible values of a label.
#[derive(Debug, Clone)]
pub enum Values {
    /// One of these, including former ones.
    Closed(Vec<Value>),
    /// Any value, with at most this many at a time, including the overflow value.
    Open(usize),
}

/// A value of a closed label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// The exposed value.
    pub name: String,
    /// The current value, if this is a former one.
    pub present: Option<String>,
    /// The version that should have removed this name, if that version is reached.
    pub expired: Option<String>,
}

impl Expected {
    /// Returns the contents that a checked schema expects. Marks metrics and former names that `release`
    /// should no longer have.
    #[must_use]
    pub fn new(registry: &Registry, release: Option<&Version>) -> Self {
        let families = registry.metrics.iter().flat_map(|metric| {
            let deprecated = metric.deprecated.as_ref();
            let removed = past(deprecated.and_then(|it| it.remove_in.as_ref()), release);
            let former = metric.former.as_ref().map(|former| {
                let expired = past(Some(&former.until), release);
                family(registry, metric, &former.name, expired, release)
            });
            std::iter::once(family(registry, metric, &metric.exposed, removed, release))
                .chain(former)
        });
        Self {
            namespace: Some(registry.namespace.clone()).filter(|name| !name.is_empty()),
            families: families.collect(),
        }
    }
}

/// Returns the version that should have removed something, if `release` has reached it.
fn past(until: Option<&Version>, release: Option<&Version>) -> Option<String> {
    let past = until.filter(|until| release.is_some_and(|release| release >= until));
    past.map(Version::to_string)
}

fn family(
    registry: &Registry,
    metric: &model::Metric,
    name: &str,
    expired: Option<String>,
    release: Option<&Version>,
) -> Family {
    let label = |id: &model::LabelId| &registry.labels[id.0];
    let (kind, optional) = match &metric.kind {
        model::Kind::Counter { callback } => (Kind::Counter, *callback),
        model::Kind::Gauge { callback } => (Kind::Gauge, *callback),
        model::Kind::UpDownCounter | model::Kind::Ratio { .. } => (Kind::Gauge, false),
        model::Kind::Histogram { buckets } => {
            let bounds = registry.bucket_sets[buckets.0].bounds.clone();
            (Kind::Histogram(bounds), false)
        }
        model::Kind::State { states } => {
            let states = spellings(&label(states).values, release);
            (Kind::State { states }, false)
        }
        model::Kind::Info => {
            let facts = metric.facts().iter().map(|fact| label(fact).name.clone());
            (Kind::Info(facts.collect()), true)
        }
    };
    let labels = metric.series_labels().iter().map(|id| Label {
        name: label(id).name.clone(),
        values: match &label(id).values {
            values @ LabelValues::Closed(_) => Values::Closed(spellings(values, release)),
            LabelValues::Open { max, .. } => Values::Open(*max as usize + 1),
        },
        optional: metric.is_optional(*id),
    });
    Family {
        name: name.to_owned(),
        help: metric.help.clone(),
        unit: metric.unit.name(),
        kind,
        labels: labels.collect(),
        optional,
        is_own: metric.origin == model::Origin::Library,
        expired,
    }
}

/// Returns the values of a closed label, including former ones.
fn spellings(values: &LabelValues, release: Option<&Version>) -> Vec<Value> {
    let values = match values {
        LabelValues::Closed(values) => values.as_slice(),
        LabelValues::Open { .. } => &[],
    };
    let present = values.iter().map(|value| {
        let deprecated = value.deprecated.as_ref();
        Value {
            expired: past(deprecated.and_then(|it| it.remove_in.as_ref()), release),
            ..Value::present(&value.value)
        }
    });
    let former = values.iter().filter_map(|value| {
        let former = value.former.as_ref()?;
        Some(Value {
            name: former.name.clone(),
            present: Some(value.value.clone()),
            expired: past(Some(&former.until), release),
        })
    });
    present.chain(former).collect()
}

impl Value {
    fn present(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            present: None,
            expired: None,
        }
    }
}

#[cfg(feature = "runtime")]
mod runtime {
    use shadowcat_metrics::{Registry, private as p};

    use super::{Expected, Family, Kind, Label, Value, Values};

    impl From<&Registry> for Expected {
        fn from(registry: &Registry) -> Self {
            let schema = registry.schema();
            let own = [schema.overflow_family, schema.rejected_family];
            let own = own.map(|place| schema.families.get(place? as usize));
            let is_own = |family| {
                own.into_iter()
                    .flatten()
                    .any(|own| std::ptr::eq(own, family))
            };
            let families = schema.families.iter().chain(schema.former_families);
            Self {
                namespace: Some(schema.namespace.to_owned()).filter(|name| !name.is_empty()),
                families: families.map(|it| family(it, is_own(it))).collect(),
            }
        }
    }

    fn family(family: &p::Family, is_own: bool) -> Family {
        let (kind, optional) = match &family.kind {
            p::Kind::Counter => (Kind::Counter, false),
            p::Kind::CallbackCounter => (Kind::Counter, true),
            p::Kind::Gauge | p::Kind::UpDownCounter | p::Kind::Ratio { .. } => (Kind::Gauge, false),
            p::Kind::CallbackGauge => (Kind::Gauge, true),
            p::Kind::Histogram(buckets) => (Kind::Histogram(buckets.bounds().to_vec()), false),
            p::Kind::State(states) => {
                let states = spellings(states);
                (Kind::State { states }, false)
            }
            p::Kind::Info(facts) => (
                Kind::Info(facts.iter().map(|fact| (*fact).to_owned()).collect()),
                true,
            ),
        };
        let labels = family.labels.iter().map(|label| Label {
            name: label.name.to_owned(),
            values: match label.values {
                p::Values::Closed(_) => Values::Closed(spellings(label)),
                p::Values::Open { max, .. } => Values::Open(max as usize + 1),
            },
            optional: label.optional,
        });
        Family {
            name: family.name.to_owned(),
            help: family.help.to_owned(),
            unit: family.unit,
            kind,
            labels: labels.collect(),
            optional,
            is_own,
            expired: None,
        }
    }

    fn spellings(label: &p::Label) -> Vec<Value> {
        let values = match label.values {
            p::Values::Closed(values) => values,
            p::Values::Open { .. } => &[],
        };
        let present = values.iter().map(|value| Value::present(value));
        let former = label.former.iter().map(|former| Value {
            name: former.value.to_owned(),
            present: Some(values[former.position as usize].to_owned()),
            expired: None,
        });
        present.chain(former).collect()
    }
}

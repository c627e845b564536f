//! What a schema promises of a page.

use shadowcat_metrics_codegen::Version;
use shadowcat_metrics_codegen::model::{self, LabelValues, Registry};

/// Everything that is to be on a page.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// What every name begins with that only the schema may give; none if that is not known.
    pub namespace: Option<String>,
    /// Every family under each name that it has.
    pub families: Vec<Family>,
}

/// A family.
#[derive(Debug, Clone)]
pub struct Family {
    /// As exposed in the Prometheus text format.
    pub name: String,
    /// One sentence.
    pub help: String,
    /// What it is measured in; empty for a plain number.
    pub unit: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Labels of its series.
    pub labels: Vec<Label>,
    /// Whether its series are there only once something has told them: facts, and what callbacks read.
    pub optional: bool,
    /// The release that no longer has this name, if that is past.
    pub expired: Option<String>,
}

/// What kind of family it is, as far as pages tell.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Only goes up.
    Counter,
    /// Goes up and down.
    Gauge,
    /// With its upper bounds, without `+Inf`.
    Histogram(Vec<f64>),
    /// One of several, each a series with a label of the family's name.
    State {
        /// The states, and what they were called before.
        states: Vec<String>,
        /// How many of them may be 1 at a time: one, or as many as a state has names.
        at_once: usize,
    },
    /// With the labels that are its facts.
    Info(Vec<String>),
}

/// A label.
#[derive(Debug, Clone)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// What it may be.
    pub values: Values,
}

/// The bound of a label.
#[derive(Debug, Clone)]
pub enum Values {
    /// These, former ones included.
    Closed(Vec<String>),
    /// So many at a time, the overflow value included.
    Open(usize),
}

impl Expected {
    /// What a checked schema promises. Names of metrics whose time is up by `release` are marked.
    #[must_use]
    pub fn new(registry: &Registry, release: Option<&Version>) -> Self {
        let families = registry.metrics.iter().flat_map(|metric| {
            let former = metric.former.as_ref().map(|former| {
                let past = release.is_some_and(|release| *release >= former.until);
                let expired = past.then(|| former.until.to_string());
                family(registry, metric, &former.name, expired)
            });
            std::iter::once(family(registry, metric, &metric.exposed, None)).chain(former)
        });
        Self {
            namespace: Some(registry.namespace.clone()).filter(|name| !name.is_empty()),
            families: families.collect(),
        }
    }
}

fn family(
    registry: &Registry,
    metric: &model::Metric,
    name: &str,
    expired: Option<String>,
) -> Family {
    let label = |id: &model::LabelId| &registry.labels[id.0];
    let (labels, facts) = match metric.kind {
        model::Kind::Info => metric.labels.split_at(metric.group_labels),
        model::Kind::Counter { .. }
        | model::Kind::Gauge { .. }
        | model::Kind::UpDownCounter
        | model::Kind::Histogram { .. }
        | model::Kind::State { .. }
        | model::Kind::Ratio { .. } => (&*metric.labels, [].as_slice()),
    };
    let (kind, optional) = match &metric.kind {
        model::Kind::Counter { callback } => (Kind::Counter, *callback),
        model::Kind::Gauge { callback } => (Kind::Gauge, *callback),
        model::Kind::UpDownCounter | model::Kind::Ratio { .. } => (Kind::Gauge, false),
        model::Kind::Histogram { buckets } => {
            let bounds = registry.bucket_sets[buckets.0].bounds.clone();
            (Kind::Histogram(bounds), false)
        }
        model::Kind::State { states } => {
            let values = &label(states).values;
            let renamed = match values {
                LabelValues::Closed(values) => values.iter().any(|value| value.former.is_some()),
                LabelValues::Open { .. } => false,
            };
            let state = Kind::State {
                states: spellings(values),
                at_once: 1 + usize::from(renamed),
            };
            (state, false)
        }
        model::Kind::Info => {
            let facts = facts.iter().map(|fact| label(fact).name.clone());
            (Kind::Info(facts.collect()), true)
        }
    };
    let labels = labels.iter().map(|id| Label {
        name: label(id).name.clone(),
        values: match &label(id).values {
            values @ LabelValues::Closed(_) => Values::Closed(spellings(values)),
            LabelValues::Open { max, .. } => Values::Open(*max as usize + 1),
        },
    });
    Family {
        name: name.to_owned(),
        help: metric.help.clone(),
        unit: metric.unit.name(),
        kind,
        labels: labels.collect(),
        optional,
        expired,
    }
}

/// The values of a closed label, and those that they were before.
fn spellings(values: &LabelValues) -> Vec<String> {
    let values = match values {
        LabelValues::Closed(values) => values.as_slice(),
        LabelValues::Open { .. } => &[],
    };
    let present = values.iter().map(|value| value.value.clone());
    let former = values.iter().filter_map(|value| value.former.as_ref());
    present
        .chain(former.map(|former| former.name.clone()))
        .collect()
}

#[cfg(feature = "runtime")]
mod runtime {
    use shadowcat_metrics::private as p;

    use super::{Expected, Family, Kind, Label, Values};

    impl From<&p::Schema> for Expected {
        fn from(schema: &p::Schema) -> Self {
            let families = schema.families.iter().chain(schema.former_families);
            Self {
                namespace: None,
                families: families.map(family).collect(),
            }
        }
    }

    fn family(family: &p::Family) -> Family {
        let (kind, optional) = match &family.kind {
            p::Kind::Counter => (Kind::Counter, false),
            p::Kind::CallbackCounter => (Kind::Counter, true),
            p::Kind::Gauge | p::Kind::UpDownCounter | p::Kind::Ratio { .. } => (Kind::Gauge, false),
            p::Kind::CallbackGauge => (Kind::Gauge, true),
            p::Kind::Histogram(buckets) => (Kind::Histogram(buckets.bounds().to_vec()), false),
            p::Kind::State(states) => {
                let state = Kind::State {
                    states: spellings(states),
                    at_once: 1 + usize::from(!states.former.is_empty()),
                };
                (state, false)
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
        });
        Family {
            name: family.name.to_owned(),
            help: family.help.to_owned(),
            unit: family.unit.name(),
            kind,
            labels: labels.collect(),
            optional,
            expired: None,
        }
    }

    fn spellings(label: &p::Label) -> Vec<String> {
        let values = match label.values {
            p::Values::Closed(values) => values,
            p::Values::Open { .. } => &[],
        };
        let former = label.former.iter().map(|former| former.value);
        values
            .iter()
            .copied()
            .chain(former)
            .map(str::to_owned)
            .collect()
    }
}

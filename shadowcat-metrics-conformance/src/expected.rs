//! The families that a schema expects on a page.

use shadowcat_metrics_codegen::Version;
use shadowcat_metrics_codegen::model::{self, LabelValues, Registry, Storage};

use crate::page::Type;

/// The expected contents of a page.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// The prefixes that only the schema's names have.
    pub namespaces: Vec<String>,
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
    /// What a page shows of its kind.
    pub kind: Kind,
    /// Labels of its series.
    pub labels: Vec<Label>,
    /// The sets of labels that its series have: one, unless labels depend on the value of another.
    pub parts: Vec<Vec<Label>>,
    /// Whether its series keep exemplars.
    pub exemplars: bool,
    /// Whether it is one of the library's own metrics.
    pub is_own: bool,
    /// The version that should have removed this metric or name, if that version is reached.
    pub expired: Option<String>,
}

/// What a page shows of a metric's kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    /// Its type in the text format.
    pub text: Type,
    /// Its type in OpenMetrics.
    pub open_metrics: Type,
    /// The suffix of its name that OpenMetrics family names do not have.
    pub suffix: &'static str,
    /// Its type in OpenMetrics if its name lacks the suffix.
    pub without_suffix: Type,
    /// Whether its series appear only after the program sets them: facts, and values of callbacks.
    pub optional: bool,
    /// The upper bounds of a histogram, without `+Inf`.
    pub bounds: Option<Vec<f64>>,
    /// A histogram's native buckets, which only protobuf shows.
    pub native: Option<Native>,
    /// The states, including former names, each a series with a label of the family's name.
    pub states: Option<Vec<Value>>,
    /// The labels that are facts.
    pub facts: Vec<String>,
}

/// The native buckets of a histogram.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Native {
    /// Prometheus' number of the resolution.
    pub schema: i32,
    /// Highest value of the bucket with zero.
    pub zero_threshold: f64,
}

impl Kind {
    /// Converts the compiler's row of a kind, without bounds, states and facts.
    fn of(kind: &model::Kind) -> Self {
        let spec = kind.spec();
        let named = |word| Type::parse(word).unwrap_or(Type::Unknown);
        Self {
            text: named(spec.text_type),
            open_metrics: named(spec.open_metrics_type),
            suffix: spec.suffix,
            without_suffix: named(spec.type_without_suffix),
            optional: matches!(spec.storage, Storage::Callback | Storage::Text),
            bounds: None,
            native: None,
            states: None,
            facts: Vec::new(),
        }
    }
}

/// A label.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Its possible values.
    pub values: Values,
    /// Whether series may lack it.
    pub optional: bool,
}

/// The possible values of a label.
#[derive(Debug, Clone, PartialEq)]
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
            namespaces: vec![registry.namespace.clone()],
            families: families.collect(),
        }
    }
}

impl Expected {
    /// Adds the contents that another schema of the same program expects.
    pub fn also(&mut self, other: Self) {
        self.namespaces.extend(other.namespaces);
        self.families.extend(other.families);
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
    let spec = metric.kind.spec();
    let facts = metric.facts().iter().map(|fact| label(fact).name.clone());
    let kind = Kind {
        bounds: spec
            .buckets
            .map(|set| registry.bucket_sets[set.0].bounds.clone()),
        native: metric.native.map(|native| Native {
            schema: native.schema().into(),
            zero_threshold: native.zero_threshold(),
        }),
        states: spec.states.map(|states| spellings(label(&states), release)),
        facts: facts.collect(),
        ..Kind::of(&metric.kind)
    };
    let expected = |id: &model::LabelId, optional| Label {
        name: label(id).name.clone(),
        values: match &label(id).values {
            LabelValues::Closed(_) => Values::Closed(spellings(label(id), release)),
            LabelValues::Open { max, .. } => Values::Open(*max as usize + 1),
        },
        optional,
    };
    let labels = metric.series_labels().iter();
    let labels = labels.map(|id| expected(id, metric.is_optional(*id)));
    let parts = registry.parts(metric).into_iter().map(|part| {
        let labels = part.labels.iter().map(|of_part| {
            let mut expected = expected(&of_part.id, of_part.optional);
            if let (Values::Closed(values), Some(positions)) =
                (&mut expected.values, &of_part.values)
            {
                let listed = registry.values_at(of_part.id, positions);
                values.retain(|value| {
                    let present = value.present.as_ref().unwrap_or(&value.name);
                    listed.contains(&present.as_str())
                });
            }
            expected
        });
        labels.collect()
    });
    Family {
        name: name.to_owned(),
        help: metric.help.clone(),
        unit: metric.unit.name(),
        kind,
        labels: labels.collect(),
        parts: parts.collect(),
        exemplars: metric.exemplars,
        is_own: metric.origin == model::Origin::Library,
        expired,
    }
}

/// Returns the values of a closed label, including former ones.
fn spellings(label: &model::Label, release: Option<&Version>) -> Vec<Value> {
    let values = label.closed_values();
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
    use shadowcat_metrics_codegen::model::{self, BucketSetId, LabelId};

    use super::{Expected, Family, Kind, Label, Native, Value, Values};

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
            let mut families: Vec<Family> = Vec::new();
            for described in schema.families.iter().chain(schema.former_families) {
                let expected = family(described, is_own(described));
                match families.last_mut() {
                    Some(last) if described.continues => last.add(expected.labels),
                    Some(_) | None => families.push(expected),
                }
            }
            Self {
                namespaces: vec![schema.namespace.to_owned()],
                families,
            }
        }
    }

    fn family(family: &p::Family, is_own: bool) -> Family {
        let labels: Vec<_> = family
            .labels
            .iter()
            .map(|label| Label {
                name: label.name.to_owned(),
                values: match label.values {
                    p::Values::Closed(_) => Values::Closed(spellings(label)),
                    p::Values::Open { max, .. } => Values::Open(max as usize + 1),
                },
                optional: label.optional,
            })
            .collect();
        Family {
            name: family.name.to_owned(),
            help: family.help.to_owned(),
            unit: family.unit,
            kind: kind(&family.kind),
            parts: vec![labels.clone()],
            labels,
            exemplars: family.exemplars,
            is_own,
            expired: None,
        }
    }

    impl Family {
        /// Adds series with other labels.
        fn add(&mut self, part: Vec<Label>) {
            for label in &mut self.labels {
                let other = part.iter().find(|other| other.name == label.name);
                label.optional |= other.is_none_or(|other| other.optional);
                if let (Values::Closed(values), Some(Values::Closed(more))) =
                    (&mut label.values, other.map(|other| &other.values))
                {
                    let more = more.iter().filter(|value| !values.contains(value));
                    let more: Vec<_> = more.cloned().collect();
                    values.extend(more);
                }
            }
            for label in &part {
                if !self.labels.iter().any(|known| known.name == label.name) {
                    self.labels.push(Label {
                        optional: true,
                        ..label.clone()
                    });
                }
            }
            self.parts.push(part);
        }
    }

    /// Translates a kind to the compiler's. Ids that it needs are placeholders, which nothing reads.
    fn kind(kind: &p::Kind) -> Kind {
        match kind {
            p::Kind::Counter => Kind::of(&model::Kind::Counter { callback: false }),
            p::Kind::CallbackCounter => Kind::of(&model::Kind::Counter { callback: true }),
            p::Kind::Gauge => Kind::of(&model::Kind::Gauge { callback: false }),
            p::Kind::CallbackGauge => Kind::of(&model::Kind::Gauge { callback: true }),
            p::Kind::UpDownCounter => Kind::of(&model::Kind::UpDownCounter),
            p::Kind::Histogram(buckets) => Kind {
                bounds: Some(buckets.bounds().to_vec()),
                native: buckets.native().map(|native| Native {
                    schema: native.schema.into(),
                    zero_threshold: native.zero_threshold,
                }),
                ..Kind::of(&model::Kind::Histogram {
                    buckets: BucketSetId(0),
                })
            },
            p::Kind::State(states) => Kind {
                states: Some(spellings(states)),
                ..Kind::of(&model::Kind::State { states: LabelId(0) })
            },
            p::Kind::Info(facts) => Kind {
                facts: facts.iter().map(|fact| (*fact).to_owned()).collect(),
                ..Kind::of(&model::Kind::Info)
            },
            p::Kind::Ratio { .. } => Kind::of(&model::Kind::Ratio {
                numerator: Vec::new(),
                denominator: Vec::new(),
            }),
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

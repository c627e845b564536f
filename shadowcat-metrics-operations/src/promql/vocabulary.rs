//! Which series there are, with which labels and values: those of the schema, those that rules record, and those of others.

use std::collections::{BTreeMap, BTreeSet};

use shadowcat_metrics_codegen::model::{LabelId, LabelValue, LabelValues, Metric, Registry};
use shadowcat_metrics_codegen::name::{open_metrics_family, pascal_case};

use super::alerts::{Alerts, Known};
use super::labels::Labels;
use super::tokens::Place;
use crate::Schema;
use crate::kinds::KindRow;

/// Series that Prometheus makes for every target.
const OF_TARGETS: [&str; 7] = [
    "scrape_body_size_bytes",
    "scrape_duration_seconds",
    "scrape_samples_post_metric_relabeling",
    "scrape_samples_scraped",
    "scrape_series_added",
    "scrape_timeout_seconds",
    "up",
];

/// Other series that Prometheus makes. A `*` stands for any rest.
const PROMETHEUS: [&str; 3] = ["scrape_*", "ALERTS", "ALERTS_FOR_STATE"];

/// Labels that every scraped series has.
const TARGET: [&str; 2] = ["job", "instance"];

/// Labels of which a selector asks for one value, with that and where it is written.
pub(super) type Pins = BTreeMap<String, (String, Place)>;

/// Series of one name.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) shape: Shape,
    /// By name, without those that scraping adds.
    pub(super) labels: BTreeMap<String, Values>,
    /// Whether scraping adds labels. A record has those that its rule leaves, and no others.
    pub(super) scraped: bool,
    /// Whether every target of Prometheus has it, whatever its program and its labels.
    pub(super) of_any_target: bool,
    /// What its values never exceed, if that is known.
    pub(super) ceiling: Option<Ceiling>,
}

/// What values never exceed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ceiling {
    /// The highest bound of the buckets that a quantile is computed from.
    Bound(f64),
    /// All of what something is a share of, in its unit.
    Whole(f64),
    /// The 1 of the state that something is in.
    State,
}

impl Ceiling {
    /// The value itself.
    #[must_use]
    pub const fn highest(self) -> f64 {
        match self {
            Self::Bound(highest) | Self::Whole(highest) => highest,
            Self::State => 1.0,
        }
    }
}

/// What can be done with the values of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Only goes up: to be rated.
    Counter,
    /// Goes up and down.
    Gauge,
    /// The name of a histogram, of which there is no series without a suffix.
    Histogram,
    /// Whatever a rule records that people wrote.
    Recorded,
}

/// The values of a label.
#[derive(Debug, Clone)]
pub(super) enum Values {
    /// Any.
    Open,
    /// These.
    Closed(Vec<String>),
    /// Bucket bounds, in their one spelling.
    Bounds(Vec<f64>),
}

/// What queries may name.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    pub(super) namespace: String,
    pub(super) series: BTreeMap<String, Series>,
    /// Names, or beginnings with a `*` behind.
    external: Vec<String>,
    /// Labels that scraping adds.
    pub(super) target_labels: Vec<String>,
    /// The labels of the schema, which mean the same wherever they are.
    labels: BTreeMap<String, Values>,
    pub(super) alerts: Alerts,
}

impl Vocabulary {
    /// What the schema exposes. Series that rules record are added by [`record`](Self::record).
    #[must_use]
    pub fn new(schema: &Schema) -> Self {
        let registry = &schema.registry;
        let target_labels = TARGET.map(str::to_owned).into_iter();
        let external = PROMETHEUS.map(str::to_owned).into_iter();
        let mut vocabulary = Self {
            namespace: registry.namespace.clone(),
            series: BTreeMap::new(),
            external: external
                .chain(schema.settings.external.iter().cloned())
                .collect(),
            target_labels: target_labels
                .chain(schema.settings.target_labels.iter().cloned())
                .collect(),
            labels: (0..registry.labels.len())
                .map(|id| values(registry, LabelId(id)))
                .collect(),
            alerts: Alerts::new(pascal_case(&registry.namespace)),
        };
        for name in OF_TARGETS {
            let series = Series {
                shape: Shape::Gauge,
                labels: BTreeMap::new(),
                scraped: true,
                of_any_target: true,
                ceiling: None,
            };
            vocabulary.series.insert(name.to_owned(), series);
        }
        for metric in &registry.metrics {
            vocabulary.add_metric(registry, metric);
        }
        vocabulary
    }

    /// Adds a series that a rule of the schema records, with the labels that it has; their values are those of the schema.
    pub fn record(
        &mut self,
        name: impl Into<String>,
        labels: impl IntoIterator<Item = String>,
        ceiling: Option<Ceiling>,
    ) {
        let series = Series {
            shape: Shape::Gauge,
            labels: self.valued(labels).collect(),
            scraped: false,
            of_any_target: false,
            ceiling,
        };
        self.series.insert(name.into(), series);
    }

    /// Adds a series that a rule records which people wrote, with the labels that it has; they may have any values. What the
    /// schema has under this name stays as it is.
    pub fn record_by_hand(
        &mut self,
        name: impl Into<String>,
        labels: impl IntoIterator<Item = String>,
        ceiling: Option<Ceiling>,
    ) {
        let labels = labels.into_iter().map(|label| (label, Values::Open));
        let series = Series {
            shape: Shape::Recorded,
            labels: labels.collect(),
            scraped: false,
            of_any_target: false,
            ceiling,
        };
        self.series.entry(name.into()).or_insert(series);
    }

    /// Adds an alert of the schema, with the labels that its series have, if they can be told, and those that its rule sets.
    /// The values of the former are those of the schema.
    pub fn alert(
        &mut self,
        name: impl Into<String>,
        labels: Option<BTreeSet<String>>,
        set: impl IntoIterator<Item = (String, String)>,
    ) {
        let set = set.into_iter().map(|(label, value)| (label, Some(value)));
        let labels = Known::new(labels.map(|labels| self.valued(labels)), set);
        self.alerts.add(name.into(), labels);
    }

    /// Adds an alert that people wrote, if the schema has none of this name; the labels that its series have may have any values,
    /// and so may those whose values its rule leaves to a template.
    pub fn alert_by_hand(
        &mut self,
        name: impl Into<String>,
        labels: Option<BTreeSet<String>>,
        set: impl IntoIterator<Item = (String, Option<String>)>,
    ) {
        let any = |label| (label, Values::Open);
        let labels = Known::new(labels.map(|labels| labels.into_iter().map(any)), set);
        self.alerts.add_by_hand(name.into(), labels);
    }

    /// Takes back what [`record_by_hand`](Self::record_by_hand) said about labels.
    pub fn forget(&mut self, name: &str) {
        let is_by_hand = |series: &Series| series.shape == Shape::Recorded;
        if self.series.get(name).is_some_and(is_by_hand) {
            self.series.remove(name);
        }
    }

    /// Lets a series be named whose labels are not known, such as one that a rule records which people wrote.
    pub fn allow(&mut self, name: impl Into<String>) {
        let name = name.into();
        if !self.series.contains_key(&name) {
            self.external.push(name);
        }
    }

    /// Labels with the values that they have in the schema.
    fn valued(
        &self,
        labels: impl IntoIterator<Item = String>,
    ) -> impl Iterator<Item = (String, Values)> {
        labels.into_iter().map(|label| {
            let values = self.labels.get(&label);
            let values = values.filter(|_| !TARGET.contains(&label.as_str()));
            let values = values.cloned().unwrap_or(Values::Open);
            (label, values)
        })
    }

    /// The labels of a series.
    pub(super) fn labels_of(&self, series: &Series) -> Labels {
        let own = series.labels.keys().cloned();
        if series.scraped {
            return Labels::certain(own.chain(self.target_labels.iter().cloned()));
        }
        // A store of several servers may have added to a record what scraping adds.
        Labels::certain(own).and_possibly(self.added_labels())
    }

    /// Whether a label of a series comes from scraping. What a store of several servers adds is on records too.
    pub(super) fn is_of_target(&self, series: &Series, label: &str) -> bool {
        let added = self.target_labels.iter().any(|known| known == label);
        added && (series.scraped || !TARGET.contains(&label))
    }

    /// Whether a label is one that scraping adds beside those that every Prometheus does.
    pub(super) fn is_added(&self, label: &str) -> bool {
        let mut added = self.target_labels.iter();
        added.any(|known| known == label) && !TARGET.contains(&label)
    }

    /// The labels of targets beside those that every Prometheus gives them.
    pub(super) fn added_labels(&self) -> impl Iterator<Item = String> {
        let labels = self.target_labels.iter().cloned();
        labels.filter(|label| !TARGET.contains(&label.as_str()))
    }

    /// Whether somebody else answers for a name.
    pub(super) fn is_external(&self, name: &str) -> bool {
        self.external
            .iter()
            .any(|known| match known.strip_suffix('*') {
                Some(beginning) => name.starts_with(beginning),
                None => known == name,
            })
    }

    /// Whether the schema is to answer for a name.
    pub(super) fn is_own(&self, name: &str) -> bool {
        let rest = name.strip_prefix(self.namespace.as_str());
        rest.is_some_and(|rest| rest.starts_with('_'))
    }

    fn add_metric(&mut self, registry: &Registry, metric: &Metric) {
        let labels: BTreeMap<_, _> = metric
            .labels
            .iter()
            .map(|id| values(registry, *id))
            .collect();
        self.add_series(registry, &metric.exposed, metric, &labels);
        // Both names are exposed, until the former goes.
        if let Some(former) = &metric.former {
            self.add_series(registry, &former.name, metric, &labels);
        }
    }

    fn add_series(
        &mut self,
        registry: &Registry,
        name: &str,
        metric: &Metric,
        labels: &BTreeMap<String, Values>,
    ) {
        let spec = metric.kind.spec();
        let ceiling = match spec.states {
            Some(_) => Some(Ceiling::State),
            None => registry.is_share(metric).then_some(Ceiling::Whole(1.0)),
        };
        let mut add = |name: String, shape, labels| {
            let series = Series {
                shape,
                labels,
                scraped: true,
                of_any_target: false,
                ceiling: ceiling.filter(|_| shape == Shape::Gauge),
            };
            self.series.insert(name, series);
        };
        if spec.suffixes.contains(&"_created") {
            let family = open_metrics_family(name, &metric.kind);
            add(format!("{family}_created"), Shape::Gauge, labels.clone());
        }
        for (suffix, shape) in KindRow::of(&metric.kind).series {
            let mut labels = labels.clone();
            if *suffix == "_bucket" {
                let bounds = registry.bounds(metric).unwrap_or_default();
                labels.insert("le".to_owned(), Values::Bounds(bounds.to_vec()));
            }
            if let Some(states) = spec.states {
                labels.insert(name.to_owned(), values(registry, states).1);
            }
            add(format!("{name}{suffix}"), *shape, labels);
        }
    }
}

/// A label's name and the values that it may have.
fn values(registry: &Registry, id: LabelId) -> (String, Values) {
    let label = &registry.labels[id.0];
    let values = match &label.values {
        LabelValues::Closed(values) => Values::Closed(exposed_values(values)),
        LabelValues::Open { .. } => Values::Open,
    };
    (label.name.clone(), values)
}

/// The values of a closed label as they are exposed, with those that they were before.
fn exposed_values(values: &[LabelValue]) -> Vec<String> {
    let former = values.iter().filter_map(|value| value.former.as_ref());
    let former: Vec<_> = former.map(|former| former.name.clone()).collect();
    values
        .iter()
        .map(|value| value.value.clone())
        .chain(former)
        .collect()
}

//! The series that queries may use, with their labels and values: those of the schema, of recording rules,
//! and of other programs.

use std::collections::{BTreeMap, BTreeSet};

use shadowcat_metrics_authoring::conditions::conditions;
use shadowcat_metrics_codegen::model::{
    LabelId, LabelValue, LabelValues, Metric, MetricId, Operand, Registry, Storage, Unit,
};
use shadowcat_metrics_codegen::name::{TARGET_LABELS, open_metrics_family, pascal_case};

use shadowcat_metrics_codegen::suggest;

use super::alerts::{AlertLabels, Alerts};
use super::labels::Labels;
use super::query::{Place, Query};
use super::write::{BUCKET, Form, Histograms, highest_bound};
use crate::Schema;
use crate::duration::Scale;
use crate::kinds::KindRow;
use crate::program::Part;
use crate::rules::{self, AlertRule, Record};

/// Series that Prometheus creates for every target.
const OF_TARGETS: [&str; 7] = [
    "scrape_body_size_bytes",
    "scrape_duration_seconds",
    "scrape_samples_post_metric_relabeling",
    "scrape_samples_scraped",
    "scrape_series_added",
    "scrape_timeout_seconds",
    "up",
];

/// Other series that Prometheus creates. A `*` matches any suffix.
const PROMETHEUS: [&str; 3] = ["scrape_*", "ALERTS", "ALERTS_FOR_STATE"];

/// Labels for which a selector accepts one value, with the value and its position.
pub(super) type Pins = BTreeMap<String, (String, Place)>;

/// The series with one name.
#[derive(Debug, Clone)]
pub(super) struct Series {
    pub(super) shape: Shape,
    /// Their labels by name, without those that scraping adds.
    pub(super) labels: BTreeMap<String, Values>,
    /// Labels that not every series has.
    pub(super) optional: BTreeSet<String>,
    /// The labels that depend on the value of another label.
    pub(super) sums: Sums,
    /// Whether scraping adds labels. A recorded series has only those that its rule keeps.
    pub(super) scraped: bool,
    /// Whether every Prometheus target has it, regardless of its program and labels.
    pub(super) of_any_target: bool,
    /// What to do instead of using it, if it is deprecated.
    pub(super) deprecated: Option<String>,
    /// Deprecated values, each with its label and what to do instead.
    pub(super) deprecated_values: Vec<(String, String, String)>,
    /// Renamed label values, whose series are exposed under both names.
    pub(super) renamed: Vec<Renamed>,
    /// The maximum of its values, if known.
    pub(super) ceiling: Option<Ceiling>,
    /// The type of its samples.
    pub(super) samples: Samples,
    /// The form of the histogram that it belongs to, if any.
    pub(super) form: Option<Form>,
    /// Whether the schema declares that histogram as a native one, besides its buckets.
    pub(super) is_native: bool,
    /// The highest bucket bound of a histogram in this form.
    pub(super) highest: Option<f64>,
}

/// A renamed value of a label.
#[derive(Debug, Clone)]
pub(super) struct Renamed {
    /// The name of the label in the series.
    pub(super) label: String,
    pub(super) current: String,
    pub(super) former: String,
}

impl Series {
    /// Creates series that a rule records.
    const fn new(shape: Shape, labels: BTreeMap<String, Values>) -> Self {
        Self {
            shape,
            labels,
            optional: BTreeSet::new(),
            sums: Sums {
                parts: Vec::new(),
                conditions: Vec::new(),
            },
            scraped: false,
            of_any_target: false,
            deprecated: None,
            deprecated_values: Vec::new(),
            renamed: Vec::new(),
            ceiling: None,
            samples: match shape {
                Shape::Counter | Shape::Gauge => Samples::Numbers,
                Shape::Histogram => Samples::Histograms,
                Shape::Recorded => Samples::Unknown,
            },
            form: None,
            is_native: false,
            highest: None,
        }
    }
}

/// The type of a series' samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Samples {
    /// Not known in advance.
    #[default]
    Unknown,
    /// Numbers, including the buckets of classic histograms.
    Numbers,
    /// Native histograms.
    Histograms,
}

/// The combinations of labels that series have, if some labels depend on the value of another.
#[derive(Debug, Clone, Default)]
pub(super) struct Sums {
    /// Each combination of labels, with their values. Empty if no label depends on another.
    pub(super) parts: Vec<BTreeMap<String, Values>>,
    /// The conditions for labels: a label's name, the label that decides, and the values for which series have it.
    pub(super) conditions: Vec<(String, String, Vec<String>)>,
}

impl Sums {
    fn new(registry: &Registry, metric: &Metric) -> Self {
        if metric.sums.is_empty() {
            return Self::default();
        }
        let parts = registry.parts(metric).into_iter().map(|part| {
            let labels = part.labels.iter().map(|label| {
                let (name, values) = values(registry, label.id);
                let listed = label.values.as_ref().map(|positions| {
                    let values = registry.labels[label.id.0].closed_values();
                    let values = positions
                        .iter()
                        .filter_map(|position| values.get(*position));
                    let values: Vec<_> = values.cloned().collect();
                    Values::Closed(exposed_values(&values))
                });
                (name, listed.unwrap_or(values))
            });
            labels.collect()
        });
        let sums = metric.sums.iter();
        let conditions = sums.flat_map(|sum| conditions(registry, sum.sum));
        let name = |id: LabelId| registry.labels[id.0].name.clone();
        let conditions = conditions.map(|condition| {
            let values = registry.values_at(condition.of, &condition.values);
            let values = values.into_iter().map(str::to_owned).collect();
            (name(condition.label), name(condition.of), values)
        });
        Self {
            parts: parts.collect(),
            conditions: conditions.collect(),
        }
    }

    /// Returns the condition under which series have a label, for messages: "where `method` is `tools/call`".
    pub(super) fn condition(&self, label: &str) -> Option<String> {
        let conditions = self.conditions.iter().filter(|(name, ..)| name == label);
        let conditions: Vec<_> = conditions
            .map(|(_, of, values)| {
                let values = suggest::list(values.iter().map(String::as_str));
                format!("`{of}` is {values}")
            })
            .collect();
        (!conditions.is_empty()).then(|| conditions.join(" or "))
    }
}

/// The maximum of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Ceiling {
    /// The highest bound of a quantile's buckets.
    Bound(f64),
    /// The maximum of a share, such as 1.
    Whole(f64),
    /// The maximum of a state's series: 1 for the current state.
    State,
}

impl Ceiling {
    /// Returns the maximum.
    #[must_use]
    pub const fn highest(self) -> f64 {
        match self {
            Self::Bound(highest) | Self::Whole(highest) => highest,
            Self::State => 1.0,
        }
    }
}

/// The behavior of a series' values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Only goes up; queries use its rate.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A native histogram, or the name of a classic one, which has no series without a suffix.
    Histogram,
    /// A series recorded by a hand-written rule.
    Recorded,
}

/// The values of a label.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Any value.
    Open,
    /// One of these values.
    Closed(Vec<String>),
    /// Bucket bounds, in their exposed spelling.
    Bounds(Vec<f64>),
}

/// The names that queries may use.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    /// The namespaces of the schemas.
    namespaces: Vec<String>,
    pub(super) series: BTreeMap<String, Series>,
    /// Names of other programs' series. Each hand-written recording rule adds one, so there may be thousands.
    external: BTreeSet<String>,
    /// Prefixes of the names of other programs' series.
    external_prefixes: Vec<String>,
    /// Labels that scraping adds.
    pub(super) target_labels: Vec<String>,
    /// Exposed names of the schema's labels by their keys, where they differ.
    keys: BTreeMap<String, String>,
    /// The schema's labels, which have the same meaning everywhere.
    labels: BTreeMap<String, Values>,
    pub(super) alerts: Alerts,
    /// The forms of histograms that have series.
    pub(super) histograms: Histograms,
}

impl Vocabulary {
    /// Returns the names that a schema's queries may use: its metrics, recorded series, alerts and declared
    /// external series.
    #[must_use]
    pub fn of_schema(schema: &Schema) -> Self {
        let mut vocabulary = Self::of_metrics(schema);
        for record in rules::records(schema, Scale::ONE) {
            vocabulary.record(record);
        }
        for (rule, query) in rules::alert_rules(schema) {
            vocabulary.alert(rule, &query);
        }
        vocabulary
    }

    /// Returns the names that queries of a program may use: those of its own schema and of the other schemas.
    #[must_use]
    pub fn of_program(schema: &Schema, parts: &[Part]) -> Self {
        let others = parts.iter().map(|part| Self::of_schema(&part.schema));
        others.fold(Self::of_schema(schema), Self::and)
    }

    /// Returns the names of a schema's metrics and external series.
    fn of_metrics(schema: &Schema) -> Self {
        let registry = &schema.registry;
        let target_labels = TARGET_LABELS.map(str::to_owned).into_iter();
        let external = schema.settings.external.iter().map(String::as_str);
        let (patterns, names): (Vec<_>, Vec<_>) = PROMETHEUS
            .into_iter()
            .chain(external)
            .partition(|name| name.ends_with('*'));
        let prefixes = patterns.iter().map(|pattern| pattern.trim_end_matches('*'));
        let mut vocabulary = Self {
            namespaces: vec![registry.namespace.clone()],
            series: BTreeMap::new(),
            external: names.into_iter().map(str::to_owned).collect(),
            external_prefixes: prefixes.map(str::to_owned).collect(),
            target_labels: target_labels
                .chain(schema.settings.target_labels.iter().cloned())
                .collect(),
            keys: registry
                .labels
                .iter()
                .filter(|label| label.key != label.name)
                .map(|label| (label.key.clone(), label.name.clone()))
                .collect(),
            labels: (0..registry.labels.len())
                .map(|id| values(registry, LabelId(id)))
                .collect(),
            alerts: Alerts::new(pascal_case(&registry.namespace)),
            histograms: schema.settings.histograms,
        };
        for name in OF_TARGETS {
            let series = Series {
                scraped: true,
                of_any_target: true,
                ..Series::new(Shape::Gauge, BTreeMap::new())
            };
            vocabulary.series.insert(name.to_owned(), series);
        }
        for metric in &registry.metrics {
            vocabulary.add_metric(registry, metric);
        }
        vocabulary
    }

    /// Adds the names of another schema of the same program. A label that the schemas declare in different ways may have any
    /// value where a rule records it.
    fn and(mut self, other: Self) -> Self {
        self.namespaces.extend(other.namespaces);
        for (name, series) in other.series {
            self.series.entry(name).or_insert(series);
        }
        self.external.extend(other.external);
        self.external_prefixes.extend(other.external_prefixes);
        self.keys.extend(other.keys);
        self.target_labels.extend(other.target_labels);
        for (label, values) in other.labels {
            match self.labels.get_mut(&label) {
                Some(known) if *known != values => *known = Values::Open,
                Some(_) => {}
                None => {
                    self.labels.insert(label, values);
                }
            }
        }
        self.alerts.extend(other.alerts);
        self
    }

    /// Adds a series that a rule of the schema records. Its labels have the schema's values.
    fn record(&mut self, record: Record) {
        let series = Series {
            ceiling: record.ceiling,
            ..Series::new(Shape::Gauge, self.valued(record.labels).collect())
        };
        self.series.insert(record.name, series);
    }

    /// Adds a series that a hand-written rule records. Its labels may have any values. It does not replace a
    /// series of the schema.
    pub fn record_by_hand(
        &mut self,
        name: impl Into<String>,
        labels: impl IntoIterator<Item = String>,
        ceiling: Option<Ceiling>,
        samples: Samples,
    ) {
        let labels = labels.into_iter().map(|label| (label, Values::Open));
        let series = Series {
            ceiling,
            samples,
            ..Series::new(Shape::Recorded, labels.collect())
        };
        self.series.entry(name.into()).or_insert(series);
    }

    /// Adds an alert of the schema, with the labels of its series, if known, and those that its rule sets.
    /// The former have the schema's values.
    fn alert(&mut self, rule: AlertRule, query: &Query) {
        let labels = query.result(self).labels.map(Labels::into_certain);
        let set = rule.labels.into_iter();
        let set = set.map(|(label, value)| (label, Some(value)));
        let labels = AlertLabels::new(labels.map(|labels| self.valued(labels)), set);
        self.alerts.add(rule.alert, labels);
    }

    /// Adds a hand-written alert, unless the schema has one of this name. The labels of its series may have
    /// any values, and so may labels whose values are templates.
    pub fn alert_by_hand(
        &mut self,
        name: impl Into<String>,
        labels: Option<BTreeSet<String>>,
        set: impl IntoIterator<Item = (String, Option<String>)>,
    ) {
        let any = |label| (label, Values::Open);
        let labels = AlertLabels::new(labels.map(|labels| labels.into_iter().map(any)), set);
        self.alerts.add_by_hand(name.into(), labels);
    }

    /// Reverts [`record_by_hand`](Self::record_by_hand).
    pub fn forget(&mut self, name: &str) {
        let is_by_hand = |series: &Series| series.shape == Shape::Recorded;
        if self.series.get(name).is_some_and(is_by_hand) {
            self.series.remove(name);
        }
    }

    /// Allows a series with unknown labels, such as one from a hand-written rule.
    pub fn allow(&mut self, name: impl Into<String>) {
        let name = name.into();
        if !self.series.contains_key(&name) {
            self.external.insert(name);
        }
    }

    /// Adds the schema's values to labels.
    fn valued(
        &self,
        labels: impl IntoIterator<Item = String>,
    ) -> impl Iterator<Item = (String, Values)> {
        labels.into_iter().map(|label| {
            let values = self.labels.get(&label);
            let values = values.filter(|_| !TARGET_LABELS.contains(&label.as_str()));
            let values = values.cloned().unwrap_or(Values::Open);
            (label, values)
        })
    }

    /// Returns the same names, with the series of each form of histograms.
    #[must_use]
    pub(crate) fn with_each_form(self) -> Self {
        Self {
            histograms: Histograms::Both,
            ..self
        }
    }

    /// Returns whether there are series: those of a histogram depend on its form and on the setting.
    pub(super) fn has_series(&self, series: &Series) -> bool {
        let forms = self.histograms.forms();
        let is_declared = |form| form == Form::Native && series.is_native;
        series
            .form
            .is_none_or(|form| forms.contains(&form) || is_declared(form))
    }

    /// Returns the most similar name of a series: the counter whose suffix the name lacks, or else the name with the fewest edits.
    pub(super) fn nearest(&self, name: &str) -> Option<&str> {
        let is_counter = |counter: &&str| counter.strip_suffix("_total") == Some(name);
        let counter = self.names().find(is_counter);
        counter.or_else(|| suggest::nearest(name, self.names()))
    }

    /// Returns whether an unknown name is probably a misspelling of its [`nearest`](Self::nearest) name: only the suffix of counters is
    /// missing, or each word is the same or has one typo, and no other name is as near. All names of a schema begin alike, so names of
    /// different metrics may be near as a whole: `app_http_responses_total` and `app_http_requests_total`.
    pub(super) fn is_misspelling(&self, name: &str, nearest: &str) -> bool {
        let (words, others) = (name.split('_'), nearest.split('_'));
        let are_typos = words.clone().count() == others.clone().count()
            && words
                .zip(others)
                .all(|(word, other)| word == other || is_typo(word, other));
        let lacks_suffix = nearest.strip_suffix("_total") == Some(name);
        let is_only = || suggest::nearest(name, self.names().rev()) == Some(nearest);
        lacks_suffix || are_typos && is_only()
    }

    /// Returns the names of all series, in alphabetical order.
    pub(super) fn names(&self) -> impl DoubleEndedIterator<Item = &str> {
        let series = self.series.iter();
        let existing = series.filter(|(_, series)| self.has_series(series));
        existing.map(|(name, _)| name.as_str())
    }

    /// Returns whether a name is that of a series that targets expose.
    pub(crate) fn is_scraped(&self, name: &str) -> bool {
        let series = self.series.get(name);
        series.is_some_and(|series| series.scraped && self.has_series(series))
    }

    /// Returns the labels of a series.
    pub(super) fn labels_of(&self, series: &Series) -> Labels {
        let own = series.labels.keys().cloned();
        if series.scraped {
            let all = own.chain(self.target_labels.iter().cloned());
            return Labels::certain(all).with_keys(&self.keys);
        }
        // A store of several servers may have added target labels to recorded series.
        Labels::certain(own)
            .and_possibly(self.added_labels())
            .with_keys(&self.keys)
    }

    /// Returns whether scraping adds a label to a series. A store of several servers also adds labels to
    /// recorded series.
    pub(super) fn is_of_target(&self, series: &Series, label: &str) -> bool {
        let added = self.target_labels.iter().any(|known| known == label);
        added && (series.scraped || !TARGET_LABELS.contains(&label))
    }

    /// Returns whether scraping adds a label besides those that every Prometheus adds.
    pub(super) fn is_added(&self, label: &str) -> bool {
        let mut added = self.target_labels.iter();
        added.any(|known| known == label) && !TARGET_LABELS.contains(&label)
    }

    /// Returns the labels that scraping adds besides those that every Prometheus adds.
    pub(super) fn added_labels(&self) -> impl Iterator<Item = String> {
        let labels = self.target_labels.iter().cloned();
        labels.filter(|label| !TARGET_LABELS.contains(&label.as_str()))
    }

    /// Returns whether a name belongs to another program.
    pub(super) fn is_external(&self, name: &str) -> bool {
        let mut prefixes = self.external_prefixes.iter();
        self.external.contains(name) || prefixes.any(|prefix| name.starts_with(prefix))
    }

    /// Returns whether a name belongs to the schema.
    pub(super) fn is_own(&self, name: &str) -> bool {
        let mut namespaces = self.namespaces.iter();
        namespaces.any(|namespace| {
            let rest = name.strip_prefix(namespace.as_str());
            rest.is_some_and(|rest| rest.starts_with('_'))
        })
    }

    fn add_metric(&mut self, registry: &Registry, metric: &Metric) {
        let labels: BTreeMap<_, _> = metric
            .labels
            .iter()
            .map(|id| values(registry, *id))
            .collect();
        self.add_series(registry, &metric.exposed, metric, &labels);
        // Both names are exposed until the former one expires.
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
            None => is_share(registry, metric).then_some(Ceiling::Whole(1.0)),
        };
        let optional = metric.optional.iter();
        let optional: BTreeSet<_> = optional
            .map(|id| registry.labels[id.0].name.clone())
            .collect();
        let sums = Sums::new(registry, metric);
        let deprecated = metric.deprecated.as_ref().map(|deprecation| {
            let replacement = deprecation.replacement;
            let replacement = replacement.map(|id| registry.metrics[id.0].exposed.as_str());
            advice(replacement, deprecation.note.as_deref())
        });
        let by_name = metric.labels.iter();
        let by_name = by_name.map(|id| (registry.labels[id.0].name.as_str(), *id));
        let states = spec.states.map(|states| (name, states));
        let closed: Vec<_> = by_name.chain(states).collect();
        let closed = || closed.iter().copied();
        let deprecated_values: Vec<_> = closed()
            .flat_map(|(label, id)| deprecated_values(registry, label, id))
            .collect();
        let renamed: Vec<_> = closed()
            .flat_map(|(label, id)| renamed_values(registry, label, id))
            .collect();
        let highest = |form: Option<Form>| highest_bound(registry, metric, form?);
        let mut add = |name: String, shape, form, labels| {
            let series = Series {
                optional: optional.clone(),
                sums: sums.clone(),
                deprecated: deprecated.clone(),
                deprecated_values: deprecated_values.clone(),
                renamed: renamed.clone(),
                scraped: true,
                ceiling: ceiling.filter(|_| shape == Shape::Gauge),
                highest: highest(form),
                form,
                is_native: metric.native.is_some(),
                ..Series::new(shape, labels)
            };
            self.series.insert(name, series);
        };
        if spec.has_created {
            let family = open_metrics_family(name, &metric.kind);
            let name = format!("{family}_created");
            add(name, Shape::Gauge, None, labels.clone());
        }
        let shape = KindRow::of(&metric.kind).shape;
        let is_histogram = spec.buckets.is_some();
        for suffix in spec.sample_suffixes {
            let mut labels = labels.clone();
            if *suffix == BUCKET {
                let bounds = registry.bounds(metric).unwrap_or_default();
                labels.insert("le".to_owned(), Values::Bounds(bounds.to_vec()));
            }
            if let Some(states) = spec.states {
                labels.insert(name.to_owned(), values(registry, states).1);
            }
            let form = is_histogram.then_some(Form::Classic);
            add(format!("{name}{suffix}"), shape, form, labels);
        }
        if is_histogram {
            let form = Some(Form::Native);
            add(name.to_owned(), Shape::Histogram, form, labels.clone());
        }
    }
}

/// Returns whether two different words are probably the same word with one typo. Short words and numbers are often counterparts:
/// `get` and `set`, `v1` and `v2`, `http1` and `http2`. A replaced letter makes counterparts of longer words, too: `sent` and
/// `send`, `hits` and `bits`.
fn is_typo(word: &str, other: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<_> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    let digits = |word: &str| word.replace(|letter: char| !letter.is_ascii_digit(), "");
    let (letters, others) = (sorted(word), sorted(other));
    let is_replaced = letters.len() == others.len() && letters != others;
    let least = if is_replaced { 6 } else { 4 };
    letters.len().min(others.len()) >= least
        && digits(word) == digits(other)
        && suggest::edits(word, other).is_some_and(|edits| edits <= 1)
}

/// Returns what to do instead of using a deprecated metric or value.
fn advice(replacement: Option<&str>, note: Option<&str>) -> String {
    match (replacement, note) {
        (Some(replacement), _) => format!("expected `{replacement}`"),
        (None, Some(note)) => note.to_owned(),
        (None, None) => "remove it: nothing replaces it".to_owned(),
    }
}

/// Returns the deprecated values of a label that a series calls `name`, each with what to do instead.
fn deprecated_values(
    registry: &Registry,
    name: &str,
    id: LabelId,
) -> impl Iterator<Item = (String, String, String)> {
    let values = registry.labels[id.0].closed_values().iter();
    values.filter_map(move |value| {
        let deprecation = value.deprecated.as_ref()?;
        let replacement = deprecation.replacement.as_deref();
        let advice = advice(replacement, deprecation.note.as_deref());
        Some((name.to_owned(), value.value.clone(), advice))
    })
}

/// Returns the renamed values of a label that a series calls `name`.
fn renamed_values(registry: &Registry, name: &str, id: LabelId) -> impl Iterator<Item = Renamed> {
    let values = registry.labels[id.0].closed_values().iter();
    values.filter_map(move |value| {
        Some(Renamed {
            label: name.to_owned(),
            current: value.value.clone(),
            former: value.former.as_ref()?.name.clone(),
        })
    })
}

/// Returns a label's name and values.
fn values(registry: &Registry, id: LabelId) -> (String, Values) {
    let label = &registry.labels[id.0];
    let values = match &label.values {
        LabelValues::Closed(values) => Values::Closed(exposed_values(values)),
        LabelValues::Open { .. } => Values::Open,
    };
    (label.name.clone(), values)
}

/// Returns the exposed values of a closed label, including former ones.
fn exposed_values(values: &[LabelValue]) -> Vec<String> {
    let former = values.iter().filter_map(|value| value.former.as_ref());
    let former: Vec<_> = former.map(|former| former.name.clone()).collect();
    values
        .iter()
        .map(|value| value.value.clone())
        .chain(former)
        .collect()
}

/// Returns whether a metric's values are shares, and so never above 1: a gauge whose unit is a ratio, or
/// a ratio whose denominator includes its numerator.
pub(crate) fn is_share(registry: &Registry, metric: &Metric) -> bool {
    let is_counter = |id: &MetricId| registry.metrics[id.0].kind.is_counter();
    let spec = metric.kind.spec();
    match spec.operands {
        Some((numerator, denominator)) => {
            denominator.iter().all(is_counter)
                && numerator.iter().all(|part| denominator.contains(part))
        }
        // An up-down counter may have any value within one thread.
        None => {
            spec.operand == Some(Operand::Gauge)
                && spec.storage != Storage::PerThread
                && metric.unit == Unit::Ratio
        }
    }
}

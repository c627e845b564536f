//! Infers a schema from an exposition page: kinds, units, labels and bounds as the page shows them, and names such that the
//! schema exposes the page's names again. The draft is compiled and changed until the compiler reports nothing.

mod gather;
mod labels;
mod names;
mod native;
mod settle;
mod sums;
mod write;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use shadowcat_metrics_codegen::model::Unit;
use shadowcat_metrics_conformance::Page;
use shadowcat_metrics_conformance::page::Family;

use crate::format::format_schema;

/// An inferred schema.
#[derive(Debug)]
pub(crate) struct Proposal {
    /// TOML without errors or warnings.
    pub(crate) schema: String,
    /// Number of metrics in the schema.
    pub(crate) metrics: usize,
    /// Differences between the schema and the page, one per line.
    pub(crate) notes: Vec<String>,
}

/// The reason why no schema can be inferred.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) reason: String,
    /// Notes on the page up to the refusal.
    pub(crate) notes: Vec<String>,
}

/// A draft of a schema.
#[derive(Debug, Default)]
struct Draft {
    namespace: String,
    budget: u64,
    labels: Vec<DraftLabel>,
    sums: Vec<sums::DraftSum>,
    sets: Vec<write::BucketSet>,
    groups: Vec<DraftGroup>,
    metrics: Vec<DraftMetric>,
    notes: Vec<String>,
}

#[derive(Debug)]
struct DraftLabel {
    name: String,
    /// Name on the page, which may be invalid in a schema.
    called: String,
    /// Values on the page.
    seen: BTreeSet<String>,
    closed: bool,
    /// Whether its values are the states of a metric.
    is_states: bool,
    /// Whether the label's limit is the number of values on the page.
    has_no_reserve: bool,
    allow: BTreeSet<&'static str>,
}

impl Draft {
    /// Returns the positions of the labels by name.
    fn label_places(&self) -> HashMap<String, usize> {
        let labels = self.labels.iter().enumerate();
        labels
            .map(|(place, label)| (label.name.clone(), place))
            .collect()
    }

    /// Counts the values of labels in these metrics only.
    fn count_values(&mut self, metrics: &[usize]) {
        for label in &mut self.labels {
            label.seen.clear();
        }
        let places = self.label_places();
        let values = metrics
            .iter()
            .flat_map(|metric| &self.metrics[*metric].values);
        for (name, values) in values {
            if let Some(place) = places.get(name) {
                self.labels[*place].seen.extend(values.iter().cloned());
            }
        }
    }
}

#[derive(Debug)]
struct DraftGroup {
    name: String,
    labels: Vec<String>,
    /// Positions of the sum labels that it binds among the draft's.
    sums: Vec<usize>,
    allow: BTreeSet<&'static str>,
}

#[derive(Debug)]
struct DraftMetric {
    /// Index of its family on the page.
    family: usize,
    exposed: String,
    group: String,
    key: String,
    kind: &'static str,
    unit: Unit,
    /// Why the metric lost its unit, if it did.
    unit_lost: Option<String>,
    /// Labels, including the group's.
    labels: Vec<String>,
    /// Labels that some of its series lack.
    optional: BTreeSet<String>,
    /// Positions of its sum labels among the draft's, including the group's.
    sums: Vec<usize>,
    /// The values of its labels and states on the page, by label name.
    values: Vec<(String, BTreeSet<String>)>,
    bounds: Vec<f64>,
    /// The bounds in the schema's syntax.
    buckets: String,
    /// The native buckets in the schema's syntax.
    native: Option<String>,
    has_exemplars: bool,
    /// Name of the label whose values are the states.
    states: Option<String>,
    help: String,
    /// A comment for the schema's author.
    remark: Option<&'static str>,
    allow: BTreeSet<&'static str>,
}

/// Infers a schema from a page. The default namespace is the most frequent first word of the names.
pub(crate) fn infer(page: &Page, namespace: Option<&str>, from: &str) -> Result<Proposal, Refusal> {
    let mut draft = Draft {
        notes: page.problems.iter().map(ToString::to_string).collect(),
        ..Draft::default()
    };
    match draft_schema(&mut draft, page, namespace, from) {
        Ok(schema) => Ok(Proposal {
            schema,
            metrics: draft.metrics.len(),
            notes: draft.notes,
        }),
        Err(reason) => Err(Refusal {
            reason,
            notes: draft.notes,
        }),
    }
}

fn draft_schema(
    draft: &mut Draft,
    page: &Page,
    namespace: Option<&str>,
    from: &str,
) -> Result<String, String> {
    let mut metrics = gather::gather(page, &mut draft.notes);
    if metrics.is_empty() {
        return Err("there is no metric on the page".to_owned());
    }
    draft.namespace = namespace.map_or_else(|| names::namespace(&metrics), str::to_owned);
    gather::leave_out_own(&mut metrics, &draft.namespace);
    draft.metrics = metrics;
    labels::gather_labels(draft, page);
    names::name(draft);
    labels::share_labels(draft);
    write::write_buckets(&mut draft.metrics);
    draft.sets = write::share_buckets(&draft.metrics, &[]);
    settle::settle(draft, page)?;
    gather::note_differences(draft, page);
    let schema = write::write(draft, from).text;
    format_schema(&schema).map_err(|error| error.to_string())
}

/// Returns the labels that distinguish a family's series: without `le` and `quantile`, which belong to the samples of
/// histograms and summaries.
fn series_labels<'f>(
    family: &'f Family,
    kind: &str,
) -> impl Iterator<Item = impl Iterator<Item = (&'f str, &'f str)>> {
    let is_histogram = kind == "histogram";
    family.samples.iter().map(move |sample| {
        let labels = sample.labels.iter();
        let labels = labels.map(|(name, value)| (name.as_str(), value.as_str()));
        labels.filter(move |(name, _)| !(is_histogram && matches!(*name, "le" | "quantile")))
    })
}

/// The labels of a series with their values. Prometheus treats an empty value as a missing label.
type Series<'p> = BTreeMap<&'p str, &'p str>;

/// Returns the series of a family.
fn series_of<'f>(family: &'f Family, kind: &str) -> BTreeSet<Series<'f>> {
    let series = series_labels(family, kind);
    let series = series.map(|labels| labels.filter(|(_, value)| !value.is_empty()).collect());
    series.collect()
}

#[cfg(test)]
mod tests;

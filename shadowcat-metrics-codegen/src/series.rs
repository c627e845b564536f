//! How many series a metric may expose in the worst case. Every label is bounded, so the number is known.

use crate::model::{Label, LabelId, LabelValues, Metric, Registry};
use crate::name::created_name;

/// Returns the maximum number of values of a label at one time. An open label's overflow value adds one to its `max`, and a
/// renamed value counts twice while its former name is exposed.
#[must_use]
pub fn cardinality(label: &Label) -> u64 {
    match &label.values {
        LabelValues::Closed(values) => {
            let former = values.iter().filter(|value| value.former.is_some());
            (values.len() + former.count()) as u64
        }
        LabelValues::Open { max, .. } => u64::from(*max) + 1,
    }
}

/// Returns the labels that distinguish a metric's series, each with its number of choices: its values, and one more if series
/// may lack it.
pub fn labels<'r>(
    registry: &'r Registry,
    metric: &'r Metric,
) -> impl Iterator<Item = (&'r Label, u64)> {
    metric.series_labels().iter().map(|id| {
        let label = &registry.labels[id.0];
        let none = u64::from(metric.is_optional(*id));
        (label, cardinality(label) + none)
    })
}

/// Number of sample lines for each combination of label values: a histogram's buckets with `+Inf`, `_sum` and
/// `_count`; a line for each state; otherwise one. Twice as many under two names.
#[must_use]
pub fn lines(registry: &Registry, metric: &Metric) -> u64 {
    let names = 1 + u64::from(metric.former.is_some());
    let spec = metric.kind.spec();
    let lines = match (spec.buckets, spec.states) {
        (Some(buckets), _) => registry.bucket_sets[buckets.0].bounds.len() as u64 + 3,
        (None, Some(states)) => cardinality(&registry.labels[states.0]),
        (None, None) => 1,
    };
    names * lines
}

/// Number of `_created` lines for each combination of label values, on an OpenMetrics page of a program that exposes them.
#[must_use]
pub fn created_lines(metric: &Metric) -> u64 {
    let former = metric.former.iter().map(|former| &former.name);
    let names = former.chain([&metric.exposed]);
    names
        .filter_map(|name| created_name(name, &metric.kind))
        .count() as u64
}

/// Most series that a metric may expose: the product of its labels' cardinalities and its lines. Saturates.
#[must_use]
pub fn worst_case(registry: &Registry, metric: &Metric) -> u64 {
    labels(registry, metric)
        .map(|(_, choices)| choices)
        .fold(lines(registry, metric), u64::saturating_mul)
}

/// Most series that all metrics together may expose. Saturates.
#[must_use]
pub fn total(registry: &Registry) -> u64 {
    registry
        .metrics
        .iter()
        .map(|metric| worst_case(registry, metric))
        .fold(0, u64::saturating_add)
}

/// Returns the number of values of an open label that the program may keep without any series: of labels that only info metrics
/// have, or that no metric uses. Zero for other labels, whose values count as series.
#[must_use]
pub fn values_without_series(registry: &Registry, label: LabelId) -> u64 {
    let has_series = |metric: &Metric| metric.series_labels().contains(&label);
    let declared = &registry.labels[label.0];
    match declared.values {
        LabelValues::Open { .. } if !registry.metrics.iter().any(has_series) => {
            cardinality(declared)
        }
        LabelValues::Open { .. } | LabelValues::Closed(_) => 0,
    }
}

/// Returns the sum of [`values_without_series`] over all labels. Saturates.
#[must_use]
pub fn total_values_without_series(registry: &Registry) -> u64 {
    (0..registry.labels.len())
        .map(|index| values_without_series(registry, LabelId(index)))
        .fold(0, u64::saturating_add)
}

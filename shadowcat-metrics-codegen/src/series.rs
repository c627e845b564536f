//! The largest number of series that a metric may expose. Every label is bounded, so the number is known.

use crate::model::{Argument, Label, LabelId, LabelValues, Metric, Part, PartLabel, Registry};

/// The value that the functions below return if the number of series does not fit.
pub const SATURATED: u64 = u64::MAX;

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

/// A factor of a metric's number of series: a label or sum label, with the number of its choices.
#[derive(Debug, Clone, Copy)]
pub struct Factor<'r> {
    /// Its name.
    pub name: &'r str,
    /// Number of choices: its values, and one more if series may lack it. For a sum label, all combinations.
    pub choices: u64,
}

/// Returns the factors of a metric's number of series.
#[must_use]
pub fn factors<'r>(registry: &'r Registry, metric: &Metric) -> Vec<Factor<'r>> {
    let mut factors = Vec::new();
    for argument in metric.arguments() {
        let choices = match argument {
            Argument::Label(id) => {
                let none = u64::from(metric.is_optional(id));
                cardinality(&registry.labels[id.0]) + none
            }
            Argument::Sum(sum) => combinations(registry, &registry.sum_parts(sum)),
        };
        let name = registry.item_name(argument);
        factors.push(Factor { name, choices });
    }
    factors
}

/// Returns the number of combinations of label values in some parts. Saturates.
#[must_use]
pub fn combinations(registry: &Registry, parts: &[Part]) -> u64 {
    let mut sum = 0_u64;
    for part in parts {
        let mut product = 1_u64;
        for label in &part.labels {
            product = product.saturating_mul(choices(registry, label));
        }
        sum = sum.saturating_add(product);
    }
    sum
}

/// Returns the number of choices of a label in a part.
#[must_use]
pub fn choices(registry: &Registry, label: &PartLabel) -> u64 {
    let declared = &registry.labels[label.id.0];
    let values = match (&declared.values, &label.values) {
        (LabelValues::Closed(values), Some(positions)) => {
            let is_renamed = |position: &&usize| values[**position].former.is_some();
            (positions.len() + positions.iter().filter(is_renamed).count()) as u64
        }
        (LabelValues::Closed(_) | LabelValues::Open { .. }, _) => cardinality(declared),
    };
    values + u64::from(label.optional)
}

/// Returns the number of sample lines for each combination of label values: a histogram's buckets with `+Inf`, `_sum` and
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

/// Returns the largest number of series that a metric may expose: the product of its labels' cardinalities and its lines; with
/// a sum label, the sum over its parts. Saturates.
#[must_use]
pub fn worst_case(registry: &Registry, metric: &Metric) -> u64 {
    combinations(registry, &registry.parts(metric)).saturating_mul(lines(registry, metric))
}

/// Returns the largest number of series that all metrics together may expose. Saturates.
#[must_use]
pub fn total(registry: &Registry) -> u64 {
    let add = |sum: u64, metric| sum.saturating_add(worst_case(registry, metric));
    registry.metrics.iter().fold(0, add)
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
    let of_label = |index| values_without_series(registry, LabelId(index));
    let add = |sum: u64, index| sum.saturating_add(of_label(index));
    (0..registry.labels.len()).fold(0, add)
}

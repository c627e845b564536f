//! The largest number of series that a metric may expose. Every label is bounded, so the number is known.

use crate::model::{Argument, Label, LabelId, LabelValues, Metric, Part, PartLabel, Registry};

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
    let factor = |argument| match argument {
        Argument::Label(id) => {
            let label = &registry.labels[id.0];
            let none = u64::from(metric.is_optional(id));
            Factor {
                name: &label.name,
                choices: cardinality(label) + none,
            }
        }
        Argument::Sum(sum) => Factor {
            name: &registry.sums[sum.0].name,
            choices: combinations(registry, &registry.sum_parts(sum)),
        },
    };
    metric.arguments().into_iter().map(factor).collect()
}

/// Returns the number of combinations of label values in some parts. Saturates.
#[must_use]
pub fn combinations(registry: &Registry, parts: &[Part]) -> u64 {
    let of_part = |part: &Part| {
        let choices = part.labels.iter().map(|label| choices(registry, label));
        choices.fold(1, u64::saturating_mul)
    };
    parts.iter().map(of_part).fold(0, u64::saturating_add)
}

/// Returns the number of choices of a label in a part.
#[must_use]
pub fn choices(registry: &Registry, label: &PartLabel) -> u64 {
    let declared = &registry.labels[label.id.0];
    let values = match (&declared.values, &label.values) {
        (LabelValues::Closed(values), Some(positions)) => {
            let values = positions
                .iter()
                .filter_map(|position| values.get(*position));
            let spellings = values.map(|value| 1 + u64::from(value.former.is_some()));
            spellings.sum()
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

//! Invariants of any registry, valid or skeleton, that outputs rely on.

use std::collections::BTreeSet;

use shadowcat_metrics_codegen::emit::recorders::emit_recorders;
use shadowcat_metrics_codegen::model::{Kind, Label, LabelValues, Metric, Origin, Registry};
use shadowcat_metrics_codegen::name;

/// Asserts that names are distinct identifiers, ids are valid, bounds increase, and recorders can be emitted.
pub(super) fn assert_emittable(registry: &Registry) {
    let labels = registry
        .labels
        .iter()
        .filter(|label| label.origin == Origin::Schema);
    assert_distinct(labels.clone().map(|label| name::pascal_case(&label.name)));
    assert_distinct(
        registry
            .groups
            .iter()
            .map(|group| name::pascal_case(&group.name)),
    );
    assert_distinct(
        registry
            .metrics
            .iter()
            .map(|metric| (metric.group, metric.key.clone())),
    );
    labels.for_each(assert_label);
    for set in &registry.bucket_sets {
        assert!(!set.bounds.is_empty() && set.bounds.len() <= 250);
        assert!(
            set.bounds
                .iter()
                .all(|bound| bound.is_finite() && *bound >= 0.0)
        );
        assert!(
            set.bounds.windows(2).all(|pair| pair[0] < pair[1]),
            "{set:?}"
        );
    }
    for group in &registry.groups {
        assert_identifier(&group.name);
        assert!(
            group
                .labels
                .iter()
                .all(|label| label.0 < registry.labels.len())
        );
    }
    registry
        .metrics
        .iter()
        .for_each(|metric| assert_metric(registry, metric));
    assert!(!emit_recorders(registry, "::shadowcat_metrics", None).is_empty());
}

fn assert_label(label: &Label) {
    assert_identifier(&label.name);
    match &label.values {
        LabelValues::Closed(values) => {
            assert!(!values.is_empty());
            assert_distinct(values.iter().map(|value| value.variant.clone()));
            for value in values {
                assert_variant(&value.variant);
            }
        }
        LabelValues::Open { max, overflow } => {
            assert!(*max >= 1 && *max < u32::MAX && !overflow.is_empty());
        }
    }
}

fn assert_metric(registry: &Registry, metric: &Metric) {
    assert_identifier(&metric.key);
    assert!(name::is_metric_name(&metric.exposed), "{metric:?}");
    assert_eq!(
        metric.labels[..metric.group_labels],
        registry.groups[metric.group.0].labels
    );
    assert_distinct(metric.labels.iter());
    assert!(
        metric
            .labels
            .iter()
            .all(|label| label.0 < registry.labels.len())
    );
    match &metric.kind {
        Kind::Histogram { buckets } => assert!(buckets.0 < registry.bucket_sets.len()),
        Kind::State { states } => {
            assert!(matches!(
                registry.labels[states.0].values,
                LabelValues::Closed(_)
            ));
        }
        Kind::Ratio {
            numerator,
            denominator,
        } => {
            let mut operands = numerator.iter().chain(denominator);
            assert!(operands.all(|operand| operand.0 < registry.metrics.len()));
        }
        Kind::Counter { .. } | Kind::Gauge { .. } | Kind::UpDownCounter | Kind::Info => {}
    }
}

fn assert_distinct<T: Ord>(names: impl Iterator<Item = T>) {
    let names: Vec<_> = names.collect();
    assert_eq!(names.len(), names.iter().collect::<BTreeSet<_>>().len());
}

fn assert_identifier(name: &str) {
    assert!(
        name::is_snake_case(name) && !name::is_keyword(name),
        "{name}"
    );
}

fn assert_variant(variant: &str) {
    let first = variant.chars().next();
    assert!(
        first.is_some_and(|first| first.is_ascii_uppercase() || first == '_'),
        "{variant}"
    );
    assert!(
        variant.chars().any(|c| c.is_ascii_alphanumeric()),
        "{variant}"
    );
    assert!(!name::is_keyword(variant), "{variant}");
}

//! Queries about the labels of a model.

use shadowcat_metrics_codegen::model::{Kind, LabelId, LabelValues, Metric, Registry};

/// Returns the labels that distinguish a metric's series: all except an info metric's facts.
pub(super) fn series_labels(metric: &Metric) -> &[LabelId] {
    match metric.kind {
        Kind::Info => &metric.labels[..metric.group_labels],
        Kind::Counter { .. }
        | Kind::Gauge { .. }
        | Kind::UpDownCounter
        | Kind::Histogram { .. }
        | Kind::State { .. }
        | Kind::Ratio { .. } => &metric.labels,
    }
}

pub(super) fn is_open(model: &Registry, label: LabelId) -> bool {
    matches!(model.labels[label.0].values, LabelValues::Open { .. })
}

/// Returns a metric's open labels.
pub(super) fn open_labels(model: &Registry, metric: &Metric) -> Vec<LabelId> {
    let labels = series_labels(metric).iter().copied();
    labels.filter(|label| is_open(model, *label)).collect()
}

/// Returns a label's index among the open labels.
pub(super) fn open_index(model: &Registry, label: LabelId) -> u32 {
    let before = model.labels[..label.0].iter();
    let open = before.filter(|label| matches!(label.values, LabelValues::Open { .. }));
    u32::try_from(open.count()).expect("a schema has few labels")
}

/// Returns the values of a closed label.
pub(super) fn closed_values(values: &LabelValues) -> Vec<&str> {
    match values {
        LabelValues::Closed(values) => values.iter().map(|value| value.value.as_str()).collect(),
        LabelValues::Open { .. } => Vec::new(),
    }
}

/// Returns the number of values of a closed label.
pub(super) fn cardinality(model: &Registry, label: LabelId) -> usize {
    closed_values(&model.labels[label.0].values).len()
}

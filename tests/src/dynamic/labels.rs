//! What the model says about labels.

use shadowcat_metrics_codegen::model::{Kind, LabelId, LabelValues, Metric, Registry};

/// The labels that tell a metric's series apart: all but an info metric's facts.
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

/// Those of a metric's labels that are open.
pub(super) fn open_labels(model: &Registry, metric: &Metric) -> Vec<LabelId> {
    let labels = series_labels(metric).iter().copied();
    labels.filter(|label| is_open(model, *label)).collect()
}

/// The label's position among the open ones.
pub(super) fn open_index(model: &Registry, label: LabelId) -> u32 {
    let before = model.labels[..label.0].iter();
    let open = before.filter(|label| matches!(label.values, LabelValues::Open { .. }));
    u32::try_from(open.count()).expect("a schema has few labels")
}

/// The values of a closed label.
pub(super) fn closed_values(values: &LabelValues) -> Vec<&str> {
    match values {
        LabelValues::Closed(values) => values.iter().map(|value| value.value.as_str()).collect(),
        LabelValues::Open { .. } => Vec::new(),
    }
}

/// How many values a closed label has.
pub(super) fn cardinality(model: &Registry, label: LabelId) -> usize {
    closed_values(&model.labels[label.0].values).len()
}

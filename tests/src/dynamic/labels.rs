//! Queries about the labels of a model.

use shadowcat_metrics_codegen::model::{LabelId, LabelValues, Metric, Part, PartLabel, Registry};

/// Returns the open labels of a part, in order.
pub(super) fn open_labels(model: &Registry, part: &Part) -> Vec<LabelId> {
    let labels = part.labels.iter().map(|label| label.id);
    labels.filter(|label| model.is_open(*label)).collect()
}

/// Returns the part of a group's labels that a part of one of its metrics has.
pub(super) fn group_part(model: &Registry, metric: &Metric, part: usize) -> (usize, Part) {
    let mut parts = model.group_parts(&model.groups[metric.group.0]);
    let place = part * parts.len() / model.parts(metric).len();
    (place, parts.swap_remove(place))
}

/// Returns the values that a closed label has in a part.
pub(super) fn part_values<'m>(model: &'m Registry, label: &PartLabel) -> Vec<&'m str> {
    let values = closed_values(&model.labels[label.id.0].values).into_iter();
    let values = values.enumerate().filter(|(place, _)| label.has(*place));
    values.map(|(_, value)| value).collect()
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

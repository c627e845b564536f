//! Where a family's series live: the page numbers that recorders and descriptors share.
//!
//! A page holds one family's cells for one combination of open label values. A family's pages follow each other in
//! the mixed radix of its open labels, and families follow each other in the order of the model.

use crate::model::{LabelId, LabelValues, Metric, Registry};

/// The first page of every metric, by its position in [`Registry::metrics`].
pub(super) fn first_pages(registry: &Registry) -> Vec<u32> {
    let mut next = 0_u32;
    registry
        .metrics
        .iter()
        .map(|metric| {
            let first = next;
            next = next.saturating_add(pages(registry, metric));
            first
        })
        .collect()
}

fn pages(registry: &Registry, metric: &Metric) -> u32 {
    metric
        .series_labels()
        .iter()
        .fold(1, |pages, label| match &registry.labels[label.0].values {
            LabelValues::Closed(_) => pages,
            LabelValues::Open { max, .. } => pages.saturating_mul(max.saturating_add(1)),
        })
}

/// The labels given in each call, beside those that the group has bound.
pub(super) fn own_labels(metric: &Metric) -> &[LabelId] {
    &metric.series_labels()[metric.group_labels..]
}

//! Causes of a metric's number of series and its memory.

use std::collections::BTreeMap;
use std::slice;

use shadowcat_metrics_codegen::language::SERIES_BUDGET_LIMIT;
use shadowcat_metrics_codegen::model::{LabelId, Metric, Registry};
use shadowcat_metrics_codegen::name::created_name;
use shadowcat_metrics_codegen::series::{
    choices, combinations, total, total_values_without_series,
};

/// Returns what the budget limits: the series of a schema, and the values that take memory without a series. Saturates.
#[must_use]
pub fn budgeted(registry: &Registry) -> u64 {
    total(registry).saturating_add(total_values_without_series(registry))
}

/// Returns a budget for a proposed schema: twice what it needs, rounded up.
#[must_use]
pub fn proposed_budget(registry: &Registry) -> u64 {
    let twice = budgeted(registry).saturating_mul(2);
    let rounded = twice.div_ceil(1000).saturating_mul(1000);
    rounded.min(SERIES_BUDGET_LIMIT)
}

/// A label's share in the combinations of a metric's label values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Share {
    /// Combinations that have the label.
    pub having: u64,
    /// Combinations that would disappear if it had only one value.
    pub caused: u64,
}

/// Returns the share of each of a metric's labels. Saturates.
#[must_use]
pub fn shares(registry: &Registry, metric: &Metric) -> BTreeMap<LabelId, Share> {
    let mut shares = BTreeMap::<_, Share>::new();
    for part in registry.parts(metric) {
        let all = combinations(registry, slice::from_ref(&part));
        for label in &part.labels {
            let share = shares.entry(label.id).or_default();
            let values = choices(registry, label).max(1);
            share.having = share.having.saturating_add(all);
            share.caused = share.caused.saturating_add(all - all / values);
        }
    }
    shares
}

/// Returns the number of `_created` lines for each combination of label values, if the program exposes them.
#[must_use]
pub fn created_lines(metric: &Metric) -> u64 {
    let former = metric.former.iter().map(|former| &former.name);
    let names = former.chain([&metric.exposed]);
    names
        .filter_map(|name| created_name(name, &metric.kind))
        .count() as u64
}

/// Returns the most cells of all series of a native histogram; `None` for other metrics. Each takes 8 bytes for each thread that
/// records. Saturates.
#[must_use]
pub fn native_cells(registry: &Registry, metric: &Metric) -> Option<u64> {
    let cells = metric.native?.cells(registry.bounds(metric)?.len());
    Some(combinations(registry, &registry.parts(metric)).saturating_mul(cells as u64))
}

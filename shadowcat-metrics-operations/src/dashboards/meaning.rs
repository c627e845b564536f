//! The meaning of a metric for operators, which determines the layout of dashboards: its kind, its unit, and
//! values marked as bad.

use shadowcat_metrics_codegen::model::{
    LabelId, LabelValues, Metric, MetricId, Registry, Storage, Unit,
};

use crate::kinds::KindRow;
use crate::model::{Counted, Indicator, Schema};

/// The rows of a dashboard, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    /// Objectives.
    Objectives,
    /// Amount of work.
    Traffic,
    /// Failures.
    Errors,
    /// Durations.
    Latency,
    /// Sizes and other distributions.
    Distributions,
    /// Utilization and states.
    Saturation,
    /// The metrics library's own metrics.
    Library,
}

impl Row {
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Objectives => "Objectives",
            Self::Traffic => "Traffic",
            Self::Errors => "Errors",
            Self::Latency => "Latency",
            Self::Distributions => "Sizes and other distributions",
            Self::Saturation => "Saturation and state",
            Self::Library => "The metrics library itself",
        }
    }

    /// Returns the row of a metric. A counter with an outcome also appears under errors.
    pub(super) fn of(metric: &Metric) -> Self {
        let kind = KindRow::of(&metric.kind);
        if metric.bad {
            Self::Errors
        } else if metric.unit == Unit::Seconds {
            kind.row_of_seconds
        } else {
            kind.row
        }
    }
}

/// Returns whether a metric may lack series while its program runs: until a label has a value, or a callback
/// returns one.
pub(super) fn is_read_later(registry: &Registry, metric: &Metric) -> bool {
    let is_supplied = match metric.kind.spec().storage {
        Storage::Callback | Storage::Text => true,
        Storage::PerThread | Storage::Shared | Storage::Derived => false,
    };
    is_supplied || !open_labels(registry, metric).is_empty()
}

/// Returns the labels of a metric whose values are known only at run time, such as the names of tools.
pub(super) fn open_labels(registry: &Registry, metric: &Metric) -> Vec<LabelId> {
    let open = |id: &LabelId| matches!(registry.labels[id.0].values, LabelValues::Open { .. });
    metric.labels.iter().copied().filter(open).collect()
}

/// Returns the closed label with bad values, and those values. A label with only bad values does not
/// distinguish anything.
pub(super) fn outcome(registry: &Registry, metric: &Metric) -> Option<(LabelId, Vec<String>)> {
    metric.labels.iter().find_map(|id| {
        let values = registry.labels[id.0].closed_values();
        let bad = values.iter().filter(|value| value.bad);
        let bad: Vec<_> = bad.map(|value| value.value.clone()).collect();
        (!bad.is_empty() && bad.len() < values.len()).then_some((*id, bad))
    })
}

/// Returns the smallest share of bad values that an objective allows, among objectives that count all events
/// of the metric and the same values as bad.
pub(super) fn error_budget(
    schema: &Schema,
    metric: MetricId,
    (label, bad): (LabelId, &[String]),
) -> Option<f64> {
    let registry = &schema.registry;
    let all = registry.labels[label.0].closed_values();
    let slos = schema.slos.iter().filter(|slo| {
        let Indicator::Availability { counted, total } = &slo.indicator else {
            return false;
        };
        let (Counted::Good(side) | Counted::Bad(side)) = counted;
        let [matcher] = side.matchers.as_slice() else {
            return false;
        };
        let is_good = matches!(counted, Counted::Good(_));
        let is_bad = |value: &String| matcher.values.contains(value) != is_good;
        let same_values = all
            .iter()
            .all(|value| is_bad(&value.value) == bad.contains(&value.value));
        let same_events =
            side.metric == metric && total.metric == metric && total.matchers.is_empty();
        same_events && matcher.label == label && same_values
    });
    slos.map(crate::rules::budget).reduce(f64::min)
}

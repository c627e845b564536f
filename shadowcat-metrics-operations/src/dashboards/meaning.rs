//! What a metric tells an operator, by which dashboards are laid out: its kind, its unit, and what the schema marks as bad.

use shadowcat_metrics_codegen::model::{
    LabelId, LabelValues, Metric, MetricId, Registry, Storage, Unit,
};

use crate::kinds::KindRow;
use crate::model::{Counted, Indicator, Schema};

/// The rows of a dashboard, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    /// What was promised.
    Objectives,
    /// How much is done.
    Traffic,
    /// How much of it goes wrong.
    Errors,
    /// How long it takes.
    Latency,
    /// How large it is, or how it is spread otherwise.
    Distributions,
    /// How full it is, and in which state.
    Saturation,
    /// What the metrics library reports about itself.
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

    /// Where a metric is looked for; a counter with an outcome is under errors as well.
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

/// Whether a metric may have no series although its program runs: none until a label has a value, or a callback tells one.
pub(super) fn is_read_later(registry: &Registry, metric: &Metric) -> bool {
    let open = |id: &LabelId| matches!(registry.labels[id.0].values, LabelValues::Open { .. });
    let told = match metric.kind.spec().storage {
        Storage::Callback | Storage::Text => true,
        Storage::PerThread | Storage::Shared | Storage::Derived => false,
    };
    told || metric.labels.iter().any(open)
}

/// The closed label that tells errors from the rest, with its bad values. A label that has only bad values tells nothing.
pub(super) fn outcome(registry: &Registry, metric: &Metric) -> Option<(LabelId, Vec<String>)> {
    metric.labels.iter().find_map(|id| {
        let LabelValues::Closed(values) = &registry.labels[id.0].values else {
            return None;
        };
        let bad = values.iter().filter(|value| value.bad);
        let bad: Vec<_> = bad.map(|value| value.value.clone()).collect();
        (!bad.is_empty() && bad.len() < values.len()).then_some((*id, bad))
    })
}

/// The smallest share of bad values that an objective allows: one that counts all events of the metric, and the same values as
/// bad.
pub(super) fn error_budget(
    schema: &Schema,
    metric: MetricId,
    (label, bad): (LabelId, &[String]),
) -> Option<f64> {
    let registry = &schema.registry;
    let LabelValues::Closed(all) = &registry.labels[label.0].values else {
        return None;
    };
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

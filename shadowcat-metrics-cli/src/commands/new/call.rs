//! The line of Rust that records a metric.

use shadowcat_metrics_codegen::model::{
    Kind, LabelId, LabelValues, Measure, Metric, Registry, Unit,
};
use shadowcat_metrics_codegen::name::pascal_case;

/// Returns the line that records a metric; none if it is computed.
pub(super) fn call(registry: &Registry, metric: &Metric) -> Option<String> {
    let group = &registry.groups[metric.group.0];
    let (bound, own) = metric.labels.split_at(metric.group_labels);
    let recorder = format!("metrics.{}({})", group.name, arguments(registry, bound));
    let key = &metric.key;
    let handle = format!("{recorder}.{key}({})", arguments(registry, own));
    Some(match &metric.kind {
        Kind::Counter { callback: true } | Kind::Gauge { callback: true } => {
            format!("let guard = {handle}.register(read);")
        }
        Kind::Counter { callback: false } if metric.unit == Unit::None => {
            format!("{handle}.inc();")
        }
        Kind::Counter { callback: false } => format!("{handle}.add({});", value(metric.unit)),
        Kind::Gauge { callback: false } => format!("{handle}.set({});", value(metric.unit)),
        Kind::UpDownCounter => match metric.unit.measure() {
            // A guard that borrows would outlive the temporary recorder.
            Measure::Number => format!("let guard = {handle}.track_owned();"),
            Measure::Size => format!("let guard = {handle}.track_owned(bytes);"),
            Measure::Duration | Measure::Float => format!("{handle}.add(1.5);"),
        },
        Kind::Histogram { .. } => format!("{handle}.observe({});", value(metric.unit)),
        Kind::State { states } => {
            let label = &registry.labels[states.0];
            let variant = match &label.values {
                LabelValues::Closed(values) => values.first().map_or("", |value| &value.variant),
                LabelValues::Open { .. } => "",
            };
            format!(
                "{handle}.set(labels::{}::{variant});",
                pascal_case(&label.name)
            )
        }
        Kind::Info => {
            let facts: Vec<_> = own.iter().map(|id| &*registry.labels[id.0].name).collect();
            format!("{recorder}.{key}().set([{}]);", facts.join(", "))
        }
        Kind::Ratio { .. } => return None,
    })
}

/// Labels as arguments: the first value of a closed label, a handle for an open one.
fn arguments(registry: &Registry, labels: &[LabelId]) -> String {
    let argument = |id: &LabelId| {
        let label = &registry.labels[id.0];
        match &label.values {
            LabelValues::Closed(values) => {
                let variant = values.first().map_or("", |value| &value.variant);
                format!("labels::{}::{variant}", pascal_case(&label.name))
            }
            LabelValues::Open { .. } => format!("&metrics.{}(\"...\")", label.name),
        }
    };
    labels.iter().map(argument).collect::<Vec<_>>().join(", ")
}

/// An example of a value of a unit.
const fn value(unit: Unit) -> &'static str {
    match unit.measure() {
        // Fits gauges, which take any number, and histograms, which take `f64`.
        Measure::Number => "1.0",
        Measure::Duration => "elapsed",
        Measure::Size => "bytes",
        Measure::Float => "0.5",
    }
}

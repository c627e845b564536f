//! The line of Rust that records a new metric.

use shadowcat_metrics_codegen::model::{
    Argument, Kind, LabelId, LabelValues, Measure, Metric, Registry, Storage, SumId, Unit,
};
use shadowcat_metrics_codegen::name::pascal_case;

/// How `new` presents a kind of metric: this command's only match over kinds.
pub(super) struct KindRow {
    /// What the kind measures, as a phrase.
    pub(super) phrase: &'static str,
    /// Returns the method call on the metric's handle; `None` for a computed metric.
    call: fn(&Registry, &Metric) -> Option<String>,
}

impl KindRow {
    pub(super) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Counter { .. } => Self {
                phrase: "only goes up: requests, bytes sent",
                call: |_, metric| {
                    Some(match metric.unit {
                        Unit::None => ".inc();".to_owned(),
                        unit => format!(".add({});", value(unit)),
                    })
                },
            },
            Kind::Gauge { .. } => Self {
                phrase: "is set to a current value: the length of a queue",
                call: |_, metric| Some(format!(".set({});", value(metric.unit))),
            },
            Kind::UpDownCounter => Self {
                phrase: "goes up and down: requests in progress",
                call: |_, metric| {
                    let call = match metric.unit.measure() {
                        // A guard that borrows would outlive the temporary recorder.
                        Measure::Number => ".track_owned();",
                        Measure::Size => ".track_owned(bytes);",
                        Measure::Duration | Measure::Float => ".add(1.5);",
                    };
                    Some(call.to_owned())
                },
            },
            Kind::Histogram { .. } => Self {
                phrase: "durations or sizes, counted in buckets",
                call: |_, metric| Some(format!(".observe({});", value(metric.unit))),
            },
            Kind::State { .. } => Self {
                phrase: "is one of several states",
                call: |registry, metric| {
                    let states = metric.kind.spec().states?;
                    Some(format!(".set({});", argument(registry, states)))
                },
            },
            Kind::Info => Self {
                phrase: "facts as labels: a version",
                call: |registry, metric| {
                    let facts = metric.facts().iter();
                    let facts: Vec<_> = facts.map(|id| &*registry.labels[id.0].key).collect();
                    Some(format!(".set([{}]);", facts.join(", ")))
                },
            },
            Kind::Ratio { .. } => Self {
                phrase: "a quotient of other metrics, computed when scraped",
                call: |_, _| None,
            },
        }
    }
}

/// Returns the line that records a metric; `None` for a computed metric.
pub(super) fn call(registry: &Registry, metric: &Metric) -> Option<String> {
    let call = match metric.kind.spec().storage {
        Storage::Callback => ".register(read);".to_owned(),
        Storage::PerThread | Storage::Shared | Storage::Text | Storage::Derived => {
            (KindRow::of(&metric.kind).call)(registry, metric)?
        }
    };
    let group = &registry.groups[metric.group.0];
    let bound = arguments(registry, metric, group.arguments());
    let own = arguments(registry, metric, metric.own_arguments());
    let (group, key) = (&group.name, &metric.key);
    // Dropping a guard would undo the call.
    let guard = if call.starts_with(".register") || call.starts_with(".track_owned") {
        "let guard = "
    } else {
        ""
    };
    Some(format!(
        "{guard}metrics.{group}({bound}).{key}({own}){call}"
    ))
}

fn arguments(registry: &Registry, metric: &Metric, arguments: Vec<Argument>) -> String {
    let arguments = arguments.into_iter().map(|argument| match argument {
        Argument::Label(id) => optional_argument(registry, metric, id),
        Argument::Sum(sum) => variant(registry, sum),
    });
    arguments.collect::<Vec<_>>().join(", ")
}

fn optional_argument(registry: &Registry, metric: &Metric, id: LabelId) -> String {
    let value = argument(registry, id);
    if metric.is_optional(id) {
        format!("Some({value})")
    } else {
        value
    }
}

/// A sum label as an argument: its first variant with extra labels.
fn variant(registry: &Registry, id: SumId) -> String {
    let sum = &registry.sums[id.0];
    let values = registry.labels[sum.of.0].closed_values();
    let mut variants = values.iter().zip(&sum.with);
    let with_labels = variants.clone().find(|(_, items)| !items.is_empty());
    let Some((value, items)) = with_labels.or_else(|| variants.next()) else {
        return String::new();
    };
    let items = items.iter().map(|item| match item {
        Argument::Label(id) => argument(registry, *id),
        Argument::Sum(id) => variant(registry, *id),
    });
    let items: Vec<_> = items.collect();
    let fields = if items.is_empty() {
        String::new()
    } else {
        format!("({})", items.join(", "))
    };
    let name = pascal_case(&sum.name);
    format!("labels::{name}::{}{fields}", value.variant)
}

/// Returns a label's argument: the first value of a closed label, a handle of an open label.
fn argument(registry: &Registry, id: LabelId) -> String {
    let label = &registry.labels[id.0];
    match &label.values {
        LabelValues::Closed(values) => {
            let variant = values.first().map_or("", |value| &value.variant);
            format!("labels::{}::{variant}", pascal_case(&label.key))
        }
        LabelValues::Open { .. } => format!("&metrics.{}(\"...\")", label.key),
    }
}

/// Returns an example value of a unit.
const fn value(unit: Unit) -> &'static str {
    match unit.measure() {
        // Valid for gauges, which take any number, and histograms, which take `f64`.
        Measure::Number => "1.0",
        Measure::Duration => "elapsed",
        Measure::Size => "bytes",
        Measure::Float => "0.5",
    }
}

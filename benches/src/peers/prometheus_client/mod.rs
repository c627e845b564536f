//! `prometheus-client`: families of label structs. It has no timers, so the program reads the clock itself.

mod series;

use std::time::Instant;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, NativeHistogramConfig};
use prometheus_client::registry::Registry;

use super::{Kind, Lack, Peer};
use crate::harness::inputs::{BOUNDS_11, Input, Inputs};
use crate::harness::page;
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record, Way};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Peer,
    name: "prometheus-client",
    usage: "Family::get_or_create; kept handles where the row says so",
    dependencies: &[r#"prometheus-client = "0.26""#],
    record,
    expose: series::expose,
    lack: Lack::Nothing,
    ways: Way::ALL,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    transport: Transport,
    outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(
    non_camel_case_types,
    reason = "the library exposes the variants' own names"
)]
enum Transport {
    stdio,
    http,
    sse,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[expect(
    non_camel_case_types,
    reason = "the library exposes the variants' own names"
)]
enum Outcome {
    ok,
    error,
    rejected,
    cancelled,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ServerLabels {
    server: String,
}

from_inputs! {
    Transport: Stdio => stdio, Http => http, Sse => sse;
    Outcome: Ok => ok, Error => error, Rejected => rejected, Cancelled => cancelled;
}

impl Labels {
    fn of(input: &Input) -> Self {
        Self {
            transport: input.transport.into(),
            outcome: input.outcome.into(),
        }
    }
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

fn histograms<L: Clone + std::hash::Hash + Eq>(bounds: Bounds) -> Histograms<L> {
    Family::new_with_constructor(match bounds {
        Bounds::Eleven => || Histogram::new(Bounds::Eleven.seconds().iter().copied()),
        Bounds::Twenty => || Histogram::new(Bounds::Twenty.seconds().iter().copied()),
    })
}

/// Histograms with native and classic buckets, like those of this project.
fn native_histograms() -> Histograms<Labels> {
    Family::new_with_constructor(|| {
        let native = NativeHistogramConfig::new(1.1)
            .zero_threshold(0.0001)
            .max_buckets(160);
        Histogram::new_classic_and_native(BOUNDS_11, native)
    })
}

fn text(registry: &Registry) -> String {
    let mut text = String::new();
    encode(&mut text, registry).expect("writing to memory does not fail");
    text
}

fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    Some(match record {
        Record::Counter => counter(inputs),
        Record::Histogram(bounds) => {
            histogram(inputs, bounds.seconds(), histograms::<Labels>(bounds))
        }
        Record::Native => histogram(inputs, &BOUNDS_11, native_histograms()),
        Record::Kept => kept(inputs),
        Record::Open => open(inputs),
        Record::ClosedArray | Record::UpDownPair => return None,
        Record::OpenKept => open_kept(inputs),
        Record::Gauge => gauge(inputs),
        Record::UpDown => updown(inputs),
        Record::Timer => timer(inputs),
    })
}

fn counter(inputs: &Inputs) -> Box<dyn Work> {
    let mut registry = Registry::default();
    let counter = Family::<Labels, Counter>::default();
    registry.register("requests", "Requests", counter.clone());
    recording(
        inputs.map(Labels::of),
        inputs.counted(),
        move |inputs| {
            for labels in inputs {
                counter.get_or_create(labels).inc();
            }
        },
        move || page::read(&text(&registry), "requests", 1.0),
    )
}

fn histogram(inputs: &Inputs, bounds: &[f64], histogram: Histograms<Labels>) -> Box<dyn Work> {
    let mut registry = Registry::default();
    registry.register("duration_seconds", "Time", histogram.clone());
    recording(
        inputs.map(|input| (Labels::of(input), input.duration())),
        inputs.observed(bounds),
        move |inputs| {
            for (labels, duration) in inputs {
                histogram
                    .get_or_create(labels)
                    .observe(duration.as_secs_f64());
            }
        },
        move || page::read(&text(&registry), "duration_seconds", 1.0),
    )
}

fn kept(inputs: &Inputs) -> Box<dyn Work> {
    let mut registry = Registry::default();
    let counter: Counter = Counter::default();
    registry.register("requests", "Requests", counter.clone());
    recording(
        inputs.map(|_| ()),
        inputs.counted_in_one(),
        move |inputs| {
            for () in inputs {
                counter.inc();
            }
        },
        move || page::read(&text(&registry), "requests", 1.0),
    )
}

fn open(inputs: &Inputs) -> Box<dyn Work> {
    let mut registry = Registry::default();
    let counter = Family::<ServerLabels, Counter>::default();
    registry.register("requests", "Requests", counter.clone());
    let values = inputs.open_values();
    recording(
        inputs.map(|input| values[usize::from(input.open)].clone()),
        inputs.counted_by_open(),
        move |inputs| {
            for server in inputs {
                // A label set owns its text, so each lookup copies it.
                counter
                    .get_or_create(&ServerLabels {
                        server: server.clone(),
                    })
                    .inc();
            }
        },
        move || page::read(&text(&registry), "requests", 1.0),
    )
}

fn open_kept(inputs: &Inputs) -> Box<dyn Work> {
    let mut registry = Registry::default();
    let counter = Family::<ServerLabels, Counter>::default();
    registry.register("requests", "Requests", counter.clone());
    let server_labels = inputs.open_values().iter().map(|server| ServerLabels {
        server: server.clone(),
    });
    let kept: Vec<Counter> = server_labels
        .map(|labels| counter.get_or_create_owned(&labels))
        .collect();
    recording(
        inputs.map(|input| usize::from(input.open)),
        inputs.counted_by_open(),
        move |inputs| {
            for server in inputs {
                kept[*server].inc();
            }
        },
        move || page::read(&text(&registry), "requests", 1.0),
    )
}

fn gauge(inputs: &Inputs) -> Box<dyn Work> {
    let mut registry = Registry::default();
    let gauge = Family::<Labels, Gauge>::default();
    registry.register("busy", "Busy workers", gauge.clone());
    recording(
        inputs.map(|input| (Labels::of(input), i64::from(input.delta))),
        inputs.last_set(),
        move |inputs| {
            for (labels, value) in inputs {
                gauge.get_or_create(labels).set(*value);
            }
        },
        move || page::read(&text(&registry), "busy", 1.0),
    )
}

fn updown(inputs: &Inputs) -> Box<dyn Work> {
    let mut registry = Registry::default();
    let gauge = Family::<Labels, Gauge>::default();
    registry.register("busy", "Busy workers", gauge.clone());
    recording(
        inputs.map(|input| (Labels::of(input), i64::from(input.delta))),
        inputs.moved(),
        move |inputs| {
            for (labels, delta) in inputs {
                gauge.get_or_create(labels).inc_by(*delta);
            }
        },
        move || page::read(&text(&registry), "busy", 1.0),
    )
}

fn timer(inputs: &Inputs) -> Box<dyn Work> {
    let mut registry = Registry::default();
    let histogram = histograms::<Labels>(Bounds::Eleven);
    registry.register("duration_seconds", "Time", histogram.clone());
    recording(
        inputs.map(Labels::of),
        inputs.counted(),
        move |inputs| {
            for labels in inputs {
                let start = Instant::now();
                histogram
                    .get_or_create(labels)
                    .observe(start.elapsed().as_secs_f64());
            }
        },
        move || page::read(&text(&registry), "duration_seconds", 1.0),
    )
}

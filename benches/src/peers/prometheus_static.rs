//! `prometheus-static-metric`: fields for label values, or a lookup by enum for values known only at run time.
//!
//! Its auto-flush counters are not measured: they lose unflushed counts when a thread ends.

use prometheus::{
    HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder,
};
use prometheus_static_metric::make_static_metric;

use super::{Kind, Lack, Peer};
use crate::harness::inputs::{BOUNDS_11, Inputs};
use crate::harness::page;
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record, Way};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Peer,
    name: "prometheus-static-metric",
    usage: "enums, by `get`; scraped by the prometheus crate",
    dependencies: &[
        r#"prometheus = { version = "0.14", default-features = false }"#,
        r#"prometheus-static-metric = "0.5""#,
    ],
    record,
    expose: |_| None,
    lack: Lack::Nothing,
    ways: Way::ALL,
};

make_static_metric! {
    pub label_enum Transport {
        stdio,
        http,
        sse,
    }

    pub label_enum Outcome {
        ok,
        error,
        rejected,
        cancelled,
    }

    pub struct Requests: IntCounter {
        "transport" => Transport,
        "outcome" => Outcome,
    }

    pub struct Durations: Histogram {
        "transport" => Transport,
        "outcome" => Outcome,
    }

    pub struct Busy: IntGauge {
        "transport" => Transport,
        "outcome" => Outcome,
    }
}

const LABELS: [&str; 2] = ["transport", "outcome"];
const VALID: &str = "the names are valid and used once";

from_inputs! {
    Transport: Stdio => stdio, Http => http, Sse => sse;
    Outcome: Ok => ok, Error => error, Rejected => rejected, Cancelled => cancelled;
}
fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    Some(match record {
        Record::Counter => counter(inputs),
        Record::Histogram(bounds) => histogram(inputs, bounds),
        Record::Gauge => gauge(inputs),
        Record::UpDown => updown(inputs),
        Record::Timer => timer(inputs),
        // A stored handle would be that of the `prometheus` crate, and open labels cannot be static.
        Record::Native
        | Record::Kept
        | Record::Open
        | Record::OpenKept
        | Record::ClosedArray
        | Record::UpDownPair => {
            return None;
        }
    })
}

fn counter(inputs: &Inputs) -> Box<dyn Work> {
    let registry = Registry::new();
    let vector =
        IntCounterVec::new(Opts::new("requests_total", "Requests."), &LABELS).expect(VALID);
    registry.register(Box::new(vector.clone())).expect(VALID);
    let counter = Requests::from(&vector);
    recording(
        inputs.map(|input| {
            (
                Transport::from(input.transport),
                Outcome::from(input.outcome),
            )
        }),
        inputs.counted(),
        move |inputs| {
            for (transport, outcome) in inputs {
                counter.get(*transport).get(*outcome).inc();
            }
        },
        move || page::read(&text(&registry), "requests", 1.0),
    )
}

fn durations(registry: &Registry, bounds: &[f64]) -> Durations {
    let options = HistogramOpts::new("duration_seconds", "Time.").buckets(bounds.to_vec());
    let vector = HistogramVec::new(options, &LABELS).expect(VALID);
    registry.register(Box::new(vector.clone())).expect(VALID);
    Durations::from(&vector)
}

fn histogram(inputs: &Inputs, bounds: Bounds) -> Box<dyn Work> {
    let registry = Registry::new();
    let histogram = durations(&registry, bounds.seconds());
    recording(
        inputs.map(|input| {
            (
                Transport::from(input.transport),
                Outcome::from(input.outcome),
                input.duration(),
            )
        }),
        inputs.observed(bounds.seconds()),
        move |inputs| {
            for (transport, outcome, duration) in inputs {
                histogram
                    .get(*transport)
                    .get(*outcome)
                    .observe(duration.as_secs_f64());
            }
        },
        move || page::read(&text(&registry), "duration_seconds", 1.0),
    )
}

fn busy(registry: &Registry) -> Busy {
    let vector = IntGaugeVec::new(Opts::new("busy", "Busy workers."), &LABELS).expect(VALID);
    registry.register(Box::new(vector.clone())).expect(VALID);
    Busy::from(&vector)
}

fn gauge(inputs: &Inputs) -> Box<dyn Work> {
    let registry = Registry::new();
    let gauge = busy(&registry);
    recording(
        inputs.map(|input| {
            (
                Transport::from(input.transport),
                Outcome::from(input.outcome),
                i64::from(input.delta),
            )
        }),
        inputs.last_set(),
        move |inputs| {
            for (transport, outcome, value) in inputs {
                gauge.get(*transport).get(*outcome).set(*value);
            }
        },
        move || page::read(&text(&registry), "busy", 1.0),
    )
}

fn updown(inputs: &Inputs) -> Box<dyn Work> {
    let registry = Registry::new();
    let gauge = busy(&registry);
    recording(
        inputs.map(|input| {
            (
                Transport::from(input.transport),
                Outcome::from(input.outcome),
                i64::from(input.delta),
            )
        }),
        inputs.moved(),
        move |inputs| {
            for (transport, outcome, delta) in inputs {
                gauge.get(*transport).get(*outcome).add(*delta);
            }
        },
        move || page::read(&text(&registry), "busy", 1.0),
    )
}

fn timer(inputs: &Inputs) -> Box<dyn Work> {
    let registry = Registry::new();
    let histogram = durations(&registry, &BOUNDS_11);
    recording(
        inputs.map(|input| {
            (
                Transport::from(input.transport),
                Outcome::from(input.outcome),
            )
        }),
        inputs.counted(),
        move |inputs| {
            for (transport, outcome) in inputs {
                histogram
                    .get(*transport)
                    .get(*outcome)
                    .start_timer()
                    .observe_duration();
            }
        },
        move || page::read(&text(&registry), "duration_seconds", 1.0),
    )
}

fn text(registry: &Registry) -> String {
    TextEncoder::new()
        .encode_to_string(&registry.gather())
        .expect("writing to memory does not fail")
}

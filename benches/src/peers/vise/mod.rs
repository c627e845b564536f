//! `vise`: labeled families, indexed by label values; groups of metrics as structs.

mod series;

use std::sync::Arc;
use std::time::Duration;

use vise::{
    Buckets, Counter, EncodeLabelSet, EncodeLabelValue, Family, Format, Gauge, Histogram, Metrics,
    Registry,
};

use super::{Kind, Lack, Peer};
use crate::harness::inputs::{BOUNDS_11, BOUNDS_20, Input, Inputs};
use crate::harness::page;
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record, Way};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Peer,
    name: "vise",
    usage: "families indexed by label structs; kept handles where the row says so",
    dependencies: &[r#"vise = "0.3""#],
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
#[metrics(rename_all = "snake_case")]
enum Transport {
    Stdio,
    Http,
    Sse,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[metrics(rename_all = "snake_case")]
enum Outcome {
    Ok,
    Error,
    Rejected,
    Cancelled,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ServerLabels {
    server: String,
}

#[derive(Debug, Metrics)]
struct Requests {
    /// Requests that ended.
    ended: Family<Labels, Counter>,
    /// All requests.
    plain: Counter,
    /// Requests sent to a server.
    sent: Family<ServerLabels, Counter>,
    /// Busy workers.
    busy: Family<Labels, Gauge>,
    /// Durations.
    #[metrics(buckets = Buckets::values(&BOUNDS_11))]
    duration: Family<Labels, Histogram<Duration>>,
    /// Durations with other buckets.
    #[metrics(buckets = Buckets::values(&BOUNDS_20))]
    long_duration: Family<Labels, Histogram<Duration>>,
}

from_inputs! {
    Transport: Stdio => Stdio, Http => Http, Sse => Sse;
    Outcome: Ok => Ok, Error => Error, Rejected => Rejected, Cancelled => Cancelled;
}

impl Labels {
    fn of(input: &Input) -> Self {
        Self {
            transport: input.transport.into(),
            outcome: input.outcome.into(),
        }
    }
}

fn text(metrics: &Requests) -> String {
    let mut registry = Registry::empty();
    registry.register_metrics(metrics);
    let mut text = String::new();
    registry
        .encode(&mut text, Format::OpenMetrics)
        .expect("writing to memory does not fail");
    text
}

fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    let requests = Arc::new(Requests::default());
    Some(match record {
        Record::Native | Record::ClosedArray | Record::UpDownPair => return None,
        Record::Counter => counter(inputs, requests),
        Record::Histogram(Bounds::Eleven) => {
            histogram(inputs, Bounds::Eleven, requests, |requests| {
                &requests.duration
            })
        }
        Record::Histogram(Bounds::Twenty) => {
            histogram(inputs, Bounds::Twenty, requests, |requests| {
                &requests.long_duration
            })
        }
        Record::Kept => kept(inputs, requests),
        Record::Open => open(inputs, requests),
        Record::OpenKept => open_kept(inputs, requests),
        Record::Gauge => gauge(inputs, requests),
        Record::UpDown => updown(inputs, requests),
        Record::Timer => timer(inputs, requests),
    })
}

fn counter(inputs: &Inputs, requests: Arc<Requests>) -> Box<dyn Work> {
    let read = Arc::clone(&requests);
    recording(
        inputs.map(Labels::of),
        inputs.counted(),
        move |inputs| {
            for labels in inputs {
                requests.ended[labels].inc();
            }
        },
        move || page::read(&text(&read), "ended", 1.0),
    )
}

fn histogram(
    inputs: &Inputs,
    bounds: Bounds,
    requests: Arc<Requests>,
    family: fn(&Requests) -> &Family<Labels, Histogram<Duration>>,
) -> Box<dyn Work> {
    let read = Arc::clone(&requests);
    let name = match bounds {
        Bounds::Eleven => "duration",
        Bounds::Twenty => "long_duration",
    };
    recording(
        inputs.map(|input| (Labels::of(input), input.duration())),
        inputs.observed(bounds.seconds()),
        move |inputs| {
            let histogram = family(&requests);
            for (labels, duration) in inputs {
                histogram[labels].observe(*duration);
            }
        },
        move || page::read(&text(&read), name, 1.0),
    )
}

fn kept(inputs: &Inputs, requests: Arc<Requests>) -> Box<dyn Work> {
    let read = Arc::clone(&requests);
    recording(
        inputs.map(|_| ()),
        inputs.counted_in_one(),
        move |inputs| {
            for () in inputs {
                requests.plain.inc();
            }
        },
        move || page::read(&text(&read), "plain", 1.0),
    )
}

fn open(inputs: &Inputs, requests: Arc<Requests>) -> Box<dyn Work> {
    let read = Arc::clone(&requests);
    let values = inputs.open_values();
    recording(
        inputs.map(|input| values[usize::from(input.open)].clone()),
        inputs.counted_by_open(),
        move |inputs| {
            for server in inputs {
                // A label set owns its text, so each lookup copies it.
                requests.sent[&ServerLabels {
                    server: server.clone(),
                }]
                    .inc();
            }
        },
        move || page::read(&text(&read), "sent", 1.0),
    )
}

fn open_kept(inputs: &Inputs, requests: Arc<Requests>) -> Box<dyn Work> {
    let server_labels = inputs.open_values().iter().map(|server| ServerLabels {
        server: server.clone(),
    });
    let kept: Vec<Counter> = server_labels
        .map(|labels| requests.sent[&labels].clone())
        .collect();
    recording(
        inputs.map(|input| usize::from(input.open)),
        inputs.counted_by_open(),
        move |inputs| {
            for server in inputs {
                kept[*server].inc();
            }
        },
        move || page::read(&text(&requests), "sent", 1.0),
    )
}

fn gauge(inputs: &Inputs, requests: Arc<Requests>) -> Box<dyn Work> {
    let read = Arc::clone(&requests);
    recording(
        inputs.map(|input| (Labels::of(input), i64::from(input.delta))),
        inputs.last_set(),
        move |inputs| {
            for (labels, value) in inputs {
                requests.busy[labels].set(*value);
            }
        },
        move || page::read(&text(&read), "busy", 1.0),
    )
}

fn updown(inputs: &Inputs, requests: Arc<Requests>) -> Box<dyn Work> {
    let read = Arc::clone(&requests);
    recording(
        inputs.map(|input| (Labels::of(input), i64::from(input.delta))),
        inputs.moved(),
        move |inputs| {
            for (labels, delta) in inputs {
                requests.busy[labels].inc_by(*delta);
            }
        },
        move || page::read(&text(&read), "busy", 1.0),
    )
}

fn timer(inputs: &Inputs, requests: Arc<Requests>) -> Box<dyn Work> {
    let read = Arc::clone(&requests);
    recording(
        inputs.map(Labels::of),
        inputs.counted(),
        move |inputs| {
            for labels in inputs {
                requests.duration[labels].start().observe();
            }
        },
        move || page::read(&text(&read), "duration", 1.0),
    )
}

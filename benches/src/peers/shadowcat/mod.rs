//! `shadowcat-metrics`, this project, through its public macro and recorders, like any program.
//!
//! A recorder is stored, as a transport stores it. Labels known only at run time are passed with each record.

pub(super) mod families;
mod series;

use super::{Kind, Lack, Peer};
use crate::harness::inputs::{BOUNDS_11, Inputs};
use crate::harness::page;
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record, Way};
use requests::Metrics;
use requests::labels::{Outcome, Server, Transport};
use shadowcat_metrics::Format;

/// The metrics of the rows that record.
mod requests {
    shadowcat_metrics::metrics!("metrics.toml");
}

/// The metric of the rows with native buckets.
mod with_native {
    shadowcat_metrics::metrics!("schemas/native.toml");

    use labels::{Outcome, Transport};

    from_inputs! {
        Transport: Stdio => Stdio, Http => Http, Sse => Sse;
        Outcome: Ok => Ok, Error => Error, Rejected => Rejected, Cancelled => Cancelled;
    }
}

pub(super) const PEER: Peer = Peer {
    kind: Kind::Own,
    name: "shadowcat-metrics",
    usage: "a recorder kept, labels given with each record",
    dependencies: &[r#"shadowcat-metrics = { path = "OWN", default-features = false }"#],
    record,
    expose: series::expose,
    lack: Lack::Nothing,
    ways: Way::ALL,
};

fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    Some(match record {
        Record::Counter => counter(inputs),
        Record::Histogram(Bounds::Eleven) => histogram(inputs),
        Record::Histogram(Bounds::Twenty) => long_histogram(inputs),
        Record::Native => native(inputs),
        Record::Kept => kept(inputs),
        Record::Open => open(inputs),
        Record::OpenKept => open_kept(inputs),
        Record::ClosedArray => closed_array(inputs),
        Record::Gauge => gauge(inputs),
        Record::UpDown => updown(inputs),
        Record::UpDownPair => updown_pair(inputs),
        Record::Timer => timer(inputs),
    })
}

from_inputs! {
    Transport: Stdio => Stdio, Http => Http, Sse => Sse;
    Outcome: Ok => Ok, Error => Error, Rejected => Rejected, Cancelled => Cancelled;
}

fn counter(inputs: &Inputs) -> Box<dyn Work> {
    let metrics = Metrics::new();
    let requests = metrics.requests();
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
                requests.ended(*transport, *outcome).inc();
            }
        },
        move || {
            page::read(
                &metrics.encode(Format::PrometheusText),
                "bench_requests_ended",
                1.0,
            )
        },
    )
}

fn histogram(inputs: &Inputs) -> Box<dyn Work> {
    let metrics = Metrics::new();
    let requests = metrics.requests();
    recording(
        inputs.map(|input| {
            (
                Transport::from(input.transport),
                Outcome::from(input.outcome),
                input.duration(),
            )
        }),
        inputs.observed(&BOUNDS_11),
        move |inputs| {
            for (transport, outcome, duration) in inputs {
                requests.duration(*transport, *outcome).observe(*duration);
            }
        },
        move || {
            page::read(
                &metrics.encode(Format::PrometheusText),
                "bench_requests_duration_seconds",
                1.0,
            )
        },
    )
}

fn long_histogram(inputs: &Inputs) -> Box<dyn Work> {
    let metrics = Metrics::new();
    let requests = metrics.requests();
    recording(
        inputs.map(|input| {
            (
                Transport::from(input.transport),
                Outcome::from(input.outcome),
                input.duration(),
            )
        }),
        inputs.observed(Bounds::Twenty.seconds()),
        move |inputs| {
            for (transport, outcome, duration) in inputs {
                requests
                    .long_duration(*transport, *outcome)
                    .observe(*duration);
            }
        },
        move || {
            page::read(
                &metrics.encode(Format::PrometheusText),
                "bench_requests_long_duration_seconds",
                1.0,
            )
        },
    )
}

fn native(inputs: &Inputs) -> Box<dyn Work> {
    let metrics = with_native::Metrics::new();
    let requests = metrics.requests();
    recording(
        inputs.map(|input| {
            (
                with_native::labels::Transport::from(input.transport),
                with_native::labels::Outcome::from(input.outcome),
                input.duration(),
            )
        }),
        inputs.observed(&BOUNDS_11),
        move |inputs| {
            for (transport, outcome, duration) in inputs {
                requests.duration(*transport, *outcome).observe(*duration);
            }
        },
        move || {
            page::read(
                &metrics.encode(Format::PrometheusText),
                "bench_requests_duration_seconds",
                1.0,
            )
        },
    )
}

fn kept(inputs: &Inputs) -> Box<dyn Work> {
    let metrics = Metrics::new();
    let requests = metrics.requests();
    recording(
        inputs.map(|_| ()),
        inputs.counted_in_one(),
        move |inputs| {
            let counter = requests.plain();
            for () in inputs {
                counter.inc();
            }
        },
        move || {
            page::read(
                &metrics.encode(Format::PrometheusText),
                "bench_requests_plain",
                1.0,
            )
        },
    )
}

/// The label's value is interned with each record, while another part of the program keeps it alive.
fn open(inputs: &Inputs) -> Box<dyn Work> {
    let metrics = Metrics::new();
    let requests = metrics.requests();
    let values = inputs.open_values();
    let alive = servers(&metrics, inputs);
    let recording_metrics = metrics.clone();
    recording(
        inputs.map(|input| values[usize::from(input.open)].clone()),
        inputs.counted_by_open(),
        move |inputs| {
            let _alive = &alive;
            for server in inputs {
                requests.sent(&recording_metrics.server(server)).inc();
            }
        },
        move || {
            page::read(
                &metrics.encode(Format::PrometheusText),
                "bench_requests_sent",
                1.0,
            )
        },
    )
}

fn open_kept(inputs: &Inputs) -> Box<dyn Work> {
    let metrics = Metrics::new();
    let requests = metrics.requests();
    let kept = servers(&metrics, inputs);
    recording(
        inputs.map(|input| usize::from(input.open)),
        inputs.counted_by_open(),
        move |inputs| {
            for server in inputs {
                requests.sent(&kept[*server]).inc();
            }
        },
        move || {
            page::read(
                &metrics.encode(Format::PrometheusText),
                "bench_requests_sent",
                1.0,
            )
        },
    )
}

fn closed_array(inputs: &Inputs) -> Box<dyn Work> {
    let metrics = Metrics::new();
    let requests = metrics.requests();
    let (places, indices) = inputs.places();
    let places: Vec<_> = places
        .into_iter()
        .map(|(transport, outcome)| (Transport::from(transport), Outcome::from(outcome)))
        .collect();
    recording(
        indices,
        inputs.counted(),
        move |inputs| {
            for place in inputs {
                let (transport, outcome) = places[*place];
                requests.ended(transport, outcome).inc();
            }
        },
        move || {
            page::read(
                &metrics.encode(Format::PrometheusText),
                "bench_requests_ended",
                1.0,
            )
        },
    )
}

fn servers(metrics: &Metrics, inputs: &Inputs) -> Vec<Server> {
    inputs
        .open_values()
        .iter()
        .map(|server| metrics.server(server))
        .collect()
}

fn gauge(inputs: &Inputs) -> Box<dyn Work> {
    let metrics = Metrics::new();
    let requests = metrics.requests();
    recording(
        inputs.map(|input| {
            (
                Transport::from(input.transport),
                Outcome::from(input.outcome),
                input.delta,
            )
        }),
        inputs.last_set(),
        move |inputs| {
            for (transport, outcome, value) in inputs {
                requests.busy(*transport, *outcome).set(*value);
            }
        },
        move || {
            page::read(
                &metrics.encode(Format::PrometheusText),
                "bench_requests_busy",
                1.0,
            )
        },
    )
}

fn updown(inputs: &Inputs) -> Box<dyn Work> {
    let metrics = Metrics::new();
    let requests = metrics.requests();
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
                requests.waiting(*transport, *outcome).add(*delta);
            }
        },
        move || {
            page::read(
                &metrics.encode(Format::PrometheusText),
                "bench_requests_waiting",
                1.0,
            )
        },
    )
}

fn updown_pair(inputs: &Inputs) -> Box<dyn Work> {
    let metrics = Metrics::new();
    let requests = metrics.requests();
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
                let waiting = requests.waiting(*transport, *outcome);
                waiting.add(2);
                waiting.sub(1);
            }
        },
        move || {
            page::read(
                &metrics.encode(Format::PrometheusText),
                "bench_requests_waiting",
                1.0,
            )
        },
    )
}

fn timer(inputs: &Inputs) -> Box<dyn Work> {
    let metrics = Metrics::new();
    let requests = metrics.requests();
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
                let timer = requests.duration(*transport, *outcome).start_timer();
                timer.stop();
            }
        },
        move || {
            page::read(
                &metrics.encode(Format::PrometheusText),
                "bench_requests_duration_seconds",
                1.0,
            )
        },
    )
}

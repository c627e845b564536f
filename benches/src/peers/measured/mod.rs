//! `measured`: vectors over label sets of fixed cardinality; `lasso` for labels with values unknown in advance.

mod series;

use std::sync::Arc;

use measured::lasso::ThreadedRodeo;
use measured::metric::histogram::Thresholds;
use measured::text::BufferedTextEncoder;
use measured::{
    Counter, CounterVec, FixedCardinalityLabel, GaugeVec, HistogramVec, LabelGroup, MetricGroup,
};

use super::{Kind, Lack, Peer};
use crate::harness::counts::Counts;
use crate::harness::inputs::{BOUNDS_11, BOUNDS_20, Input, Inputs};
use crate::harness::page;
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record, Way};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Peer,
    name: "measured",
    usage: "fixed cardinality, dense vectors; lasso's ThreadedRodeo for the open label",
    dependencies: &[r#"measured = { version = "0.0.25", features = ["lasso"] }"#],
    record,
    expose: series::expose,
    lack: Lack::Nothing,
    ways: Way::ALL,
};

#[derive(Debug, Clone, Copy, FixedCardinalityLabel)]
enum Transport {
    Stdio,
    Http,
    Sse,
}

#[derive(Debug, Clone, Copy, FixedCardinalityLabel)]
enum Outcome {
    Ok,
    Error,
    Rejected,
    Cancelled,
}

from_inputs! {
    Transport: Stdio => Stdio, Http => Http, Sse => Sse;
    Outcome: Ok => Ok, Error => Error, Rejected => Rejected, Cancelled => Cancelled;
}

#[derive(Debug, Clone, Copy, LabelGroup)]
#[label(set = LabelsSet)]
struct Labels {
    transport: Transport,
    outcome: Outcome,
}

impl Labels {
    fn of(input: &Input) -> Self {
        Self {
            transport: input.transport.into(),
            outcome: input.outcome.into(),
        }
    }
}

#[derive(Debug, Clone, Copy, LabelGroup)]
#[label(set = ServerSet)]
struct ServerLabels<'a> {
    #[label(dynamic_with = ThreadedRodeo, default)]
    server: &'a str,
}

#[derive(MetricGroup)]
#[metric(new())]
struct Requests {
    /// Requests that ended.
    ended: CounterVec<LabelsSet>,
    /// All requests.
    plain: Counter,
    /// Requests sent to a server.
    sent: CounterVec<ServerSet>,
    /// Busy workers.
    busy: GaugeVec<LabelsSet>,
    /// Durations.
    #[metric(metadata = Thresholds::with_buckets(BOUNDS_11))]
    duration: HistogramVec<LabelsSet, 11>,
    /// Durations with other buckets.
    #[metric(metadata = Thresholds::with_buckets(BOUNDS_20))]
    long_duration: HistogramVec<LabelsSet, 20>,
}

fn text(group: &Requests) -> String {
    let mut encoder = BufferedTextEncoder::new();
    let Ok(()) = group.collect_group_into(&mut encoder);
    String::from_utf8_lossy(&encoder.finish()).into_owned()
}

/// Records with a new group.
fn with_group<T: Send + Sync + 'static>(
    inputs: Vec<T>,
    one_pass: Counts,
    family: &'static str,
    record_all: impl Fn(&Requests, &[T]) + Send + Sync + 'static,
) -> Box<dyn Work> {
    let group = Arc::new(Requests::new());
    let read = Arc::clone(&group);
    recording(
        inputs,
        one_pass,
        move |inputs| record_all(&group, inputs),
        move || page::read(&text(&read), family, 1.0),
    )
}

fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    let both = inputs.map(Labels::of);
    let values = inputs.open_values();
    Some(match record {
        Record::Native | Record::ClosedArray | Record::UpDownPair => return None,
        Record::Counter => with_group(both, inputs.counted(), "ended", |group, inputs| {
            for labels in inputs {
                group.ended.inc(*labels);
            }
        }),
        Record::Histogram(Bounds::Eleven) => with_group(
            inputs.map(|input| (Labels::of(input), input.duration())),
            inputs.observed(&BOUNDS_11),
            "duration",
            |group, inputs| {
                for (labels, duration) in inputs {
                    group.duration.observe(*labels, duration.as_secs_f64());
                }
            },
        ),
        Record::Histogram(Bounds::Twenty) => with_group(
            inputs.map(|input| (Labels::of(input), input.duration())),
            inputs.observed(&BOUNDS_20),
            "long_duration",
            |group, inputs| {
                for (labels, duration) in inputs {
                    group.long_duration.observe(*labels, duration.as_secs_f64());
                }
            },
        ),
        Record::Kept => with_group(
            inputs.map(|_| ()),
            inputs.counted_in_one(),
            "plain",
            |group, inputs| {
                for () in inputs {
                    group.plain.inc();
                }
            },
        ),
        Record::Open => with_group(
            inputs.map(|input| values[usize::from(input.open)].clone()),
            inputs.counted_by_open(),
            "sent",
            |group, inputs| {
                for server in inputs {
                    group.sent.inc(ServerLabels { server });
                }
            },
        ),
        Record::OpenKept => open_kept(inputs),
        Record::Gauge => with_group(
            inputs.map(|input| (Labels::of(input), i64::from(input.delta))),
            inputs.last_set(),
            "busy",
            |group, inputs| {
                for (labels, value) in inputs {
                    group.busy.set(*labels, *value);
                }
            },
        ),
        Record::UpDown => with_group(
            inputs.map(|input| (Labels::of(input), i64::from(input.delta))),
            inputs.moved(),
            "busy",
            |group, inputs| {
                for (labels, delta) in inputs {
                    group.busy.inc_by(*labels, *delta);
                }
            },
        ),
        Record::Timer => with_group(both, inputs.counted(), "duration", |group, inputs| {
            for labels in inputs {
                drop(group.duration.start_timer(*labels));
            }
        }),
    })
}

/// The label values' identifiers are kept, but a vector that can grow still locks for each record.
fn open_kept(inputs: &Inputs) -> Box<dyn Work> {
    let group = Arc::new(Requests::new());
    let read = Arc::clone(&group);
    let servers = inputs.open_values().iter();
    let kept: Vec<_> = servers
        .map(|server| group.sent.with_labels(ServerLabels { server }))
        .collect();
    recording(
        inputs.map(|input| usize::from(input.open)),
        inputs.counted_by_open(),
        move |inputs| {
            for server in inputs {
                group.sent.get_metric(kept[*server]).inc();
            }
        },
        move || page::read(&text(&read), "sent", 1.0),
    )
}

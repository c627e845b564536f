//! `fastmetrics`: families of label structs. It has no timers, so the program reads the clock itself.

mod series;

use std::sync::Arc;
use std::time::Instant;

use fastmetrics::derive::{EncodeLabelValue, LabelSet};
use fastmetrics::format::text::{self, EscapingScheme, TextProfile};
use fastmetrics::metrics::counter::Counter;
use fastmetrics::metrics::family::Family;
use fastmetrics::metrics::gauge::Gauge;
use fastmetrics::metrics::histogram::Histogram;
use fastmetrics::registry::Registry;

use super::{Kind, Lack, Peer};
use crate::harness::counts::Counts;
use crate::harness::inputs::{BOUNDS_11, BOUNDS_20, Input, Inputs};
use crate::harness::page;
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record, Way};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Peer,
    name: "fastmetrics",
    usage: "Family::with_or_new; kept handles where the row says so",
    dependencies: &[r#"fastmetrics = { version = "0.7", features = ["derive"] }"#],
    record,
    expose: series::expose,
    lack: Lack::Nothing,
    ways: Way::ALL,
};

const VALID: &str = "the names are valid and used once";

const OPEN_METRICS: TextProfile = TextProfile::OpenMetricsV1_0_0 {
    escaping_scheme: EscapingScheme::AllowUtf8,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, LabelSet)]
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

#[derive(Debug, Clone, PartialEq, Eq, Hash, LabelSet)]
struct ServerLabels {
    server: String,
}

struct Requests {
    registry: Registry,
    ended: Family<Labels, Counter>,
    plain: Counter,
    sent: Family<ServerLabels, Counter>,
    busy: Family<Labels, Gauge>,
    duration: Family<Labels, Histogram>,
    long_duration: Family<Labels, Histogram>,
}

impl Requests {
    fn new() -> Self {
        let mut registry = Registry::default();
        let ended = Family::default();
        let plain = Counter::default();
        let sent = Family::default();
        let busy = Family::default();
        let duration = Family::new(|| Histogram::new(BOUNDS_11));
        let long_duration = Family::new(|| Histogram::new(BOUNDS_20));
        registry
            .register("ended", "Requests that ended", ended.clone())
            .expect(VALID);
        registry
            .register("plain", "Requests, all in one", plain.clone())
            .expect(VALID);
        registry
            .register("sent", "Requests sent to a server", sent.clone())
            .expect(VALID);
        registry
            .register("busy", "Busy workers", busy.clone())
            .expect(VALID);
        registry
            .register("duration", "Time", duration.clone())
            .expect(VALID);
        registry
            .register(
                "long_duration",
                "The same in other buckets",
                long_duration.clone(),
            )
            .expect(VALID);
        Self {
            registry,
            ended,
            plain,
            sent,
            busy,
            duration,
            long_duration,
        }
    }
}

/// Records with new metrics.
fn with_metrics<T: Send + Sync + 'static>(
    inputs: Vec<T>,
    one_pass: Counts,
    family: &'static str,
    record_all: impl Fn(&Requests, &[T]) + Send + Sync + 'static,
) -> Box<dyn Work> {
    let requests = Arc::new(Requests::new());
    let read = Arc::clone(&requests);
    recording(
        inputs,
        one_pass,
        move |inputs| record_all(&requests, inputs),
        move || {
            let mut page = String::new();
            text::encode(&mut page, &read.registry, OPEN_METRICS)
                .expect("writing to memory does not fail");
            page::read(&page, family, 1.0)
        },
    )
}

fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    let both = inputs.map(Labels::of);
    let values = inputs.open_values();
    let timed = inputs.map(|input| (Labels::of(input), input.duration()));
    let moved = inputs.map(|input| (Labels::of(input), i64::from(input.delta)));
    Some(match record {
        Record::Native | Record::ClosedArray | Record::UpDownPair => return None,
        Record::Counter => with_metrics(both, inputs.counted(), "ended", |requests, inputs| {
            for labels in inputs {
                requests.ended.with_or_new(labels, Counter::inc);
            }
        }),
        Record::Histogram(Bounds::Eleven) => with_metrics(
            timed,
            inputs.observed(&BOUNDS_11),
            "duration",
            |requests, inputs| {
                for (labels, duration) in inputs {
                    requests.duration.with_or_new(labels, |histogram| {
                        histogram.observe(duration.as_secs_f64());
                    });
                }
            },
        ),
        Record::Histogram(Bounds::Twenty) => with_metrics(
            timed,
            inputs.observed(&BOUNDS_20),
            "long_duration",
            |requests, inputs| {
                for (labels, duration) in inputs {
                    requests.long_duration.with_or_new(labels, |histogram| {
                        histogram.observe(duration.as_secs_f64());
                    });
                }
            },
        ),
        Record::Kept => with_metrics(
            inputs.map(|_| ()),
            inputs.counted_in_one(),
            "plain",
            |requests, inputs| {
                for () in inputs {
                    requests.plain.inc();
                }
            },
        ),
        Record::Open => with_metrics(
            inputs.map(|input| values[usize::from(input.open)].clone()),
            inputs.counted_by_open(),
            "sent",
            |requests, inputs| {
                for server in inputs {
                    // A label set owns its text, so each lookup copies it.
                    requests.sent.with_or_new(
                        &ServerLabels {
                            server: server.clone(),
                        },
                        Counter::inc,
                    );
                }
            },
        ),
        Record::OpenKept => with_metrics(
            inputs.map(|input| usize::from(input.open)),
            inputs.counted_by_open(),
            "sent",
            {
                let servers = values.to_vec();
                move |requests, inputs| {
                    let servers = servers.iter().map(|server| ServerLabels {
                        server: server.clone(),
                    });
                    let kept: Vec<Counter> = servers
                        .map(|labels| requests.sent.with_or_new(&labels, Clone::clone))
                        .collect();
                    for server in inputs {
                        kept[*server].inc();
                    }
                }
            },
        ),
        Record::Gauge => with_metrics(moved, inputs.last_set(), "busy", |requests, inputs| {
            for (labels, value) in inputs {
                requests.busy.with_or_new(labels, |gauge| gauge.set(*value));
            }
        }),
        Record::UpDown => with_metrics(moved, inputs.moved(), "busy", |requests, inputs| {
            for (labels, delta) in inputs {
                requests
                    .busy
                    .with_or_new(labels, |gauge| gauge.inc_by(*delta));
            }
        }),
        Record::Timer => with_metrics(both, inputs.counted(), "duration", |requests, inputs| {
            for labels in inputs {
                let start = Instant::now();
                requests.duration.with_or_new(labels, |histogram| {
                    histogram.observe(start.elapsed().as_secs_f64());
                });
            }
        }),
    })
}

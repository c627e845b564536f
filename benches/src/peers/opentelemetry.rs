//! `opentelemetry` with its SDK and its Prometheus exporter: attributes with each record.

use std::sync::Arc;
use std::time::Instant;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter, MeterProvider, UpDownCounter};
use opentelemetry_sdk::metrics::{Instrument, SdkMeterProvider, Stream};
use prometheus::{Encoder, Registry, TextEncoder};

use super::{Kind, Peer};
use crate::harness::counts::Counts;
use crate::harness::inputs::{BOUNDS_11, BOUNDS_20, Input, Inputs, Outcome, Transport};
use crate::harness::page;
use crate::harness::population::{Exposed, Format, Page, Series, amount, labels, observations};
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Peer,
    name: "opentelemetry",
    usage: "attributes with each record; the SDK and opentelemetry-prometheus",
    dependencies: &[
        r#"opentelemetry = { version = "0.33", default-features = false, features = ["metrics"] }"#,
        r#"opentelemetry_sdk = { version = "0.33", default-features = false, features = ["metrics"] }"#,
        r#"opentelemetry-prometheus = { version = "0.33", default-features = false }"#,
    ],
    record,
    expose,
    histograms_lack: None,
};

/// A separate pipeline.
struct Pipeline {
    registry: Registry,
    provider: SdkMeterProvider,
}

impl Pipeline {
    /// Creates a pipeline for at most `series` series per instrument. The SDK's default limit is 2,000.
    fn new(series: usize) -> Self {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .build()
            .expect("the registry is new");
        let limit = move |_: &Instrument| {
            Stream::builder()
                .with_cardinality_limit(series)
                .build()
                .ok()
        };
        let provider = SdkMeterProvider::builder()
            .with_reader(exporter)
            .with_view(limit)
            .build();
        Self { registry, provider }
    }

    fn meter(&self) -> Meter {
        self.provider.meter("bench")
    }

    fn render(&self, page: &mut Vec<u8>) -> bool {
        TextEncoder::new()
            .encode(&self.registry.gather(), page)
            .is_ok()
    }
}

struct Requests {
    pipeline: Pipeline,
    ended: Counter<u64>,
    busy: Gauge<i64>,
    waiting: UpDownCounter<i64>,
    duration: Histogram<f64>,
    long_duration: Histogram<f64>,
}

impl Requests {
    fn new() -> Self {
        let pipeline = Pipeline::new(2_000);
        let meter = pipeline.meter();
        Self {
            ended: meter.u64_counter("ended").build(),
            busy: meter.i64_gauge("busy").build(),
            waiting: meter.i64_up_down_counter("waiting").build(),
            duration: meter
                .f64_histogram("duration")
                .with_boundaries(BOUNDS_11.to_vec())
                .build(),
            long_duration: meter
                .f64_histogram("long_duration")
                .with_boundaries(BOUNDS_20.to_vec())
                .build(),
            pipeline,
        }
    }
}

fn attributes(transport: Transport, outcome: Outcome) -> [KeyValue; 2] {
    [
        KeyValue::new("transport", transport.as_str()),
        KeyValue::new("outcome", outcome.as_str()),
    ]
}

fn with_pipeline<T: Send + Sync + 'static>(
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
            let mut page = Vec::new();
            read.pipeline.render(&mut page);
            page::read(&String::from_utf8_lossy(&page), family, 1.0)
        },
    )
}

fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    let both = inputs.map(|input| (input.transport, input.outcome));
    let timed = inputs.map(|input| (input.transport, input.outcome, input.seconds()));
    let moved = inputs.map(|input| (input.transport, input.outcome, i64::from(input.delta)));
    let server = |input: &Input| inputs.open_values()[usize::from(input.open)].clone();
    Some(match record {
        Record::Counter => with_pipeline(both, inputs.counted(), "ended", |requests, inputs| {
            for (transport, outcome) in inputs {
                requests.ended.add(1, &attributes(*transport, *outcome));
            }
        }),
        Record::Histogram(Bounds::Eleven) => with_pipeline(
            timed,
            inputs.observed(&BOUNDS_11),
            "duration",
            |requests, inputs| {
                for (transport, outcome, seconds) in inputs {
                    requests
                        .duration
                        .record(*seconds, &attributes(*transport, *outcome));
                }
            },
        ),
        Record::Histogram(Bounds::Twenty) => with_pipeline(
            timed,
            inputs.observed(&BOUNDS_20),
            "long_duration",
            |requests, inputs| {
                for (transport, outcome, seconds) in inputs {
                    requests
                        .long_duration
                        .record(*seconds, &attributes(*transport, *outcome));
                }
            },
        ),
        Record::Kept => with_pipeline(
            inputs.map(|_| ()),
            inputs.counted_in_one(),
            "ended",
            |requests, inputs| {
                for () in inputs {
                    requests.ended.add(1, &[]);
                }
            },
        ),
        Record::Open => with_pipeline(
            inputs.map(server),
            inputs.counted_by_open(),
            "ended",
            |requests, inputs| {
                for server in inputs {
                    requests
                        .ended
                        .add(1, &[KeyValue::new("server", server.clone())]);
                }
            },
        ),
        Record::OpenKept => {
            let kept: Vec<_> = inputs
                .open_values()
                .iter()
                .map(|server| [KeyValue::new("server", server.clone())])
                .collect();
            let indexes = inputs.map(|input| usize::from(input.open));
            with_pipeline(
                indexes,
                inputs.counted_by_open(),
                "ended",
                move |requests, inputs| {
                    for server in inputs {
                        requests.ended.add(1, &kept[*server]);
                    }
                },
            )
        }
        Record::Gauge => with_pipeline(moved, inputs.last_set(), "busy", |requests, inputs| {
            for (transport, outcome, value) in inputs {
                requests
                    .busy
                    .record(*value, &attributes(*transport, *outcome));
            }
        }),
        Record::UpDown => with_pipeline(moved, inputs.moved(), "waiting", |requests, inputs| {
            for (transport, outcome, delta) in inputs {
                requests
                    .waiting
                    .add(*delta, &attributes(*transport, *outcome));
            }
        }),
        Record::Timer => with_pipeline(both, inputs.counted(), "duration", |requests, inputs| {
            for (transport, outcome) in inputs {
                let start = Instant::now();
                requests.duration.record(
                    start.elapsed().as_secs_f64(),
                    &attributes(*transport, *outcome),
                );
            }
        }),
    })
}

struct Shards {
    pipeline: Pipeline,
    series: Series,
    counter: Counter<u64>,
    histogram: Histogram<f64>,
}

fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    let pipeline = Pipeline::new(series.counters.max(series.histograms) + 1);
    let meter = pipeline.meter();
    Some(Box::new(Shards {
        counter: meter.u64_counter("requests").build(),
        histogram: meter
            .f64_histogram("duration")
            .with_boundaries(BOUNDS_11.to_vec())
            .build(),
        pipeline,
        series,
    }))
}

impl Exposed for Shards {
    fn touch(&self) {
        let attributes = |position| {
            let (shard, lane) = labels(position);
            [KeyValue::new("shard", shard), KeyValue::new("lane", lane)]
        };
        for position in 0..self.series.counters {
            self.counter.add(amount(position), &attributes(position));
        }
        for position in 0..self.series.histograms {
            for duration in observations(position) {
                self.histogram
                    .record(duration.as_secs_f64(), &attributes(position));
            }
        }
    }

    fn render(&self, format: Format, page: &mut Page) -> bool {
        match format {
            Format::Text => self.pipeline.render(&mut page.bytes),
            Format::OpenMetrics => false,
        }
    }
}

//! `opentelemetry` with its SDK and its Prometheus exporter: attributes with each record, or bound instruments where the row
//! says that handles are kept. Those are an experimental feature of the released crates.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter, MeterProvider, UpDownCounter};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, MetricData, ResourceMetrics, ScopeMetrics,
};
use opentelemetry_sdk::metrics::reader::MetricReader;
use opentelemetry_sdk::metrics::{
    Aggregation, Instrument, InstrumentKind, ManualReader, Pipeline as Pipe, SdkMeterProvider,
    Stream, Temporality,
};
use prometheus::{Encoder, Registry, TextEncoder};

use super::{Kind, Lack, Peer};
use crate::harness::counts::{Counts, key};
use crate::harness::inputs::{BOUNDS_11, BOUNDS_20, Input, Inputs, Outcome, Transport};
use crate::harness::page;
use crate::harness::population::{Exposed, Format, Page, Series, amount, labels, observations};
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record, Way};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Peer,
    name: "opentelemetry",
    usage: "attributes with each record; bound instruments where the row says so; opentelemetry-prometheus",
    dependencies: &[
        r#"opentelemetry = { version = "0.33", default-features = false, features = ["metrics"] }"#,
        r#"opentelemetry_sdk = { version = "0.33", default-features = false, features = ["metrics"] }"#,
        r#"opentelemetry-prometheus = { version = "0.33", default-features = false }"#,
    ],
    record,
    expose,
    lack: Lack::Nothing,
    ways: Way::ALL,
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

    fn read(&self, family: &str) -> Counts {
        let mut page = Vec::new();
        self.pipeline.render(&mut page);
        page::read(&String::from_utf8_lossy(&page), family, 1.0)
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
        move || read.read(family),
    )
}

#[expect(clippy::too_many_lines, reason = "one arm for each row")]
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
        Record::Native => native(inputs),
        Record::Kept => with_pipeline(
            inputs.map(|_| ()),
            inputs.counted_in_one(),
            "ended",
            |requests, inputs| {
                let bound = requests.ended.bind(&[]);
                for () in inputs {
                    bound.add(1);
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
        Record::ClosedArray | Record::UpDownPair => return None,
        Record::OpenKept => {
            let requests = Arc::new(Requests::new());
            let servers = inputs.open_values().iter();
            let kept: Vec<_> = servers
                .map(|server| {
                    let server = KeyValue::new("server", server.clone());
                    requests.ended.bind(&[server])
                })
                .collect();
            recording(
                inputs.map(|input| usize::from(input.open)),
                inputs.counted_by_open(),
                move |inputs| {
                    for server in inputs {
                        kept[*server].add(1);
                    }
                },
                move || requests.read("ended"),
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

/// Exponential histograms, which the Prometheus exporter leaves out. They have no bounds.
fn native(inputs: &Inputs) -> Box<dyn Work> {
    let exponential = |_: &Instrument| {
        let aggregation = Aggregation::Base2ExponentialHistogram {
            max_size: 160,
            max_scale: 3,
            record_min_max: false,
        };
        Stream::builder()
            .with_aggregation(aggregation)
            .with_cardinality_limit(2_000)
            .build()
            .ok()
    };
    let reader = SharedReader(Arc::default());
    let provider = SdkMeterProvider::builder()
        .with_reader(reader.clone())
        .with_view(exponential)
        .build();
    let duration = provider.meter("bench").f64_histogram("duration").build();
    recording(
        inputs.map(|input| (input.transport, input.outcome, input.seconds())),
        inputs.observed(&[]),
        move |inputs| {
            for (transport, outcome, seconds) in inputs {
                duration.record(*seconds, &attributes(*transport, *outcome));
            }
        },
        move || {
            // The provider ends the reader when it is dropped.
            let _ = &provider;
            reader.counts()
        },
    )
}

/// A reader that the provider and the check of the counts share.
#[derive(Debug, Clone)]
struct SharedReader(Arc<ManualReader>);

impl MetricReader for SharedReader {
    fn register_pipeline(&self, pipeline: Weak<Pipe>) {
        self.0.register_pipeline(pipeline);
    }

    fn collect(&self, metrics: &mut ResourceMetrics) -> OTelSdkResult {
        self.0.collect(metrics)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn temporality(&self, kind: InstrumentKind) -> Temporality {
        self.0.temporality(kind)
    }
}

impl SharedReader {
    fn counts(&self) -> Counts {
        let mut collected = ResourceMetrics::default();
        let mut counts = Counts::default();
        if self.0.collect(&mut collected).is_err() {
            return counts;
        }
        let scopes = collected.scope_metrics();
        for metric in scopes.flat_map(ScopeMetrics::metrics) {
            let AggregatedMetrics::F64(MetricData::ExponentialHistogram(histogram)) = metric.data()
            else {
                continue;
            };
            for point in histogram.data_points() {
                let value = |name: &str| {
                    let mut found = point.attributes();
                    let found = found.find(|attribute| attribute.key.as_str() == name);
                    found.map(|attribute| attribute.value.to_string())
                };
                let values = ["transport", "outcome"].map(|name| value(name).unwrap_or_default());
                let positive = point.positive_bucket().counts().sum::<u64>();
                counts.add(
                    key(values.iter().map(String::as_str)),
                    (point.zero_count() + positive) as f64,
                );
                counts.add_sum(point.sum());
            }
        }
        counts
    }
}

struct Shards {
    pipeline: Pipeline,
    series: Series,
    counters: Vec<Counter<u64>>,
    histograms: Vec<Histogram<f64>>,
}

fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    let pipeline = Pipeline::new(series.counters.max(series.histograms) + 1);
    let meter = pipeline.meter();
    let counter = |family| meter.u64_counter(series.counter_name(family)).build();
    let histogram = |family| {
        meter
            .f64_histogram(series.histogram_name(family))
            .with_boundaries(BOUNDS_11.to_vec())
            .build()
    };
    Some(Box::new(Shards {
        counters: (0..series.counter_families).map(counter).collect(),
        histograms: (0..series.histogram_families).map(histogram).collect(),
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
        for (at, family, series) in self.series.each_counter() {
            self.counters[family].add(amount(at), &attributes(series));
        }
        for (at, family, series) in self.series.each_histogram() {
            for duration in observations(at) {
                self.histograms[family].record(duration.as_secs_f64(), &attributes(series));
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

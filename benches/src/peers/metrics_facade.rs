//! `metrics` with `metrics-exporter-prometheus`.
//!
//! Its exporter sorts observations into buckets at a scrape or in its upkeep. As in a program's hot path, that work is not part
//! of a record's time here.

use std::sync::Arc;
use std::time::Instant;

use metrics::{counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};

use super::{Kind, Lack, Peer};
use crate::harness::counts::Counts;
use crate::harness::inputs::{BOUNDS_11, BOUNDS_20, Inputs};
use crate::harness::page;
use crate::harness::population::{Exposed, Format, Page, Series, amount, labels, observations};
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record, Way};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Peer,
    name: "metrics",
    usage: "macros with labels; kept handles where the row says so; metrics-exporter-prometheus",
    dependencies: &[
        r#"metrics = "0.24""#,
        r#"metrics-exporter-prometheus = { version = "0.18", default-features = false }"#,
    ],
    record,
    expose,
    lack: Lack::Nothing,
    ways: Way::ALL,
};

fn recorder() -> Arc<PrometheusRecorder> {
    let full = |name: &str| Matcher::Full(name.to_owned());
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("duration_seconds".to_owned()), &BOUNDS_11)
        .and_then(|builder| builder.set_buckets_for_metric(full("duration"), &BOUNDS_11))
        .and_then(|builder| builder.set_buckets_for_metric(full("long_duration"), &BOUNDS_20))
        .expect("there are some buckets");
    Arc::new(builder.build_recorder())
}

/// Records with a new recorder, which is set as the thread's local recorder.
fn with_recorder<T: Send + Sync + 'static>(
    inputs: Vec<T>,
    one_pass: Counts,
    family: &'static str,
    record_all: impl Fn(&[T]) + Send + Sync + 'static,
) -> Box<dyn Work> {
    let recorder = recorder();
    let handle = recorder.handle();
    recording(
        inputs,
        one_pass,
        move |inputs| with_local_recorder(&*recorder, || record_all(inputs)),
        move || page::read(&handle.render(), family, 1.0),
    )
}

fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    let both = inputs.map(|input| (input.transport, input.outcome));
    let timed = inputs.map(|input| (input.transport, input.outcome, input.duration()));
    let moved = inputs.map(|input| (input.transport, input.outcome, f64::from(input.delta)));
    let values = inputs.open_values();
    Some(match record {
        Record::Native | Record::ClosedArray | Record::UpDownPair => return None,
        Record::Counter => with_recorder(both, inputs.counted(), "ended", |inputs| {
            for (transport, outcome) in inputs {
                counter!("ended", "transport" => transport.as_str(), "outcome" => outcome.as_str())
                    .increment(1);
            }
        }),
        Record::Histogram(Bounds::Eleven) => {
            with_recorder(timed, inputs.observed(&BOUNDS_11), "duration", |inputs| {
                for (transport, outcome, duration) in inputs {
                    histogram!("duration", "transport" => transport.as_str(), "outcome" => outcome.as_str())
                        .record(*duration);
                }
            })
        }
        Record::Histogram(Bounds::Twenty) => with_recorder(
            timed,
            inputs.observed(&BOUNDS_20),
            "long_duration",
            |inputs| {
                for (transport, outcome, duration) in inputs {
                    histogram!("long_duration", "transport" => transport.as_str(), "outcome" => outcome.as_str())
                        .record(*duration);
                }
            },
        ),
        Record::Kept => with_recorder(
            inputs.map(|_| ()),
            inputs.counted_in_one(),
            "plain",
            |inputs| {
                let counter = counter!("plain");
                for () in inputs {
                    counter.increment(1);
                }
            },
        ),
        Record::Open => with_recorder(
            inputs.map(|input| values[usize::from(input.open)].clone()),
            inputs.counted_by_open(),
            "sent",
            |inputs| {
                for server in inputs {
                    counter!("sent", "server" => server.clone()).increment(1);
                }
            },
        ),
        Record::OpenKept => {
            let servers = values.to_vec();
            let indexes = inputs.map(|input| usize::from(input.open));
            with_recorder(indexes, inputs.counted_by_open(), "sent", move |inputs| {
                let servers = servers.iter();
                let kept: Vec<_> = servers
                    .map(|server| counter!("sent", "server" => server.clone()))
                    .collect();
                for server in inputs {
                    kept[*server].increment(1);
                }
            })
        }
        Record::Gauge => with_recorder(moved, inputs.last_set(), "busy", |inputs| {
            for (transport, outcome, value) in inputs {
                gauge!("busy", "transport" => transport.as_str(), "outcome" => outcome.as_str())
                    .set(*value);
            }
        }),
        Record::UpDown => with_recorder(moved, inputs.moved(), "busy", |inputs| {
            for (transport, outcome, delta) in inputs {
                gauge!("busy", "transport" => transport.as_str(), "outcome" => outcome.as_str())
                    .increment(*delta);
            }
        }),
        Record::Timer => with_recorder(both, inputs.counted(), "duration", |inputs| {
            for (transport, outcome) in inputs {
                let start = Instant::now();
                histogram!("duration", "transport" => transport.as_str(), "outcome" => outcome.as_str())
                    .record(start.elapsed());
            }
        }),
    })
}

struct Shards {
    recorder: Arc<PrometheusRecorder>,
    series: Series,
}

fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    Some(Box::new(Shards {
        recorder: recorder(),
        series,
    }))
}

impl Exposed for Shards {
    fn touch(&self) {
        with_local_recorder(&*self.recorder, || {
            for (at, family, series) in self.series.each_counter() {
                let (shard, lane) = labels(series);
                let name = self.series.counter_name(family);
                counter!(name, "shard" => shard, "lane" => lane).increment(amount(at));
            }
            for (at, family, series) in self.series.each_histogram() {
                let (shard, lane) = labels(series);
                for duration in observations(at) {
                    let name = self.series.histogram_name(family);
                    histogram!(name, "shard" => shard, "lane" => lane).record(duration);
                }
            }
        });
        // Sorts the observations, as its upkeep does regularly.
        self.recorder.handle().run_upkeep();
    }

    fn render(&self, format: Format, page: &mut Page) -> bool {
        match format {
            Format::Text => self
                .recorder
                .handle()
                .render_to_write(&mut page.bytes)
                .is_ok(),
            Format::OpenMetrics => false,
        }
    }
}

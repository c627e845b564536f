//! `foundations`: metrics as functions of a module; `#[low_cardinality]` families, thread-local counters.
//!
//! It has one registry per process, so a page also contains the records of earlier rows.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicI64;

use foundations::telemetry::metrics::{
    Counter, Gauge, HistogramBuilder, LowCardinalityLabel, ScrapeFormat, ThreadLocalCounter,
    TimeHistogram, collect_format, metrics,
};
use foundations::telemetry::settings::MetricsSettings;
use serde::{Serialize, Serializer};

use super::{Kind, Lack, Peer};
use crate::harness::counts::Counts;
use crate::harness::inputs::{BOUNDS_11, BOUNDS_20, Inputs};
use crate::harness::page;
use crate::harness::population::{Exposed, Format, LANES, Page, Series, amount, observations};
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record, Way};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Peer,
    name: "foundations",
    usage: "low_cardinality families, thread-local counters; kept handles where the row says so",
    dependencies: &[
        r#"foundations = { version = "5", default-features = false, features = ["metrics", "foundations-metrics-backend"] }"#,
        r#"serde = { version = "1", features = ["derive"] }"#,
    ],
    record,
    expose,
    lack: Lack::Nothing,
    // Both registries would be the one of the process.
    ways: &[Way::Loop, Way::Call],
};

#[derive(Debug, Clone, Copy, PartialEq, Serialize, LowCardinalityLabel)]
#[serde(rename_all = "lowercase")]
enum Transport {
    Stdio,
    Http,
    Sse,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, LowCardinalityLabel)]
#[serde(rename_all = "lowercase")]
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

#[metrics(unprefixed)]
mod bench {
    /// Requests that ended.
    #[low_cardinality]
    pub(super) fn ended(transport: Transport, outcome: Outcome) -> ThreadLocalCounter;

    /// All requests.
    pub(super) fn plain() -> ThreadLocalCounter;

    /// Requests sent to a server.
    pub(super) fn sent(server: &String) -> Counter;

    /// Busy workers.
    #[low_cardinality]
    pub(super) fn busy(transport: Transport, outcome: Outcome) -> Gauge<i64, AtomicI64>;

    /// Waiting requests.
    #[low_cardinality]
    pub(super) fn waiting(transport: Transport, outcome: Outcome) -> Gauge<i64, AtomicI64>;

    /// Durations.
    #[low_cardinality]
    #[ctor = HistogramBuilder { buckets: &BOUNDS_11 }]
    pub(super) fn duration(transport: Transport, outcome: Outcome) -> TimeHistogram;

    /// Durations with other buckets.
    #[low_cardinality]
    #[ctor = HistogramBuilder { buckets: &BOUNDS_20 }]
    pub(super) fn long_duration(transport: Transport, outcome: Outcome) -> TimeHistogram;

    /// Durations measured by timers.
    #[low_cardinality]
    #[ctor = HistogramBuilder { buckets: &BOUNDS_11 }]
    pub(super) fn timed(transport: Transport, outcome: Outcome) -> TimeHistogram;
}

fn text() -> String {
    let settings = MetricsSettings::default();
    let page = collect_format(ScrapeFormat::Text { utf8_names: false }, &settings);
    String::from_utf8(page.unwrap_or_default()).unwrap_or_default()
}

/// Records in a family that all rows share, and subtracts its previous counts.
fn with_family<T: Send + Sync + 'static>(
    inputs: Vec<T>,
    one_pass: Counts,
    family: &'static str,
    record_all: impl Fn(&[T]) + Send + Sync + 'static,
) -> Box<dyn Work> {
    let before = if one_pass.constant {
        Counts::default()
    } else {
        page::read(&text(), family, 1.0)
    };
    recording(inputs, one_pass, record_all, move || {
        page::read(&text(), family, 1.0).minus(&before)
    })
}

fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    let both = inputs.map(|input| {
        (
            Transport::from(input.transport),
            Outcome::from(input.outcome),
        )
    });
    let timed = inputs.map(|input| {
        (
            Transport::from(input.transport),
            Outcome::from(input.outcome),
            input.nanos,
        )
    });
    let moved = inputs.map(|input| {
        (
            Transport::from(input.transport),
            Outcome::from(input.outcome),
            i64::from(input.delta),
        )
    });
    let values = inputs.open_values();
    Some(match record {
        Record::Native | Record::ClosedArray | Record::UpDownPair => return None,
        Record::Counter => with_family(both, inputs.counted(), "bench_ended", |inputs| {
            for (transport, outcome) in inputs {
                bench::ended(*transport, *outcome).inc();
            }
        }),
        Record::Histogram(Bounds::Eleven) => with_family(
            timed,
            inputs.observed(&BOUNDS_11),
            "bench_duration",
            |inputs| {
                for (transport, outcome, nanos) in inputs {
                    bench::duration(*transport, *outcome).observe(*nanos);
                }
            },
        ),
        Record::Histogram(Bounds::Twenty) => with_family(
            timed,
            inputs.observed(&BOUNDS_20),
            "bench_long_duration",
            |inputs| {
                for (transport, outcome, nanos) in inputs {
                    bench::long_duration(*transport, *outcome).observe(*nanos);
                }
            },
        ),
        Record::Kept => with_family(
            inputs.map(|_| ()),
            inputs.counted_in_one(),
            "bench_plain",
            |inputs| {
                let counter = bench::plain();
                for () in inputs {
                    counter.inc();
                }
            },
        ),
        Record::Open => with_family(
            inputs.map(|input| values[usize::from(input.open)].clone()),
            inputs.counted_by_open(),
            "bench_sent",
            |inputs| {
                for server in inputs {
                    bench::sent(server).inc();
                }
            },
        ),
        Record::OpenKept => {
            let kept: Vec<Counter> = values.iter().map(bench::sent).collect();
            let indexes = inputs.map(|input| usize::from(input.open));
            with_family(
                indexes,
                inputs.counted_by_open(),
                "bench_sent",
                move |inputs| {
                    for server in inputs {
                        kept[*server].inc();
                    }
                },
            )
        }
        Record::Gauge => with_family(moved, inputs.last_set(), "bench_busy", |inputs| {
            for (transport, outcome, value) in inputs {
                bench::busy(*transport, *outcome).set(*value);
            }
        }),
        Record::UpDown => with_family(moved, inputs.moved(), "bench_waiting", |inputs| {
            for (transport, outcome, delta) in inputs {
                bench::waiting(*transport, *outcome).inc_by(*delta);
            }
        }),
        Record::Timer => with_family(both, inputs.counted(), "bench_timed", |inputs| {
            for (transport, outcome) in inputs {
                drop(bench::timed(*transport, *outcome).start_timer());
            }
        }),
    })
}

/// A label with `VALUES` values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbered<const VALUES: usize>(usize);

impl<const VALUES: usize> LowCardinalityLabel for Numbered<VALUES> {
    const CARDINALITY: NonZeroUsize = NonZeroUsize::new(VALUES).unwrap();

    fn index(&self) -> usize {
        self.0
    }
}

impl<const VALUES: usize> Serialize for Numbered<VALUES> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0 as u64)
    }
}

#[metrics(unprefixed)]
mod shards {
    /// Requests.
    #[low_cardinality]
    pub(super) fn requests(shard: Numbered<300>, lane: Numbered<LANES>) -> ThreadLocalCounter;

    /// Durations.
    #[low_cardinality]
    #[ctor = HistogramBuilder { buckets: &BOUNDS_11 }]
    pub(super) fn duration(shard: Numbered<100>, lane: Numbered<LANES>) -> TimeHistogram;
}

struct Shards(Series);

fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    // A program declares its families in the source.
    series
        .is_in_two_families()
        .then(|| Box::new(Shards(series)) as Box<dyn Exposed>)
}

impl Exposed for Shards {
    fn touch(&self) {
        for position in 0..self.0.counters {
            let counter = shards::requests(Numbered(position / LANES), Numbered(position % LANES));
            counter.inc_by(amount(position));
        }
        for position in 0..self.0.histograms {
            for duration in observations(position) {
                let histogram =
                    shards::duration(Numbered(position / LANES), Numbered(position % LANES));
                histogram.observe(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
            }
        }
    }

    fn render(&self, format: Format, page: &mut Page) -> bool {
        match format {
            Format::Text => false,
            Format::OpenMetrics => {
                page.text = text();
                true
            }
        }
    }
}

//! `fast-telemetry`: metrics indexed by one enum, and its dynamic metrics for the open label.
//!
//! A metric of this library has one closed label, so the two labels of the rows are one enum of twelve values here. That is
//! less work than the rows require. Histograms take integers, here nanoseconds.

mod series;

use std::sync::Arc;

use fast_telemetry::{
    Counter, CounterSet, CounterSetBuffer, DynamicCounter, DynamicCounterSeries, LabelEnum,
    LabeledCounter, LabeledGauge, LabeledHistogram, LabeledSampledTimer,
};

use super::{Kind, Lack, Peer};
use crate::harness::counts::{Counts, key};
use crate::harness::inputs::{BOUNDS_11, Input, Inputs};
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record, Way};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Peer,
    name: "fast-telemetry",
    usage: "both labels in one enum, 8 shards; dynamic counters for the open label",
    dependencies: &[r#"fast-telemetry = "0.10""#],
    record,
    expose: series::expose,
    lack: Lack::Nothing,
    ways: Way::ALL,
};

/// The library's fastest way to count: each worker adds up in a buffer of its own, and flushes it every 64 records. A page
/// lacks the counts that are still in buffers, so no other contestant is compared with it.
pub(super) const BUFFERED: Peer = Peer {
    kind: Kind::Peer,
    name: "fast-telemetry-buffered",
    usage: "a CounterSetBuffer for each worker, flushed every 64 records",
    dependencies: &[],
    record: |record, inputs| (record == Record::Counter).then(|| buffered(inputs)),
    expose: |_| None,
    lack: Lack::Everywhere("(up to 64 records of each worker are unflushed)"),
    // A buffer belongs to a loop.
    ways: &[Way::Loop],
};

/// Shards of a metric, as in the library's own examples.
const SHARDS: usize = 8;

/// Both labels in one enum.
#[derive(Debug, Clone, Copy)]
struct Both(u8);

const NAMES: [&str; 12] = [
    "stdio/ok",
    "stdio/error",
    "stdio/rejected",
    "stdio/cancelled",
    "http/ok",
    "http/error",
    "http/rejected",
    "http/cancelled",
    "sse/ok",
    "sse/error",
    "sse/rejected",
    "sse/cancelled",
];

impl Both {
    fn of(input: &Input) -> Self {
        let name = key([input.transport.as_str(), input.outcome.as_str()]);
        let index = NAMES
            .iter()
            .position(|known| *known == name)
            .expect("all pairs are listed");
        Self::from_index(index)
    }
}

impl LabelEnum for Both {
    const CARDINALITY: usize = NAMES.len();
    const LABEL_NAME: &'static str = "request";

    fn as_index(self) -> usize {
        usize::from(self.0)
    }

    #[expect(clippy::cast_possible_truncation, reason = "there are twelve")]
    fn from_index(index: usize) -> Self {
        Self(index as u8)
    }

    fn variant_name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }
}

/// Upper bounds in nanoseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "positive and below a minute"
)]
fn nanoseconds(bounds: &[f64]) -> Vec<u64> {
    bounds
        .iter()
        .map(|bound| (bound * 1e9).round() as u64)
        .collect()
}

fn read_counter(counter: &LabeledCounter<Both>) -> Counts {
    let mut counts = Counts::default();
    for (label, value) in counter.iter() {
        counts.add(label.variant_name().to_owned(), value as f64);
    }
    counts
}

fn read_histogram(histogram: &LabeledHistogram<Both>) -> Counts {
    let mut counts = Counts::default();
    for (label, histogram) in histogram.iter() {
        counts.add(label.variant_name().to_owned(), histogram.count() as f64);
        counts.add_sum(histogram.sum() as f64 / 1e9);
        for (bound, value) in histogram
            .buckets_cumulative_iter()
            .filter(|(bound, _)| *bound != u64::MAX)
        {
            counts.add_bucket(bound as f64 / 1e9, value as f64);
        }
    }
    counts
}

fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    Some(match record {
        Record::Native | Record::ClosedArray | Record::UpDownPair => return None,
        Record::Counter => counter(inputs),
        Record::Histogram(bounds) => histogram(inputs, bounds),
        Record::Kept => kept(inputs),
        Record::Open => open(inputs),
        Record::OpenKept => open_kept(inputs),
        Record::Gauge => gauge(inputs),
        Record::UpDown => updown(inputs),
        Record::Timer => timer(inputs),
    })
}

fn counter(inputs: &Inputs) -> Box<dyn Work> {
    let counter = Arc::new(LabeledCounter::<Both>::new(SHARDS));
    let read = Arc::clone(&counter);
    recording(
        inputs.map(Both::of),
        inputs.counted(),
        move |inputs| {
            for label in inputs {
                counter.inc(*label);
            }
        },
        move || read_counter(&read),
    )
}

fn buffered(inputs: &Inputs) -> Box<dyn Work> {
    const FLUSH_EVERY: usize = 64;
    let counters = Arc::new(CounterSet::new(SHARDS, NAMES.len()));
    let read = Arc::clone(&counters);
    recording(
        inputs.map(|input| Both::of(input).as_index()),
        inputs.counted(),
        move |inputs| {
            let mut buffer = CounterSetBuffer::new(&counters, FLUSH_EVERY);
            for index in inputs {
                buffer.inc(*index);
                buffer.finish_op();
            }
        },
        move || {
            let mut counts = Counts::default();
            for (name, value) in NAMES.iter().zip(read.snapshot()) {
                counts.add((*name).to_owned(), value as f64);
            }
            counts
        },
    )
}

fn histogram(inputs: &Inputs, bounds: Bounds) -> Box<dyn Work> {
    let histogram = Arc::new(LabeledHistogram::<Both>::new(
        &nanoseconds(bounds.seconds()),
        SHARDS,
    ));
    let read = Arc::clone(&histogram);
    recording(
        inputs.map(|input| (Both::of(input), input.nanos)),
        inputs.observed(bounds.seconds()),
        move |inputs| {
            for (label, nanos) in inputs {
                histogram.record(*label, *nanos);
            }
        },
        move || read_histogram(&read),
    )
}

fn kept(inputs: &Inputs) -> Box<dyn Work> {
    let counter = Arc::new(Counter::new(SHARDS));
    let read = Arc::clone(&counter);
    recording(
        inputs.map(|_| ()),
        inputs.counted_in_one(),
        move |inputs| {
            for () in inputs {
                counter.inc();
            }
        },
        move || {
            let mut counts = Counts::default();
            counts.add(String::new(), read.sum() as f64);
            counts
        },
    )
}

fn read_dynamic(counter: &DynamicCounter) -> Counts {
    let mut counts = Counts::default();
    counter.visit_series(|labels, value| {
        counts.add(
            key(labels.iter().map(|(_, value)| value.as_str())),
            value as f64,
        );
    });
    counts
}

fn open(inputs: &Inputs) -> Box<dyn Work> {
    let counter = Arc::new(DynamicCounter::new(SHARDS));
    let read = Arc::clone(&counter);
    let values = inputs.open_values();
    recording(
        inputs.map(|input| values[usize::from(input.open)].clone()),
        inputs.counted_by_open(),
        move |inputs| {
            for server in inputs {
                counter.inc(&[("server", server)]);
            }
        },
        move || read_dynamic(&read),
    )
}

fn open_kept(inputs: &Inputs) -> Box<dyn Work> {
    let counter = Arc::new(DynamicCounter::new(SHARDS));
    let kept: Vec<DynamicCounterSeries> = inputs
        .open_values()
        .iter()
        .map(|server| counter.series(&[("server", server)]))
        .collect();
    recording(
        inputs.map(|input| usize::from(input.open)),
        inputs.counted_by_open(),
        move |inputs| {
            for server in inputs {
                kept[*server].inc();
            }
        },
        move || read_dynamic(&counter),
    )
}

fn gauge(inputs: &Inputs) -> Box<dyn Work> {
    let gauge = Arc::new(LabeledGauge::<Both>::new());
    let read = Arc::clone(&gauge);
    recording(
        inputs.map(|input| (Both::of(input), i64::from(input.delta))),
        inputs.last_set(),
        move |inputs| {
            for (label, value) in inputs {
                gauge.set(*label, *value);
            }
        },
        move || {
            let mut counts = Counts::default();
            for (label, value) in read.iter() {
                counts.set(label.variant_name().to_owned(), value as f64);
            }
            counts
        },
    )
}

/// Its counters can also go down.
fn updown(inputs: &Inputs) -> Box<dyn Work> {
    let counter = Arc::new(LabeledCounter::<Both>::new(SHARDS));
    let read = Arc::clone(&counter);
    recording(
        inputs.map(|input| (Both::of(input), isize::from(input.delta))),
        inputs.moved(),
        move |inputs| {
            for (label, delta) in inputs {
                counter.add(*label, *delta);
            }
        },
        move || read_counter(&read),
    )
}

/// Its timers can sample calls; here they measure each one.
fn timer(inputs: &Inputs) -> Box<dyn Work> {
    let timer = Arc::new(LabeledSampledTimer::<Both>::new(
        &nanoseconds(&BOUNDS_11),
        SHARDS,
        1,
    ));
    let read = Arc::clone(&timer);
    recording(
        inputs.map(Both::of),
        inputs.counted(),
        move |inputs| {
            for label in inputs {
                timer.start(*label).finish();
            }
        },
        move || {
            let mut counts = Counts::default();
            for (label, _, histogram) in read.iter() {
                counts.add(label.variant_name().to_owned(), histogram.count() as f64);
            }
            counts
        },
    )
}

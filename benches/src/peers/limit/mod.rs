//! The lower bound for the rows that record: a prototype of the simplest design with a copy of the cells for each thread.

mod cells;

use std::sync::Arc;

use super::{Kind, Lack, Peer};
use crate::harness::counts::{Counts, key};
use crate::harness::inputs::{Input, Inputs, Outcome, Transport};
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record, Way};
use cells::Limit;
use shadowcat_metrics::private::{BucketTable, Buckets};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Bare,
    name: "limit",
    usage: "one array of cells per thread, for one registry",
    dependencies: &[],
    record,
    expose: |_| None,
    lack: Lack::Nothing,
    ways: &[Way::Loop, Way::Call],
};

static BUCKETS: Buckets = Buckets::new(
    const { &BucketTable::nanoseconds(crate::harness::inputs::BOUNDS_11) },
    &["", "", "", "", "", "", "", "", "", "", ""],
);

/// Cells of a histogram: a bucket for each bound, `+Inf` and the sum.
const WIDTH: usize = 13;

/// Position of the sum in a histogram's cells.
const SUM: usize = WIDTH - 1;

/// Number of series of two labels.
const SERIES: usize = Transport::ALL.len() * Outcome::ALL.len();

fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    match record {
        Record::Counter => Some(counter(inputs)),
        Record::UpDown => Some(updown(inputs)),
        Record::Histogram(Bounds::Eleven) => Some(histogram(inputs)),
        Record::Histogram(Bounds::Twenty)
        | Record::Native
        | Record::Kept
        | Record::Open
        | Record::OpenKept
        | Record::ClosedKept
        | Record::Gauge
        | Record::Timer => None,
    }
}

/// Returns the positions of the labels' values.
const fn positions(input: &Input) -> (u8, u8) {
    (input.transport as u8, input.outcome as u8)
}

fn series((transport, outcome): (u8, u8)) -> usize {
    usize::from(transport) * Outcome::ALL.len() + usize::from(outcome)
}

fn counter(inputs: &Inputs) -> Box<dyn Work> {
    let limit = Arc::new(Limit::new(SERIES));
    let own = Arc::clone(&limit);
    recording(
        inputs.map(positions),
        inputs.counted(),
        move |inputs| {
            for labels in inputs {
                own.add(series(*labels), 1);
            }
        },
        move || counts(|series| limit.sum(series) as f64),
    )
}

fn updown(inputs: &Inputs) -> Box<dyn Work> {
    let limit = Arc::new(Limit::new(SERIES));
    let own = Arc::clone(&limit);
    recording(
        inputs.map(|input| (positions(input), i64::from(input.delta))),
        inputs.moved(),
        move |inputs| {
            for (labels, delta) in inputs {
                own.add(series(*labels), delta.cast_unsigned());
            }
        },
        move || counts(|series| limit.sum(series).cast_signed() as f64),
    )
}

/// Observes whole nanoseconds.
fn histogram(inputs: &Inputs) -> Box<dyn Work> {
    let limit = Arc::new(Limit::new(SERIES * WIDTH));
    let own = Arc::clone(&limit);
    recording(
        inputs.map(|input| (positions(input), input.nanos)),
        inputs.observed(Bounds::Eleven.seconds()),
        move |inputs| {
            for (labels, value) in inputs {
                let first = series(*labels) * WIDTH;
                let bucket = first + BUCKETS.of_integer(*value);
                own.observe(bucket, first + SUM, *value);
            }
        },
        move || {
            let cell = |series, cell| limit.sum(series * WIDTH + cell) as f64;
            let of = |series| (0..SUM).map(|bucket| cell(series, bucket)).sum();
            let mut counts = counts(of);
            let mut below = 0.0;
            for (bucket, bound) in Bounds::Eleven.seconds().iter().enumerate() {
                below += (0..SERIES).map(|series| cell(series, bucket)).sum::<f64>();
                counts.add_bucket(*bound, below);
            }
            counts.add_sum((0..SERIES).map(|series| cell(series, SUM)).sum::<f64>() / 1e9);
            counts
        },
    )
}

/// Returns the value of each series.
fn counts(value: impl Fn(usize) -> f64) -> Counts {
    let mut counts = Counts::default();
    for (position, transport) in Transport::ALL.into_iter().enumerate() {
        for (other, outcome) in Outcome::ALL.into_iter().enumerate() {
            let series = key([transport.as_str(), outcome.as_str()]);
            counts.add(series, value(position * Outcome::ALL.len() + other));
        }
    }
    counts
}

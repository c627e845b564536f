//! The lower bound for the rows that record: a prototype of the simplest design with a copy of the cells for each thread.

mod cells;

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;

use super::{Kind, Lack, Peer};
use crate::harness::counts::{Counts, key};
use crate::harness::inputs::{Input, Inputs, OPEN_VALUES, Outcome, Transport};
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

/// The same prototype, which observes a `Duration` and converts it to nanoseconds, as this project does.
pub(super) const DURATION: Peer = Peer {
    name: "limit-duration",
    usage: "the prototype `limit`, which converts each `Duration` that it observes",
    record: record_duration,
    ..PEER
};

static BUCKETS: Buckets = Buckets::new(
    const { &BucketTable::nanoseconds(crate::harness::inputs::BOUNDS_11) },
    &["", "", "", "", "", "", "", "", "", "", ""],
);

/// Cells of a histogram: the sum, a bucket for each bound, and `+Inf`.
const WIDTH: usize = 13;

/// Position of the sum in a histogram's cells.
const SUM: usize = 0;

/// Position of the first bucket in a histogram's cells.
const BUCKET: usize = 1;

const CELLS_PER_LINE: usize = 8;

/// Number of series of two labels.
const SERIES: usize = Transport::ALL.len() * Outcome::ALL.len();

fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    match record {
        Record::Counter => Some(counter(inputs)),
        Record::UpDown => Some(updown(inputs)),
        Record::UpDownPair => Some(updown_pair(inputs)),
        Record::Histogram(Bounds::Eleven) => {
            Some(histogram(inputs, |input| input.nanos, |nanos| nanos))
        }
        Record::Open => Some(open(inputs)),
        Record::OpenKept => Some(open_kept(inputs)),
        Record::Histogram(Bounds::Twenty)
        | Record::Native
        | Record::Kept
        | Record::ClosedArray
        | Record::Gauge
        | Record::Timer => None,
    }
}

fn record_duration(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    let nanos = |duration: Duration| {
        let whole = duration.as_secs().wrapping_mul(1_000_000_000);
        whole.wrapping_add(u64::from(duration.subsec_nanos()))
    };
    match record {
        Record::Histogram(Bounds::Eleven) => {
            Some(histogram(inputs, |input| input.duration(), nanos))
        }
        Record::Counter
        | Record::UpDown
        | Record::UpDownPair
        | Record::Histogram(Bounds::Twenty)
        | Record::Native
        | Record::Kept
        | Record::Open
        | Record::OpenKept
        | Record::ClosedArray
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

fn updown_pair(inputs: &Inputs) -> Box<dyn Work> {
    let limit = Arc::new(Limit::new(SERIES));
    let own = Arc::clone(&limit);
    recording(
        inputs.map(positions),
        inputs.counted(),
        move |inputs| {
            for labels in inputs {
                let series = series(*labels);
                own.add(series, 2);
                own.add(series, (-1_i64).cast_unsigned());
            }
        },
        move || counts(|series| limit.sum(series).cast_signed() as f64),
    )
}

/// Finds the cell of each text in a table of the thread. The table never forgets a text, so a record counts no references.
fn open(inputs: &Inputs) -> Box<dyn Work> {
    thread_local! {
        static CELLS: RefCell<FxHashMap<String, usize>> = RefCell::default();
    }
    let limit = Arc::new(Limit::new(OPEN_VALUES * CELLS_PER_LINE));
    let own = Arc::clone(&limit);
    let values = inputs.open_values().to_vec();
    let known: FxHashMap<_, _> = (values.iter().cloned()).zip(first_cells()).collect();
    recording(
        inputs.map(|input| values[usize::from(input.open)].clone()),
        inputs.counted_by_open(),
        move |inputs| {
            for text in inputs {
                let cell = CELLS.with_borrow(|cells| cells.get(text).copied());
                let cell = cell.unwrap_or_else(|| {
                    CELLS.with_borrow_mut(|cells| cells.insert(text.clone(), known[text]));
                    known[text]
                });
                own.add(cell, 1);
            }
        },
        open_counts(inputs, limit),
    )
}

/// A handle of the prototype. It has the size of an open label value.
struct Handle {
    owner: u64,
    cell: u32,
    _rest: [u32; 3],
}

/// Records through handles in an array. Each belongs to a registry, which is checked.
fn open_kept(inputs: &Inputs) -> Box<dyn Work> {
    let limit = Arc::new(Limit::new(OPEN_VALUES * CELLS_PER_LINE));
    let own = Arc::clone(&limit);
    let handle = |cell| Handle {
        owner: limit.number(),
        cell,
        _rest: [0; 3],
    };
    let kept: Vec<_> = first_cells()
        .map(|cell| handle(u32::try_from(cell).unwrap_or(u32::MAX)))
        .collect();
    recording(
        inputs.map(|input| usize::from(input.open)),
        inputs.counted_by_open(),
        move |inputs| {
            for place in inputs {
                let handle = &kept[*place];
                if handle.owner == own.number() {
                    own.add(handle.cell as usize, 1);
                }
            }
        },
        open_counts(inputs, limit),
    )
}

/// Each open value has a cache line of its own, as in this project.
fn first_cells() -> impl Iterator<Item = usize> {
    (0..OPEN_VALUES).map(|value| value * CELLS_PER_LINE)
}

fn open_counts(inputs: &Inputs, limit: Arc<Limit>) -> impl Fn() -> Counts + use<> {
    let values = inputs.open_values().to_vec();
    move || {
        let mut counts = Counts::default();
        for (value, cell) in values.iter().zip(first_cells()) {
            counts.add(value.clone(), limit.sum(cell) as f64);
        }
        counts
    }
}

/// Observes values that are converted to nanoseconds with each record.
fn histogram<T: Send + Sync + Copy + 'static>(
    inputs: &Inputs,
    value: impl Fn(&Input) -> T,
    nanos: impl Fn(T) -> u64 + Send + Sync + 'static,
) -> Box<dyn Work> {
    let limit = Arc::new(Limit::new(SERIES * WIDTH));
    let own = Arc::clone(&limit);
    recording(
        inputs.map(|input| (positions(input), value(input))),
        inputs.observed(Bounds::Eleven.seconds()),
        move |inputs| {
            for (labels, value) in inputs {
                let value = nanos(*value);
                let first = series(*labels) * WIDTH;
                let bucket = first + BUCKET + BUCKETS.of_integer(value);
                own.observe(bucket, first + SUM, value);
            }
        },
        move || {
            let cell = |series, cell| limit.sum(series * WIDTH + cell) as f64;
            let of = |series| (BUCKET..WIDTH).map(|bucket| cell(series, bucket)).sum();
            let mut counts = counts(of);
            let mut below = 0.0;
            for (bucket, bound) in Bounds::Eleven.seconds().iter().enumerate() {
                let of = (0..SERIES).map(|series| cell(series, BUCKET + bucket));
                below += of.sum::<f64>();
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

//! `metriken`: sharded groups, indexed by a number, with labels as metadata of each index.
//!
//! Its histograms have fixed log-linear buckets, here in nanoseconds, and no exact sum.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use metriken::{
    Counter, DynBoxedMetric, GaugeGroup, MetricBuilder, ShardedCounterGroup,
    ShardedCounterHistogramGroup,
};
use metriken_exposition::{PrometheusOptions, prometheus_text};

use super::{Kind, Lack, Peer};
use crate::harness::counts::{Counts, key};
use crate::harness::inputs::{Input, Inputs, OPEN_VALUES};
use crate::harness::population::{Exposed, Format, Page, Series, amount, labels, observations};
use crate::harness::work::{Work, recording};
use crate::rows::{Record, Way};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Peer,
    name: "metriken",
    usage: "sharded groups, indexed by both labels",
    dependencies: &[
        r#"metriken = "0.11""#,
        r#"metriken-exposition = { version = "0.25", default-features = false }"#,
    ],
    record,
    expose,
    lack: Lack::InHistograms("(no explicit buckets, no sum)"),
    ways: Way::ALL,
};

/// Buckets are at most 3 % wide and reach one minute: the smallest size that is useful for latencies.
const GROUPING_POWER: u8 = 5;
const MAX_VALUE_POWER: u8 = 36;

const SERIES: usize = 12;

const fn index(input: &Input) -> usize {
    input.transport as usize * 4 + input.outcome as usize
}

/// Names of the twelve series, by index.
fn names(inputs: &Inputs) -> Vec<String> {
    let mut names = vec![String::new(); SERIES];
    for (index, name) in inputs.map(|input| {
        (
            index(input),
            key([input.transport.as_str(), input.outcome.as_str()]),
        )
    }) {
        names[index] = name;
    }
    names
}

fn counts(names: &[String], value: impl Fn(usize) -> f64) -> Counts {
    let mut counts = Counts::default();
    for (index, name) in names.iter().enumerate() {
        counts.add(name.clone(), value(index));
    }
    counts
}

fn observed(histogram: &ShardedCounterHistogramGroup, index: usize) -> f64 {
    histogram.load(index).map_or(0.0, |histogram| {
        histogram.as_slice().iter().sum::<u64>() as f64
    })
}

fn record(record: Record, inputs: &Inputs) -> Option<Box<dyn Work>> {
    Some(match record {
        Record::Counter => counter(inputs),
        Record::Histogram(_) => histogram(inputs),
        Record::Kept => kept(inputs),
        Record::OpenKept => open_kept(inputs),
        Record::Gauge => gauge(inputs),
        Record::UpDown => updown(inputs),
        Record::Timer => timer(inputs),
        // The library has no lookup from a value to an index.
        Record::Native | Record::Open | Record::ClosedArray | Record::UpDownPair => return None,
    })
}

fn counter(inputs: &Inputs) -> Box<dyn Work> {
    let group = Arc::new(ShardedCounterGroup::new(SERIES));
    let (read, names) = (Arc::clone(&group), names(inputs));
    recording(
        inputs.map(index),
        inputs.counted(),
        move |inputs| {
            for index in inputs {
                group.increment(*index);
            }
        },
        move || counts(&names, |index| group_value(&read, index)),
    )
}

fn group_value(group: &ShardedCounterGroup, index: usize) -> f64 {
    group.value(index).unwrap_or_default() as f64
}

fn histogram(inputs: &Inputs) -> Box<dyn Work> {
    let group = Arc::new(ShardedCounterHistogramGroup::new(
        SERIES,
        GROUPING_POWER,
        MAX_VALUE_POWER,
    ));
    let (read, names) = (Arc::clone(&group), names(inputs));
    recording(
        inputs.map(|input| (index(input), input.nanos)),
        inputs.counted(),
        move |inputs| {
            for (index, nanos) in inputs {
                // An error means a value out of range. The comparison of counts detects a lost value.
                let _ = group.increment(*index, *nanos);
            }
        },
        move || counts(&names, |index| observed(&read, index)),
    )
}

fn kept(inputs: &Inputs) -> Box<dyn Work> {
    let counter = Arc::new(Counter::new());
    let read = Arc::clone(&counter);
    recording(
        inputs.map(|_| ()),
        inputs.counted_in_one(),
        move |inputs| {
            for () in inputs {
                counter.increment();
            }
        },
        move || counts(&[String::new()], |_| read.value() as f64),
    )
}

fn open_kept(inputs: &Inputs) -> Box<dyn Work> {
    let group = Arc::new(ShardedCounterGroup::new(OPEN_VALUES));
    let (read, names) = (Arc::clone(&group), inputs.open_values().to_vec());
    recording(
        inputs.map(|input| usize::from(input.open)),
        inputs.counted_by_open(),
        move |inputs| {
            for index in inputs {
                group.increment(*index);
            }
        },
        move || counts(&names, |index| group_value(&read, index)),
    )
}

fn gauge(inputs: &Inputs) -> Box<dyn Work> {
    let group = Arc::new(GaugeGroup::new(SERIES));
    let (read, names) = (Arc::clone(&group), names(inputs));
    recording(
        inputs.map(|input| (index(input), i64::from(input.delta))),
        inputs.last_set(),
        move |inputs| {
            for (index, value) in inputs {
                group.set(*index, *value);
            }
        },
        move || counts(&names, |index| read.value(index).unwrap_or_default() as f64),
    )
}

fn updown(inputs: &Inputs) -> Box<dyn Work> {
    let group = Arc::new(GaugeGroup::new(SERIES));
    let (read, names) = (Arc::clone(&group), names(inputs));
    // A gauge that was never set has no value.
    for index in 0..SERIES {
        group.set(index, 0);
    }
    recording(
        inputs.map(|input| (index(input), i64::from(input.delta))),
        inputs.moved(),
        move |inputs| {
            for (index, delta) in inputs {
                group.add(*index, *delta);
            }
        },
        move || counts(&names, |index| read.value(index).unwrap_or_default() as f64),
    )
}

fn timer(inputs: &Inputs) -> Box<dyn Work> {
    let group = Arc::new(ShardedCounterHistogramGroup::new(
        SERIES,
        GROUPING_POWER,
        MAX_VALUE_POWER,
    ));
    let (read, names) = (Arc::clone(&group), names(inputs));
    recording(
        inputs.map(index),
        inputs.counted(),
        move |inputs| {
            for index in inputs {
                let start = Instant::now();
                let nanos = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
                // An error means a value out of range. The comparison of counts detects a lost value.
                let _ = group.increment(*index, nanos);
            }
        },
        move || counts(&names, |index| observed(&read, index)),
    )
}

/// Registered until it is dropped.
struct Shards {
    series: Series,
    counters: DynBoxedMetric<ShardedCounterGroup>,
    histograms: DynBoxedMetric<ShardedCounterHistogramGroup>,
}

fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    series.is_in_two_families().then_some(())?;
    let counters = ShardedCounterGroup::new(series.counters);
    let histograms =
        ShardedCounterHistogramGroup::new(series.histograms, GROUPING_POWER, MAX_VALUE_POWER);
    let metadata = |position| {
        let (shard, lane) = labels(position);
        let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        HashMap::from([label("shard", shard), label("lane", lane)])
    };
    (0..series.counters).for_each(|position| counters.set_metadata(position, metadata(position)));
    (0..series.histograms)
        .for_each(|position| histograms.set_metadata(position, metadata(position)));
    Some(Box::new(Shards {
        series,
        counters: MetricBuilder::new("requests").build(counters),
        histograms: MetricBuilder::new("duration").build(histograms),
    }))
}

impl Exposed for Shards {
    fn touch(&self) {
        for position in 0..self.series.counters {
            self.counters.add(position, amount(position));
        }
        for position in 0..self.series.histograms {
            for duration in observations(position) {
                let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
                // An error means a value out of range. The comparison of counts detects a lost value.
                let _ = self.histograms.increment(position, nanos);
            }
        }
    }

    fn render(&self, format: Format, page: &mut Page) -> bool {
        match format {
            Format::Text => {
                page.text = prometheus_text(&PrometheusOptions::default());
                true
            }
            Format::OpenMetrics => false,
        }
    }
}

//! `prometheus`: `with_label_values` for labels known only at run time, and a stored handle where its documentation recommends
//! one for hot paths.

use std::time::Duration;

use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry,
    TextEncoder,
};

use super::{Kind, Lack, Peer};
use crate::harness::inputs::{BOUNDS_11, Inputs};
use crate::harness::page;
use crate::harness::population::{Exposed, Format, Page, Series, amount, labels, observations};
use crate::harness::work::{Work, recording};
use crate::rows::{Bounds, Record, Way};

pub(super) const PEER: Peer = Peer {
    kind: Kind::Peer,
    name: "prometheus",
    usage: "with_label_values; kept handles where the row says so",
    dependencies: &[r#"prometheus = { version = "0.14", default-features = false }"#],
    record,
    expose,
    lack: Lack::Nothing,
    ways: Way::ALL,
};

const LABELS: [&str; 2] = ["transport", "outcome"];
const VALID: &str = "the names are valid and used once";

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
    let registry = Registry::new();
    let counter = counters(&registry, &LABELS);
    recording(
        inputs.map(|input| (input.transport, input.outcome)),
        inputs.counted(),
        move |inputs| {
            for (transport, outcome) in inputs {
                counter
                    .with_label_values(&[transport.as_str(), outcome.as_str()])
                    .inc();
            }
        },
        move || page::read(&text(&registry), "requests", 1.0),
    )
}

fn histogram(inputs: &Inputs, bounds: Bounds) -> Box<dyn Work> {
    let registry = Registry::new();
    let histogram = histograms(&registry, &LABELS, bounds.seconds());
    recording(
        inputs.map(|input| (input.transport, input.outcome, input.duration())),
        inputs.observed(bounds.seconds()),
        move |inputs| {
            for (transport, outcome, duration) in inputs {
                histogram
                    .with_label_values(&[transport.as_str(), outcome.as_str()])
                    .observe(Duration::as_secs_f64(duration));
            }
        },
        move || page::read(&text(&registry), "duration_seconds", 1.0),
    )
}

fn kept(inputs: &Inputs) -> Box<dyn Work> {
    let registry = Registry::new();
    let counter = IntCounter::new("requests", "Requests.").expect(VALID);
    registry.register(Box::new(counter.clone())).expect(VALID);
    recording(
        inputs.map(|_| ()),
        inputs.counted_in_one(),
        move |inputs| {
            for () in inputs {
                counter.inc();
            }
        },
        move || page::read(&text(&registry), "requests", 1.0),
    )
}

fn open(inputs: &Inputs) -> Box<dyn Work> {
    let registry = Registry::new();
    let counter = counters(&registry, &["server"]);
    let values = inputs.open_values();
    recording(
        inputs.map(|input| values[usize::from(input.open)].clone()),
        inputs.counted_by_open(),
        move |inputs| {
            for server in inputs {
                counter.with_label_values(&[server]).inc();
            }
        },
        move || page::read(&text(&registry), "requests", 1.0),
    )
}

fn open_kept(inputs: &Inputs) -> Box<dyn Work> {
    let registry = Registry::new();
    let counter = counters(&registry, &["server"]);
    let kept: Vec<IntCounter> = inputs
        .open_values()
        .iter()
        .map(|server| counter.with_label_values(&[server]))
        .collect();
    recording(
        inputs.map(|input| usize::from(input.open)),
        inputs.counted_by_open(),
        move |inputs| {
            for server in inputs {
                kept[*server].inc();
            }
        },
        move || page::read(&text(&registry), "requests", 1.0),
    )
}

fn gauge(inputs: &Inputs) -> Box<dyn Work> {
    let registry = Registry::new();
    let gauge = gauges(&registry);
    recording(
        inputs.map(|input| (input.transport, input.outcome, i64::from(input.delta))),
        inputs.last_set(),
        move |inputs| {
            for (transport, outcome, value) in inputs {
                gauge
                    .with_label_values(&[transport.as_str(), outcome.as_str()])
                    .set(*value);
            }
        },
        move || page::read(&text(&registry), "busy", 1.0),
    )
}

fn updown(inputs: &Inputs) -> Box<dyn Work> {
    let registry = Registry::new();
    let gauge = gauges(&registry);
    recording(
        inputs.map(|input| (input.transport, input.outcome, i64::from(input.delta))),
        inputs.moved(),
        move |inputs| {
            for (transport, outcome, delta) in inputs {
                gauge
                    .with_label_values(&[transport.as_str(), outcome.as_str()])
                    .add(*delta);
            }
        },
        move || page::read(&text(&registry), "busy", 1.0),
    )
}

fn timer(inputs: &Inputs) -> Box<dyn Work> {
    let registry = Registry::new();
    let histogram = histograms(&registry, &LABELS, &BOUNDS_11);
    recording(
        inputs.map(|input| (input.transport, input.outcome)),
        inputs.counted(),
        move |inputs| {
            for (transport, outcome) in inputs {
                let timer = histogram
                    .with_label_values(&[transport.as_str(), outcome.as_str()])
                    .start_timer();
                timer.observe_duration();
            }
        },
        move || page::read(&text(&registry), "duration_seconds", 1.0),
    )
}

fn counters(registry: &Registry, labels: &[&str]) -> IntCounterVec {
    counters_named("requests", registry, labels)
}

fn counters_named(name: &str, registry: &Registry, labels: &[&str]) -> IntCounterVec {
    let options = Opts::new(format!("{name}_total"), "Requests.");
    let counters = IntCounterVec::new(options, labels).expect(VALID);
    registry.register(Box::new(counters.clone())).expect(VALID);
    counters
}

fn gauges(registry: &Registry) -> IntGaugeVec {
    let gauges = IntGaugeVec::new(Opts::new("busy", "Busy workers."), &LABELS).expect(VALID);
    registry.register(Box::new(gauges.clone())).expect(VALID);
    gauges
}

fn histograms(registry: &Registry, labels: &[&str], bounds: &[f64]) -> HistogramVec {
    histograms_named("duration_seconds", registry, labels, bounds)
}

fn histograms_named(
    name: &str,
    registry: &Registry,
    labels: &[&str],
    bounds: &[f64],
) -> HistogramVec {
    let options = HistogramOpts::new(name, "Time.").buckets(bounds.to_vec());
    let histograms = HistogramVec::new(options, labels).expect(VALID);
    registry
        .register(Box::new(histograms.clone()))
        .expect(VALID);
    histograms
}

fn text(registry: &Registry) -> String {
    TextEncoder::new()
        .encode_to_string(&registry.gather())
        .expect("writing to memory does not fail")
}

struct Vectors {
    registry: Registry,
    series: Series,
    counters: Vec<IntCounterVec>,
    histograms: Vec<HistogramVec>,
}

fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    let registry = Registry::new();
    let labels = ["shard", "lane"];
    let counters = |family| counters_named(&series.counter_name(family), &registry, &labels);
    let histograms = |family| {
        histograms_named(
            &series.histogram_name(family),
            &registry,
            &labels,
            &BOUNDS_11,
        )
    };
    Some(Box::new(Vectors {
        counters: (0..series.counter_families).map(counters).collect(),
        histograms: (0..series.histogram_families).map(histograms).collect(),
        registry,
        series,
    }))
}

impl Exposed for Vectors {
    fn touch(&self) {
        for (at, family, series) in self.series.each_counter() {
            let (shard, lane) = labels(series);
            self.counters[family]
                .with_label_values(&[shard, lane])
                .inc_by(amount(at));
        }
        for (at, family, series) in self.series.each_histogram() {
            let (shard, lane) = labels(series);
            for duration in observations(at) {
                self.histograms[family]
                    .with_label_values(&[shard, lane])
                    .observe(duration.as_secs_f64());
            }
        }
    }

    fn render(&self, format: Format, page: &mut Page) -> bool {
        match format {
            Format::Text => TextEncoder::new()
                .encode(&self.registry.gather(), &mut page.bytes)
                .is_ok(),
            Format::OpenMetrics => false,
        }
    }
}

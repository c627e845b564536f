//! Many series, in two or more families.

use fastmetrics::derive::LabelSet;
use fastmetrics::format::text::{self, TextProfile};
use fastmetrics::metrics::counter::Counter;
use fastmetrics::metrics::family::Family;
use fastmetrics::metrics::histogram::Histogram;
use fastmetrics::registry::Registry;

use super::{OPEN_METRICS, VALID};
use crate::harness::inputs::BOUNDS_11;
use crate::harness::population::{Exposed, Format, Page, Series, amount, labels, observations};

#[derive(Debug, Clone, PartialEq, Eq, Hash, LabelSet)]
struct ShardLabels {
    shard: &'static str,
    lane: &'static str,
}

struct Shards {
    registry: Registry,
    series: Series,
    counters: Vec<Family<ShardLabels, Counter>>,
    histograms: Vec<Family<ShardLabels, Histogram>>,
}

pub(super) fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    let mut registry = Registry::default();
    let counters = (0..series.counter_families).map(|family| {
        let counters = Family::default();
        registry
            .register(series.counter_name(family), "Requests", counters.clone())
            .expect(VALID);
        counters
    });
    let counters = counters.collect();
    let histograms = (0..series.histogram_families).map(|family| {
        let histograms = Family::new(|| Histogram::new(BOUNDS_11));
        registry
            .register(series.histogram_name(family), "Time", histograms.clone())
            .expect(VALID);
        histograms
    });
    let histograms = histograms.collect();
    Some(Box::new(Shards {
        registry,
        series,
        counters,
        histograms,
    }))
}

impl Exposed for Shards {
    fn touch(&self) {
        for (at, family, series) in self.series.each_counter() {
            let (shard, lane) = labels(series);
            self.counters[family].with_or_new(&ShardLabels { shard, lane }, |counter| {
                counter.inc_by(amount(at));
            });
        }
        for (at, family, series) in self.series.each_histogram() {
            let (shard, lane) = labels(series);
            for duration in observations(at) {
                let observe = |histogram: &Histogram| histogram.observe(duration.as_secs_f64());
                self.histograms[family].with_or_new(&ShardLabels { shard, lane }, observe);
            }
        }
    }

    fn render(&self, format: Format, page: &mut Page) -> bool {
        let profile = match format {
            Format::Text => TextProfile::PrometheusV0_0_4,
            Format::OpenMetrics => OPEN_METRICS,
        };
        text::encode(&mut page.text, &self.registry, profile).is_ok()
    }
}

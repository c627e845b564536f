//! Many series, in two or more families.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::prometheus_text;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

use super::{Histograms, histograms};
use crate::harness::population::{Exposed, Format, Page, Series, amount, labels, observations};
use crate::rows::Bounds;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ShardLabels {
    shard: &'static str,
    lane: &'static str,
}

struct Families {
    registry: Registry,
    series: Series,
    counters: Vec<Family<ShardLabels, Counter>>,
    histograms: Vec<Histograms<ShardLabels>>,
}

pub(super) fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    let mut registry = Registry::default();
    let counters = (0..series.counter_families).map(|family| {
        let counters = Family::default();
        registry.register(series.counter_name(family), "Requests", counters.clone());
        counters
    });
    let counters = counters.collect();
    let histograms = (0..series.histogram_families).map(|family| {
        let histograms = histograms(Bounds::Eleven);
        registry.register(series.histogram_name(family), "Time", histograms.clone());
        histograms
    });
    let histograms = histograms.collect();
    Some(Box::new(Families {
        registry,
        series,
        counters,
        histograms,
    }))
}

impl Exposed for Families {
    fn touch(&self) {
        for (at, family, series) in self.series.each_counter() {
            let (shard, lane) = labels(series);
            self.counters[family]
                .get_or_create(&ShardLabels { shard, lane })
                .inc_by(amount(at));
        }
        for (at, family, series) in self.series.each_histogram() {
            let (shard, lane) = labels(series);
            for duration in observations(at) {
                self.histograms[family]
                    .get_or_create(&ShardLabels { shard, lane })
                    .observe(duration.as_secs_f64());
            }
        }
    }

    fn render(&self, format: Format, page: &mut Page) -> bool {
        match format {
            Format::Text => prometheus_text::encode(&mut page.text, &self.registry).is_ok(),
            Format::OpenMetrics => encode(&mut page.text, &self.registry).is_ok(),
        }
    }
}

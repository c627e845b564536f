//! Many series, in two families.

use prometheus_client::encoding::EncodeLabelSet;
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
    counters: Family<ShardLabels, Counter>,
    histograms: Histograms<ShardLabels>,
}

pub(super) fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    let mut registry = Registry::default();
    let counters = Family::default();
    let histograms = histograms(Bounds::Eleven);
    registry.register("requests", "Requests", counters.clone());
    registry.register("duration_seconds", "Time", histograms.clone());
    Some(Box::new(Families {
        registry,
        series,
        counters,
        histograms,
    }))
}

impl Exposed for Families {
    fn touch(&self) {
        for position in 0..self.series.counters {
            let (shard, lane) = labels(position);
            self.counters
                .get_or_create(&ShardLabels { shard, lane })
                .inc_by(amount(position));
        }
        for position in 0..self.series.histograms {
            let (shard, lane) = labels(position);
            for duration in observations(position) {
                self.histograms
                    .get_or_create(&ShardLabels { shard, lane })
                    .observe(duration.as_secs_f64());
            }
        }
    }

    fn render(&self, format: Format, page: &mut Page) -> bool {
        match format {
            Format::Text => false,
            Format::OpenMetrics => encode(&mut page.text, &self.registry).is_ok(),
        }
    }
}

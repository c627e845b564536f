//! Many series, in two families.

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
    counters: Family<ShardLabels, Counter>,
    histograms: Family<ShardLabels, Histogram>,
}

pub(super) fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    let mut registry = Registry::default();
    let counters = Family::default();
    let histograms = Family::new(|| Histogram::new(BOUNDS_11));
    registry
        .register("requests", "Requests", counters.clone())
        .expect(VALID);
    registry
        .register("duration_seconds", "Time", histograms.clone())
        .expect(VALID);
    Some(Box::new(Shards {
        registry,
        series,
        counters,
        histograms,
    }))
}

impl Exposed for Shards {
    fn touch(&self) {
        for position in 0..self.series.counters {
            let (shard, lane) = labels(position);
            self.counters
                .with_or_new(&ShardLabels { shard, lane }, |counter| {
                    counter.inc_by(amount(position));
                });
        }
        for position in 0..self.series.histograms {
            let (shard, lane) = labels(position);
            for duration in observations(position) {
                let observe = |histogram: &Histogram| histogram.observe(duration.as_secs_f64());
                self.histograms
                    .with_or_new(&ShardLabels { shard, lane }, observe);
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

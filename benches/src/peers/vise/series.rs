//! Many series, in two families.

use std::time::Duration;

use vise::{Buckets, Counter, EncodeLabelSet, Family, Format, Histogram, Metrics, Registry};

use crate::harness::inputs::BOUNDS_11;
use crate::harness::population::{self, Exposed, Page, Series, amount, labels, observations};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ShardLabels {
    shard: &'static str,
    lane: &'static str,
}

#[derive(Debug, Metrics)]
struct Shards {
    /// Requests.
    requests: Family<ShardLabels, Counter>,
    /// Durations.
    #[metrics(buckets = Buckets::values(&BOUNDS_11))]
    duration: Family<ShardLabels, Histogram<Duration>>,
}

struct Exposition {
    shards: Shards,
    registry: Registry,
    series: Series,
}

pub(super) fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    // A program declares its families in the source.
    series.is_in_two_families().then_some(())?;
    let shards = Shards::default();
    let mut registry = Registry::empty();
    registry.register_metrics(&shards);
    Some(Box::new(Exposition {
        shards,
        registry,
        series,
    }))
}

impl Exposed for Exposition {
    fn touch(&self) {
        for position in 0..self.series.counters {
            let (shard, lane) = labels(position);
            self.shards.requests[&ShardLabels { shard, lane }].inc_by(amount(position));
        }
        for position in 0..self.series.histograms {
            let (shard, lane) = labels(position);
            for duration in observations(position) {
                self.shards.duration[&ShardLabels { shard, lane }].observe(duration);
            }
        }
    }

    fn render(&self, format: population::Format, page: &mut Page) -> bool {
        let format = match format {
            population::Format::Text => Format::Prometheus,
            population::Format::OpenMetrics => Format::OpenMetrics,
        };
        self.registry.encode(&mut page.text, format).is_ok()
    }
}

//! Many series, with a separate schema for each number of series.

use super::families::Families;
use crate::harness::population::{self, Exposed, LANES, Page, Series, amount, observations};
use shadowcat_metrics::{Format, Options, Registry};

mod small {
    shadowcat_metrics::metrics!("schemas/small.toml");
}

mod large {
    shadowcat_metrics::metrics!("schemas/large.toml");
}

mod counters {
    shadowcat_metrics::metrics!("schemas/counters.toml");
}

mod histograms {
    shadowcat_metrics::metrics!("schemas/histograms.toml");
}

pub(super) fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    Some(match series {
        Series::SMALL => Box::new(small::Metrics::new()),
        Series::LARGE => Box::new(large::Metrics::new()),
        Series::FAMILIES => Box::new(Families::new(Options::default())),
        Series::COUNTERS => Box::new(counters::Metrics::new()),
        Series::HISTOGRAMS => Box::new(histograms::Metrics::new()),
        Series { .. } => return None,
    })
}

fn render(registry: &Registry, format: population::Format, page: &mut Page) -> bool {
    let format = match format {
        population::Format::Text => Format::PrometheusText,
        population::Format::OpenMetrics => Format::OpenMetrics,
    };
    registry.encode_into(format, &mut page.replaced);
    true
}

/// Adds to every counter of a schema.
macro_rules! count {
    ($metrics:expr, $schema:ident, $series:expr) => {
        let requests = $metrics.requests();
        for position in 0..$series.counters {
            let shard = $schema::labels::CounterShard::ALL[position / LANES];
            let lane = $schema::labels::Lane::ALL[position % LANES];
            requests.ended(shard, lane).add(amount(position));
        }
    };
}

/// Observes in every histogram of a schema.
macro_rules! observe {
    ($metrics:expr, $schema:ident, $series:expr) => {
        let requests = $metrics.requests();
        for position in 0..$series.histograms {
            let shard = $schema::labels::HistogramShard::ALL[position / LANES];
            let lane = $schema::labels::Lane::ALL[position % LANES];
            for duration in observations(position) {
                requests.duration(shard, lane).observe(duration);
            }
        }
    };
}

impl Exposed for small::Metrics {
    fn touch(&self) {
        count!(self, small, Series::SMALL);
        observe!(self, small, Series::SMALL);
    }

    fn render(&self, format: population::Format, page: &mut Page) -> bool {
        render(self, format, page)
    }
}

impl Exposed for large::Metrics {
    fn touch(&self) {
        count!(self, large, Series::LARGE);
        observe!(self, large, Series::LARGE);
    }

    fn render(&self, format: population::Format, page: &mut Page) -> bool {
        render(self, format, page)
    }
}

impl Exposed for Families {
    fn touch(&self) {
        let number = |index| u32::try_from(index).unwrap_or(u32::MAX);
        for (at, family, series) in Series::FAMILIES.each_counter() {
            self.add(number(family), number(series), amount(at));
        }
        for (at, family, series) in Series::FAMILIES.each_histogram() {
            for duration in observations(at) {
                self.observe(number(family), number(series), duration);
            }
        }
    }

    fn render(&self, format: population::Format, page: &mut Page) -> bool {
        render(&self.registry, format, page)
    }
}

impl Exposed for counters::Metrics {
    fn touch(&self) {
        count!(self, counters, Series::COUNTERS);
    }

    fn render(&self, format: population::Format, page: &mut Page) -> bool {
        render(self, format, page)
    }
}

impl Exposed for histograms::Metrics {
    fn touch(&self) {
        observe!(self, histograms, Series::HISTOGRAMS);
    }

    fn render(&self, format: population::Format, page: &mut Page) -> bool {
        render(self, format, page)
    }
}

//! Many series: one label with enough values to replace both labels.

use fast_telemetry::{LabelEnum, LabeledCounter, LabeledHistogram, PrometheusExport};

use super::{SHARDS, nanoseconds};
use crate::harness::inputs::BOUNDS_11;
use crate::harness::population::{Exposed, Format, Page, Series, amount, observations, one_label};

/// A label with `VALUES` values that replaces both labels of a page's series.
#[derive(Debug, Clone, Copy)]
struct Numbered<const VALUES: usize>(usize);

impl<const VALUES: usize> LabelEnum for Numbered<VALUES> {
    const CARDINALITY: usize = VALUES;
    const LABEL_NAME: &'static str = "lane";

    fn as_index(self) -> usize {
        self.0
    }

    fn from_index(index: usize) -> Self {
        Self(index)
    }

    fn variant_name(self) -> &'static str {
        one_label(self.0)
    }
}

struct Shards<const COUNTERS: usize, const HISTOGRAMS: usize> {
    counters: LabeledCounter<Numbered<COUNTERS>>,
    histograms: LabeledHistogram<Numbered<HISTOGRAMS>>,
}

impl<const COUNTERS: usize, const HISTOGRAMS: usize> Shards<COUNTERS, HISTOGRAMS> {
    fn exposed() -> Box<dyn Exposed> {
        Box::new(Self {
            counters: LabeledCounter::new(SHARDS),
            histograms: LabeledHistogram::new(&nanoseconds(&BOUNDS_11), SHARDS),
        })
    }
}

pub(super) fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    Some(match series {
        Series::SMALL => Shards::<300, 50>::exposed(),
        Series::LARGE => Shards::<3_000, 500>::exposed(),
        Series::COUNTERS => Shards::<1_000, 0>::exposed(),
        Series::HISTOGRAMS => Shards::<0, 1_000>::exposed(),
        Series { .. } => return None,
    })
}

impl<const COUNTERS: usize, const HISTOGRAMS: usize> Exposed for Shards<COUNTERS, HISTOGRAMS> {
    fn touch(&self) {
        for position in 0..COUNTERS {
            self.counters.add(
                Numbered(position),
                isize::try_from(amount(position)).unwrap_or(isize::MAX),
            );
        }
        for position in 0..HISTOGRAMS {
            for duration in observations(position) {
                let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
                self.histograms.record(Numbered(position), nanos);
            }
        }
    }

    fn render(&self, format: Format, page: &mut Page) -> bool {
        match format {
            Format::Text => {
                self.counters
                    .export_prometheus(&mut page.text, "requests_total", "Requests.");
                self.histograms
                    .export_prometheus(&mut page.text, "duration", "Time.");
                true
            }
            Format::OpenMetrics => false,
        }
    }
}

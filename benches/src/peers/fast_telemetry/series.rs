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

/// Counters and histograms, with this number of series in each family.
struct Shards<const COUNTERS: usize, const HISTOGRAMS: usize> {
    series: Series,
    counters: Vec<(String, LabeledCounter<Numbered<COUNTERS>>)>,
    histograms: Vec<(String, LabeledHistogram<Numbered<HISTOGRAMS>>)>,
}

impl<const COUNTERS: usize, const HISTOGRAMS: usize> Shards<COUNTERS, HISTOGRAMS> {
    fn exposed(series: Series) -> Box<dyn Exposed> {
        let counter = |family| {
            let name = format!("{}_total", series.counter_name(family));
            (name, LabeledCounter::new(SHARDS))
        };
        let histogram = |family| {
            let histogram = LabeledHistogram::new(&nanoseconds(&BOUNDS_11), SHARDS);
            (series.histogram_name(family), histogram)
        };
        Box::new(Self {
            series,
            counters: (0..series.counter_families).map(counter).collect(),
            histograms: (0..series.histogram_families).map(histogram).collect(),
        })
    }
}

pub(super) fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    Some(match series {
        Series::SMALL => Shards::<300, 50>::exposed(series),
        Series::LARGE => Shards::<3_000, 500>::exposed(series),
        Series::FAMILIES => Shards::<10, 10>::exposed(series),
        Series::COUNTERS => Shards::<1_000, 0>::exposed(series),
        Series::HISTOGRAMS => Shards::<0, 1_000>::exposed(series),
        Series { .. } => return None,
    })
}

impl<const COUNTERS: usize, const HISTOGRAMS: usize> Exposed for Shards<COUNTERS, HISTOGRAMS> {
    fn touch(&self) {
        for (at, family, series) in self.series.each_counter() {
            let amount = isize::try_from(amount(at)).unwrap_or(isize::MAX);
            self.counters[family].1.add(Numbered(series), amount);
        }
        for (at, family, series) in self.series.each_histogram() {
            for duration in observations(at) {
                let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
                self.histograms[family].1.record(Numbered(series), nanos);
            }
        }
    }

    fn render(&self, format: Format, page: &mut Page) -> bool {
        match format {
            Format::Text => {
                for (name, counter) in &self.counters {
                    counter.export_prometheus(&mut page.text, name, "Requests.");
                }
                for (name, histogram) in &self.histograms {
                    histogram.export_prometheus(&mut page.text, name, "Time.");
                }
                true
            }
            Format::OpenMetrics => false,
        }
    }
}

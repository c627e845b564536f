//! Many series: labels with a fixed number of values, too many for an enum.

use std::sync::{Mutex, PoisonError};

use measured::label::{LabelValue, LabelVisitor};
use measured::metric::histogram::Thresholds;
use measured::text::BufferedTextEncoder;
use measured::{CounterVec, FixedCardinalityLabel, HistogramVec, LabelGroup, MetricGroup};

use crate::harness::inputs::BOUNDS_11;
use crate::harness::population::{Exposed, Format, LANES, Page, Series, amount, observations};

/// A label with a fixed number of values, too many for an enum. They are written as numbers.
#[derive(Debug, Clone, Copy)]
struct Numbered<const VALUES: usize>(usize);

impl<const VALUES: usize> LabelValue for Numbered<VALUES> {
    #[expect(clippy::cast_possible_wrap, reason = "below `VALUES`")]
    fn visit<V: LabelVisitor>(&self, visitor: V) -> V::Output {
        visitor.write_int(self.0 as i64)
    }
}

impl<const VALUES: usize> FixedCardinalityLabel for Numbered<VALUES> {
    fn cardinality() -> usize {
        VALUES
    }

    fn encode(&self) -> usize {
        self.0
    }

    fn decode(value: usize) -> Self {
        Self(value)
    }
}

/// Defines series with a number of values of the label `shard`.
macro_rules! series {
    ($name:ident, $series:expr) => {
        mod $name {
            use super::{
                BOUNDS_11, BufferedTextEncoder, CounterVec, Exposed, Format, HistogramVec, LANES,
                LabelGroup, MetricGroup, Mutex, Numbered, Page, PoisonError, Series, Thresholds,
                amount, observations,
            };

            #[derive(Debug, Clone, Copy, LabelGroup)]
            #[label(set = CounterSet)]
            struct CounterLabels {
                shard: Numbered<{ $series.counters / LANES }>,
                lane: Numbered<LANES>,
            }

            #[derive(Debug, Clone, Copy, LabelGroup)]
            #[label(set = HistogramSet)]
            struct HistogramLabels {
                shard: Numbered<{ $series.histograms / LANES }>,
                lane: Numbered<LANES>,
            }

            #[derive(MetricGroup)]
            #[metric(new())]
            struct Group {
                /// Requests.
                requests_total: CounterVec<CounterSet>,
                /// Durations.
                #[metric(metadata = Thresholds::with_buckets(BOUNDS_11))]
                duration_seconds: HistogramVec<HistogramSet, 11>,
            }

            pub(super) struct Shards {
                group: Group,
                encoder: Mutex<BufferedTextEncoder>,
            }

            impl Shards {
                pub(super) fn new() -> Self {
                    Self {
                        group: Group::new(),
                        encoder: Mutex::default(),
                    }
                }
            }

            impl Exposed for Shards {
                fn touch(&self) {
                    let Series {
                        counters,
                        histograms,
                        ..
                    } = $series;
                    for position in 0..counters {
                        let labels = CounterLabels {
                            shard: Numbered(position / LANES),
                            lane: Numbered(position % LANES),
                        };
                        self.group.requests_total.inc_by(labels, amount(position));
                    }
                    for position in 0..histograms {
                        let labels = HistogramLabels {
                            shard: Numbered(position / LANES),
                            lane: Numbered(position % LANES),
                        };
                        for duration in observations(position) {
                            self.group
                                .duration_seconds
                                .observe(labels, duration.as_secs_f64());
                        }
                    }
                }

                fn render(&self, format: Format, page: &mut Page) -> bool {
                    match format {
                        Format::Text => {
                            let mut encoder =
                                self.encoder.lock().unwrap_or_else(PoisonError::into_inner);
                            let Ok(()) = self.group.collect_group_into(&mut *encoder);
                            page.shared = encoder.finish();
                            true
                        }
                        Format::OpenMetrics => false,
                    }
                }
            }
        }
    };
}

series!(small, Series::SMALL);
series!(large, Series::LARGE);
series!(counters, Series::COUNTERS);
series!(histograms, Series::HISTOGRAMS);

pub(super) fn expose(series: Series) -> Option<Box<dyn Exposed>> {
    Some(match series {
        Series::SMALL => Box::new(small::Shards::new()),
        Series::LARGE => Box::new(large::Shards::new()),
        Series::COUNTERS => Box::new(counters::Shards::new()),
        Series::HISTOGRAMS => Box::new(histograms::Shards::new()),
        Series { .. } => return None,
    })
}

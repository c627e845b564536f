//! Collectors for an existing `prometheus::Registry`: of all series, and of some of them next to an older collector.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::proto;

use crate::exposition::values::{Observations, facts, is_current, value};
use crate::read::Slab;
use crate::registry::Registry;
use crate::schema::{Family, MessageType, SeriesSamples};

/// The collector that [`Registry::collector`] returns.
#[derive(Clone)]
struct RegistryCollector {
    registry: Registry,
    descs: Arc<[Desc]>,
}

impl Registry {
    /// Returns a collector to register with one or several `prometheus::Registry`.
    ///
    /// It reads the values at each scrape; nothing is stored twice. Its series and their values are those of
    /// [`Registry::encode`] in Prometheus text, with two differences:
    ///
    /// - The `prometheus` crate writes the `le` of whole bounds as `1`, where the formats of this crate have `1.0`. Prometheus 3
    ///   rewrites `le`, so it sees one series.
    /// - Exemplars, native buckets and creation times are left out, because version 0.14 of the `prometheus` crate does not
    ///   support them. To expose them, serve pages of this crate: with the feature `exporter`, or with [`Registry::encode`]
    ///   in OpenMetrics and [`Registry::encode_protobuf`].
    ///
    /// ```
    /// # shadowcat_metrics::metrics!("tests/shop.toml");
    /// # fn main() -> Result<(), prometheus::Error> {
    /// # let metrics = Metrics::new();
    /// let registry = prometheus::Registry::new();
    /// registry.register(Box::new(metrics.collector()))?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn collector(&self) -> impl Collector + Clone + fmt::Debug + use<> {
        RegistryCollector::new(self)
    }

    /// Registers a [`collector`](Self::collector) of this registry.
    ///
    /// ```
    /// # shadowcat_metrics::metrics!("tests/shop.toml");
    /// # fn main() -> Result<(), prometheus::Error> {
    /// # let metrics = Metrics::new();
    /// let registry = prometheus::Registry::new();
    /// metrics.register_in(&registry)?;
    /// assert!(metrics.register_in(&registry).is_err()); // once is enough
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If a metric with one of these names is already registered: by this registry, by one whose schema has the same
    /// namespace, or by hand. The error names the metric or the namespace.
    pub fn register_in(&self, registry: &prometheus::Registry) -> prometheus::Result<()> {
        let registered = registry.register(Box::new(self.collector()));
        registered.map_err(|error| match error {
            prometheus::Error::AlreadyReg => prometheus::Error::Msg(format!(
                "a metric of the namespace `{}` is registered already: register each registry once, give each schema \
                 of a program its own `namespace`, and use `partial_collector` next to an older collector of the same \
                 metrics",
                self.schema().namespace,
            )),
            other => other,
        })
    }

    /// Returns a collector of the series that `keep` accepts, while an older collector exposes the others.
    ///
    /// It lets a program migrate step by step and keep its exposed names. Two collectors then feed one family, so this one
    /// declares no descriptors: a `prometheus::Registry` rejects two collectors that declare the same name, but merges
    /// families of the same name when it gathers. The two must not expose the same series, which `keep` ensures. A
    /// registry accepts one collector without descriptors.
    ///
    /// `keep` is called for every series at every scrape.
    ///
    /// ```
    /// # shadowcat_metrics::metrics!("tests/shop.toml");
    /// # fn main() -> Result<(), prometheus::Error> {
    /// # let metrics = Metrics::new();
    /// let registry = prometheus::Registry::new();
    /// let moved = |series: shadowcat_metrics::Series<'_>| series.label("transport") == Some("stdio");
    /// registry.register(Box::new(metrics.partial_collector(moved)))?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn partial_collector<F>(&self, keep: F) -> impl Collector + Clone + fmt::Debug + use<F>
    where
        F: Fn(Series<'_>) -> bool + Send + Sync + 'static,
    {
        PartialCollector {
            all: RegistryCollector::new(self),
            keep: Arc::new(keep),
        }
    }
}

impl RegistryCollector {
    fn new(registry: &Registry) -> Self {
        Self {
            registry: registry.clone(),
            descs: registry
                .schema()
                .exposed()
                .filter(|family| !family.continues)
                .filter_map(desc)
                .collect(),
        }
    }
}

/// Returns a family's description, or `None` if the `prometheus` crate rejects it, which cannot happen with a
/// checked schema.
fn desc(family: &Family) -> Option<Desc> {
    let mut labels: Vec<_> = family.labels.iter().map(|label| label.name).collect();
    match family.kind.spec().samples {
        SeriesSamples::States(_) => labels.push(family.name),
        SeriesSamples::Facts(facts) => labels.extend(facts),
        SeriesSamples::Value | SeriesSamples::Histogram(_) => {}
    }
    let labels = labels.into_iter().map(str::to_owned).collect();
    Desc::new(
        family.name.to_owned(),
        family.help.to_owned(),
        labels,
        HashMap::new(),
    )
    .ok()
}

impl Collector for RegistryCollector {
    fn desc(&self) -> Vec<&Desc> {
        self.descs.iter().collect()
    }

    fn collect(&self) -> Vec<proto::MetricFamily> {
        let Some(mut reader) = self.registry.reader() else {
            return Vec::new();
        };
        let mut collected = Vec::new();
        for family in self.registry.schema().exposed() {
            let mut metrics = Vec::new();
            let mut slabs = reader.slabs(family);
            while let Some(slab) = slabs.next() {
                push_slab(&mut metrics, &slab);
            }
            if metrics.is_empty() {
                continue;
            }
            let last = collected.last_mut();
            match last.filter(|last: &&mut proto::MetricFamily| {
                family.continues && last.name() == family.name
            }) {
                Some(last) => last.mut_metric().extend(metrics),
                None => collected.push(metric_family(family, metrics)),
            }
        }
        collected
    }
}

impl fmt::Debug for RegistryCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistryCollector")
            .field("registry", &self.registry)
            .finish_non_exhaustive()
    }
}

fn metric_family(family: &Family, metrics: Vec<proto::Metric>) -> proto::MetricFamily {
    let mut collected = proto::MetricFamily::default();
    collected.set_name(family.name.to_owned());
    collected.set_help(family.help.to_owned());
    collected.set_field_type(match family.kind.spec().message {
        MessageType::Counter => proto::MetricType::COUNTER,
        MessageType::Gauge => proto::MetricType::GAUGE,
        MessageType::Histogram => proto::MetricType::HISTOGRAM,
    });
    collected.set_metric(metrics);
    collected
}

fn push_slab(metrics: &mut Vec<proto::Metric>, slab: &Slab<'_>) {
    let spec = slab.family.kind.spec();
    for series in 0..slab.series() {
        match spec.samples {
            SeriesSamples::Value => {
                metrics.extend(value(slab, series).map(|value| {
                    let metric = labeled(slab, series, []);
                    match spec.message {
                        MessageType::Counter => counter(metric, value),
                        MessageType::Gauge | MessageType::Histogram => gauge(metric, value),
                    }
                }));
            }
            SeriesSamples::Histogram(buckets) => {
                metrics.extend(Observations::of(slab, series, buckets).map(|observations| {
                    let mut metric = labeled(slab, series, []);
                    metric.set_histogram(histogram(&observations));
                    metric
                }));
            }
            SeriesSamples::States(states) => {
                metrics.extend(states.spellings().map(|(position, name)| {
                    let value = f64::from(u8::from(is_current(slab, series, position)));
                    gauge(labeled(slab, series, [(slab.family.name, name)]), value)
                }));
            }
            SeriesSamples::Facts(names) => {
                metrics.extend(facts(slab, series).map(|facts| {
                    let own = names.iter().copied().zip(facts.iter().map(|fact| &**fact));
                    gauge(labeled(slab, series, own), 1.0)
                }));
            }
        }
    }
}

/// Returns a metric with the labels of a series and additional labels of this sample.
fn labeled<'o>(
    slab: &Slab<'_>,
    series: usize,
    own: impl IntoIterator<Item = (&'static str, &'o str)>,
) -> proto::Metric {
    let pair = |name: &str, value: &str| {
        let mut pair = proto::LabelPair::default();
        pair.set_name(name.to_owned());
        pair.set_value(value.to_owned());
        pair
    };
    let labels = slab
        .labels(series)
        .map(|(label, value)| pair(label.name, value));
    let own = own.into_iter().map(|(name, value)| pair(name, value));
    proto::Metric::from_label(labels.chain(own).collect())
}

fn gauge(mut metric: proto::Metric, value: f64) -> proto::Metric {
    let mut gauge = proto::Gauge::default();
    gauge.set_value(value);
    metric.set_gauge(gauge);
    metric
}

fn counter(mut metric: proto::Metric, value: f64) -> proto::Metric {
    let mut counter = proto::Counter::default();
    counter.set_value(value);
    metric.set_counter(counter);
    metric
}

/// Returns a histogram without the bucket `+Inf`, which the `prometheus` crate adds when it encodes one.
fn histogram(observations: &Observations<'_>) -> proto::Histogram {
    let cumulative = observations.cumulative().map(|(bound, count)| {
        let mut bucket = proto::Bucket::default();
        bucket.set_upper_bound(bound);
        bucket.set_cumulative_count(count);
        bucket
    });
    let mut histogram = proto::Histogram::default();
    histogram.set_bucket(cumulative.collect());
    histogram.set_sample_sum(observations.sum);
    histogram.set_sample_count(observations.count);
    histogram
}

/// A series for the filter of [`Registry::partial_collector`].
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    family: &'a str,
    metric: &'a proto::Metric,
}

impl<'a> Series<'a> {
    /// Returns the exposed name of its metric, such as `shadowcat_active_sessions`.
    #[must_use]
    pub const fn family(&self) -> &'a str {
        self.family
    }

    /// Returns the value of a label, or `None` if the series has no such label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&'a str> {
        let mut labels = self.metric.get_label().iter();
        labels
            .find(|pair| pair.name() == name)
            .map(proto::LabelPair::value)
    }
}

/// The collector that [`Registry::partial_collector`] returns.
#[derive(Clone)]
struct PartialCollector {
    all: RegistryCollector,
    keep: Arc<dyn Fn(Series<'_>) -> bool + Send + Sync>,
}

impl Collector for PartialCollector {
    fn desc(&self) -> Vec<&Desc> {
        Vec::new()
    }

    fn collect(&self) -> Vec<proto::MetricFamily> {
        let mut families = self.all.collect();
        for family in &mut families {
            let mut metrics = family.take_metric();
            let family_name = family.name();
            metrics.retain(|metric| {
                (self.keep)(Series {
                    family: family_name,
                    metric,
                })
            });
            family.set_metric(metrics);
        }
        families.retain(|family| !family.get_metric().is_empty());
        families
    }
}

impl fmt::Debug for PartialCollector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartialCollector")
            .field("all", &self.all)
            .finish_non_exhaustive()
    }
}

//! A part of the series, to live beside older collectors that still expose the rest: [`Registry::partial_collector`].

use std::fmt;
use std::sync::Arc;

use prometheus::core::{Collector, Desc};
use prometheus::proto;

use crate::collector::RegistryCollector;
use crate::registry::Registry;

/// One series, as [`Registry::partial_collector`] asks about it.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    family: &'a str,
    metric: &'a proto::Metric,
}

impl<'a> Series<'a> {
    /// The exposed name of its metric, as in `shadowcat_active_sessions`.
    #[must_use]
    pub const fn family(&self) -> &'a str {
        self.family
    }

    /// The value of a label; none if the series has no such label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&'a str> {
        let mut labels = self.metric.get_label().iter();
        labels
            .find(|pair| pair.name() == name)
            .map(proto::LabelPair::value)
    }
}

/// What [`Registry::partial_collector`] gives.
#[derive(Clone)]
struct PartialCollector {
    all: RegistryCollector,
    keep: Arc<dyn Fn(Series<'_>) -> bool + Send + Sync>,
}

impl Registry {
    /// A collector of those series that `keep` accepts, for as long as an older collector exposes the others.
    ///
    /// A program may move to these metrics a part at a time, and keep names that it has exposed before. Then one family is
    /// fed by two collectors, which is why this one declares no descriptors: a `prometheus::Registry` takes no two that
    /// declare one name, but it does join families of one name when it gathers. The two must not expose the same series,
    /// and `keep` sees to that. A registry takes one collector without descriptors.
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

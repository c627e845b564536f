//! Gathers a registry's collector through the `prometheus` crate, as the samples that its encoder would write.

use std::collections::BTreeMap;

use prometheus::proto::{MetricFamily, MetricType};
use shadowcat_metrics::Registry;
use shadowcat_metrics_oracle::{self as oracle, Series};

/// Registers the collector with a `prometheus::Registry` and gathers.
pub(crate) fn gathered(registry: &Registry) -> BTreeMap<Series, f64> {
    let existing = prometheus::Registry::new();
    existing
        .register(Box::new(registry.collector()))
        .expect("no other collector is there to clash with");
    let families = existing.gather();
    families.iter().flat_map(gathered_family).collect()
}

fn gathered_family(family: &MetricFamily) -> Vec<(Series, f64)> {
    let mut samples = Vec::new();
    for metric in family.get_metric() {
        let labels: Vec<_> = metric
            .get_label()
            .iter()
            .map(|label| (label.name(), label.value()))
            .collect();
        let mut push = |suffix: &str, le: Option<&str>, value: f64| {
            let labels = labels.iter().copied().chain(le.map(|le| ("le", le)));
            samples.push((
                Series::new(&format!("{}{suffix}", family.name()), labels),
                value,
            ));
        };
        match family.get_field_type() {
            MetricType::COUNTER => push("", None, metric.get_counter().get_value()),
            MetricType::GAUGE => push("", None, metric.get_gauge().get_value()),
            MetricType::HISTOGRAM => {
                let histogram = metric.get_histogram();
                for bucket in histogram.get_bucket() {
                    let le = oracle::canonical(bucket.upper_bound());
                    push("_bucket", Some(&le), bucket.cumulative_count() as f64);
                }
                let count = histogram.get_sample_count() as f64;
                // The crate's encoder adds a missing `+Inf` bucket.
                if histogram
                    .get_bucket()
                    .last()
                    .is_none_or(|last| last.upper_bound().is_finite())
                {
                    push("_bucket", Some("+Inf"), count);
                }
                push("_count", None, count);
                push("_sum", None, histogram.get_sample_sum());
            }
            other => panic!("{other:?} is none of ours"),
        }
    }
    samples
}

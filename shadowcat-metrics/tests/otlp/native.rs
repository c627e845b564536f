//! Native histograms in pushes: exponential histograms with the values of the page in protobuf.

use std::collections::BTreeMap;
use std::time::Duration;

use shadowcat_metrics::TraceContext;
use shadowcat_metrics::otlp::Push;

use crate::proto::{Data, ExponentialPoint};
use crate::protobuf;
use crate::receiver::{Pushed, pushed};

mod metrics {
    shadowcat_metrics::metrics!("tests/native.toml");
}

use metrics::Metrics;
use metrics::labels::Mode;

/// Returns the only point of a metric with observations.
fn point<'p>(pushed: &'p Pushed, name: &str) -> &'p ExponentialPoint {
    let Some(Data::Exponential(histogram)) = &pushed.metric(name).data else {
        panic!("{name} is no exponential histogram");
    };
    assert_eq!(histogram.temporality, 2);
    let mut used = histogram.points.iter().filter(|point| point.count > 0);
    let point = used.next().expect("a point with observations");
    assert_eq!(used.count(), 0, "{name}");
    point
}

/// Returns the buckets with observations by Prometheus' number, which is larger by one.
fn buckets(point: &ExponentialPoint) -> BTreeMap<i32, u64> {
    let positive = point.positive.as_ref().expect("buckets");
    assert_ne!(positive.counts.first(), Some(&0));
    assert_ne!(positive.counts.last(), Some(&0));
    let buckets = (positive.offset + 1..).zip(positive.counts.iter().copied());
    buckets.filter(|(_, count)| *count > 0).collect()
}

#[test]
fn native_histograms_are_pushed_as_exponential_ones() {
    let metrics = Metrics::new();
    let host = metrics.host("a");
    let shop = metrics.shop();
    for nanos in [0, 7, 100_000, 100_001, 36_999_999, 1_000_000_000, u64::MAX] {
        shop.wait().observe(Duration::from_nanos(nanos));
    }
    for size in [0_u64, 1, 2, 3, 4, 500_000, 5_000_000_000] {
        shop.size(Mode::On, &host).observe(size);
    }
    for weight in [0.0, 0.3, 0.5, 0.51, 1.0, 1.01, 63.9, 1e9] {
        shop.weight(Mode::Off).observe(weight);
    }
    let pushed = pushed(Push::new(&metrics));
    let page = metrics.encode_protobuf();
    let size = [("mode", "on"), ("host", "a")];
    let found = [
        ("t.shop.wait", "t_shop_wait_seconds", &[][..], 3),
        ("t.shop.size", "t_shop_size_bytes", &size, 0),
        (
            "t.shop.weight",
            "t_shop_weight_grams",
            &[("mode", "off")],
            6,
        ),
    ];
    for (name, family, labels, scale) in found {
        let point = point(&pushed, name);
        let page = protobuf::histogram(&page, family, labels);
        let attributes = point.attributes.iter();
        let attributes = attributes.map(|it| {
            let value = it.value.as_ref().and_then(|value| value.text.as_deref());
            (&*it.key, value.expect("text"))
        });
        assert_eq!(attributes.collect::<Vec<_>>(), labels);
        assert!(0 < point.start && point.start <= point.time);
        assert_eq!((point.scale, page.schema), (scale, scale), "{name}");
        assert_eq!(
            point.zero_threshold.to_bits(),
            page.zero_threshold.to_bits()
        );
        assert_eq!(
            (point.count, point.zero_count),
            (page.count, page.zero_count)
        );
        assert_eq!(buckets(point), page.native_buckets());
        let positive: u64 = buckets(point).values().sum();
        assert_eq!(point.count, point.zero_count + positive);
    }
    let sum = point(&pushed, "t.shop.weight").sum.expect("a sum");
    assert!((sum - 1_000_000_067.22).abs() < 1e-6, "{sum}");
}

/// The bucket `(2, 4]` is Prometheus' number 2 in schema 0, and OTLP's index 1.
#[test]
fn buckets_have_the_indexes_of_otlp() {
    let metrics = Metrics::new();
    let host = metrics.host("a");
    for size in [3_u64, 4, 9] {
        metrics.shop().size(Mode::On, &host).observe(size);
    }
    let pushed = pushed(Push::new(&metrics));
    let point = point(&pushed, "t.shop.size");
    let positive = point.positive.as_ref().expect("buckets");
    assert_eq!((positive.offset, &positive.counts[..]), (1, &[2, 0, 1][..]));
    assert_eq!(
        (point.zero_count, point.zero_threshold.to_bits()),
        (0, 1_f64.to_bits())
    );
}

#[test]
fn a_histogram_without_observations_has_no_buckets() {
    let metrics = Metrics::new();
    let pushed = pushed(Push::new(&metrics));
    let Some(Data::Exponential(histogram)) = &pushed.metric("t.shop.wait").data else {
        panic!("it is native");
    };
    let [point] = &histogram.points[..] else {
        panic!("it has no labels");
    };
    assert_eq!((point.count, point.zero_count, point.scale), (0, 0, 3));
    assert!(point.positive.is_none());
}

#[test]
fn the_exemplars_of_classic_buckets_are_pushed() {
    let metrics = Metrics::new();
    let trace = TraceContext::new(1, 2, true);
    for value in [0.7, 5.0, 900.0, 1e9] {
        metrics.shop().weight(Mode::Off).observe_in(value, &trace);
    }
    let pushed = pushed(Push::new(&metrics));
    let exemplars = point(&pushed, "t.shop.weight").exemplars.iter();
    let values = exemplars.map(|exemplar| exemplar.value);
    assert_eq!(values.collect::<Vec<_>>(), [0.7, 5.0, 1e9]);
}

#[test]
fn receivers_without_exponential_histograms_get_the_bounds() {
    let metrics = Metrics::new();
    for value in [0.7, 5.0, 900.0, 1e9] {
        metrics.shop().weight(Mode::Off).observe(value);
    }
    let set = pushed(Push::new(&metrics).exponential_histograms(false));
    let variable = |name: &str| {
        (name == "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION")
            .then(|| "explicit_bucket_histogram".to_owned())
    };
    let from_env = pushed(Push::from_variables(&metrics, variable).expect("they are right"));
    for pushed in [set, from_env] {
        let Some(Data::Histogram(histogram)) = &pushed.metric("t.shop.weight").data else {
            panic!("it has bounds");
        };
        let mut used = histogram.points.iter().filter(|point| point.count > 0);
        let point = used.next().expect("a point with observations");
        assert_eq!(
            (&point.bounds[..], &point.counts[..]),
            (&[1.0, 1000.0][..], &[1, 2, 1][..])
        );
    }
}

//! Native histograms, compared with an exact model: cells, classic and native buckets, quantiles, protobuf.
#![cfg(not(loom))]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks and numbers of buckets are small"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use shadowcat_metrics::{Format, TraceContext};

mod metrics {
    shadowcat_metrics::metrics!("tests/native.toml");
}

mod protobuf;

use metrics::Metrics;
use metrics::labels::Mode;
use protobuf::Histogram;

/// Returns the native buckets of a family's only used series, by Prometheus' numbers, and the histogram.
fn scraped(metrics: &Metrics, family: &str, labels: &[(&str, &str)]) -> Histogram {
    protobuf::histogram(&metrics.encode_protobuf(), family, labels)
}

/// Returns the index of a value's native bucket. The upper bound of bucket `n` is the growth factor to the power of `n`.
fn bucket(schema: i32, value: f64) -> i32 {
    // Only for values that are not next to a boundary.
    (value.log2() * f64::from(schema).exp2()).ceil() as i32
}

fn is_near_boundary(schema: i32, value: f64) -> bool {
    let number = value.log2() * f64::from(schema).exp2();
    (number - number.round()).abs() < 1e-6
}

/// Counts values as an exact model does: zero, then buckets by number. Values above the last bucket count in it.
fn model(schema: i32, threshold: f64, last: i32, values: &[f64]) -> (u64, BTreeMap<i32, u64>) {
    let mut zero = 0;
    let mut buckets = BTreeMap::new();
    for value in values {
        if *value <= threshold {
            zero += 1;
        } else {
            *buckets.entry(bucket(schema, *value).min(last)).or_default() += 1;
        }
    }
    (zero, buckets)
}

fn classic(bounds: &[f64], values: &[f64]) -> Vec<(f64, u64)> {
    let bounds = bounds.iter().copied();
    bounds
        .map(|bound| {
            let below = values.iter().filter(|value| **value <= bound);
            (bound, below.count() as u64)
        })
        .collect()
}

proptest! {
    #[test]
    fn durations_are_counted_as_in_the_model(
        nanos in proptest::collection::vec((0_u32..40, any::<u64>()), 1..200),
    ) {
        // Of every magnitude, up to a thousand seconds.
        let nanos: Vec<_> = nanos.iter().map(|(bits, random)| random % (2 << bits)).collect();
        let seconds: Vec<_> = nanos.iter().map(|nanos| *nanos as f64 / 1e9).collect();
        prop_assume!(!seconds.iter().any(|value| *value > 0.0 && is_near_boundary(3, *value)));
        let metrics = Metrics::new();
        for nanos in &nanos {
            metrics.shop().wait().observe(Duration::from_nanos(*nanos));
        }
        let found = scraped(&metrics, "t_shop_wait_seconds", &[]);
        prop_assert_eq!(found.schema, 3);
        prop_assert_eq!(found.count, nanos.len() as u64);
        let (zero, buckets) = model(3, found.zero_threshold, 48, &seconds);
        prop_assert_eq!(found.zero_count, zero);
        prop_assert_eq!(found.native_buckets(), buckets);
        let bounds: Vec<_> = found.buckets.iter().map(|bucket| bucket.bound).collect();
        prop_assert_eq!(bounds.len(), 20);
        let found: Vec<_> = found.buckets.iter().map(|bucket| (bucket.bound, bucket.count)).collect();
        prop_assert_eq!(found, classic(&bounds, &seconds));
    }

    #[test]
    fn integers_are_counted_as_in_the_model(values in proptest::collection::vec(0_u64..3_000_000, 1..200)) {
        let metrics = Metrics::new();
        let host = metrics.host("a");
        for value in &values {
            metrics.shop().size(Mode::Off, &host).observe(*value);
        }
        let values: Vec<_> = values.iter().map(|value| *value as f64).collect();
        let found = scraped(&metrics, "t_shop_size_bytes", &[("mode", "off"), ("host", "a")]);
        prop_assert_eq!((found.schema, found.zero_threshold.to_bits()), (0, 1_f64.to_bits()));
        // Powers of two are exact.
        let (zero, buckets) = model(0, 1.0, 20, &values);
        prop_assert_eq!((found.zero_count, found.native_buckets()), (zero, buckets));
        let other = scraped(&metrics, "t_shop_size_bytes", &[("mode", "on"), ("host", "a")]);
        prop_assert_eq!((other.count, other.zero_count, other.spans.len()), (0, 0, 0));
        let found: Vec<_> = found.buckets.iter().map(|bucket| (bucket.bound, bucket.count)).collect();
        prop_assert_eq!(found, classic(&[0.0, 100.0, 1000.0], &values));
    }

    #[test]
    fn floats_are_counted_as_in_the_model(values in proptest::collection::vec(0.0_f64..100.0, 1..200)) {
        prop_assume!(!values.iter().any(|value| is_near_boundary(6, *value)));
        let metrics = Metrics::new();
        for value in &values {
            metrics.shop().weight(Mode::On).observe(*value);
        }
        let found = scraped(&metrics, "t_shop_weight_grams", &[("mode", "on")]);
        prop_assert_eq!((found.schema, found.zero_threshold.to_bits()), (6, 0.5_f64.to_bits()));
        let (zero, buckets) = model(6, 0.5, 6 * 64, &values);
        prop_assert_eq!((found.zero_count, found.native_buckets()), (zero, buckets));
    }
}

/// A repeatable sequence of numbers from 0 to 1.
fn random() -> impl FnMut() -> f64 {
    let mut state = 7_u64;
    move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }
}

/// Returns values of a normal distribution.
fn normal(random: &mut impl FnMut() -> f64) -> f64 {
    (-2.0 * random().ln()).sqrt() * (std::f64::consts::TAU * random()).cos()
}

#[test]
fn quantiles_are_within_the_factor() {
    let mut random = random();
    let mut log_normal = Vec::new();
    let mut bimodal = Vec::new();
    for _ in 0..20_000 {
        log_normal.push(0.02 * normal(&mut random).exp());
        let mode = if random() < 0.7 { 0.001 } else { 2.5 };
        bimodal.push(mode * (1.0 + 0.05 * normal(&mut random)));
    }
    let constant = vec![0.037; 1000];
    for (name, values) in [
        ("log-normal", log_normal),
        ("bimodal", bimodal),
        ("constant", constant),
    ] {
        let metrics = Metrics::new();
        let mut sorted: Vec<_> = values
            .iter()
            .map(|value| Duration::from_secs_f64(*value))
            .collect();
        for value in &sorted {
            metrics.shop().wait().observe(*value);
        }
        sorted.sort_unstable();
        let wait = metrics.snapshot().shop().wait();
        assert_eq!(wait.count(), sorted.len() as u64);
        for thousandth in 0..=1000 {
            let share = f64::from(thousandth) / 1000.0;
            let rank = (share * sorted.len() as f64).ceil().max(1.0) as usize;
            let exact = sorted[rank - 1].as_secs_f64();
            let found = wait.quantile(share).expect("there are observations");
            assert!(
                found.low < exact && exact <= found.high,
                "{name} {share}: {exact}, {found:?}"
            );
            assert!(
                found.low <= found.value && found.value <= found.high,
                "{name} {share}: {found:?}"
            );
            assert!(found.high / found.low <= 1.1, "{name} {share}: {found:?}");
            let error = (found.value / exact).max(exact / found.value);
            assert!(error <= 1.1, "{name} {share}: {exact}, {found:?}");
        }
    }
}

#[test]
fn quantiles_have_bounds_outside_of_the_range() {
    let metrics = Metrics::new();
    let shop = metrics.shop();
    let wait = shop.wait();
    assert_eq!(metrics.snapshot().shop().wait().quantile(0.5), None);
    wait.observe(Duration::ZERO);
    let found = metrics
        .snapshot()
        .shop()
        .wait()
        .quantile(1.0)
        .expect("one observation");
    assert!(found.low == 0.0 && found.high <= 0.0001, "{found:?}");
    wait.observe(Duration::from_secs(1_000_000));
    let snapshot = metrics.snapshot();
    let found = snapshot
        .shop()
        .wait()
        .quantile(1.0)
        .expect("two observations");
    assert!(
        found.low >= 60.0 && found.value.is_finite() && found.high == f64::INFINITY,
        "{found:?}"
    );
    for share in [-0.1, 1.1, f64::NAN] {
        assert_eq!(snapshot.shop().wait().quantile(share), None);
    }
    let found = scraped(&metrics, "t_shop_wait_seconds", &[]);
    assert_eq!((found.count, found.zero_count), (2, 1));
    assert_eq!(found.native_buckets(), BTreeMap::from([(48, 1)]));
}

#[test]
fn classic_buckets_have_quantiles_too() {
    let metrics = Metrics::new();
    for milliseconds in 1..=1000 {
        metrics
            .shop()
            .plain()
            .observe(Duration::from_millis(milliseconds));
    }
    let median = metrics
        .snapshot()
        .shop()
        .plain()
        .quantile(0.5)
        .expect("there are observations");
    assert_eq!((median.low, median.high), (0.4096, 0.8192));
}

#[test]
fn spans_leave_out_long_gaps_only() {
    let metrics = Metrics::new();
    let observe = |value: f64| metrics.shop().weight(Mode::On).observe(value);
    let growth = 2_f64.powf(1.0 / 64.0);
    for number in [10, 11, 14, 18] {
        observe(growth.powi(number) * 0.999);
    }
    observe(growth.powi(14) * 0.999);
    let found = scraped(&metrics, "t_shop_weight_grams", &[("mode", "on")]);
    // Buckets 10 to 14, of which 12 and 13 are empty, then a gap of three, then 18.
    let spans: Vec<_> = found
        .spans
        .iter()
        .map(|span| (span.offset, span.length))
        .collect();
    assert_eq!(spans, [(10, 5), (3, 1)]);
    assert_eq!(found.deltas, [1, 0, -1, 0, 2, -1]);
}

#[test]
fn text_pages_show_the_classic_buckets() {
    let metrics = Metrics::new();
    let host = metrics.host("a");
    for value in [0_u64, 1, 50, 100, 101, 1000, 5_000_000] {
        metrics.shop().size(Mode::On, &host).observe(value);
    }
    for format in [Format::PrometheusText, Format::OpenMetrics] {
        let page = metrics.encode(format);
        let lines = page
            .lines()
            .filter(|line| line.contains("t_shop_size") && line.contains("mode=\"on\",host=\"a\""));
        let values: Vec<_> = lines.filter_map(|line| line.rsplit(' ').next()).collect();
        assert_eq!(values, ["1", "4", "6", "7", "5001252", "7"], "{page}");
    }
}

#[test]
fn exemplars_belong_to_classic_buckets() {
    let metrics = Metrics::new();
    let trace = TraceContext::new(1, 2, true);
    for value in [0.7, 5.0, 900.0, 1e9] {
        metrics.shop().weight(Mode::Off).observe_in(value, &trace);
    }
    let page = metrics.encode(Format::OpenMetrics);
    let lines = page
        .lines()
        .filter(|line| line.contains("mode=\"off\",le="));
    let values = lines.map(|line| {
        line.split("} ")
            .nth(2)
            .and_then(|value| value.split(' ').next())
    });
    assert_eq!(
        values.collect::<Vec<_>>(),
        [Some("0.7"), Some("5"), Some("1000000000")]
    );
}

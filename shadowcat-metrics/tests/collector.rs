//! Tests that a `prometheus::Registry` gathers the same values as a page exposes.
#![cfg(all(feature = "prometheus", not(loom)))]

#[allow(dead_code, reason = "each test uses a part of it")]
mod pages;

mod native {
    shadowcat_metrics::metrics!("tests/native.toml");
}

use std::collections::BTreeMap;

use pages::{Filled, Metrics, read};
use prometheus::core::Collector;
use prometheus::proto::{Metric, MetricFamily, MetricType};
use prometheus::{Encoder, Registry, TextEncoder};
use shadowcat_metrics::{Format, Series, TraceContext};

/// Values by name and labels. A bucket's bound is a number here because its spelling may differ.
type Values = BTreeMap<(String, BTreeMap<String, String>), f64>;

fn of_page(registry: &shadowcat_metrics::Registry) -> Values {
    let page = registry.encode(Format::PrometheusText);
    let values = read(&page, Format::PrometheusText).values();
    let values = values.into_iter().map(|(mut series, value)| {
        if let Some(le) = series.labels.get_mut("le") {
            *le = bound(le.parse().expect("a bound"));
        }
        ((series.name, series.labels), value)
    });
    values.collect()
}

fn of_gathered(families: &[MetricFamily]) -> Values {
    let mut values = Values::new();
    for family in families {
        for metric in family.get_metric() {
            push(&mut values, family, metric);
        }
    }
    values
}

fn push(values: &mut Values, family: &MetricFamily, metric: &Metric) {
    let labels = metric.get_label().iter();
    let labels = labels.map(|pair| (pair.name().to_owned(), pair.value().to_owned()));
    let labels: BTreeMap<_, _> = labels.collect();
    let mut insert = |suffix: &str, labels: &BTreeMap<_, _>, value| {
        let name = format!("{}{suffix}", family.name());
        assert!(
            values.insert((name, labels.clone()), value).is_none(),
            "a series twice"
        );
    };
    match family.get_field_type() {
        MetricType::COUNTER => insert("", &labels, metric.get_counter().get_value()),
        MetricType::GAUGE => insert("", &labels, metric.get_gauge().get_value()),
        MetricType::HISTOGRAM => {
            let histogram = metric.get_histogram();
            let count = histogram.get_sample_count() as f64;
            insert("_sum", &labels, histogram.get_sample_sum());
            insert("_count", &labels, count);
            let buckets = histogram.get_bucket().iter();
            let buckets = buckets.map(|b| (b.upper_bound(), b.cumulative_count() as f64));
            for (le, below) in buckets.chain([(f64::INFINITY, count)]) {
                let mut labels = labels.clone();
                labels.insert("le".to_owned(), bound(le));
                insert("_bucket", &labels, below);
            }
        }
        other => panic!("not a type that is used: {other:?}"),
    }
}

fn bound(le: f64) -> String {
    format!("{le:?}")
}

/// Compares by bits, so that NaN equals NaN.
fn assert_same(one: &Values, other: &Values) {
    let bits = |values: &Values| -> BTreeMap<_, _> {
        values
            .iter()
            .map(|(series, value)| (series.clone(), value.to_bits()))
            .collect()
    };
    assert_eq!(bits(one), bits(other));
}

/// Returns the families that a registry with only these metrics gathers.
fn gather(metrics: &Metrics) -> Vec<MetricFamily> {
    let registry = Registry::new();
    registry
        .register(Box::new(metrics.collector()))
        .expect("valid descriptions");
    registry.gather()
}

#[test]
fn gathers_the_values_of_the_page() {
    let filled = Filled::new();
    let gathered = of_gathered(&gather(&filled.metrics));
    assert!(gathered.len() > 100);
    assert_same(&gathered, &of_page(&filled.metrics));
}

/// The `prometheus` crate has no fields for exemplars and native buckets. Everything else of these metrics is gathered.
#[test]
fn metrics_with_exemplars_and_native_buckets_have_their_values() {
    let metrics = native::Metrics::new();
    let shop = metrics.shop();
    let weight = shop.weight(native::labels::Mode::On);
    let trace = TraceContext::new(1, 2, true);
    for value in [0.3, 7.0, 5000.0] {
        weight.observe_in(value, &trace);
    }
    let registry = Registry::new();
    metrics.register_in(&registry).expect("it is the only one");
    assert_same(&of_gathered(&registry.gather()), &of_page(&metrics));
}

#[test]
fn every_family_is_described_once() {
    let metrics = Metrics::new();
    let collector = metrics.collector();
    let mut described: Vec<_> = collector
        .desc()
        .iter()
        .map(|desc| desc.fq_name.clone())
        .collect();
    described.sort_unstable();
    let mut names: Vec<_> = metrics
        .schema()
        .families
        .iter()
        .map(|family| family.name)
        .collect();
    names.sort_unstable();
    assert_eq!(described, names);
}

#[test]
fn serves_several_registries_and_follows_the_values() {
    let metrics = Metrics::new();
    let registries = [Registry::new(), Registry::new()];
    let collector = metrics.collector();
    for registry in &registries {
        registry
            .register(Box::new(collector.clone()))
            .expect("a registry of its own");
    }
    let again = registries[0].register(Box::new(collector));
    assert!(matches!(again, Err(prometheus::Error::AlreadyReg)));
    for _ in 0..2 {
        metrics.plain().events().inc();
        let expected = of_page(&metrics);
        for registry in &registries {
            assert_same(&of_gathered(&registry.gather()), &expected);
        }
    }
}

#[test]
fn schemas_and_registries_are_independent() {
    let one = Metrics::new();
    let other = Metrics::new();
    let registry = Registry::new();
    registry
        .register(Box::new(one.collector()))
        .expect("the first");
    let clash = registry.register(Box::new(other.collector()));
    assert!(
        clash.is_err(),
        "two stores of one schema have the same series"
    );
    registry
        .unregister(Box::new(one.collector()))
        .expect("it was registered");
    registry
        .register(Box::new(other.collector()))
        .expect("the name is free again");
}

#[test]
fn prometheus_text_encoder_accepts_the_families() {
    let filled = Filled::new();
    let mut page = Vec::new();
    TextEncoder::new()
        .encode(&gather(&filled.metrics), &mut page)
        .expect("families with samples");
    let page = String::from_utf8(page).expect("text");
    assert!(
        page.contains("app_plain_events_total 18446744073709552000\n"),
        "{page}"
    );
    assert!(
        page.contains("app_closed_score_bucket{side=\"left\",le=\"1\"} 6\n"),
        "{page}"
    );
}

#[test]
fn a_disabled_registry_has_no_series() {
    assert!(gather(&Metrics::disabled()).is_empty());
}

mod same_namespace {
    shadowcat_metrics::metrics!("tests/same_namespace.toml");
}

#[test]
fn two_schemas_of_one_namespace_cannot_share_a_registry() {
    let registry = Registry::new();
    let first = Metrics::new();
    first.register_in(&registry).expect("the first");
    for refused in [
        first.register_in(&registry),
        same_namespace::Metrics::new().register_in(&registry),
    ] {
        let error = refused
            .expect_err("the library's own metrics clash")
            .to_string();
        assert!(
            error.contains("the namespace `app` is registered already"),
            "{error}"
        );
        assert!(error.contains("its own `namespace`"), "{error}");
    }
    assert!(!registry.gather().is_empty(), "the first is still there");
}

#[test]
fn new_series_join_a_family_of_an_existing_collector() {
    let filled = Filled::new();
    let registry = Registry::new();
    let options = prometheus::Opts::new("app_closed_waiting", "As another program part wrote it.");
    let older = prometheus::IntGaugeVec::new(options, &["side"]).expect("a valid family");
    older.with_label_values(&["elsewhere"]).set(7);
    registry
        .register(Box::new(older))
        .expect("the first with this name");
    let second = registry.register(Box::new(filled.metrics.collector()));
    assert!(second.is_err(), "the family is described already");

    let left = |series: Series<'_>| series.label("side") == Some("left");
    let part = filled.metrics.partial_collector(left);
    registry
        .register(Box::new(part))
        .expect("it describes nothing");

    let gathered = of_gathered(&registry.gather());
    let sides = |name: &str| -> Vec<&str> {
        let of_name = gathered.keys().filter(|(family, _)| family == name);
        of_name.map(|(_, labels)| &*labels["side"]).collect()
    };
    assert_eq!(sides("app_closed_waiting"), ["elsewhere", "left"]);
    assert!(gathered.keys().all(|(_, labels)| labels["side"] != "right"));
    let is_left =
        |labels: &BTreeMap<_, String>| labels.get("side").is_some_and(|side| side == "left");
    let mut expected = of_page(&filled.metrics);
    expected.retain(|(_, labels), _| is_left(labels));
    let mut moved = gathered;
    moved.retain(|(_, labels), _| is_left(labels));
    assert_same(&moved, &expected);
}

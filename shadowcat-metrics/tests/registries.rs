//! Several registries on one page.

mod shop {
    shadowcat_metrics::metrics!("tests/shop.toml");
}

mod sums {
    shadowcat_metrics::metrics!("tests/sum_labels.toml");
}

mod hits {
    shadowcat_metrics::metrics!("tests/names/counter.toml");
}

mod waits {
    shadowcat_metrics::metrics!("tests/names/histogram.toml");
}

mod clashing {
    shadowcat_metrics::metrics!("tests/names/gauges.toml");
}

use shadowcat_metrics::{Format, Registries};

#[test]
fn the_families_of_all_registries_are_on_one_page() {
    let (shop, sums) = (shop::Metrics::new(), sums::Metrics::new());
    shop.cart().added(shop::labels::Shelf::Food).inc();
    let registries = Registries::new(&shop).also(&sums).expect("other names");

    let text = [&*shop, &*sums].map(|registry| registry.encode(Format::PrometheusText));
    assert_eq!(registries.encode(Format::PrometheusText), text.concat());

    let open = [&*shop, &*sums].map(|registry| registry.encode(Format::OpenMetrics));
    let first = open[0].strip_suffix("# EOF\n").expect("the end");
    let page = registries.encode(Format::OpenMetrics);
    assert_eq!(page, format!("{first}{}", open[1]));

    let messages = [&*shop, &*sums].map(shadowcat_metrics::Registry::encode_protobuf);
    assert!(registries.encode_protobuf() == messages.concat());

    let path = std::env::temp_dir().join(format!("registries-{}.prom", std::process::id()));
    registries.write_textfile(&path).expect("a writable folder");
    let written = std::fs::read_to_string(&path).expect("the page");
    std::fs::remove_file(&path).expect("it was written");
    assert_eq!(written, text.concat());
}

#[test]
fn a_page_has_a_family_once() {
    let (shop, other) = (shop::Metrics::new(), shop::Metrics::new());
    let clash = Registries::new(&shop).also(&other);
    let name = clash.expect_err("the same names").name();
    assert!(name.starts_with("shop_"), "{name}");
}

/// OpenMetrics would have two families or samples of one name.
#[test]
fn a_page_has_each_name_of_a_family_and_of_a_sample_once() {
    let hits = hits::Metrics::new();
    let clashing = clashing::Metrics::new();
    let clash = Registries::new(&hits).also(&clashing);
    assert_eq!(clash.expect_err("both have it").name(), "app_pool_hits");
    let waits = waits::Metrics::new();
    let clash = Registries::new(&waits).also(&clashing);
    let name = "app_pool_wait_seconds_count";
    assert_eq!(clash.expect_err("both have it").name(), name);
    assert!(Registries::new(&hits).also(&waits).is_ok());
}

#[test]
fn a_disabled_registry_adds_nothing() {
    let (shop, sums) = (shop::Metrics::disabled(), sums::Metrics::new());
    let registries = Registries::new(&shop).also(&sums).expect("other names");
    for format in [Format::PrometheusText, Format::OpenMetrics] {
        assert_eq!(registries.encode(format), sums.encode(format));
    }
}

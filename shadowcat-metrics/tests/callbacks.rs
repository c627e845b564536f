//! Callback gauges that are registered, replaced or dropped, that panic, or that read metrics themselves.
#![cfg(not(loom))]

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shadowcat_metrics::Format;

shadowcat_metrics::metrics!("tests/metrics.toml");

mod many {
    shadowcat_metrics::metrics!("tests/many_callbacks.toml");
}

#[test]
fn callbacks_are_exposed_while_registered() {
    let metrics = Metrics::new();
    assert_eq!(metrics.snapshot().plain().threads(), None);
    let threads = Arc::new(AtomicU64::new(3));
    let read = Arc::clone(&threads);
    let guard = metrics
        .plain()
        .threads()
        .register(move || read.load(Relaxed));
    assert_eq!(metrics.snapshot().plain().threads(), Some(3.0));
    threads.store(4, Relaxed);
    assert_eq!(metrics.snapshot().plain().threads(), Some(4.0));
    drop(guard);
    assert_eq!(metrics.snapshot().plain().threads(), None);
    assert_eq!(Arc::strong_count(&threads), 1);
}

#[test]
fn callbacks_have_the_units_of_gauges() {
    let metrics = Metrics::new();
    let plain = metrics.plain();
    let _uptime = plain.uptime().register(|| Duration::from_millis(1500));
    let _resident = plain.resident().register(|| 4096_usize);
    let _load = plain.load().register(|| 0.5);
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.plain().uptime(), Some(Duration::from_millis(1500)));
    assert_eq!(snapshot.plain().resident(), Some(4096));
    assert_eq!(snapshot.plain().load(), Some(0.5));
    let _load = plain.load().register(|| f64::NAN);
    assert_eq!(metrics.snapshot().plain().load(), None);
}

#[test]
fn a_callback_counter_has_no_created_line() {
    let metrics = Metrics::new();
    let cpu = metrics
        .plain()
        .cpu()
        .register(|| Duration::from_millis(1500));
    assert_eq!(
        metrics.snapshot().plain().cpu(),
        Some(Duration::from_millis(1500))
    );
    let text = metrics.encode(Format::PrometheusText);
    assert!(
        text.contains("# TYPE app_plain_cpu_seconds_total counter\n"),
        "{text}"
    );
    assert!(
        text.contains("\napp_plain_cpu_seconds_total 1.5\n"),
        "{text}"
    );
    let open = metrics.encode(Format::OpenMetrics);
    assert!(
        open.contains("\napp_plain_cpu_seconds_total 1.5\n"),
        "{open}"
    );
    assert!(!open.contains("app_plain_cpu_seconds_created"), "{open}");
    drop(cpu);
    let _silent = metrics.plain().cpu().register_optional(|| None);
    assert_eq!(metrics.snapshot().plain().cpu(), None);
    assert!(
        !metrics
            .encode(Format::PrometheusText)
            .contains("app_plain_cpu")
    );
}

#[test]
fn a_later_callback_replaces_an_earlier_one() {
    let metrics = Metrics::new();
    let first = metrics.plain().threads().register(|| 1);
    let second = metrics.plain().threads().register(|| 2);
    drop(first);
    assert_eq!(metrics.snapshot().plain().threads(), Some(2.0));
    second.detach();
    assert_eq!(metrics.snapshot().plain().threads(), Some(2.0));
    let third = metrics.plain().threads().register(|| 3);
    drop(third);
    assert_eq!(metrics.snapshot().plain().threads(), None);
}

#[test]
fn a_callback_that_panics_gives_no_sample() {
    let metrics = Metrics::new();
    let calls = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&calls);
    let _guard = metrics.plain().threads().register(move || {
        assert!(counted.fetch_add(1, Relaxed) != 0, "the first call fails");
        7
    });
    assert_eq!(metrics.snapshot().plain().threads(), None);
    assert_eq!(metrics.snapshot().plain().threads(), Some(7.0));
}

/// Panics when it is dropped.
struct Fragile;

impl Drop for Fragile {
    fn drop(&mut self) {
        panic!("the last reference goes");
    }
}

#[test]
fn a_panic_while_dropping_a_callback_spares_the_scrape() {
    let metrics = Metrics::new();
    let own = Arc::new(Mutex::new(None));
    let guard = Arc::clone(&own);
    let fragile = Fragile;
    let registered = metrics.plain().threads().register(move || {
        // The callback unregisters itself, so its caller holds the last reference and drops it.
        let _ = &fragile;
        drop(guard.lock().expect("no panic").take());
        7
    });
    *own.lock().expect("no panic") = Some(registered);
    assert_eq!(metrics.snapshot().plain().threads(), None);
    let _guard = metrics.plain().threads().register(|| 8);
    assert_eq!(metrics.snapshot().plain().threads(), Some(8.0));
}

#[test]
fn invalid_callback_values_are_counted_at_each_scrape() {
    let metrics = Metrics::new();
    let plain = metrics.plain();
    let _threads = plain.threads().register(|| f64::NAN);
    let _load = plain.load().register_optional(|| Some(1.5));
    let _nothing = metrics.plain().uptime().register_optional(|| None);
    let _ = metrics.snapshot();
    let page = metrics.encode(Format::PrometheusText);
    assert!(!page.contains("\napp_plain_threads ") && !page.contains("\napp_plain_load_ratio "));
    for metric in ["app_plain_threads", "app_plain_load_ratio"] {
        let counted = format!("app_metrics_rejected_values_total{{metric=\"{metric}\"}} 2\n");
        assert!(page.contains(&counted), "{page}");
    }
}

#[test]
fn a_callback_may_record_intern_and_read() {
    let metrics = Metrics::new();
    let inside = metrics.clone();
    let _guard = metrics.plain().threads().register(move || {
        inside.plain().events().inc();
        let tenant = inside.tenant("short-lived");
        inside.open(&tenant).requests().inc();
        inside.snapshot().plain().events()
    });
    assert_eq!(metrics.snapshot().plain().threads(), Some(1.0));
    assert_eq!(metrics.snapshot().plain().threads(), Some(2.0));
}

#[test]
fn a_callback_keeps_its_open_label_value() {
    let metrics = Metrics::new();
    let tenant = metrics.tenant("one");
    let guard = metrics.open(&tenant).queue().register(|| 5);
    drop(tenant);
    assert_eq!(metrics.snapshot().open("one").queue(), Some(5.0));
    drop(guard);
    assert_eq!(metrics.snapshot().open("one").queue(), None);
    let tenant = metrics.tenant("two");
    metrics.open(&tenant).queue().register(|| 6).detach();
    drop(tenant);
    assert_eq!(metrics.snapshot().open("two").queue(), Some(6.0));
}

#[test]
fn dropping_a_registry_drops_its_callbacks() {
    let metrics = Metrics::new();
    let held = Arc::new(());
    let inside = Arc::clone(&held);
    metrics
        .plain()
        .threads()
        .register(move || Arc::strong_count(&inside) as u64)
        .detach();
    assert_eq!(Arc::strong_count(&held), 2);
    drop(metrics);
    assert_eq!(Arc::strong_count(&held), 1);
}

/// Takes minutes if a registration or its end moves the callbacks of other series.
#[test]
fn callbacks_of_many_series_come_and_go_in_any_order() {
    const TENANTS: usize = 50_000;
    let metrics = many::Metrics::new();
    let queue = metrics.queue();
    let mut guards = Vec::new();
    for number in 0..TENANTS {
        let tenant = metrics.tenant(format!("t{number}"));
        guards.push(queue.depth(&tenant).register(|| 3.0));
        guards.push(queue.readers(&tenant).register(|| 1.0));
    }
    let tenant = metrics.tenant("t7");
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.queue().depth(&tenant), Some(3.0));
    assert_eq!(snapshot.queue().readers(&tenant), Some(1.0));
    // The first one first.
    drop(guards);
    let page = metrics.encode(Format::PrometheusText);
    assert!(!page.contains("app_queue_depth{"), "{page:.500}");
}

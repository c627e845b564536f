//! Pushes of several registries, and of series that end or were renamed.

use shadowcat_metrics::Format;
use shadowcat_metrics::otlp::Push;

use crate::proto::{Data, NumberPoint};
use crate::receiver::{NEVER, Pushed, TAKEN, pushed, receive};
use crate::{exemplars, ready, sums};

mod shop {
    shadowcat_metrics::metrics!("tests/shop.toml");
}

mod store {
    shadowcat_metrics::metrics!("tests/otlp/store.toml");
}

/// The points of a sum.
fn points<'p>(pushed: &'p Pushed, name: &str) -> &'p [NumberPoint] {
    match &pushed.metric(name).data {
        Some(Data::Sum(sum)) => &sum.points,
        _ => panic!("{name} is no sum"),
    }
}

#[test]
fn each_registry_has_a_scope() {
    let (shop, sums) = (shop::Metrics::new(), sums::Metrics::new());
    shop.cart().added(shop::labels::Shelf::Food).inc();
    let received = pushed(Push::new(&shop).also(&sums).expect("other names"));
    let scopes = &received.request.resources[0].scopes;
    assert_eq!(scopes.len(), 2);
    assert!(
        scopes[0]
            .metrics
            .iter()
            .all(|metric| metric.name.starts_with("shop."))
    );
    assert!(!scopes[1].metrics.is_empty());
}

#[test]
fn a_name_is_pushed_by_one_registry() {
    let (shop, other) = (shop::Metrics::new(), shop::Metrics::new());
    let clash = Push::new(&shop).also(&other).expect_err("the same names");
    assert_eq!(
        clash.to_string(),
        "two registries have the metric `shop.cart.added`"
    );
    // Its name on the page is another one.
    let store = store::Metrics::new();
    let clash = Push::new(&shop).also(&store).expect_err("one name");
    assert_eq!(clash.name(), "shop.cart.open");
}

#[test]
fn a_disabled_registry_adds_nothing() {
    let (off, sums) = (shop::Metrics::disabled(), sums::Metrics::new());
    let received = pushed(Push::new(&off).also(&sums).expect("other names"));
    assert_eq!(received.request.resources[0].scopes.len(), 1);
}

#[test]
fn the_metrics_of_the_push_are_pushed_once() {
    let (metrics, shop) = (ready::Metrics::new(), shop::Metrics::new());
    let receiving = receive(&[TAKEN]);
    let push = Push::new(&metrics).also(&shop).expect("other names");
    let pusher = push.endpoint(&receiving.endpoint).interval(NEVER).start();
    let pusher = pusher.expect("it starts");
    pusher.register(&metrics).expect("it is included");
    pusher.register(&shop).expect_err("it is not included");
    pusher.shutdown().expect("it is taken");
    // The number of pushes before this one.
    assert_eq!(points(&receiving.next(), "app.otlp.pushes").len(), 1);
}

/// The series of a label value that was dropped are no longer pushed. The next value in its slot starts again.
#[test]
fn series_of_a_dropped_value_end() {
    let metrics = exemplars::Metrics::new();
    let tenants = |pushed: &Pushed| -> Vec<(String, u64)> {
        let values = points(pushed, "app.work.sent").iter().map(|point| {
            let value = point.attributes[0].value.as_ref();
            (
                value.and_then(|value| value.text.clone()).expect("text"),
                point.start,
            )
        });
        values.collect()
    };
    let first = metrics.tenant("first");
    metrics.work().sent(&first).add(1_u64);
    let [(name, start)] = &tenants(&pushed(Push::new(&metrics)))[..] else {
        panic!("one series");
    };
    assert_eq!(name, "first");
    drop(first);
    let after = pushed(Push::new(&metrics));
    assert!(after.metrics().all(|metric| metric.name != "app.work.sent"));
    let second = metrics.tenant("second");
    metrics.work().sent(&second).add(1_u64);
    let [(name, restart)] = &tenants(&pushed(Push::new(&metrics)))[..] else {
        panic!("one series");
    };
    assert_eq!(name, "second");
    assert!(restart >= start);
}

/// Neither metrics nor label values are pushed under a former name.
#[test]
fn former_names_are_not_pushed() {
    let metrics = store::Metrics::new();
    let received = pushed(Push::new(&metrics));
    let page = metrics.encode(Format::PrometheusText);
    assert!(page.contains("store_carts_duration_seconds_count{result=\"success\"}"));
    let names: Vec<_> = received.metrics().map(|metric| &*metric.name).collect();
    assert_eq!(
        names,
        ["shop.cart.open", "store.carts.last", "store.carts.time"]
    );
    let states = points(&received, "store.carts.last");
    assert_eq!(states.len(), 2, "{states:?}");
    let Some(Data::Exponential(time)) = &received.metric("store.carts.time").data else {
        panic!("it is native");
    };
    let values = time.points.iter().map(|point| {
        let value = point.attributes[0].value.as_ref();
        value.and_then(|value| value.text.as_deref())
    });
    assert_eq!(values.collect::<Vec<_>>(), [Some("ok"), Some("failed")]);
}

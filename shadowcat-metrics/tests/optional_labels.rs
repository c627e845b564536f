//! Optional labels: a series without a value is exposed without the label.

mod metrics {
    shadowcat_metrics::metrics!("tests/optional_labels.toml");
}

use metrics::Metrics;
use metrics::labels::Shelf;
use shadowcat_metrics::Format;

/// The sample lines of a family.
fn lines(metrics: &Metrics, family: &str) -> Vec<String> {
    let page = metrics.encode(Format::PrometheusText);
    let lines = page.lines().filter(|line| line.starts_with(family));
    lines.map(str::to_owned).collect()
}

#[test]
fn optional_closed_labels_have_one_more_choice() {
    let metrics = Metrics::new();
    let calls = metrics.calls();
    calls.sorted(Some(Shelf::Tools)).inc();
    calls.sorted(None).add(2);
    assert_eq!(
        lines(&metrics, "app_calls_sorted_total"),
        [
            "app_calls_sorted_total{shelf=\"food\"} 0",
            "app_calls_sorted_total{shelf=\"tools\"} 1",
            "app_calls_sorted_total 2",
        ]
    );
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.calls().sorted(None), 2);
    assert_eq!(snapshot.calls().sorted(Some(Shelf::Tools)), 1);
}

#[test]
fn ratios_match_series_with_equal_labels() {
    let metrics = Metrics::new();
    let calls = metrics.calls();
    calls.sorted(None).inc();
    calls.lost(None).inc();
    calls.lost(Some(Shelf::Food)).inc();
    assert_eq!(
        lines(&metrics, "app_calls_loss_ratio"),
        [
            "app_calls_loss_ratio{shelf=\"food\"} 1",
            "app_calls_loss_ratio{shelf=\"tools\"} NaN",
            "app_calls_loss_ratio 0.5",
        ]
    );
}

#[test]
fn open_labels_have_a_page_without_a_value() {
    let metrics = Metrics::new();
    let calls = metrics.calls();
    assert!(lines(&metrics, "app_calls_made_total").is_empty());
    let tool = metrics.tool("hammer");
    calls.made(Shelf::Food, Some(&tool)).inc();
    calls.made(Shelf::Food, None).add(3);
    // Prometheus treats an empty value as a missing label.
    let empty = metrics.tool("");
    calls.made(Shelf::Food, Some(&empty)).inc();
    assert_eq!(
        lines(&metrics, "app_calls_made_total"),
        [
            "app_calls_made_total{shelf=\"food\",tool=\"hammer\"} 1",
            "app_calls_made_total{shelf=\"tools\",tool=\"hammer\"} 0",
            "app_calls_made_total{shelf=\"food\"} 4",
            "app_calls_made_total{shelf=\"tools\"} 0",
        ]
    );
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.calls().made(Shelf::Food, None), 4);
    assert_eq!(snapshot.calls().made(Shelf::Food, Some("hammer")), 1);
    assert_eq!(snapshot.calls().made(Shelf::Food, Some("saw")), 0);
    drop((tool, empty));
    assert_eq!(
        lines(&metrics, "app_calls_made_total").len(),
        2,
        "what no value was recorded with stays"
    );
}

#[test]
fn owned_guards_keep_an_optional_value_alive() {
    let metrics = Metrics::new();
    let tool = metrics.tool("saw");
    let running = metrics.calls().running(Some(&tool)).track_owned();
    let other = metrics.calls().running(None).track_owned();
    drop(tool);
    let both = ["app_calls_running{tool=\"saw\"} 1", "app_calls_running 1"];
    assert_eq!(lines(&metrics, "app_calls_running"), both);
    drop(running);
    assert_eq!(lines(&metrics, "app_calls_running"), both[1..]);
    drop(other);
    assert_eq!(
        lines(&metrics, "app_calls_running"),
        ["app_calls_running 0"]
    );
}

#[test]
fn the_overflow_value_differs_from_no_value() {
    let metrics = Metrics::new();
    let tools = ["a", "b", "c"].map(|name| metrics.tool(name));
    for tool in &tools {
        metrics.calls().made(Shelf::Food, Some(tool)).inc();
    }
    metrics.calls().made(Shelf::Food, None).inc();
    let food: Vec<_> = lines(&metrics, "app_calls_made_total{shelf=\"food\"")
        .into_iter()
        .collect();
    assert_eq!(
        food,
        [
            "app_calls_made_total{shelf=\"food\",tool=\"a\"} 1",
            "app_calls_made_total{shelf=\"food\",tool=\"b\"} 1",
            "app_calls_made_total{shelf=\"food\",tool=\"__other__\"} 1",
            "app_calls_made_total{shelf=\"food\"} 1",
        ]
    );
}

#[test]
fn groups_can_bind_an_absent_value() {
    let metrics = Metrics::new();
    let tenant = metrics.tenant("acme");
    let (of_acme, of_none) = (metrics.work(Some(&tenant)), metrics.work(None));
    drop(tenant);
    // A recorder's series begin at zero.
    assert_eq!(
        lines(&metrics, "app_work_depth"),
        ["app_work_depth{tenant=\"acme\"} 0", "app_work_depth 0"]
    );
    let tool = metrics.tool("saw");
    of_acme.steps(Some(&tool)).observe(1.0);
    of_none.steps(None).observe(2.0);
    of_none.depth().set(7);
    assert_eq!(
        lines(&metrics, "app_work_steps_count"),
        [
            "app_work_steps_count{tenant=\"acme\",tool=\"saw\"} 1",
            "app_work_steps_count 1",
        ]
    );
    let snapshot = metrics.snapshot();
    assert_eq!(snapshot.work(Some("acme")).steps(Some("saw")).count(), 1);
    assert_eq!(snapshot.work(None).steps(None).count(), 1);
    assert!((snapshot.work(None).depth() - 7.0).abs() < f64::EPSILON);
    drop(of_acme);
    assert_eq!(lines(&metrics, "app_work_depth"), ["app_work_depth 7"]);
}

#[test]
fn handles_of_other_registries_and_disabled_ones() {
    let (metrics, other) = (Metrics::new(), Metrics::new());
    let tool = other.tool("hammer");
    metrics.calls().made(Shelf::Food, Some(&tool)).inc();
    let page = lines(&metrics, "app_calls_made_total");
    assert_eq!(
        page[0],
        "app_calls_made_total{shelf=\"food\",tool=\"hammer\"} 1"
    );

    let disabled = Metrics::disabled();
    disabled.calls().made(Shelf::Food, Some(&tool)).inc();
    disabled.work(None).steps(None).observe(1.0);
    assert_eq!(disabled.snapshot().calls().made(Shelf::Food, None), 0);
}

#[test]
fn all_formats_lack_the_label() {
    let metrics = Metrics::new();
    metrics.calls().made(Shelf::Food, None).inc();
    let page = metrics.encode(Format::OpenMetrics);
    assert!(
        page.contains("\napp_calls_made_total{shelf=\"food\"} 1\n"),
        "{page}"
    );
    let page = metrics.encode_protobuf();
    let name = b"\n\x04tool\x12";
    assert!(!page.windows(name.len()).any(|bytes| bytes == name));
}

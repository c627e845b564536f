//! The model of a schema: names, bounds, defaults, the library's own metrics, and the skeleton of an invalid schema.

use shadowcat_metrics_codegen::codes::errors;
use shadowcat_metrics_codegen::model::{
    Kind, LabelValues, Metric, Origin, OwnMetric, Registry, Stability,
};
use shadowcat_metrics_codegen::series;

use super::compiled;

fn registry(schema: &str) -> Registry {
    let outcome = compiled(schema);
    assert!(
        !outcome.report.has_errors(),
        "{:#?}",
        outcome.report.diagnostics()
    );
    outcome.registry().expect("no errors").clone()
}

fn metric<'r>(registry: &'r Registry, key: &str) -> &'r Metric {
    registry
        .metrics
        .iter()
        .find(|metric| metric.key == key)
        .expect("a metric of that key")
}

const SHOP: &str = include_str!("../fixtures/frontend_model.toml");

#[test]
fn exposed_names() {
    let registry = registry(SHOP);
    let names: Vec<_> = registry
        .metrics
        .iter()
        .map(|metric| metric.exposed.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "demo_http_requests_total",
            "demo_http_busy_seconds_total",
            "demo_http_duration_seconds",
            "legacy_size",
            "demo_http_health",
            "demo_http_build_info",
            "demo_http_hit_ratio",
            "demo_http_load_ratio",
            "demo_http_queue",
            "demo_metrics_label_overflow_total",
            "demo_metrics_rejected_values_total",
        ]
    );
    assert!(metric(&registry, "size").name_is_exact);
}

#[test]
fn progressions_are_expanded() {
    let registry = registry(SHOP);
    let Kind::Histogram { buckets } = metric(&registry, "duration").kind else {
        panic!("a histogram")
    };
    assert_eq!(
        registry.bucket_sets[buckets.0].bounds,
        [0.0001, 0.0002, 0.0004, 0.0008]
    );
    assert_eq!(
        registry.bucket_sets[buckets.0].name.as_deref(),
        Some("latency")
    );
    let Kind::Histogram { buckets } = metric(&registry, "size").kind else {
        panic!("a histogram")
    };
    assert_eq!(registry.bucket_sets[buckets.0].bounds, [10.0, 20.0, 30.0]);
    assert_eq!(registry.bucket_sets[buckets.0].name, None);
}

#[test]
fn group_labels_come_before_metric_labels() {
    let registry = registry(SHOP);
    let metric = metric(&registry, "requests");
    let names: Vec<_> = metric
        .labels
        .iter()
        .map(|label| registry.labels[label.0].name.as_str())
        .collect();
    assert_eq!(
        (names.as_slice(), metric.group_labels),
        (["method", "server"].as_slice(), 1)
    );
}

#[test]
fn values_become_variants() {
    let registry = registry(SHOP);
    let LabelValues::Closed(values) = &registry.labels[0].values else {
        panic!("a closed label")
    };
    let variants: Vec<_> = values
        .iter()
        .map(|value| (value.value.as_str(), value.variant.as_str()))
        .collect();
    let expected = [
        ("GET", "Get"),
        ("streamable-http", "StreamableHttp"),
        ("404", "_404"),
        ("self", "Self_"),
    ];
    assert_eq!(variants, expected);
}

#[test]
fn defaults_apply_to_missing_keys() {
    let registry = registry(SHOP);
    let (requests, queue) = (metric(&registry, "requests"), metric(&registry, "queue"));
    assert_eq!(
        (requests.owner.as_deref(), requests.stability),
        (Some("@team"), Stability::Stable)
    );
    assert_eq!(
        (queue.owner.as_deref(), queue.stability),
        (Some("@other"), Stability::Deprecated)
    );
    let deprecation = queue.deprecated.as_ref().expect("deprecated");
    let replacement = deprecation.replacement.expect("a replacement");
    assert_eq!(registry.metrics[replacement.0].key, "requests");
}

#[test]
fn the_library_has_its_own_metrics() {
    let registry = registry(SHOP);
    let own: Vec<_> = registry
        .own_metrics
        .iter()
        .map(|(own, id)| {
            let metric = &registry.metrics[id.0];
            let label = &registry.labels[metric.labels[0].0];
            let LabelValues::Closed(values) = &label.values else {
                panic!("a closed label")
            };
            let values: Vec<_> = values.iter().map(|value| value.value.as_str()).collect();
            assert_eq!(
                (metric.origin, label.origin),
                (Origin::Library, Origin::Library)
            );
            (*own, label.name.as_str(), values)
        })
        .collect();
    assert_eq!(
        own,
        [
            (OwnMetric::LabelOverflow, "label", vec!["server", "version"]),
            (
                OwnMetric::RejectedValues,
                "metric",
                vec!["demo_http_load_ratio"]
            ),
        ]
    );
    let plain = "format = 1\nnamespace = \"t\"\ngroups.a = { help = \"A.\" }\n[metrics.a.hits]\ntype = \"counter\"\nhelp = \"B.\"\n";
    assert!(
        self::registry(plain).own_metrics.is_empty(),
        "nothing to overflow, nothing to reject"
    );
}

#[test]
fn series_are_counted() {
    let registry = registry(SHOP);
    let count = |key| series::worst_case(&registry, metric(&registry, key));
    assert_eq!(count("requests"), 4 * 9);
    assert_eq!(count("duration"), 4 * (4 + 3), "bounds, +Inf, _sum, _count");
    assert_eq!(count("health"), 4 * 2, "a line for each state");
    assert_eq!(count("build"), 4, "facts are set together");
    let all: u64 = registry
        .metrics
        .iter()
        .map(|metric| series::worst_case(&registry, metric))
        .sum();
    assert_eq!(series::total(&registry), all);
}

/// The program keeps the values of an open label in memory even if no series has them.
#[test]
fn values_in_no_series_count_towards_the_budget() {
    let schema = |max: u32, metric: &str| {
        format!(
            "format = 1\nnamespace = \"t\"\nlabels.host = {{ help = \"Host.\", open = {{ max = {max} }} }}\n\
             labels.mode = {{ help = \"Mode.\", values = [\"on\", \"off\"] }}\n\
             groups.app = {{ help = \"The app.\" }}\n{metric}"
        )
    };
    let build = "metrics.app.build = { type = \"info\", help = \"Build.\", labels = [\"host\"] }\n";
    let hits = "metrics.app.hits = { type = \"counter\", help = \"Hits.\", labels = [\"host\"] }\n";
    for (metric, values) in [(build, 1 + 50), ("", 1 + 50), (hits, 0)] {
        let outcome = compiled(&schema(50, metric));
        let registry = outcome.registry().expect("it is valid");
        assert_eq!(
            series::total_values_without_series(registry),
            values,
            "{metric}"
        );
    }
    for metric in [build, ""] {
        let outcome = compiled(&schema(10_000, metric));
        let error = outcome
            .report
            .errors()
            .next()
            .expect("it is over the budget");
        assert_eq!(error.code, errors::OVER_BUDGET);
        assert!(
            error.message.contains("and 10001 label values"),
            "{}",
            error.message
        );
        assert_eq!(
            error.label,
            "the largest: 10001 values of host, which is in no series"
        );
    }
}

/// The valid parts of a schema stay in the skeleton under their intended names, despite errors elsewhere.
#[test]
fn the_skeleton_keeps_valid_parts() {
    let outcome = compiled(include_str!("../fixtures/many_problems.toml"));
    assert!(outcome.registry().is_none());
    let skeleton = outcome.skeleton();
    let keys: Vec<_> = skeleton
        .metrics
        .iter()
        .map(|metric| metric.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "restarts",
            "uptime",
            "uptime_seconds_count",
            "spawned_total",
            "spawned",
            "type_name",
            "restart_ratio",
            "exits",
            "label_overflow",
            "rejected_values"
        ]
    );
    let group = &skeleton.groups[metric(skeleton, "exits").group.0];
    assert_eq!(
        group.name, "process",
        "a near miss is taken for what it misses"
    );
    assert_eq!(group.labels.len(), 1, "so is `transprot`");
}

#[test]
fn the_skeleton_after_syntax_errors_has_the_parsed_parts() {
    let schema = "format = 1\nnamespace = \"t\"\ngroups.a = { help = \"A.\" }\n[metrics.a.level]\ntype = \"counter\"\nhelp = \"B.\nowner = 3\n";
    let outcome = compiled(schema);
    assert!(
        outcome
            .report
            .errors()
            .all(|error| error.code.name() == "syntax")
    );
    assert_eq!(outcome.skeleton().metrics.len(), 1);
}

//! Registries for OpenTelemetry's Weaver: what is exported, and what comes back from an import.

use std::fs;

use serde_json::Value;
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_codegen::codes::complete_example;
use shadowcat_metrics_operations::weaver::{CODES, Export, NOT_IN_REGISTRY, export};
use shadowcat_metrics_operations::{Outcome, compile};

const URL: &str = "https://example.com/schemas/shop/1.0.0";

const EVERYTHING: &str = include_str!("../../tests/golden/everything.toml");

fn compiled(schema: &str) -> Outcome {
    compile(Source::new("metrics.toml", schema))
}

fn exported(schema: &str) -> (Value, Vec<String>) {
    let outcome = compiled(schema);
    let errors: Vec<_> = outcome.report.errors().collect();
    let schema = outcome.schema().unwrap_or_else(|| panic!("{errors:#?}"));
    let Export {
        documents,
        problems,
    } = export(schema, URL);
    let [manifest, metrics] = &documents[..] else {
        panic!("{documents:#?}");
    };
    assert_eq!(manifest.path, "weaver/manifest.yaml");
    assert!(manifest.content.contains(URL), "{}", manifest.content);
    assert_eq!(metrics.path, "weaver/metrics.yaml");
    let registry = serde_saphyr::from_str(&metrics.content).expect("a YAML document");
    let problems = problems.iter().map(|problem| {
        assert_eq!(problem.code, NOT_IN_REGISTRY);
        problem.message.clone()
    });
    (registry, problems.collect())
}

/// Returns the item of a list whose key has this value.
fn item<'v>(list: &'v Value, key: &str, value: &str) -> &'v Value {
    let items = list.as_array().expect("a list").iter();
    let mut found = items.filter(|item| item[key] == value);
    found
        .next()
        .unwrap_or_else(|| panic!("no {value} in {list:#}"))
}

#[test]
fn names_units_and_instruments_are_those_of_opentelemetry() {
    let (registry, problems) = exported(EVERYTHING);
    assert_eq!(registry["file_format"], "definition/2");
    for (name, instrument, unit) in [
        ("all.plain.events", "counter", "{events}"),
        ("all.plain.depth", "gauge", "{depth}"),
        ("all.plain.active", "updowncounter", "{active}"),
        ("all.plain.outcome", "updowncounter", "{outcome}"),
        ("all.plain.build.info", "updowncounter", "{build}"),
        ("all.plain.failure_ratio", "gauge", "1"),
        ("all.units.wait", "histogram", "s"),
        ("all.units.sent", "counter", "By"),
        ("all.units.room", "gauge", "Cel"),
        ("all.units.clock_hertz", "gauge", "Hz"),
    ] {
        let metric = item(&registry["metrics"], "name", name);
        assert_eq!(metric["instrument"], instrument, "{name}");
        assert_eq!(metric["unit"], unit, "{name}");
    }
    assert_eq!(
        problems,
        [
            "the annotation `since` becomes a string in the registry",
            "the annotation `inner.odd` becomes a string in the registry"
        ]
    );
}

#[test]
fn former_names_are_deprecated_and_renamed() {
    let schema = r#"
        format = 1
        namespace = "shop"
        [labels.outcome]
        help = "How it ended."
        values = { ok = { renamed_from = { name = "success", until = "2.0.0" } }, bad = "it failed" }
        [groups.cart]
        help = "Carts."
        labels = ["outcome"]
        [metrics.cart.paid]
        type = "counter"
        help = "Carts that were paid."
        renamed_from = { name = "shop_sold_total", until = "2.0.0" }
        [metrics.cart.old]
        type = "counter"
        help = "Carts that were old."
        deprecated = { use = "cart.paid", note = "It counted some twice." }
    "#;
    let (registry, problems) = exported(schema);
    assert!(problems.is_empty(), "{problems:?}");
    let metrics = &registry["metrics"];
    let former = &item(metrics, "name", "shop_sold_total")["deprecated"];
    assert_eq!(former["reason"], "renamed");
    assert_eq!(former["renamed_to"], "shop.cart.paid");
    let old = &item(metrics, "name", "shop.cart.old")["deprecated"];
    assert_eq!(old["reason"], "uncategorized");
    assert_eq!(
        old["note"],
        "Use `shop.cart.paid` instead. It counted some twice."
    );
    let outcome = item(&registry["attributes"], "key", "outcome");
    let former = item(&outcome["type"]["members"], "value", "success");
    assert_eq!(former["deprecated"]["renamed_to"], "ok");
}

#[test]
fn sections_for_operators_are_reported() {
    let schema = r#"
        format = 1
        namespace = "shop"
        [groups.cart]
        help = "Carts."
        [metrics.cart.paid]
        type = "counter"
        help = "Carts that were paid."
        annotations = { shadowcat_metrics = 1, team = "a" }
        [operations]
        target_labels = ["cluster"]
        [policy.house]
        help = "All have owners."
        severity = "warning"
        require = ["owner"]
        types = ["gauge"]
    "#;
    let (registry, problems) = exported(schema);
    assert_eq!(
        problems,
        [
            "the section `[policy]` is not part of the registry",
            "the section `[operations]` is not part of the registry",
            "the annotation `shadowcat_metrics` is not in the registry"
        ]
    );
    let annotations = &item(&registry["metrics"], "name", "shop.cart.paid")["annotations"];
    assert_eq!(annotations["team"], "a");
    assert_eq!(annotations["shadowcat_metrics"]["metric"], "cart.paid");
}

#[test]
fn examples_of_codes_are_right() {
    let code = NOT_IN_REGISTRY;
    assert!(CODES.contains(&code));
    let (_, problems) = exported(&complete_example(code.wrong()));
    assert_eq!(problems.len(), 1, "{problems:?}");
    let (_, problems) = exported(&complete_example(code.right()));
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
#[ignore = "needs Weaver's JSON Schema: run scripts/weaver.sh"]
fn the_registry_is_valid_in_weavers_json_schema() {
    let path = std::env::var("WEAVER_SCHEMA").expect("the path of semconv.schema.v2.json");
    let text = fs::read_to_string(&path).expect("the JSON Schema");
    let schema = serde_json::from_str(&text).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a JSON Schema");
    let shadowcat = include_str!("../../metrics.toml");
    for schema in [EVERYTHING, shadowcat] {
        let (registry, _) = exported(schema);
        let errors = validator
            .iter_errors(&registry)
            .map(|error| error.to_string());
        let errors: Vec<_> = errors.collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let mut wrong = registry;
        wrong["metrics"][0]["instrument"] = "ratio".into();
        assert!(
            !validator.is_valid(&wrong),
            "the JSON Schema judges instruments"
        );
    }
}

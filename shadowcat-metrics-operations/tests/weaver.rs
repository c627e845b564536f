//! Registries for OpenTelemetry's Weaver: export and import.

#[allow(dead_code, reason = "each test uses a part of it")]
mod common;

use std::fs;

use common::problems::{imported, schema};
use common::{EVERYTHING, SHADOWCAT, compiled};
use serde_json::{Value, json};
use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::weaver::{Export, Import, NOT_IN_REGISTRY, export, import};

const URL: &str = "https://example.com/schemas/shop/1.0.0";

fn exported(text: &str) -> (Value, Vec<String>) {
    let Export {
        documents,
        problems,
    } = export(&schema(text), URL);
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
fn annotations_are_kept() {
    let schema = r#"
        format = 1
        namespace = "shop"
        [groups.cart]
        help = "Carts."
        [metrics.cart.paid]
        type = "counter"
        help = "Carts that were paid."
        annotations = { shadowcat_metrics = 1, team = "a" }
    "#;
    let (registry, _) = exported(schema);
    let annotations = &item(&registry["metrics"], "name", "shop.cart.paid")["annotations"];
    assert_eq!(annotations["team"], "a");
    assert_eq!(annotations["shadowcat_metrics"]["metric"], "cart.paid");
}

/// Returns a JSON Schema of a table with these keys, of which those with `!` are required, and no others.
fn table_of(keys: &[(&str, Value)]) -> Value {
    let required = keys.iter().filter_map(|(key, _)| key.strip_suffix('!'));
    let required: Vec<_> = required.collect();
    let name = |key: &str| key.trim_end_matches('!').to_owned();
    let keys = keys.iter().map(|(key, value)| (name(key), value.clone()));
    let keys: serde_json::Map<_, _> = keys.collect();
    json!({ "type": "object", "properties": keys, "required": required, "additionalProperties": false })
}

fn list_of(items: &Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// The part of Weaver's format `definition/2` that an export uses. The task `weaver` uses Weaver's own JSON Schema, which is in
/// no package registry.
fn definition() -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    let texts = list_of(&text);
    let any = json!({ "type": "object" });
    let stability = json!({ "enum": ["stable", "development"] });
    let renamed = table_of(&[
        ("reason!", json!({ "const": "renamed" })),
        ("renamed_to!", text.clone()),
        ("note", text.clone()),
    ]);
    let other = table_of(&[
        ("reason!", json!({ "const": "uncategorized" })),
        ("note", text.clone()),
    ]);
    let common = [
        ("brief!", text.clone()),
        ("note", text.clone()),
        ("stability!", stability),
        ("deprecated", json!({ "oneOf": [renamed, other] })),
        ("annotations", any),
    ];
    let with_common = |keys: &[(&'static str, Value)]| table_of(&[keys, &common[..]].concat());
    let mut of_member = common.clone();
    // A value of a label may have no help.
    of_member[0].0 = "brief";
    let member = [("id!", text.clone()), ("value!", text.clone())];
    let member = table_of(&[&member[..], &of_member[..]].concat());
    let members = table_of(&[("members!", list_of(&member))]);
    let condition = table_of(&[("conditionally_required!", text.clone())]);
    let level = json!({ "oneOf": [{ "const": "required" }, condition] });
    let reference = table_of(&[("ref!", text.clone()), ("requirement_level!", level)]);
    let group = table_of(&[("ref_group!", text.clone())]);
    let references = list_of(&json!({ "oneOf": [reference, group] }));
    let attribute = with_common(&[
        ("key!", text.clone()),
        (
            "type!",
            json!({ "oneOf": [{ "const": "string" }, members] }),
        ),
        ("examples", texts),
    ]);
    let attribute_group = with_common(&[
        ("id!", text.clone()),
        ("visibility!", json!({ "const": "public" })),
        ("attributes", references.clone()),
    ]);
    let metric = with_common(&[
        ("name!", text.clone()),
        (
            "instrument!",
            json!({ "enum": ["counter", "gauge", "histogram", "updowncounter"] }),
        ),
        ("unit!", text),
        (
            "requirement_level!",
            json!({ "enum": ["recommended", "opt_in"] }),
        ),
        ("attributes", references),
    ]);
    table_of(&[
        ("file_format!", json!({ "const": "definition/2" })),
        ("attributes", list_of(&attribute)),
        ("attribute_groups", list_of(&attribute_group)),
        ("metrics", list_of(&metric)),
    ])
}

#[test]
fn a_registry_has_only_keys_of_the_format() {
    assert_valid(&definition());
}

/// Checks exported registries, and that the JSON Schema refuses a wrong one.
fn assert_valid(schema: &Value) {
    let validator = jsonschema::validator_for(schema).expect("a JSON Schema");
    for schema in [EVERYTHING, SHADOWCAT] {
        let (registry, _) = exported(schema);
        let errors = validator.iter_errors(&registry);
        let errors: Vec<_> = errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let mut wrong = registry;
        wrong["metrics"][0]["instrument"] = "ratio".into();
        assert!(
            !validator.is_valid(&wrong),
            "the JSON Schema judges instruments"
        );
    }
}

#[test]
#[ignore = "needs Weaver's JSON Schema: run scripts/weaver.sh"]
fn the_registry_is_valid_in_weavers_json_schema() {
    let path = std::env::var("WEAVER_SCHEMA").expect("the path of semconv.schema.v2.json");
    let text = fs::read_to_string(&path).expect("the JSON Schema");
    assert_valid(&serde_json::from_str(&text).expect("JSON"));
}

fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

/// As `weaver registry resolve` writes it.
const GROUPS: &str = r#"
registry_url: https://example.com
groups:
- id: registry.shop
  type: attribute_group
  brief: Attributes.
  attributes:
  - name: shop.kind
    type:
      members:
      - { id: big, value: BIG, brief: "see [sizes](https://example.com)", stability: stable }
      - { id: small, value: SMALL, deprecated: { reason: obsoleted, note: Nobody buys it. } }
      - { id: other, value: _OTHER }
    brief: Kind of article.
    stability: stable
- id: metric.shop.cart.wait
  type: metric
  metric_name: shop.cart.wait
  brief: Time in the [queue](https://example.com/queue)
  note: Without lunch.
  instrument: histogram
  unit: ms
  stability: stable
  attributes:
  - { name: shop.kind, type: string, brief: Reworded., requirement_level: required }
  - { name: shop.gift, type: boolean, brief: Whether it is a gift., requirement_level: { conditionally_required: If known. } }
  - { name: error.type, type: { members: [{ id: other, value: _OTHER }] }, brief: Error., examples: [timeout], requirement_level: recommended }
  - { name: shop.tags, type: "string[]", brief: Tags., requirement_level: required }
  - { name: shop.header, type: "template[string]", brief: Headers., requirement_level: required }
  - { name: shop.user, type: string, brief: User., requirement_level: opt_in }
- id: metric.shop.cart.fill
  type: metric
  metric_name: shop.cart.fill
  brief: Share of the cart that is filled.
  instrument: gauge
  unit: "1"
- id: metric.shop.cart.old
  type: metric
  metric_name: shop.cart.old
  deprecated: { reason: renamed, renamed_to: shop.cart.wait }
  instrument: counter
  unit: "{cart}"
"#;

#[test]
fn resolved_groups_become_a_schema() {
    let (schema, problems) = imported(GROUPS, &Import::default());
    let schema = schema.expect("a schema");
    assert_has(
        &schema,
        &[
            "namespace = \"shop\"",
            "[labels.shop_kind]\nhelp = \"Kind of article.\"",
            "fallback = \"_OTHER\"",
            "BIG = \"see sizes\"",
            "SMALL = { deprecated = { note = \"Nobody buys it.\" } }",
            "values = [\"true\", \"false\"]",
            "open = { max = 16, overflow = \"_OTHER\" }\nexamples = [\"timeout\"]\notel = \"error.type\"",
            "# GAP: add `buckets`",
            "[metrics.cart.wait]\ntype = \"histogram\"\nhelp = \"Time in the queue.\"\nunit = \"seconds\"",
            "labels = [\"shop_kind\", { name = \"shop_gift\", optional = true }, { name = \"error_type\", optional = true }]",
            "otel = \"shop.cart.wait\"\nnote = \"Without lunch.\"",
            "[metrics.cart.fill]\ntype = \"gauge\"\nhelp = \"Share of the cart that is filled.\"\nunit = \"ratio\"",
        ],
    );
    let expected = [
        "import-gap shop.cart.wait: the histogram `shop.cart.wait` needs `buckets`",
        "not-imported shop.cart.old: the deprecated metric `shop.cart.old` is left out",
        "not-imported shop.cart.wait: opt-in attributes of `shop.cart.wait` are left out: `shop.user`",
        "not-imported shop.cart.wait: the attribute `shop.header` of `shop.cart.wait` is left out: a label cannot hold a value of the type `template[string]`",
        "not-imported shop.cart.wait: the attribute `shop.tags` of `shop.cart.wait` is left out: a label cannot hold a value of the type `string[]`",
        "not-imported shop.cart.wait: the unit `ms` of `shop.cart.wait` becomes `seconds`",
    ];
    assert_eq!(problems, expected);
    let outcome = compiled(&schema);
    let errors: Vec<_> = outcome
        .report
        .errors()
        .map(|error| error.code.name())
        .collect();
    assert_eq!(errors, ["missing-buckets"]);
}

#[test]
fn options_choose_metrics_and_labels() {
    let options = Import {
        namespace: Some("app".to_owned()),
        only: vec!["*.wait".parse().expect("a pattern")],
        opt_in: true,
    };
    let (schema, _) = imported(GROUPS, &options);
    let schema = schema.expect("a schema");
    assert_has(
        &schema,
        &[
            "namespace = \"app\"",
            "[metrics.shop.cart_wait]",
            "name = \"shop_cart_wait_seconds\"",
            "{ name = \"shop_user\", optional = true }",
        ],
    );
    assert!(!schema.contains("fill"), "{schema}");
}

#[test]
fn references_are_resolved_in_every_format() {
    let version_1 = "groups:
- { id: a, type: attribute_group, attributes: [{ id: shop.a, type: int, brief: A. }] }
- { id: b, type: attribute_group, extends: a2, attributes: [{ ref: shop.a, requirement_level: required }] }
- { id: a2, type: attribute_group, extends: a, attributes: [{ ref: shop.a }] }
- { id: m, type: metric, metric_name: shop.cart.x, instrument: counter, unit: By, brief: X., extends: b }
";
    let definition = "file_format: definition/2
attributes: [{ key: shop.a, type: int, brief: A., stability: stable }]
attribute_groups: [{ id: g, visibility: internal, attributes: [{ ref: shop.a, requirement_level: required }] }]
metrics: [{ name: shop.cart.x, instrument: counter, unit: By, brief: X., stability: stable, attributes: [{ ref_group: g }] }]
";
    let resolved = "file_format: resolved/2.0
attribute_catalog: [{ key: shop.a, type: int, brief: A. }]
registry:
  attributes: [0]
  metrics: [{ name: shop.cart.x, instrument: counter, unit: By, brief: X., attributes: [{ base: 0, requirement_level: required }] }]
";
    let materialized = r#"{ "registry": { "attributes": [], "metrics": [{ "name": "shop.cart.x", "instrument": "counter", "unit": "By",
        "brief": "X.", "attributes": [{ "key": "shop.a", "type": "int", "brief": "A.", "requirement_level": "required" }] }] } }"#;
    for registry in [version_1, definition, resolved, materialized] {
        let (schema, problems) = imported(registry, &Import::default());
        assert!(problems.is_empty(), "{problems:#?}");
        assert_has(
            &schema.expect("a schema"),
            &[
                "[labels.shop_a]\nhelp = \"A.\"\nopen = { max = 16 }",
                "[metrics.cart.x]\ntype = \"counter\"\nhelp = \"X.\"\nunit = \"bytes\"\nlabels = [\"shop_a\"]",
            ],
        );
    }
}

/// What Weaver's `registry resolve --v2` makes of an exported registry.
#[test]
fn a_resolved_export_keeps_its_settings_and_groups() {
    let registry = "file_format: resolved/2.0
schema_url: https://example.com/shop/1.0.0
attribute_catalog:
- { key: kind, type: { members: [{ id: big, value: big, stability: development }] }, brief: Kind., stability: development, annotations: { shadowcat_metrics: { label: kind } } }
registry:
  attributes: [0]
  attribute_groups:
  - { id: shop, attributes: [], brief: Settings., stability: development, annotations: { shadowcat_metrics: { namespace: shop, series_budget: 50, buckets: { small: [1, 2] } } } }
  - { id: shop.cart, attributes: [{ base: 0, requirement_level: required }], brief: Carts., stability: development, annotations: { shadowcat_metrics: { group: cart } } }
  metrics:
  - { name: mine.opened, instrument: counter, unit: '{opened}', attributes: [{ base: 0, requirement_level: required }], brief: Opened., stability: development, annotations: { shadowcat_metrics: { metric: cart.opened, type: counter, otel: mine.opened } } }
";
    let (schema, problems) = imported(registry, &Import::default());
    assert!(problems.is_empty(), "{problems:?}");
    assert_has(
        &schema.expect("a schema"),
        &[
            "namespace = \"shop\"",
            "series_budget = 50",
            "[buckets]\nsmall = [1, 2]",
            "[groups.cart]\nhelp = \"Carts.\"\nlabels = [\"kind\"]",
            "[metrics.cart.opened]",
        ],
    );
}

#[test]
fn groups_of_groups_are_resolved_and_manifests_skipped() {
    let registry = "file_format: definition/2\nattributes: [{ key: shop.a, type: boolean, brief: A. }, { key: shop.b, type: boolean, brief: B. }]\n\
             attribute_groups:\n- { id: g, attributes: [{ ref: shop.a, requirement_level: required }] }\n- { id: h, attributes: [{ ref_group: g }, { ref: shop.b, requirement_level: required }] }\n\
             metrics:\n- { name: shop.x, instrument: counter, unit: \"1\", brief: X., attributes: [{ ref_group: h }] }\n";
    let files = [
        Source::new(
            "manifest.yaml",
            "schema_url: https://example.com/schemas/1.0.0\n",
        ),
        Source::new(
            "package/manifest.yaml",
            "file_format: manifest/2.0\nschema_url: https://example.com/schemas/1.0.0\n\
             resolved_registry_uri: https://example.com/resolved.yaml\n",
        ),
        Source::new("registry.yaml", registry),
    ];
    let imported = import(&files, &Import::default());
    let schema = imported.schema.expect("a schema");
    assert_has(&schema, &["labels = [\"shop_a\", \"shop_b\"]"]);
}

/// If a part of a registry is missing or duplicated, the result is a schema or an error, and never a panic.
#[test]
fn mutilated_registries_are_read_or_refused() {
    let lines: Vec<_> = GROUPS.lines().collect();
    for at in 0..lines.len() {
        let without = [&lines[..at], &lines[at + 1..]].concat();
        let twice = [&lines[..=at], &lines[at..]].concat();
        for lines in [without, twice, lines[..at].to_vec()] {
            let (schema, problems) = imported(&lines.join("\n"), &Import::default());
            assert!(schema.is_some() || !problems.is_empty(), "{lines:#?}");
        }
    }
}

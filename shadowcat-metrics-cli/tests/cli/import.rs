//! `import`: a schema proposed for a registry, and the import of an exported schema.

use super::{GOOD, Shop};

const REGISTRY: &str = "\
groups:
- id: metric.shop.cart.wait
  type: metric
  metric_name: shop.cart.wait
  brief: Time in the queue of the till.
  instrument: histogram
  unit: s
  attributes:
  - { name: shop.tags, type: 'string[]', brief: Tags., requirement_level: required }
";

#[test]
fn gaps_of_an_import_are_reported_by_check() {
    let shop = Shop::empty();
    shop.write("registry.yaml", REGISTRY);
    let ran = shop.run("import registry.yaml").code(0);
    ran.prints("# GAP: add `buckets`");
    ran.reports("warning[SM0924]: the histogram `shop.cart.wait` needs `buckets`");
    ran.reports("registry.yaml:4:16");
    let proposal = ran.stdout.as_bytes();
    shop.run_with_stdin("fmt --check -", proposal).code(0);
    shop.run_with_stdin("check -", proposal)
        .code(1)
        .reports("error[SM0401]");
    let filled = String::from_utf8_lossy(proposal);
    let filled = filled.replace(
        "[metrics.cart.wait]",
        "[metrics.cart.wait]\nbuckets = [0.1, 0.5, 1, 5]",
    );
    shop.run_with_stdin("check --deny-warnings -", &filled)
        .code(0);
}

#[test]
fn reports_are_json_for_programs() {
    let shop = Shop::empty();
    shop.write("registry.yaml", REGISTRY);
    let json = "import registry.yaml --format json";
    shop.run(json).code(2);
    let out = &format!("{json} --out metrics.toml");
    let ran = shop.run(out).code(0);
    assert_eq!(ran.json()["warnings"], 2);
    assert_eq!(ran.json()["diagnostics"][0]["code"], "SM0923");
    assert!(shop.has("metrics.toml"));
    shop.assert_reports(out, 2, ["`metrics.toml` already exists"]);
}

#[test]
fn an_exported_schema_is_imported_unchanged() {
    let shop = Shop::with(GOOD);
    shop.run("generate --format weaver").code(0);
    shop.run("import docs/weaver/metrics.yaml --out back.toml")
        .code(0);
    shop.assert_prints("diff metrics.toml back.toml", 0, [": 0 changes"]);
}

#[test]
fn a_file_without_a_registry_is_refused() {
    let shop = Shop::with(GOOD);
    let ran = shop.run("import metrics.toml").code(1);
    ran.reports("error[SM0922]");
    assert_eq!(ran.stdout, "");
    shop.run("import nothing.yaml").code(2);
    shop.run("import").code(2);
    let ran = shop.run("import metrics.toml --namespace a-b").code(2);
    ran.reports("`a-b` cannot be the namespace");
}

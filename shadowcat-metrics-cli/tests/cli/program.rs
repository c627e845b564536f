//! Several schemas in one program: `uses`, which cargo resolves, and `--with`.

use super::{Shop, assert_contains};

const APP: &str = "\
format = 1
namespace = \"shop\"
uses = [\"pool\"]

[groups.orders]
help = \"Orders of customers.\"

[metrics.orders.placed]
type = \"counter\"
help = \"Orders that were placed and paid for.\"
";

const POOL: &str = "\
format = 1
namespace = \"pool\"

[labels.host]
help = \"Database that a connection leads to.\"
open = { max = 99 }

[groups.connections]
help = \"Connections of the pool.\"

[metrics.connections.opened]
type = \"counter\"
labels = [\"host\"]
help = \"Connections opened because none was idle.\"
";

/// An application that depends on a library, each with a schema.
fn program() -> Shop {
    let shop = Shop::with(APP);
    shop.write(
        "Cargo.toml",
        "[package]\nname = \"shop\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[dependencies]\npool = { path = \"pool\" }\n",
    );
    shop.write("src/lib.rs", "");
    shop.write(
        "pool/Cargo.toml",
        "[package]\nname = \"pool\"\nversion = \"0.3.0\"\nedition = \"2024\"\n\n\
         [package.metadata.shadowcat-metrics]\nschema = \"schema/metrics.toml\"\n",
    );
    shop.write("pool/src/lib.rs", "");
    shop.write("pool/schema/metrics.toml", POOL);
    shop
}

#[test]
fn the_schemas_of_used_crates_are_checked_together() {
    let shop = program();
    shop.run("check --deny-warnings").code(0);
    // The budget is for the whole program.
    shop.write(
        "metrics.toml",
        format!("{APP}\n[defaults]\nseries_budget = 50\n"),
    );
    let ran = shop.run("check").code(1);
    ran.reports("allow up to 102 series, over the budget of 50");
    ran.reports("metrics.toml:3:9");
    shop.run("live-check page.txt").code(2);
    // Both expose the same name.
    shop.write("metrics.toml", APP);
    shop.write(
        "pool/schema/metrics.toml",
        APP.replace("uses = [\"pool\"]\n", ""),
    );
    let ran = shop.run("check").code(1);
    ran.reports("error[SM0203]: this schema and the schema of `pool` both expose `shop_orders_placed_total`");
    ran.reports("metrics.toml:8:17");
}

#[test]
fn names_of_other_schemas_are_not_used_twice() {
    let shop = program();
    let named = APP.replace(
        "type = \"counter\"",
        "type = \"counter\"\nname = \"pool_connections_opened_total\"",
    );
    shop.write("metrics.toml", named);
    shop.assert_reports("check", 1, ["error[SM0203]", "help: rename one of the two"]);
    // One scrape reads both schemas.
    shop.write(
        "metrics.toml",
        format!("{APP}\n[operations]\ntarget_labels = [\"host\"]\n"),
    );
    let ran = shop.run("check").code(1);
    let error = "error[SM0820]: the schema of `pool` and scraping both add the label `host`\n --> metrics.toml:3:9";
    ran.reports(error);
}

#[test]
fn a_crate_in_uses_is_a_dependency_with_a_schema() {
    let shop = program();
    shop.write("metrics.toml", APP.replace("\"pool\"", "\"poool\""));
    let ran = shop.run("check").code(1);
    ran.reports("error[SM0018]: the program does not depend on the crate `poool`");
    shop.write("metrics.toml", APP.replace("\"pool\"", "\"shop\""));
    shop.assert_reports("check", 1, ["the crate `shop` names no schema"]);
    shop.write("metrics.toml", APP);
    shop.write("pool/schema/metrics.toml", "format = 1\n");
    shop.run("check")
        .code(1)
        .reports("error[SM0018]: the schema of `pool` has errors");
    shop.write("Cargo.toml", "[package");
    shop.assert_reports("check", 2, ["`uses` cannot be resolved"]);
}

#[test]
fn one_reference_has_a_page_for_each_part() {
    let shop = program();
    shop.run("generate").code(0);
    shop.run("generate --check").code(0);
    let reference = shop.read("docs/metrics.md");
    assert_contains(&reference, "[`pool`](parts/pool.md)");
    let part = shop.read("docs/parts/pool.md");
    assert_contains(&part, "pool_connections_opened_total");
    shop.write("metrics.toml", APP.replace("uses = [\"pool\"]\n", ""));
    shop.assert_prints("generate", 0, ["removed docs/parts/pool.md"]);
    // The same without cargo.
    shop.run("generate --with pool/schema/metrics.toml").code(0);
    assert!(shop.has("docs/parts/pool.md"));
}

#[test]
fn each_schema_has_a_registry_for_weaver() {
    let shop = program();
    shop.write("metrics.toml", APP.replace("uses = [\"pool\"]\n", ""));
    shop.write("pool/schema/metrics.toml", format!("{POOL}{OPERATIONS}"));
    let url = "https://example.com/schemas/shop/1.2.0";
    let weaver = format!("generate --format weaver --schema-url {url}");
    let with = &format!("{weaver} --with pool/schema/metrics.toml");
    let ran = shop.run(with).code(0);
    let left_out = "in the schema of `pool/schema/metrics.toml`, the section `[alerts]` is not part of the registry";
    ran.reports(left_out);
    let read = |path: &str| shop.read(path);
    assert!(read("docs/weaver/metrics.yaml").contains("name: shop.orders.placed"));
    assert!(!read("docs/weaver/metrics.yaml").contains("pool"));
    assert!(read("docs/pool.weaver/metrics.yaml").contains("name: pool.connections.opened"));
    let manifest = read("docs/pool.weaver/manifest.yaml");
    let part = "schema_url: https://example.com/schemas/shop/pool/1.2.0";
    assert_contains(&manifest, part);
    let check = &format!("{with} --check");
    shop.run(check).code(0);
    shop.write("docs/pool.weaver/metrics.yaml", "");
    let ran = shop.run(check).code(1);
    let command = format!(
        "run `shadowcat-metrics generate --format weaver --schema-url {url} --with pool/schema/metrics.toml`"
    );
    ran.reports(&command);
}

/// What an operator of the pool needs.
const OPERATIONS: &str = "
[metrics.connections.held]
type = \"histogram\"
unit = \"seconds\"
buckets = [0.1, 1, 10]
quantiles = true
help = \"Time for which a connection was not in the pool.\"

[slos.held]
help = \"Connections are returned soon.\"
objective = 0.99
good = { metric = \"connections.held\", under = \"1s\" }

[alerts.no_connections]
summary = \"The pool opens no connections.\"
expr = \"rate({connections.opened}[5m]) == 0\"
for = \"10m\"
severity = \"warning\"
test = { fires = { \"{connections.opened}{host='a'}\" = \"0+0x60\" }, silent = {} }
";

#[test]
fn one_folder_has_the_operations_files_of_all_schemas() {
    let shop = program();
    shop.write("pool/schema/metrics.toml", format!("{POOL}{OPERATIONS}"));
    let alert = "
[alerts.slow]
summary = \"Connections are held for long.\"
expr = \"job:pool_connections_held_seconds:p95_rate5m > 1\"
severity = \"warning\"
test = { fires = { \"pool_connections_held_seconds_bucket{job='a',le='10.0'}\" = \"0+1x60\" }, silent = {} }
runbook = \"https://example.org/slow\"
";
    shop.write("metrics.toml", format!("{APP}{alert}"));
    shop.write(
        "docs/operations/runbooks/notes/pool.held.md",
        "Look here.\n",
    );
    shop.run("generate").code(0);
    shop.run("generate --check").code(0);
    let read = |path: &str| shop.read(&format!("docs/{path}"));
    assert!(read("operations/pool.rules.yml").contains("name: pool-slo-held"));
    assert!(read("operations/pool.rules.test.yml").contains("- pool.rules.yml"));
    let alerts = read("operations/pool.alerts.yml");
    assert_contains(&alerts, "runbook_url: runbooks/pool.no_connections.md");
    // The program's alert uses a series that the rules of the other schema record.
    let tests = read("operations/alerts.test.yml");
    assert_contains(&tests, "- pool.rules.yml\n");
    let runbook = read("operations/runbooks/pool.held.md");
    assert_contains(&runbook, "Look here.");
    assert_contains(
        &runbook,
        "(../../parts/pool.md#pool_connections_held_seconds)",
    );
    let overview = read("operations/dashboards/overview.json");
    assert_contains(&overview, "\"/d/pool-overview\"");
    let other = read("operations/dashboards/pool.overview.json");
    assert_contains(&other, "operations/pool.rules.yml");
    let catalog = read("metrics.json");
    assert_contains(&catalog, "\"part\": \"pool\"");
    assert_contains(&catalog, "pool_connections_held_seconds");
    // Files of a schema that is not part of the program any more are removed.
    shop.write("metrics.toml", APP.replace("uses = [\"pool\"]\n", ""));
    let ran = shop.run("generate").code(0);
    for path in [
        "pool.rules.yml",
        "pool.alerts.test.yml",
        "runbooks/pool.held.md",
    ] {
        let removed = format!("removed docs/operations/{path}");
        ran.prints(&removed);
    }
}

#[test]
fn names_differ_between_the_schemas_of_a_program() {
    let shop = program();
    let schema =
        |namespace: &str, more: &str| POOL.replace("\"pool\"", &format!("\"{namespace}\"")) + more;
    let check = |schema: String, message: &str| {
        shop.write("pool/schema/metrics.toml", schema);
        let ran = shop.run("check").code(1);
        ran.reports(message);
        assert_eq!(ran.stderr.matches("error[").count(), 1, "{ran:?}");
        ran.reports("metrics.toml:3:9");
    };
    check(
        schema("shop", ""),
        "error[SM0018]: this schema and the schema of `pool` both have the namespace `shop`",
    );
    check(
        schema("pool", "otel = \"shop.Orders.placed\"\n"),
        "error[SM0210]: this schema and the schema of `pool` both have a metric with the OpenTelemetry name `shop.orders.placed`",
    );
    let alert = |name: &str| {
        format!(
            "\n[alerts.{name}]\nsummary = \"Too much.\"\nexpr = \"up == 0\"\nseverity = \"info\"\n[operations]\nexternal = [\"up\"]\n"
        )
    };
    shop.write("metrics.toml", APP.to_owned() + &alert("cart_lost"));
    check(
        schema("shop_cart", &alert("lost")),
        "error[SM0811]: this schema and the schema of `pool` both have an alert or a recorded series named `ShopCartLost`",
    );
}

#[test]
fn live_check_knows_every_schema_of_the_program() {
    let shop = program();
    let page = "\
# HELP shop_orders_placed_total Orders that were placed and paid for.
# TYPE shop_orders_placed_total counter
shop_orders_placed_total 1
# HELP pool_connections_opened_total Connections opened because none was idle.
# TYPE pool_connections_opened_total counter
pool_connections_opened_total{host=\"a\"} 1
# HELP pool_metrics_label_overflow_total Label values replaced by the overflow value because the label had reached its maximum.
# TYPE pool_metrics_label_overflow_total counter
pool_metrics_label_overflow_total{label=\"host\"} 0
";
    shop.write("page.txt", page);
    let strict = "live-check page.txt --strict --fail-on error";
    shop.run(strict).code(0);
    shop.write(
        "page.txt",
        page.replace("connections_opened", "connections_lost"),
    );
    shop.run(strict)
        .code(1)
        .reports("the schema has no `pool_connections_lost_total`");
}

#[test]
fn the_number_of_series_is_that_of_all_schemas() {
    let shop = program();
    let ran = shop.run("check").code(0);
    ran.prints("exposes at most 1 series, 102 with the other schema of the program (budget 10000)");
    let ran = shop.run("budget").code(0);
    ran.prints_each([
        "100    -  pool_connections_opened_total (pool)      host 100",
        "1    -  shop_orders_placed_total",
        "host (pool)   100, open",
        "102 series in the worst case, of a budget of 10000",
    ]);
    let ran = shop.run("list --type counter").code(0);
    ran.prints_each([
        "NAME                               PART  TYPE     UNIT  SERIES  LABELS",
        "shop_orders_placed_total           -     counter  -          1",
        "pool_connections_opened_total      pool  counter  -        100  host",
    ]);
    shop.assert_prints("list --format json", 0, ["\"part\": \"pool\""]);
    // Without other schemas, there is no such column.
    shop.write("metrics.toml", APP.replace("uses = [\"pool\"]\n", ""));
    shop.run("list").code(0).does_not_print("PART");
}

#[test]
fn queries_may_use_the_metrics_of_every_schema() {
    let shop = program();
    let rules = "groups:\n  - name: shop\n    rules:\n      - alert: NoConnections\n        \
                 expr: rate(shop_orders_placed_total[5m]) > 0 and on (job) rate(pool_connections_opened_total{host=\"a\"}[5m]) == 0\n";
    shop.write("rules.yml", rules);
    shop.run("check-rules rules.yml").code(0);
    shop.write("rules.yml", rules.replace("{host=", "{hots="));
    shop.assert_reports("check-rules rules.yml", 1, ["did you mean `host`?"]);
    shop.write(
        "rules.yml",
        rules.replace("connections_opened", "connections_lost"),
    );
    shop.assert_reports("check-rules rules.yml", 1, ["pool_connections_lost_total"]);
    // The alerts of the program's own schema may use them, too.
    let alert = "\n[alerts.no_connections]\nsummary = \"The pool opens no connections.\"\n\
                 expr = \"rate(pool_connections_opened_total[5m]) == 0\"\nfor = \"10m\"\nseverity = \"warning\"\n\
                 test = { fires = { \"pool_connections_opened_total{host='a'}\" = \"0+0x60\" }, silent = {} }\n\
                 runbook = \"https://example.org/no_connections\"\n";
    shop.write("metrics.toml", format!("{APP}{alert}"));
    shop.run("check --deny-warnings").code(0);
    shop.write(
        "metrics.toml",
        format!("{APP}{alert}").replace("uses = [\"pool\"]\n", ""),
    );
    shop.run("check").code(1);
}

#[test]
fn errors_of_the_schema_come_before_those_of_cargo() {
    let shop = Shop::with(APP.replace("\"pool\"", "\"a pool\""));
    let ran = shop.run("check").code(1);
    ran.reports("error[SM0018]");
    ran.reports("metrics.toml:3:9");
    ran.does_not_report("cargo metadata");
}

#[test]
fn histograms_of_every_schema_are_migrated() {
    let shop = program();
    shop.write("pool/schema/metrics.toml", format!("{POOL}{OPERATIONS}"));
    let rules = "groups:\n  - name: shop\n    rules:\n      - record: shop:held\n        \
                 expr: sum(rate(pool_connections_held_seconds_count[5m]))\n";
    shop.write("rules.yml", rules);
    let ran = shop.run("migrate-histograms --check rules.yml").code(1);
    let native = "+        expr: sum(histogram_count(rate(pool_connections_held_seconds[5m])))";
    ran.prints(native);
    // The same without cargo.
    shop.write("metrics.toml", APP.replace("uses = [\"pool\"]\n", ""));
    let without = "migrate-histograms rules.yml";
    shop.run(without).code(0).prints("rewrote 0 queries");
    let with = format!("{without} --with pool/schema/metrics.toml");
    shop.run(&with).code(0).prints("rewrote 1 query");
}

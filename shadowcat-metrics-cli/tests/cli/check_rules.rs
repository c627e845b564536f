//! `check-rules`, and the queries and runbooks checked by `check` and `generate`.

use super::{Shop, assert_contains};

const SCHEMA: &str = "\
format = 1
namespace = \"shop\"

[groups.cart]
help = \"Shopping carts.\"

[metrics.cart.added]
type = \"counter\"
help = \"Articles put into carts.\"
";

const ALERT: &str = "
[alerts.rush]
summary = \"Many articles.\"
expr = \"rate({cart.added}[5m]) > 100 and shop_cart_removed > \\\"\\\"\"
severity = \"info\"
";

#[test]
fn files_are_checked_against_the_schema() {
    let shop = Shop::with(SCHEMA);
    shop.write(
        "ops/a.yml",
        "groups:\n- name: a\n  rules:\n  - { record: a:b, expr: 'rate(shop_cart_added_total[5m])' }\n",
    );
    shop.write("ops/deep/b.json", "{\"expr\": \"shop_cart_gone\"}");
    let ran = shop.run("check-rules ops/a.yml").code(0);
    assert_eq!(
        ran.stdout,
        "ok: checked 1 query in 1 file against metrics.toml\n"
    );
    let ran = shop.run("check-rules ops/**/*.yml ops/**/*.json").code(1);
    ran.reports("ops/deep/b.json:1:11");
    ran.reports("SM0902");
    assert_eq!(ran.stdout, "");
}

#[test]
fn the_json_report() {
    let shop = Shop::with(SCHEMA);
    shop.write("a.yml", "expr: shop_cart_added_total > 1\n");
    shop.write("b.yml", "expr: up\n");
    let ran = shop.run("check-rules --format json a.yml b.yml").code(1);
    let json = ran.json();
    assert_eq!(json["errors"], 1);
    assert_eq!(json["queries"], 2);
    assert_eq!(json["files"][0]["file"], "a.yml");
    assert_eq!(json["files"][0]["diagnostics"][0]["code"], "SM0908");
    assert_eq!(json["files"][0]["diagnostics"][0]["column"], 7);
    assert_eq!(json["files"][1]["errors"], 0);
}

#[test]
fn a_file_may_use_series_recorded_by_another() {
    let shop = Shop::with(SCHEMA);
    shop.write(
        "a.yml",
        "rules: [{ record: shop_added, expr: 'sum(rate(shop_cart_added_total[5m]))' }]\n",
    );
    shop.write("b.yml", "expr: shop_added > 1\n");
    shop.run("check-rules b.yml").code(1);
    shop.run("check-rules a.yml b.yml").code(0);
}

#[test]
fn missing_files() {
    let shop = Shop::with(SCHEMA);
    shop.write("b.yml", "expr: shop_added > 1\n");
    let ran = shop.run("check-rules no.yml b.yml nor.json").code(2);
    ran.reports("cannot read `no.yml`");
    ran.reports("cannot read `nor.json`");
    // The unreadable files may record it.
    ran.does_not_report("SM0902");
    let ran = shop
        .run("check-rules no/*.yml b.yml nor/*.json no.yml")
        .code(2);
    ran.reports("no file matches `no/*.yml`");
    ran.reports("no file matches `nor/*.json`");
    ran.reports("cannot read `no.yml`");
    ran.does_not_report("SM0902");
    shop.run("check-rules --schema no.toml a.yml").code(2);
    shop.write("ops/rules.yml", "groups: []\n");
    let ran = shop.run("check-rules ops").code(2);
    ran.reports("`ops` is a directory");
    ran.reports("name files or a pattern, such as 'ops/**/*.yml'");
}

#[test]
fn queries_in_the_schema_have_positions() {
    let shop = Shop::with(format!("{SCHEMA}{ALERT}"));
    for (command, code) in [("check", 1), ("generate", 2)] {
        let ran = shop.run(&[command]).code(code);
        // The query compares a series with a string, which is not valid PromQL.
        ran.reports("SM0901");
        ran.reports("metrics.toml:13:62");
    }
    assert!(!shop.has("docs/metrics.md"), "nothing is written of it");
    let mended = ALERT.replace(" > \\\"\\\"", "");
    let shop = Shop::with(format!("{SCHEMA}{mended}"));
    shop.assert_reports("check", 1, ["metrics.toml:13:42", "SM0902"]);
}

#[test]
fn rules_and_runbooks_are_generated_with_notes() {
    let alert = ALERT.replace(" and shop_cart_removed > \\\"\\\"", "").replace(
        "severity = \"info\"",
        "severity = \"info\"\nfor = \"1h\"\ntest = { fires = { \"{cart.added}\" = \"0+9000x90\" }, silent = {} }",
    );
    let shop = Shop::with(format!("{SCHEMA}{alert}"));
    shop.run("check").code(0).reports("SM0913");
    // Notes under the alert's former name.
    shop.write("docs/operations/runbooks/notes/rushes.md", "Look.\n");
    shop.run("check")
        .code(0)
        .reports("notes/rushes.md` matches no objective or alert");
    shop.write(
        "docs/operations/runbooks/notes/rush.md",
        "Look at the shop window.\n",
    );
    let ran = shop.run("check --deny-warnings").code(0);
    assert_eq!(ran.stderr, "");
    shop.run("generate").code(0);
    let page = shop.read("docs/operations/runbooks/rush.md");
    assert_contains(
        &page,
        "## What to look at first\n\nLook at the shop window.\n",
    );
    for silence in [
        "amtool silence add alertname=ShopRush --duration=2h",
        "add labels after the name: `instance=...`, `job=...`.",
    ] {
        assert_contains(&page, silence);
    }
    let rules = shop.read("docs/operations/alerts.yml");
    assert_contains(&rules, "rate(shop_cart_added_total[5m]) > 100");
    assert_contains(&rules, "for: 1h");
    assert!(shop.has("docs/operations/alerts.test.yml"));

    shop.run("generate --scale-windows 0.01 --out-dir short")
        .code(0);
    let rules = shop.read("short/operations/alerts.yml");
    assert_contains(&rules, "rate(shop_cart_added_total[3s]) > 100");
    assert_contains(&rules, "for: 36s");
    assert!(!shop.has("short/operations/alerts.test.yml"));
    shop.run("generate --scale-windows 2").code(2);
}

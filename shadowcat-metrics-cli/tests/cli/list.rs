//! `list`: metrics as a table and as JSON, filtered or not.

use super::{BROKEN, GOOD, Shop};

#[test]
fn a_table_of_metrics() {
    let ran = Shop::with(GOOD).run("list").code(0);
    assert_eq!(
        ran.stdout,
        "\
NAME                   TYPE            UNIT  SERIES  LABELS
shop_cart_added_total  counter         -          2  shelf
shop_cart_open         updown_counter  -          1
",
    );
}

#[test]
fn json_equals_the_catalog() {
    let shop = Shop::with(GOOD);
    let list = shop.run("list --format json").code(0).json();
    shop.run("generate").code(0);
    let catalog: serde_json::Value = serde_json::from_str(&shop.read("docs/metrics.json")).unwrap();
    assert_eq!(list["version"], 1);
    assert_eq!(list["metrics"], catalog["metrics"]);
}

#[test]
fn filters() {
    let shop = Shop::with(format!(
        "{GOOD}\n[groups.till]\nhelp = \"Tills.\"\n[metrics.till.open]\ntype = \"gauge\"\nhelp = \"Open tills.\"\n"
    ));
    let names = |command: &str| {
        let table = shop.run(command).code(0).stdout;
        table
            .lines()
            .skip(1)
            .filter_map(|line| line.split(' ').next())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names("list"),
        [
            "shop_cart_added_total",
            "shop_cart_open",
            "shop_till_open",
            "shop_metrics_rejected_values_total",
        ]
    );
    assert_eq!(names("list --group till"), ["shop_till_open"]);
    assert_eq!(names("list --type updown_counter"), ["shop_cart_open"]);
    assert_eq!(
        names("list --type counter --type gauge"),
        [
            "shop_cart_added_total",
            "shop_till_open",
            "shop_metrics_rejected_values_total",
        ]
    );
    assert_eq!(names("list --group till --type counter"), [""; 0]);
    shop.assert_reports("list --group tills", 2, ["no group `tills`", "cart, till"]);
}

#[test]
fn an_invalid_schema_is_not_listed() {
    let ran = Shop::with(BROKEN).run("list").code(2);
    assert!(
        ran.stdout.is_empty() && ran.stderr.contains("metrics.toml:8:8"),
        "{ran:?}"
    );
}

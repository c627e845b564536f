//! `migrate-histograms`: exit codes, the diff, and queries that are not rewritten.

use super::Shop;

const SCHEMA: &str = "\
format = 1
namespace = \"shop\"

[groups.cart]
help = \"Shopping carts.\"

[metrics.cart.wait]
type = \"histogram\"
unit = \"seconds\"
buckets = [0.1, 1]
help = \"Time until a cart is paid.\"
";

const CLASSIC: &str = "# Ours.\nexpr: rate(shop_cart_wait_seconds_count[5m])  # kept\r\n";
const NATIVE: &str = "# Ours.\nexpr: histogram_count(rate(shop_cart_wait_seconds[5m]))  # kept\r\n";
const LEFT: &str = "expr: shop_cart_wait_seconds_bucket{le=\"1.0\"} > 5\n";

#[test]
fn files_are_rewritten_and_back() {
    let shop = Shop::with(SCHEMA);
    shop.write("a.yml", CLASSIC);
    let ran = shop.run("migrate-histograms *.yml").code(0);
    assert_eq!(ran.stdout, "wrote a.yml: rewrote 1 query\n");
    assert_eq!(shop.read("a.yml"), NATIVE);
    let ran = shop.run("migrate-histograms a.yml").code(0);
    assert_eq!(ran.stdout, "unchanged a.yml: rewrote 0 queries\n");
    shop.run("migrate-histograms --to classic a.yml").code(0);
    assert_eq!(shop.read("a.yml"), CLASSIC);
}

#[test]
fn streams_are_rewritten_to_standard_output() {
    let shop = Shop::with(SCHEMA);
    let names: &[&str] = if cfg!(unix) {
        &["-", "/dev/stdin"]
    } else {
        &["-"]
    };
    for name in names {
        let ran = shop.run_with_stdin(&["migrate-histograms", name], CLASSIC);
        assert_eq!(ran.code(0).stdout, NATIVE, "{name}");
    }
}

#[test]
fn check_shows_the_difference_and_writes_nothing() {
    let shop = Shop::with(SCHEMA);
    shop.write("a.yml", CLASSIC);
    let ran = shop.run("migrate-histograms --check a.yml").code(1);
    assert!(
        ran.stdout.contains("+expr: histogram_count("),
        "{}",
        ran.stdout
    );
    ran.reports("`a.yml` has 1 query to rewrite");
    assert_eq!(shop.read("a.yml"), CLASSIC);
    shop.write("a.yml", NATIVE);
    shop.run("migrate-histograms --check a.yml").code(0);
}

#[test]
fn queries_that_stay_are_reported() {
    let shop = Shop::with(SCHEMA);
    shop.write("a.yml", LEFT);
    shop.assert_reports("migrate-histograms a.yml", 1, ["SM0927", "a.yml:1:7"]);
    assert_eq!(shop.read("a.yml"), LEFT);
    shop.write("b.yml", "a: [\n");
    shop.run("migrate-histograms b.yml").code(2);
    shop.run("migrate-histograms no.yml").code(2);
}

#[test]
fn every_pattern_without_a_file_is_reported() {
    let shop = Shop::with(SCHEMA);
    shop.write("a.yml", CLASSIC);
    let ran = shop
        .run("migrate-histograms no/*.yml a.yml nor/*.json")
        .code(2);
    ran.reports("no file matches `no/*.yml`");
    ran.reports("no file matches `nor/*.json`");
    assert_eq!(shop.read("a.yml"), NATIVE);
}

//! `live-check`: pages from files checked against a schema. Pages from servers are in `served`.

mod served;

use super::{GOOD, Shop, assert_contains};

const PAGE: &str = "\
# HELP shop_cart_added_total Articles put into carts.
# TYPE shop_cart_added_total counter
shop_cart_added_total 1
# HELP shop_cart_open Carts that are open.
# TYPE shop_cart_open gauge
shop_cart_open 2
";

const SCHEMA: &str = "\
format = 1
namespace = \"shop\"

[groups.cart]
help = \"Shopping carts.\"

[metrics.cart.added]
type = \"counter\"
help = \"Articles put into carts.\"

[metrics.cart.open]
type = \"updown_counter\"
help = \"Carts that are open.\"
";

#[test]
fn a_conforming_file_has_no_findings() {
    let shop = Shop::with(SCHEMA);
    shop.write("page.txt", PAGE);
    let ran = shop.run("live-check page.txt").code(0);
    ran.prints_first("ok: page.txt has 0 errors and 0 warnings");
    let ran = shop.run_with_stdin("live-check -", PAGE).code(0);
    assert!(ran.stderr.is_empty(), "{ran:?}");
}

#[test]
fn findings_have_code_line_and_help() {
    let shop = Shop::with(SCHEMA);
    shop.write(
        "page.txt",
        PAGE.replace("gauge", "counter").replace("put into", "in"),
    );
    let ran = shop.run("live-check page.txt").code(1);
    for part in [
        "error[LC04]",
        "warning[LC06]",
        "(text:4)",
        "help[LC04]",
        "1 error and 1 warning",
    ] {
        assert!(
            ran.stderr.contains(part) || ran.stdout.contains(part),
            "{part}: {ran:?}"
        );
    }
    shop.run("live-check page.txt --fail-on never").code(0);
    let json = shop.run("live-check page.txt --format json").code(1).json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["findings"][1]["code"], "LC04");
    assert_eq!(json["findings"][1]["line"], 4);
    let junit = shop
        .run("live-check page.txt --format junit")
        .code(1)
        .stdout;
    assert_contains(&junit, "failures=\"1\"");
    assert_contains(&junit, "name=\"wrong-type\" classname=\"LC04\"");
}

#[test]
fn many_findings_are_shortened_except_in_json() {
    use std::fmt::Write as _;

    let shop = Shop::with(SCHEMA);
    let flood = (0..1000).fold(PAGE.to_owned(), |mut page, n| {
        let _ = writeln!(page, "shop_lost_{n} 1");
        page
    });
    shop.write("page.txt", flood);
    let ran = shop.run("live-check page.txt").code(1);
    assert_eq!(ran.stderr.lines().count(), 52, "{ran:?}");
    ran.reports("950 more of these");
    ran.prints("1000 errors");
    let json = shop.run("live-check page.txt --format json").code(1).json();
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(1000));
}

#[test]
fn denied_warnings_fail() {
    let shop = Shop::with(SCHEMA);
    shop.write("page.txt", PAGE.replace("put into", "in"));
    shop.run("live-check page.txt").code(0);
    shop.run("live-check page.txt --fail-on warning").code(1);
}

#[test]
fn lines_are_parsed_as_by_prometheus() {
    let shop = Shop::with(SCHEMA);
    let blanks = PAGE.replace(
        "# TYPE shop_cart_open gauge",
        "#  TYPE\tshop_cart_open \t gauge",
    );
    shop.write("blanks.txt", blanks);
    let ran = shop.run("live-check blanks.txt").code(0);
    assert!(
        ran.stderr
            .contains("warning[LC21]: Prometheus rejects more than one space or tab")
            && ran
                .stdout
                .starts_with("ok: blanks.txt has 0 errors and 1 warning"),
        "{ran:?}"
    );
    let open_metrics = PAGE
        .replace("added_total A", "added A")
        .replace("added_total counter", "added counter");
    shop.write("page.txt", format!("{open_metrics}# EOF\n"));
    shop.run("live-check page.txt").code(0);
    shop.write(
        "page.txt",
        open_metrics.replace("open 2", "open  2") + "# EOF\n",
    );
    let ran = shop.run("live-check page.txt").code(1);
    ran.reports("error[LC01]: OpenMetrics has exactly one space before the value (openmetrics:6)");
    ran.prints("has 1 error and 0 warnings");
}

#[test]
fn only_servers_can_be_watched() {
    let shop = Shop::with(GOOD);
    shop.write("page.txt", PAGE);
    shop.run("live-check page.txt --for 1s")
        .code(2)
        .reports("needs a program to watch");
    shop.run("live-check page.txt --for soon").code(2);
}

#[test]
fn codes_are_explained() {
    let shop = Shop::empty();
    shop.assert_prints("explain lc09", 0, ["error[LC09] (wrong-buckets)"]);
    let json = shop.run("explain never-moved --format json").code(0).json();
    assert_eq!(json["severity"], "warning");
}

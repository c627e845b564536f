//! `budget`: series per metric and label, in the worst case and on a page.

use super::{BROKEN, Shop};

const SCHEMA: &str = "\
format = 1
namespace = \"shop\"

[labels.shelf]
help = \"Shelf.\"
values = [\"food\", \"tools\"]

[labels.tenant]
help = \"Tenant.\"
open = { max = 4 }

[groups.cart]
help = \"Carts.\"

[metrics.cart.added]
type = \"counter\"
help = \"Added.\"
labels = [\"shelf\"]

[metrics.cart.wait]
type = \"histogram\"
help = \"Wait.\"
unit = \"seconds\"
buckets = [1, 2]
labels = [\"tenant\", \"shelf\"]
";

const PAGE: &str = "\
shop_cart_added_total{shelf=\"food\"} 1
shop_cart_added_created{shelf=\"food\"} 1
other 5
# TYPE shop_cart_wait_seconds histogram
shop_cart_wait_seconds_bucket{tenant=\"a\",shelf=\"food\",le=\"1\"} 1
shop_cart_wait_seconds_sum{tenant=\"a\",shelf=\"food\"} 1
";

#[test]
fn native_buckets_take_memory_and_no_lines() {
    let native = "buckets = [1, 2]\nnative = { factor = 2, from = 1, to = 1024 }";
    let shop = Shop::with(SCHEMA.replace("buckets = [1, 2]", native));
    // Ten series of 10 native buckets, cells for the bounds, zero and the sum.
    let ran = shop.run("budget").code(0);
    let line = "   50    -  shop_cart_wait_seconds             tenant 5 × shelf 2 × 5 lines; native: 2 KB per thread";
    ran.prints(line);
    shop.assert_prints("budget --format json", 0, ["\"native_cells\": 150"]);
}

#[test]
fn sorted_by_size() {
    let ran = Shop::with(SCHEMA).run("budget").code(0);
    assert_eq!(
        ran.stdout,
        "\
WORST  NOW  METRIC                             PRODUCT
   50    -  shop_cart_wait_seconds             tenant 5 × shelf 2 × 5 lines
    2    -  shop_cart_added_total              shelf 2
    1    -  shop_metrics_label_overflow_total  label 1

COSTS  NOW  LABEL   VALUES
   40    -  tenant  5, open
   26    -  shelf   2
    0    -  label   1

53 series in the worst case, of a budget of 10000
"
    );
    let top = Shop::with(SCHEMA).run("budget --top 1").code(0);
    assert_eq!(top.stdout.lines().count(), 7, "{}", top.stdout);
    let args = "budget --top 1 --format json";
    let json = Shop::with(SCHEMA).run(args).code(0).json();
    let length = |key: &str| json[key].as_array().map(Vec::len);
    assert_eq!((length("metrics"), length("labels")), (Some(1), Some(1)));
    assert_eq!(json["worst_case"], 53);
}

#[test]
fn a_metric_under_two_names_counts_twice() {
    let renamed =
        "type = \"counter\"\nrenamed_from = { name = \"shop_cart_put_total\", until = \"9.0.0\" }";
    let shop = Shop::with(SCHEMA.replacen("type = \"counter\"", renamed, 1));
    let page = PAGE.to_owned() + "shop_cart_put_total{shelf=\"food\"} 1\n";
    shop.write("page.txt", page);
    let ran = shop.run("budget --scrape page.txt").code(0);
    let row = "    8    3  shop_cart_added_total              shelf 2 × 4 lines\n";
    ran.prints(row);
    ran.prints_last("; 5 now\n");
}

#[test]
fn created_lines_count_where_they_are_exposed() {
    let shop = Shop::with(SCHEMA);
    let ran = shop.run("budget --created-lines").code(0);
    let rows = [
        "   60    -  shop_cart_wait_seconds             tenant 5 × shelf 2 × 6 lines\n",
        "    4    -  shop_cart_added_total              shelf 2 × 2 lines\n",
        "    2    -  shop_metrics_label_overflow_total  label 1 × 2 lines\n",
        "66 series in the worst case with `_created` lines, of a budget of 10000\n",
    ];
    for row in rows {
        ran.prints(row);
    }
    shop.write("page.txt", PAGE);
    let ran = shop.run("budget --scrape page.txt").code(0);
    ran.prints_last(
        "66 series in the worst case with `_created` lines, of a budget of 10000; 4 now\n",
    );
}

#[test]
fn a_page_shows_current_series() {
    let shop = Shop::with(SCHEMA);
    shop.write(
        "page.txt",
        PAGE.replace("shop_cart_added_created{shelf=\"food\"} 1\n", ""),
    );
    let ran = shop.run("budget --scrape page.txt").code(0);
    ran.prints_last("of a budget of 10000; 3 now\n");
    let json = shop
        .run("budget --scrape page.txt --format json")
        .code(0)
        .json();
    assert_eq!(json["worst_case"], 53);
    assert_eq!(json["now"], 3);
    assert_eq!(json["metrics"][0]["now"], 2);
    assert_eq!(json["metrics"][1]["now"], 1);
    assert_eq!(json["created_lines"], false);
    assert_eq!(json["labels"][0]["name"], "tenant");
    assert_eq!(json["labels"][0]["now"], 1);
    assert_eq!(json["labels"][1]["costs"], 26);
}

#[test]
fn a_page_of_another_program_is_reported() {
    let shop = Shop::with(SCHEMA);
    let series: String = (0..60)
        .map(|n| format!("shop_cart_added_total{{shelf=\"{n}\"}} 1\n"))
        .collect::<Vec<_>>()
        .concat();
    shop.write("page.txt", series);
    shop.run("budget --scrape page.txt")
        .code(1)
        .reports("more series than the schema allows");
    shop.write("page.txt", "up 1\nhello world\n");
    let ran = shop.run("budget --scrape page.txt").code(0);
    ran.reports("warning: line 2: ");
    ran.reports("no series of this schema");
    Shop::with(BROKEN).assert_reports("budget", 2, ["metrics.toml:8:8"]);
}

#[test]
fn values_without_series_are_shown() {
    let schema = SCHEMA.replace("labels = [\"tenant\", \"shelf\"]", "labels = [\"shelf\"]");
    let shop = Shop::with(&schema);
    let ran = shop.run("budget").code(0);
    ran.prints("    5    -  tenant  5, open\n");
    let sum =
        "13 series in the worst case and 5 label values without series, of a budget of 10000\n";
    assert!(ran.stdout.ends_with(sum), "{}", ran.stdout);
    let ran = shop.run("check").code(0);
    let sum = "exposes at most 13 series and keeps at most 5 label values without series (budget 10000)\n";
    assert!(ran.stdout.ends_with(sum), "{}", ran.stdout);
}

#[test]
fn a_web_page_is_refused() {
    let shop = Shop::with(SCHEMA);
    for page in [
        "<!DOCTYPE html>\n<html>\n<body>Log in 1\n</body>\n",
        "<html><p>404 page not found</p></html>\n",
        "404 page not found\n",
        "{\"status\": \"error\"}\n",
    ] {
        shop.write("page.html", page);
        let ran = shop.run("budget --scrape page.html").code(2);
        assert!(
            ran.stderr.contains("`page.html` is not a page of metrics") && ran.stdout.is_empty(),
            "{ran:?}"
        );
    }
}

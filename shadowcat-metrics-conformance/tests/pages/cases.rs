//! Pages with one fault, and the findings.

use shadowcat_metrics_conformance::Options;

use super::{PAGE, found};

/// The original text, its replacement, and the expected findings.
const CASES: &[(&str, &str, &[&str])] = &[
    (
        "shop_cart_paid_total{tenant=\"a\"} 1",
        "shop_cart_paid_total{tenant=\"a\"} one",
        &["LC01 15"],
    ),
    (
        "# HELP shop_cart_build_info",
        "shop_cart_lost_total 1\n# HELP shop_cart_build_info",
        &["LC02 20"],
    ),
    (
        "counter\nshop_cart_paid_total",
        "gauge\nshop_cart_paid_total",
        &["LC04 13"],
    ),
    (
        "Carts that were paid for.\n# TYPE",
        "Carts that were payed for.\n# TYPE",
        &["LC06 13"],
    ),
    ("{tenant=\"a\"}", "{tenant=\"a\",host=\"b\"}", &["LC07 15"]),
    ("{tenant=\"a\"}", "", &["LC07 15"]),
    (
        "{shop_cart_mode=\"shut\"}",
        "{shop_cart_mode=\"closed\"}",
        &["LC12 16", "LC08 19"],
    ),
    (
        "wait_seconds_bucket{le=\"2.0\"}",
        "wait_seconds_bucket{le=\"1.0\"}",
        &["LC09 12"],
    ),
    (
        "wait_seconds_bucket{le=\"+Inf\"} 2\n",
        "wait_seconds_bucket{le=\"+Inf\"} 1\n",
        &["LC10 12"],
    ),
    (
        "shop_cart_wait_seconds_count 2",
        "shop_cart_wait_seconds_count 3",
        &["LC10 12"],
    ),
    ("shop_cart_wait_seconds_sum 1.5\n", "", &["LC10 11"]),
    (
        "shop_cart_paid_total{tenant=\"a\"} 1",
        "shop_cart_paid_total{tenant=\"a\"} 1\nshop_cart_paid_total{tenant=\"b\"} 1\nshop_cart_paid_total{tenant=\"c\"} 1",
        &["LC11 13"],
    ),
    (
        "shop_cart_added_total{shelf=\"tools\"} 0\n",
        "",
        &["LC12 1"],
    ),
    (
        "shop_cart_paid_total{tenant=\"a\"} 1",
        "shop_cart_paid_total{tenant=\"a\"} 1\nshop_cart_paid_total{tenant=\"a\"} 1",
        &["LC13 16"],
    ),
    (
        "shop_cart_paid_total{tenant=\"a\"} 1",
        "shop_cart_paid_total{tenant=\"a\"} 1\nshop_cart_paid_total{tenant=\"a\",host=\"\"} 1",
        &["LC13 16"],
    ),
    (
        "{shop_cart_mode=\"shut\"} 0",
        "{shop_cart_mode=\"shut\"} 1",
        &["LC14 19"],
    ),
    (
        "{shop_cart_mode=\"shut\"} 0",
        "{shop_cart_mode=\"shut\"} 2",
        &["LC14 19"],
    ),
    ("{version=\"1\"} 1", "{version=\"1\"} 0", &["LC14 22"]),
    ("{tenant=\"a\"} 1", "{tenant=\"a\"} -1", &["LC15 15"]),
    ("{tenant=\"a\"} 1", "{tenant=\"a\"} NaN", &["LC15 15"]),
    // Malformed lines that a scraper rejects.
    (
        "{tenant=\"a\"} 1",
        "{tenant=\"a\"} 1\nshop_cart_paid_total{tenant=\"a\",tenant=\"b\"} 1",
        &["LC01 16"],
    ),
    (
        "# TYPE shop_cart_mode gauge\n",
        "# TYPE shop_cart_mode gauge\n# TYPE shop_cart_mode counter\n",
        &["LC01 18"],
    ),
    (
        "shop_cart_wait_seconds_sum 1.5",
        "shop_cart_wait_seconds 1\nshop_cart_wait_seconds_sum 1.5",
        &["LC01 11"],
    ),
    ("{le=\"2.0\"}", "{le=\"2\"}", &["LC18 9"]),
    (
        "{le=\"0.5\"} 1\nshop_cart_wait_seconds_bucket{le=\"2.0\"} 2",
        "{le=\"2.0\"} 2\nshop_cart_wait_seconds_bucket{le=\"0.5\"} 1",
        &["LC10 12"],
    ),
    ("{le=\"0.5\"} 1", "{le=\"0.5\"} -1", &["LC10 12"]),
    // Metadata without a sample also shows a family.
    (
        "# HELP shop_cart_build_info",
        "# TYPE shop_cart_lost_total counter\n# HELP shop_cart_build_info",
        &["LC02 20"],
    ),
    (
        "counter\nshop_cart_paid_total{tenant=\"a\"} 1",
        "gauge",
        &["LC04 13"],
    ),
    (
        "shop_cart_mode{shop_cart_mode=\"shut\"} 0\n",
        "",
        &["LC12 16"],
    ),
    (
        "shop_cart_mode{shop_cart_mode=\"open\"} 1\nshop_cart_mode{shop_cart_mode=\"shut\"} 0\n",
        "",
        &["LC03 -"],
    ),
    (
        "shop_cart_by_tenant_total{shelf=\"tools\",tenant=\"a\"} 0\n",
        "",
        &["LC12 34"],
    ),
];

#[test]
fn each_fault_has_exactly_its_findings() {
    for (from, to, expected) in CASES {
        let page = PAGE.replacen(from, to, 1);
        assert_ne!(page, PAGE, "{from}");
        assert_eq!(
            found(&page, "1.0.0", &Options::default()),
            *expected,
            "{from} -> {to}"
        );
    }
}

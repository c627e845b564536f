//! A schema, a valid page of it, and the findings on other pages, for the tests next to the rules.

use shadowcat_metrics_codegen::{Source, Version, compile};

use crate::{Expected, Options, Page, conforms};

pub(super) const SCHEMA: &str = r#"
format = 1
namespace = "shop"

[labels.shelf]
help = "Place where the article was."
values = { food = "to eat", tools = { renamed_from = { name = "kit", until = "3.0.0" } } }

[labels.tenant]
help = "Tenant."
open = { max = 1 }

[labels.mode]
help = "What the shop does."
values = ["open", "shut"]

[labels.version]
help = "Version of the program."
open = { max = 1 }

[groups.cart]
help = "Shopping carts."

[metrics.cart.added]
type = "counter"
help = "Articles put into carts."
labels = ["shelf"]

[metrics.cart.wait]
type = "histogram"
unit = "seconds"
help = "Time until the cart was paid for."
buckets = [0.5, 2]
renamed_from = { name = "shop_old_wait_seconds", until = "2.0.0" }

[metrics.cart.paid]
type = "counter"
help = "Carts that were paid for."
labels = ["tenant"]

[metrics.cart.by_tenant]
type = "counter"
help = "Articles by tenant."
labels = ["tenant", "shelf"]

[metrics.cart.mode]
type = "state"
help = "What the shop is doing."
states = "mode"

[metrics.cart.build]
type = "info"
help = "What runs."
labels = ["version"]
"#;

pub(super) const PAGE: &str = r#"# HELP shop_cart_added_total Articles put into carts.
# TYPE shop_cart_added_total counter
shop_cart_added_total{shelf="food"} 3
shop_cart_added_total{shelf="tools"} 0
shop_cart_added_total{shelf="kit"} 0
# HELP shop_cart_wait_seconds Time until the cart was paid for.
# TYPE shop_cart_wait_seconds histogram
shop_cart_wait_seconds_bucket{le="0.5"} 1
shop_cart_wait_seconds_bucket{le="2.0"} 2
shop_cart_wait_seconds_bucket{le="+Inf"} 2
shop_cart_wait_seconds_sum 1.5
shop_cart_wait_seconds_count 2
# HELP shop_cart_paid_total Carts that were paid for.
# TYPE shop_cart_paid_total counter
shop_cart_paid_total{tenant="a"} 1
# HELP shop_cart_mode What the shop is doing.
# TYPE shop_cart_mode gauge
shop_cart_mode{shop_cart_mode="open"} 1
shop_cart_mode{shop_cart_mode="shut"} 0
# HELP shop_cart_build_info What runs.
# TYPE shop_cart_build_info gauge
shop_cart_build_info{version="1"} 1
# HELP shop_old_wait_seconds Time until the cart was paid for.
# TYPE shop_old_wait_seconds histogram
shop_old_wait_seconds_bucket{le="0.5"} 1
shop_old_wait_seconds_bucket{le="2.0"} 2
shop_old_wait_seconds_bucket{le="+Inf"} 2
shop_old_wait_seconds_sum 1.5
shop_old_wait_seconds_count 2
# HELP shop_metrics_label_overflow_total Label values replaced by the overflow value because the label had reached its maximum.
# TYPE shop_metrics_label_overflow_total counter
shop_metrics_label_overflow_total{label="tenant"} 0
shop_metrics_label_overflow_total{label="version"} 0
# HELP shop_cart_by_tenant_total Articles by tenant.
# TYPE shop_cart_by_tenant_total counter
shop_cart_by_tenant_total{tenant="a",shelf="food"} 3
shop_cart_by_tenant_total{shelf="tools",tenant="a"} 0
shop_cart_by_tenant_total{tenant="a",shelf="kit"} 0
"#;

pub(super) fn expected(release: &str) -> Expected {
    let outcome = compile(Source::new("metrics.toml", SCHEMA));
    let registry = outcome.registry().expect("the schema is valid");
    Expected::new(registry, Version::parse(release).ok().as_ref())
}

/// Returns `LC01 12` for each finding.
pub(super) fn found(page: &str, release: &str, options: &Options) -> Vec<String> {
    let findings = conforms(&Page::parse(page), &expected(release), options);
    let short = findings.iter().map(|finding| {
        let line = finding.line.map_or("-".to_owned(), |line| line.to_string());
        format!("{} {line}", finding.code.id())
    });
    short.collect()
}

/// Checks the findings on pages with one fault each: the original text, its replacement, and what is found.
pub(super) fn assert_faults(faults: &[(&str, &str, &[&str])]) {
    for (from, to, expected) in faults {
        let page = PAGE.replacen(from, to, 1);
        assert_ne!(page, PAGE, "{from}");
        let found = found(&page, "1.0.0", &Options::default());
        assert_eq!(found, *expected, "{from} -> {to}");
    }
}

//! Changes of each field of objectives and alerts.

use expect_test::expect;

use super::{SHOP, assert_changes};

const PROMISES: &str = r#"
[slos.orders]
help = "Orders."
objective = 0.9
good = { metric = "cart.wait", under = 2 }

[alerts.rush]
summary = "Rush."
expr = "rate({cart.good}[5m]) > 1"
for = "5m"
severity = "info"
"#;

#[test]
fn objectives_and_alerts_are_added_and_removed() {
    let cases = expect![[r#"
        @ help = "Size."
        + [slos.orders]
        + help = "Orders."
        + objective = 0.9
        + good = { metric = "cart.wait", under = 2 }
        + [alerts.rush]
        + summary = "Rush."
        + expr = "rate({cart.good}[5m]) > 1"
        + for = "5m"
        + severity = "info"
        slo orders slo: none -> orders [additive cosmetic] minor
        alert rush alert: none -> rush [additive cosmetic] minor
    "#]];
    assert_changes(SHOP, &cases);
    let cases = expect![[r#"
        - [slos.orders]
        - help = "Orders."
        - objective = 0.9
        - good = { metric = "cart.wait", under = 2 }
        slo orders slo: orders -> none [breaking cosmetic] minor

        - [alerts.rush]
        - summary = "Rush."
        - expr = "rate({cart.good}[5m]) > 1"
        - for = "5m"
        - severity = "info"
        alert rush alert: rush -> none [breaking cosmetic] minor
    "#]];
    assert_changes(&format!("{SHOP}{PROMISES}"), &cases);
}

#[test]
fn rules_that_read_another_form_of_histograms_are_breaking() {
    let cases = expect![[r#"
        - histograms = "native"
        + histograms = "both"
        operations  histograms: native -> both [additive cosmetic] minor

        - histograms = "native"
        + histograms = "classic"
        operations  histograms: native -> classic [breaking cosmetic] minor
    "#]];
    let schema = format!("{SHOP}[operations]\nhistograms = \"native\"\n");
    assert_changes(&schema, &cases);
    let cases = expect![[r#"
        - histograms = "both"
        + histograms = "classic"
        operations  histograms: both -> classic [breaking cosmetic] minor
    "#]];
    assert_changes(&schema.replace("\"native\"", "\"both\""), &cases);
}

#[test]
fn every_field_of_objectives_and_alerts_is_compared() {
    let cases = expect![[r#"
        - help = "Orders."
        + help = "All orders."
        slo orders help: Orders. -> All orders. [cosmetic cosmetic] patch

        - objective = 0.9
        + objective = 0.99
        slo orders objective: 0.9 -> 0.99 [additive cosmetic] minor

        - under = 2 }
        + under = 3 }
        slo orders events: shop_cart_wait{} under 2 -> shop_cart_wait{} under 3 [additive cosmetic] minor

        @ under = 2 }
        + window = "7d"
        slo orders window: 30d -> 7d [additive cosmetic] minor

        @ under = 2 }
        + by = ["tenant"]
        slo orders by: none -> tenant [breaking cosmetic] minor

        @ under = 2 }
        + owner = "@me"
        slo orders owner: none -> @me [cosmetic cosmetic] patch

        - summary = "Rush."
        + summary = "A rush."
        alert rush summary: Rush. -> A rush. [cosmetic cosmetic] patch

        - > 1"
        + > 2"
        alert rush expr: rate(shop_cart_good_total[5m]) > 1 -> rate(shop_cart_good_total[5m]) > 2 [additive cosmetic] minor

        - for = "5m"
        + for = "6m"
        alert rush for: 5m -> 6m [additive cosmetic] minor

        - severity = "info"
        + severity = "warning"
        alert rush severity: info -> warning [breaking cosmetic] minor

        @ severity = "info"
        + runbook = "x"
        alert rush runbook: none -> x [cosmetic cosmetic] patch

        @ severity = "info"
        + test = { fires = {}, silent = {} }
        alert rush test: none -> tested [cosmetic cosmetic] patch

        @ severity = "info"
        + [operations]
        + external = ["up"]
        operations  external: none -> up [cosmetic cosmetic] patch

        @ severity = "info"
        + [operations]
        + histograms = "both"
        operations  histograms: classic -> both [additive cosmetic] minor

        @ buckets = "fine"
        + quantiles = true
        metric cart.wait quantiles: none -> recorded [additive cosmetic] minor

        @ help = "Bad."
        + bad = true
        metric cart.bad bad: none -> true [cosmetic cosmetic] patch
    "#]];
    assert_changes(&format!("{SHOP}{PROMISES}"), &cases);
}

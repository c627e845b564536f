//! Changes of metrics: matching, names, kinds, labels and stability.

use expect_test::expect;

use super::{SHOP, assert_changes};

#[test]
fn metrics_are_added_removed_and_moved() {
    let cases = expect![[r#"
        - [metrics.cart.size]
        + [metrics.cart.weight]
        label metric values: shop_cart_size -> none [breaking cosmetic] minor
        label metric values: none -> shop_cart_weight [additive cosmetic] minor
        metric cart.size metric: shop_cart_size -> none [breaking breaking] minor
        metric cart.weight metric: none -> shop_cart_weight [additive additive] minor

        - [metrics.cart.size]
        + [metrics.cart.weight]
        + name = "shop_cart_size"
        metric cart.size key: cart.size -> cart.weight [cosmetic breaking] minor
        metric cart.size name: by the rules -> as written [cosmetic cosmetic] patch

        - help = "Articles put into carts."
        + name = "adds_total"
        + help = "Articles put into carts."
        metric cart.added name: shop_cart_added_total -> adds_total [breaking cosmetic] major
    "#]];
    assert_changes(SHOP, &cases);
}

#[test]
fn former_names() {
    let cases = expect![[r#"
        - [metrics.cart.size]
        + [metrics.cart.weight]
        + renamed_from = { name = "shop_cart_size", until = "2.0.0" }
        label metric values: shop_cart_size -> none [breaking cosmetic] minor
        label metric values: none -> shop_cart_weight [additive cosmetic] minor
        metric cart.size key: cart.size -> cart.weight [cosmetic breaking] minor
        metric cart.size name: shop_cart_size -> shop_cart_weight [additive cosmetic] minor
        metric cart.size renamed_from: none -> shop_cart_size [additive cosmetic] minor
    "#]];
    assert_changes(SHOP, &cases);
    let renamed =
        "[metrics.cart.weight]\nrenamed_from = { name = \"shop_cart_size\", until = \"2.0.0\" }";
    let cases = expect![[r#"
        - renamed_from = { name = "shop_cart_size", until = "2.0.0" }
        + renamed_from = { name = "shop_cart_size", until = "3.0.0" }
        metric cart.weight renamed_from: until 2.0.0 -> until 3.0.0 [cosmetic cosmetic] patch

        - renamed_from = { name = "shop_cart_size", until = "2.0.0" }
        metric cart.weight renamed_from: shop_cart_size -> none [breaking cosmetic] minor
    "#]];
    assert_changes(&SHOP.replace("[metrics.cart.size]", renamed), &cases);
}

#[test]
fn kinds_and_their_fields() {
    let cases = expect![[r#"
        - type = "gauge"
        + type = "updown_counter"
        label metric values: shop_cart_size -> none [breaking cosmetic] minor
        metric cart.size type: gauge -> updown_counter [cosmetic breaking] minor

        @ type = "gauge"
        + callback = true
        + unit = "bytes"
        label metric values: shop_cart_size -> none [breaking cosmetic] minor
        metric cart.size name: shop_cart_size -> shop_cart_size_bytes [breaking cosmetic] minor
        metric cart.size callback: false -> true [cosmetic breaking] minor
        metric cart.size unit: none -> bytes [breaking breaking] minor

        - fine = [1, 2, 3]
        + fine = [1, 2, 3, 4]
        metric cart.wait buckets: 1, 2, 3 -> 1, 2, 3, 4 [additive cosmetic] minor

        - fine = [1, 2, 3]
        + fine = [1, 2.5, 3]
        metric cart.wait buckets: 1, 2, 3 -> 1, 2.5, 3 [breaking cosmetic] minor

        @ buckets = "fine"
        + exemplars = true
        metric cart.wait exemplars: none -> kept [cosmetic additive] minor

        @ buckets = "fine"
        + native = { factor = 1.1, from = 1, to = 9 }
        metric cart.wait native: none -> 1 to 9, factor 1.1 [breaking additive] minor

        - states = "mode"
        + states = "shelf"
        metric cart.mode states: mode -> shelf [breaking breaking] minor

        - denominator = ["cart.good", "cart.bad"]
        + denominator = "cart.good"
        metric cart.loss denominator: cart.good, cart.bad -> cart.good [breaking cosmetic] minor
    "#]];
    assert_changes(SHOP, &cases);
}

#[test]
fn labels_of_metrics_and_groups() {
    let cases = expect![[r#"
        - labels = ["shelf"]
        metric cart.added labels: tenant, shelf -> tenant [breaking breaking] major

        - labels = ["mode"]
        + labels = ["mode", "shelf"]
        metric cart.build labels: tenant, mode -> tenant, mode, shelf [additive breaking] minor

        - labels = ["shelf"]
        + labels = [{ name = "shelf", optional = true }]
        metric cart.added labels: none -> optional: shelf [additive breaking] major

        - labels = ["tenant"]
        + labels = [{ name = "tenant", optional = true }]
        group cart labels: none -> optional: tenant [cosmetic breaking] major
        metric cart.added labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.removed labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.loss labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.good labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.bad labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.wait labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.mode labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.build labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.size labels: none -> optional: tenant [additive cosmetic] minor

        - labels = ["tenant"]
        group cart labels: tenant -> none [cosmetic breaking] major
        metric cart.added labels: tenant, shelf -> shelf [breaking cosmetic] major
        metric cart.removed labels: tenant, shelf -> shelf [breaking cosmetic] minor
        metric cart.loss labels: tenant -> none [breaking cosmetic] minor
        metric cart.good labels: tenant -> none [breaking cosmetic] minor
        metric cart.bad labels: tenant -> none [breaking cosmetic] minor
        metric cart.wait labels: tenant -> none [breaking cosmetic] minor
        metric cart.mode labels: tenant -> none [breaking cosmetic] minor
        metric cart.build labels: tenant, mode -> mode [breaking cosmetic] minor
        metric cart.size labels: tenant -> none [breaking cosmetic] minor
    "#]];
    assert_changes(SHOP, &cases);
}

#[test]
fn promises() {
    let cases = expect![[r#"
        - stability = "stable"
        + stability = "experimental"
        metric cart.added stability: stable -> experimental [breaking breaking] major

        @ help = "Size."
        + stability = "stable"
        + since = "1.0.0"
        metric cart.size stability: experimental -> stable [additive additive] minor
        metric cart.size since: none -> 1.0.0 [cosmetic cosmetic] patch

        - stability = "stable"
        + deprecated = { since = "2.0.0", use = "cart.size", note = "No." }
        metric cart.added stability: stable -> deprecated [additive additive] minor
        metric cart.added deprecated: none -> since 2.0.0; use cart.size; No. [cosmetic additive] minor
    "#]];
    assert_changes(SHOP, &cases);
}

/// Returns the test schema with the sum label `place`, whose values have these extra labels.
fn with_place(with: &str) -> String {
    let place = format!(
        r#"[labels.coupon]
help = "Coupon."
stability = 'stable'
open = {{ max = 3 }}
[labels.place]
help = "Place."
of = "shelf"
with = {{ {with} }}

[buckets]"#
    );
    let text = SHOP.replace("[buckets]", &place);
    let text = text.replace("[labels.mode]", "[labels.mode]\nstability = 'stable'");
    text.replacen("labels = [\"shelf\"]", "labels = [\"place\"]", 1)
}

#[test]
fn sum_labels_of_metrics() {
    let cases = expect![[r#"
        - with = { tools = ["coupon"] }
        + with = { food = ["coupon"] }
        label place with: none -> food: coupon [cosmetic breaking] major
        label place with: tools: coupon -> none [cosmetic breaking] major
        metric cart.added sum labels: place (coupon where shelf is tools) -> place (coupon where shelf is food) [breaking breaking] major

        - values = ["food", "tools"]
        + values = ["food", "tools", "toys"]
        - with = { tools = ["coupon"] }
        + with = { tools = ["coupon"], toys = ["coupon"] }
        label shelf values: none -> toys [additive breaking] major
        metric cart.added sum labels: place (coupon where shelf is tools) -> place (coupon where shelf is tools, coupon where shelf is toys) [additive additive] minor
    "#]];
    let place = with_place("tools = [\"coupon\"]");
    assert_changes(&place, &cases);
    let cases = expect![[r#"
        - labels = ["shelf"]
        + labels = ["place"]
        metric cart.added labels: tenant, shelf -> tenant, shelf, coupon [breaking breaking] major
        metric cart.added sum labels: none -> place (coupon where shelf is tools) [breaking breaking] major
    "#]];
    let shelf = place.replace("labels = [\"place\"]", "labels = [\"shelf\"]");
    assert_changes(&shelf, &cases);
}

#[test]
fn changes_of_sum_labels() {
    // The order of the extra labels is that of the variant's fields.
    let cases = expect![[r#"
        - with = { tools = ["coupon", "mode"] }
        + with = { tools = ["mode", "coupon"] }
        label place with: tools: coupon, mode -> tools: mode, coupon [cosmetic breaking] major
        metric cart.added labels: tenant, shelf, coupon, mode -> tenant, shelf, mode, coupon [cosmetic breaking] major
    "#]];
    assert_changes(&with_place("tools = [\"coupon\", \"mode\"]"), &cases);
    let cases = expect![[r#"
        - help = "Place."
        + help = "The place."
        label place help: Place. -> The place. [cosmetic cosmetic] patch

        @ of = "shelf"
        + note = "More."
        + annotations = { a = 1 }
        + allow = ["needless-sum"]
        label place note: none -> More. [cosmetic cosmetic] patch
        label place annotations: none -> { a = 1 } [cosmetic cosmetic] patch
        label place allow: none -> needless-sum [cosmetic cosmetic] patch

        - labels = ["tenant"]
        + labels = [{ name = "tenant", optional = true }]
        - stability = "stable"
        group cart labels: none -> optional: tenant [cosmetic breaking] major
        metric cart.added labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.added stability: stable -> experimental [breaking breaking] major
        metric cart.removed labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.loss labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.good labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.bad labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.wait labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.mode labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.build labels: none -> optional: tenant [additive cosmetic] minor
        metric cart.size labels: none -> optional: tenant [additive cosmetic] minor

        - labels = ["place"]
        + labels = ["shelf"]
        - [labels.coupon]
        - help = "Coupon."
        - stability = 'stable'
        - open = { max = 3 }
        - [labels.place]
        - help = "Place."
        - of = "shelf"
        - with = { tools = ["coupon"] }
        label coupon label: coupon -> none [cosmetic breaking] major
        label label values: coupon -> none [breaking cosmetic] minor
        label place label: place -> none [cosmetic breaking] major
        metric cart.added labels: tenant, shelf, coupon -> tenant, shelf [breaking breaking] major
        metric cart.added sum labels: place (coupon where shelf is tools) -> none [breaking breaking] major
    "#]];
    assert_changes(&with_place("tools = [\"coupon\"]"), &cases);
    // Another label may become optional next to a sum label.
    let cases = expect![[r#"
        - labels = ["place", "mode"]
        + labels = ["place", { name = "mode", optional = true }]
        metric cart.added labels: none -> optional: mode [additive breaking] major
    "#]];
    let place = with_place("tools = [\"coupon\"]");
    let schema = place.replace("labels = [\"place\"]", "labels = [\"place\", \"mode\"]");
    assert_changes(&schema, &cases);
}

//! Changes of metrics: matching, names, kinds, labels and stability.

use super::super::Release;
use super::{SHOP, assert_changes, changed, changes, checked};

#[test]
fn metrics_are_added_removed_and_moved() {
    assert_changes(
        &[("[metrics.cart.size]", "[metrics.cart.weight]")],
        &[
            "label metric values: shop_cart_size -> none [breaking cosmetic]",
            "label metric values: none -> shop_cart_weight [additive cosmetic]",
            "metric cart.size metric: shop_cart_size -> none [breaking breaking]",
            "metric cart.weight metric: none -> shop_cart_weight [additive additive]",
        ],
        Release::Minor,
    );
    assert_changes(
        &[(
            "[metrics.cart.size]",
            "[metrics.cart.weight]\nname = \"shop_cart_size\"",
        )],
        &[
            "metric cart.size key: cart.size -> cart.weight [cosmetic breaking]",
            "metric cart.size name: by the rules -> as written [cosmetic cosmetic]",
        ],
        Release::Minor,
    );
    assert_changes(
        &[(
            "help = \"Articles put",
            "name = \"adds_total\"\nhelp = \"Articles put",
        )],
        &["metric cart.added name: shop_cart_added_total -> adds_total [breaking cosmetic]"],
        Release::Major,
    );
}

#[test]
fn former_names() {
    const RENAMED: &str =
        "help = \"Size.\"\nrenamed_from = { name = \"shop_cart_size\", until = \"2.0.0\" }";
    assert_changes(
        &[
            ("[metrics.cart.size]", "[metrics.cart.weight]"),
            ("help = \"Size.\"", RENAMED),
        ],
        &[
            "label metric values: shop_cart_size -> none [breaking cosmetic]",
            "label metric values: none -> shop_cart_weight [additive cosmetic]",
            "metric cart.size key: cart.size -> cart.weight [cosmetic breaking]",
            "metric cart.size name: shop_cart_size -> shop_cart_weight [additive cosmetic]",
            "metric cart.size renamed_from: none -> shop_cart_size [additive cosmetic]",
        ],
        Release::Minor,
    );
    let before = SHOP
        .replace("[metrics.cart.size]", "[metrics.cart.weight]")
        .replace("help = \"Size.\"", RENAMED);
    let after = |text: &str| changes(&checked(&before), &checked(text)).0;
    assert_eq!(
        after(&before.replace("2.0.0", "3.0.0")),
        ["metric cart.weight renamed_from: until 2.0.0 -> until 3.0.0 [cosmetic cosmetic]"]
    );
    assert_eq!(
        after(&SHOP.replace("[metrics.cart.size]", "[metrics.cart.weight]")),
        ["metric cart.weight renamed_from: shop_cart_size -> none [breaking cosmetic]"]
    );
}

#[test]
fn kinds_and_their_fields() {
    assert_changes(
        &[("type = \"gauge\"", "type = \"updown_counter\"")],
        &[
            "label metric values: shop_cart_size -> none [breaking cosmetic]",
            "metric cart.size type: gauge -> updown_counter [cosmetic breaking]",
        ],
        Release::Minor,
    );
    assert_changes(
        &[(
            "type = \"gauge\"",
            "type = \"gauge\"\ncallback = true\nunit = \"bytes\"",
        )],
        &[
            "label metric values: shop_cart_size -> none [breaking cosmetic]",
            "metric cart.size name: shop_cart_size -> shop_cart_size_bytes [breaking cosmetic]",
            "metric cart.size callback: false -> true [cosmetic breaking]",
            "metric cart.size unit: none -> bytes [breaking breaking]",
        ],
        Release::Minor,
    );
    assert_changes(
        &[("fine = [1, 2, 3]", "fine = [1, 2, 3, 4]")],
        &["metric cart.wait buckets: 1, 2, 3 -> 1, 2, 3, 4 [additive cosmetic]"],
        Release::Minor,
    );
    assert_changes(
        &[("fine = [1, 2, 3]", "fine = [1, 2.5, 3]")],
        &["metric cart.wait buckets: 1, 2, 3 -> 1, 2.5, 3 [breaking cosmetic]"],
        Release::Minor,
    );
    assert_changes(
        &[("buckets = \"fine\"", "buckets = \"fine\"\nexemplars = true")],
        &["metric cart.wait exemplars: none -> kept [cosmetic additive]"],
        Release::Minor,
    );
    let native = "native = { factor = 1.1, from = 1, to = 9 }";
    let with_native = format!("buckets = \"fine\"\n{native}");
    assert_changes(
        &[("buckets = \"fine\"", &with_native)],
        &["metric cart.wait native: none -> 1 to 9, factor 1.1 [breaking additive]"],
        Release::Minor,
    );
    assert_changes(
        &[("states = \"mode\"", "states = \"shelf\"")],
        &["metric cart.mode states: mode -> shelf [breaking breaking]"],
        Release::Minor,
    );
    assert_changes(
        &[(
            "denominator = [\"cart.good\", \"cart.bad\"]",
            "denominator = \"cart.good\"",
        )],
        &["metric cart.loss denominator: cart.good, cart.bad -> cart.good [breaking cosmetic]"],
        Release::Minor,
    );
}

#[test]
fn labels_of_metrics_and_groups() {
    assert_changes(
        &[("labels = [\"shelf\"]\nstability", "stability")],
        &["metric cart.added labels: tenant, shelf -> tenant [breaking breaking]"],
        Release::Major,
    );
    assert_changes(
        &[("labels = [\"mode\"]", "labels = [\"mode\", \"shelf\"]")],
        &["metric cart.build labels: tenant, mode -> tenant, mode, shelf [additive breaking]"],
        Release::Minor,
    );
    let optional = "labels = [{ name = \"shelf\", optional = true }]\nstability";
    assert_changes(
        &[("labels = [\"shelf\"]\nstability", optional)],
        &["metric cart.added labels: none -> optional: shelf [additive breaking]"],
        Release::Major,
    );
    let (lines, _) = changed(&[(
        "labels = [\"tenant\"]",
        "labels = [{ name = \"tenant\", optional = true }]",
    )]);
    assert_eq!(
        lines[..2],
        [
            "group cart labels: none -> optional: tenant [cosmetic breaking]",
            "metric cart.added labels: none -> optional: tenant [additive cosmetic]",
        ]
    );
    let (lines, release) = changed(&[("labels = [\"tenant\"]", "labels = []")]);
    assert_eq!(
        lines[0],
        "group cart labels: tenant -> none [cosmetic breaking]"
    );
    assert!(
        lines.contains(&"metric cart.size labels: tenant -> none [breaking cosmetic]".to_owned()),
        "{lines:#?}"
    );
    assert_eq!(release, Release::Major);
}

#[test]
fn promises() {
    assert_changes(
        &[("stability = \"stable\"", "stability = \"experimental\"")],
        &["metric cart.added stability: stable -> experimental [breaking breaking]"],
        Release::Major,
    );
    assert_changes(
        &[(
            "help = \"Size.\"",
            "help = \"Size.\"\nstability = \"stable\"\nsince = \"1.0.0\"",
        )],
        &[
            "metric cart.size stability: experimental -> stable [additive additive]",
            "metric cart.size since: none -> 1.0.0 [cosmetic cosmetic]",
        ],
        Release::Minor,
    );
    assert_changes(
        &[(
            "stability = \"stable\"",
            "deprecated = { since = \"2.0.0\", use = \"cart.size\", note = \"No.\" }",
        )],
        &[
            "metric cart.added stability: stable -> deprecated [additive additive]",
            "metric cart.added deprecated: none -> since 2.0.0; use cart.size; No. [cosmetic additive]",
        ],
        Release::Minor,
    );
}

/// Returns the schema with a sum label.
fn with_place(with: &str) -> String {
    let place = "[labels.coupon]\nhelp = \"Coupon.\"\nstability = 'stable'\nopen = { max = 3 }\n\n[labels.place]\nhelp = \"Place.\"\nof = \"shelf\"\nwith = ";
    let text = SHOP.replace("[buckets]", &format!("{place}{with}\n\n[buckets]"));
    text.replace(
        "labels = [\"shelf\"]\nstability",
        "labels = [\"place\"]\nstability",
    )
}

#[test]
fn sum_labels_of_metrics() {
    let sums = |old: &str, new: &str| {
        let (lines, _) = changes(&checked(old), &checked(new));
        let sums = lines.into_iter().filter(|line| line.contains("sum labels"));
        sums.collect::<Vec<_>>()
    };
    let tools = with_place("{ tools = [\"coupon\"] }");
    assert_eq!(
        sums(SHOP, &tools),
        [
            "metric cart.added sum labels: none -> place (coupon where shelf is tools) [breaking breaking]"
        ]
    );
    assert_eq!(
        sums(&tools, &with_place("{ food = [\"coupon\"] }")),
        [
            "metric cart.added sum labels: place (coupon where shelf is tools) -> place (coupon where shelf is food) [breaking breaking]"
        ]
    );
    let more = tools
        .replace("[\"food\", \"tools\"]", "[\"food\", \"tools\", \"toys\"]")
        .replace(
            "{ tools = [\"coupon\"] }",
            "{ tools = [\"coupon\"], toys = [\"coupon\"] }",
        );
    assert_eq!(
        sums(&tools, &more),
        [
            "metric cart.added sum labels: place (coupon where shelf is tools) -> place (coupon where shelf is tools, coupon where shelf is toys) [additive additive]"
        ]
    );
}

#[test]
fn changes_of_sum_labels() {
    let tools = with_place("{ tools = [\"coupon\"] }");
    // The order of the further labels is that of the variant's fields.
    let two = with_place("{ tools = [\"coupon\", \"mode\"] }")
        .replace("[labels.mode]", "[labels.mode]\nstability = 'stable'");
    let found = |old: &str, new: &str| changes(&checked(old), &checked(new)).0;
    let order = found(
        &two,
        &two.replace("[\"coupon\", \"mode\"]", "[\"mode\", \"coupon\"]"),
    );
    assert_eq!(
        order[0],
        "label place with: tools: coupon, mode -> tools: mode, coupon [cosmetic breaking]"
    );
    for (old, new, change) in [
        (
            "\"Place.\"",
            "\"The place.\"",
            "label place help: Place. -> The place. [cosmetic cosmetic]",
        ),
        (
            "of =",
            "note = \"More.\"\nof =",
            "label place note: none -> More. [cosmetic cosmetic]",
        ),
        (
            "of =",
            "annotations = { a = 1 }\nof =",
            "label place annotations: none -> { \"a\" = 1 } [cosmetic cosmetic]",
        ),
        (
            "of =",
            "allow = [\"needless-sum\"]\nof =",
            "label place allow: none -> needless-sum [cosmetic cosmetic]",
        ),
        (
            "labels = [\"tenant\"]",
            "labels = [{ name = \"tenant\", optional = true }]",
            "group cart labels: none -> optional: tenant [cosmetic breaking]",
        ),
    ] {
        let changed = tools.replace(old, new);
        let changed = if new.starts_with("labels") {
            changed.replace("stability = \"stable\"", "")
        } else {
            changed
        };
        assert!(
            found(&tools, &changed).contains(&change.to_owned()),
            "{:?}",
            found(&tools, &changed)
        );
    }
    assert_eq!(
        found(&tools, SHOP)
            .iter()
            .filter(|line| line.starts_with("label "))
            .collect::<Vec<_>>(),
        [
            "label coupon label: coupon -> none [cosmetic breaking]",
            "label label values: coupon -> none [breaking cosmetic]",
            "label place label: place -> none [cosmetic breaking]"
        ]
    );
    // Another label may become optional next to a sum label.
    let optional = "labels = [\"place\", { name = \"mode\", optional = true }]";
    let stable = |text: &str| text.replace("[labels.mode]", "[labels.mode]\nstability = 'stable'");
    let required = stable(&tools).replace("labels = [\"place\"]", "labels = [\"place\", \"mode\"]");
    let found = found(
        &required,
        &stable(&tools).replace("labels = [\"place\"]", optional),
    );
    assert_eq!(
        found,
        ["metric cart.added labels: none -> optional: mode [additive breaking]"]
    );
}

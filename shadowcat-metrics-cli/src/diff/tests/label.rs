//! Changes of labels, their values and former values.

use expect_test::expect;

use super::{SHOP, assert_changes};

#[test]
fn label_values() {
    let cases = expect![[r#"
        - values = ["food", "tools"]
        + values = ["food", "books"]
        label shelf values: tools -> none [breaking breaking] major
        label shelf values: none -> books [additive breaking] major

        - values = ["idle", "busy"]
        + values = ["busy", "idle"]
        label mode values: idle, busy -> busy, idle [cosmetic cosmetic] patch

        - values = ["idle", "busy"]
        + values = ["idle", "busy", "off"]
        label mode values: none -> off [additive breaking] minor

        - open = { max = 3 }
        + open = { max = 4 }
        label tenant open.max: 3 -> 4 [additive cosmetic] minor

        - open = { max = 3 }
        + open = { max = 2, overflow = "more" }
        label tenant open.max: 3 -> 2 [breaking cosmetic] major
        label tenant open.overflow: __other__ -> more [breaking cosmetic] major

        - values = ["food", "tools"]
        + open = { max = 2 }
        label shelf values: food, tools -> open, at most 2 [additive breaking] major
        label label values: none -> shelf [additive cosmetic] minor
    "#]];
    assert_changes(SHOP, &cases);
}

#[test]
fn exposed_names_and_keys() {
    // The states of a metric are in a label with the name of the metric, so the last case does not change `cart.mode`.
    let cases = expect![[r#"
        @ [labels.shelf]
        + name = "shelf_place"
        label shelf name: shelf -> shelf_place [cosmetic cosmetic] patch
        metric cart.added labels: tenant, shelf -> tenant, shelf_place [breaking cosmetic] major
        metric cart.removed labels: tenant, shelf -> tenant, shelf_place [breaking cosmetic] minor

        - [labels.shelf]
        + [labels.rack]
        + name = "shelf"
        - labels = ["shelf"]
        + labels = ["rack"]
        - labels = ["shelf"]
        + labels = ["rack"]
        label shelf key: shelf -> rack [cosmetic breaking] major

        @ [labels.mode]
        + name = "Mode"
        label mode name: mode -> Mode [cosmetic cosmetic] patch
        metric cart.build labels: tenant, mode -> tenant, Mode [breaking cosmetic] minor
    "#]];
    assert_changes(SHOP, &cases);
}

/// The library has labels of these names, too.
#[test]
fn labels_called_like_those_of_the_library() {
    let schema = r#"
format = 1
namespace = "shop"

[labels.label]
help = "Label."
open = { max = 3 }

[labels.metric]
help = "Metric."
values = ["a"]

[groups.cart]
help = "Carts."
labels = ["label", "metric"]

[metrics.cart.size]
type = "gauge"
help = "Size."
"#;
    let cases = expect![[r#"
        none

        - values = ["a"]
        + values = ["a", "b"]
        label metric values: none -> b [additive breaking] minor
    "#]];
    assert_changes(schema, &cases);
}

#[test]
fn former_and_bad_values() {
    let cases = expect![[r#"
        - values = ["food", "tools"]
        + values = { food = "it", kit = { renamed_from = { name = "tools", until = "2.0.0" } } }
        label shelf values: none -> food: it [cosmetic cosmetic] patch
        label shelf values: tools -> kit, and still tools [breaking breaking] major

        - values = ["food", "tools"]
        + values = { food = {}, tools = { bad = true } }
        label shelf values: tools: not bad -> tools: bad [cosmetic cosmetic] patch
    "#]];
    assert_changes(SHOP, &cases);
}

#[test]
fn extensible_labels() {
    let cases = expect![[r#"
        @ values = ["food", "tools"]
        + extensible = true
        label shelf extensible: false -> true [cosmetic breaking] major
    "#]];
    assert_changes(SHOP, &cases);
    let values = "values = [\"food\", \"tools\"]";
    let schema = SHOP.replacen(values, &format!("{values}\nextensible = true"), 1);
    let cases = expect![[r#"
        - values = ["food", "tools"]
        + values = ["food", "tools", "books"]
        label shelf values: none -> books [additive additive] minor

        - values = ["food", "tools"]
        + values = ["food"]
        label shelf values: tools -> none [breaking breaking] major

        @ extensible = true
        + fallback = "tools"
        label shelf fallback: none -> tools [cosmetic breaking] major
    "#]];
    assert_changes(&schema, &cases);
}

#[test]
fn changes_of_values_are_described() {
    let cases = expect![[r#"
        - values = ["food", "tools"]
        + values = { food = { since = "1.1.0" }, tools = { deprecated = { use = "food" } } }
        + note = "More."
        + annotations = { team = "a" }
        label shelf since: none -> food: since 1.1.0 [cosmetic cosmetic] patch
        label shelf deprecated: none -> tools: use food [cosmetic additive] minor
        label shelf note: none -> More. [cosmetic cosmetic] patch
        label shelf annotations: none -> { team = "a" } [cosmetic cosmetic] patch

        @ open = { max = 3 }
        + examples = ["acme"]
        label tenant examples: none -> acme [cosmetic cosmetic] patch

        @ open = { max = 3 }
        + otel = "shop.tenant"
        label tenant otel: none -> shop.tenant [additive cosmetic] minor
    "#]];
    assert_changes(SHOP, &cases);
}

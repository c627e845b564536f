//! Changes of labels, their values and former values.

use super::super::Release;
use super::{SHOP, assert_changes, changes, checked};

#[test]
fn label_values() {
    assert_changes(
        &[("\"food\", \"tools\"", "\"food\", \"books\"")],
        &[
            "label shelf values: tools -> none [breaking breaking]",
            "label shelf values: none -> books [additive breaking]",
        ],
        Release::Major,
    );
    assert_changes(
        &[("\"idle\", \"busy\"", "\"busy\", \"idle\"")],
        &["label mode values: idle, busy -> busy, idle [cosmetic cosmetic]"],
        Release::Patch,
    );
    assert_changes(
        &[("\"idle\", \"busy\"", "\"idle\", \"busy\", \"off\"")],
        &["label mode values: none -> off [additive breaking]"],
        Release::Minor,
    );
    assert_changes(
        &[("max = 3", "max = 4")],
        &["label tenant open.max: 3 -> 4 [additive cosmetic]"],
        Release::Minor,
    );
    assert_changes(
        &[("max = 3", "max = 2, overflow = \"more\"")],
        &[
            "label tenant open.max: 3 -> 2 [breaking cosmetic]",
            "label tenant open.overflow: __other__ -> more [breaking cosmetic]",
        ],
        Release::Major,
    );
    assert_changes(
        &[("values = [\"food\", \"tools\"]", "open = { max = 2 }")],
        &[
            "label shelf values: food, tools -> open, at most 2 [additive breaking]",
            "label label values: none -> shelf [additive cosmetic]",
        ],
        Release::Major,
    );
}

#[test]
fn exposed_names_and_keys() {
    assert_changes(
        &[(
            "[labels.shelf]\nhelp",
            "[labels.shelf]\nname = \"shelf_place\"\nhelp",
        )],
        &[
            "label shelf name: shelf -> shelf_place [cosmetic cosmetic]",
            "metric cart.added labels: tenant, shelf -> tenant, shelf_place [breaking cosmetic]",
            "metric cart.removed labels: tenant, shelf -> tenant, shelf_place [breaking cosmetic]",
        ],
        Release::Major,
    );
    assert_changes(
        &[
            (
                "[labels.shelf]\nhelp",
                "[labels.rack]\nname = \"shelf\"\nhelp",
            ),
            ("labels = [\"shelf\"]", "labels = [\"rack\"]"),
            ("labels = [\"shelf\"]", "labels = [\"rack\"]"),
        ],
        &["label shelf key: shelf -> rack [cosmetic breaking]"],
        Release::Major,
    );
    // The states of a metric are in a label with the name of the metric.
    assert_changes(
        &[(
            "[labels.mode]\nhelp",
            "[labels.mode]\nname = \"Mode\"\nhelp",
        )],
        &[
            "label mode name: mode -> Mode [cosmetic cosmetic]",
            "metric cart.build labels: tenant, mode -> tenant, Mode [breaking cosmetic]",
        ],
        Release::Minor,
    );
}

/// The library has labels of these names, too.
#[test]
fn labels_called_like_those_of_the_library() {
    let schema = |values: &str| {
        checked(&format!(
            "format = 1
namespace = \"shop\"

[labels.label]
help = \"Label.\"
open = {{ max = 3 }}

[labels.metric]
help = \"Metric.\"
values = [{values}]

[groups.cart]
help = \"Carts.\"
labels = [\"label\", \"metric\"]

[metrics.cart.size]
type = \"gauge\"
help = \"Size.\"
"
        ))
    };
    let old = schema("\"a\"");
    assert_eq!(changes(&old, &old), (Vec::new(), Release::None));
    assert_eq!(
        changes(&old, &schema("\"a\", \"b\"")).0,
        ["label metric values: none -> b [additive breaking]"]
    );
}

#[test]
fn former_values() {
    let renamed = "values = { food = \"it\", kit = { renamed_from = { name = \"tools\", until = \"2.0.0\" } } }";
    assert_changes(
        &[("values = [\"food\", \"tools\"]", renamed)],
        &[
            "label shelf values: none -> food: it [cosmetic cosmetic]",
            "label shelf values: tools -> kit, and still tools [breaking breaking]",
        ],
        Release::Major,
    );
}

#[test]
fn bad_values() {
    let marked = "values = { food = {}, tools = { bad = true } }";
    assert_changes(
        &[("values = [\"food\", \"tools\"]", marked)],
        &["label shelf values: tools: not bad -> tools: bad [cosmetic cosmetic]"],
        Release::Patch,
    );
}

#[test]
fn extensible_labels() {
    let closed = "values = [\"food\", \"tools\"]";
    let extensible = "values = [\"food\", \"tools\"]\nextensible = true";
    assert_changes(
        &[(closed, extensible)],
        &["label shelf extensible: false -> true [cosmetic breaking]"],
        Release::Major,
    );
    let schema = |values: &str| checked(&SHOP.replacen(closed, values, 1));
    let old = schema(extensible);
    let assert = |values: &str, expected: &[&str], release| {
        let found = changes(&old, &schema(values));
        let expected: Vec<_> = expected.iter().map(|&line| line.to_owned()).collect();
        assert_eq!(found, (expected, release), "{values}");
    };
    assert(
        "values = [\"food\", \"tools\", \"books\"]\nextensible = true",
        &["label shelf values: none -> books [additive additive]"],
        Release::Minor,
    );
    assert(
        "values = [\"food\"]\nextensible = true",
        &["label shelf values: tools -> none [breaking breaking]"],
        Release::Major,
    );
    assert(
        "values = [\"food\", \"tools\"]\nextensible = true\nfallback = \"tools\"",
        &["label shelf fallback: none -> tools [cosmetic breaking]"],
        Release::Major,
    );
}

#[test]
fn changes_of_values_are_described() {
    let detailed = "values = { food = { since = \"1.1.0\" }, tools = { deprecated = { use = \"food\" } } }\n\
                note = \"More.\"\nannotations = { team = \"a\" }";
    assert_changes(
        &[("values = [\"food\", \"tools\"]", detailed)],
        &[
            "label shelf since: none -> food: since 1.1.0 [cosmetic cosmetic]",
            "label shelf deprecated: none -> tools: use food [cosmetic additive]",
            "label shelf note: none -> More. [cosmetic cosmetic]",
            "label shelf annotations: none -> { \"team\" = \"a\" } [cosmetic cosmetic]",
        ],
        Release::Minor,
    );
    assert_changes(
        &[(
            "open = { max = 3 }",
            "open = { max = 3 }\nexamples = [\"acme\"]",
        )],
        &["label tenant examples: none -> acme [cosmetic cosmetic]"],
        Release::Patch,
    );
    assert_changes(
        &[(
            "open = { max = 3 }",
            "open = { max = 3 }\notel = \"shop.tenant\"",
        )],
        &["label tenant otel: none -> shop.tenant [additive cosmetic]"],
        Release::Minor,
    );
}

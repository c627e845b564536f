//! One change of each field, and what is made of it.

use shadowcat_metrics_codegen::model::Registry;
use shadowcat_metrics_codegen::{Source, compile};

use super::{Release, diff};

mod operations;

const SHOP: &str = r#"
format = 1
namespace = "shop"

[labels.shelf]
help = "Shelf of the article."
stability = 'stable'
values = ["food", "tools"]

[labels.mode]
help = "Mode."
values = ["idle", "busy"]

[labels.tenant]
help = "Tenant."
stability = 'stable'
open = { max = 3 }

[buckets]
fine = [1, 2, 3]

[groups.cart]
help = "Shopping carts."
labels = ["tenant"]

[metrics.cart.added]
type = "counter"
help = "Articles put into carts."
labels = ["shelf"]
stability = "stable"
since = "1.0.0"

[metrics.cart.removed]
type = "counter"
help = "Articles taken out."
labels = ["shelf"]

[metrics.cart.loss]
type = "ratio"
help = "Loss."
numerator = "cart.bad"
denominator = ["cart.good", "cart.bad"]

[metrics.cart.good]
type = "counter"
help = "Good."

[metrics.cart.bad]
type = "counter"
help = "Bad."

[metrics.cart.wait]
type = "histogram"
help = "Wait."
buckets = "fine"

[metrics.cart.mode]
type = "state"
help = "Mode."
states = "mode"

[metrics.cart.build]
type = "info"
help = "Build."
labels = ["mode"]

[metrics.cart.size]
type = "gauge"
help = "Size."
"#;

fn registry(schema: &str) -> Registry {
    let outcome = compile(Source::new("metrics.toml", schema));
    assert!(
        !outcome.report.has_errors(),
        "{:#?}",
        outcome.report.diagnostics()
    );
    outcome.skeleton().clone()
}

/// The changes made by replacing texts, a line each, and the release.
fn changed(replace: &[(&str, &str)]) -> (Vec<String>, Release) {
    let mut new = SHOP.to_owned();
    for (from, to) in replace {
        assert!(new.contains(from), "{from}");
        new = new.replacen(from, to, 1);
    }
    changes(&registry(SHOP), &registry(&new))
}

/// The changes from one schema to another, a line each, and the release.
fn changes(old: &Registry, new: &Registry) -> (Vec<String>, Release) {
    let changes = diff(old, new);
    let lines = changes.iter().map(|change| {
        format!(
            "{} {} {}: {} -> {} [{} {}]",
            change.subject,
            change.name,
            change.field,
            change.old.as_deref().unwrap_or("none"),
            change.new.as_deref().unwrap_or("none"),
            change.dashboards.name(),
            change.rust.name(),
        )
    });
    (lines.collect(), Release::of(&changes))
}

#[track_caller]
fn assert_changes(replace: &[(&str, &str)], expected: &[&str], release: Release) {
    assert_eq!(
        changed(replace),
        (
            expected.iter().map(|&line| line.to_owned()).collect(),
            release
        )
    );
}

#[test]
fn nothing_and_what_is_written_another_way() {
    assert_changes(&[], &[], Release::None);
    assert_changes(
        &[("[\"food\", \"tools\"]", "[ \"food\",\n\"tools\" ] # same")],
        &[],
        Release::None,
    );
    assert_changes(
        &[
            ("fine = [", "finer = ["),
            ("buckets = \"fine\"", "buckets = \"finer\""),
        ],
        &["metric cart.wait buckets: fine -> finer [cosmetic cosmetic]"],
        Release::Patch,
    );
}

#[test]
fn what_the_library_counts_of_something_experimental_was_promised_no_more_than_that() {
    // The histogram takes any `f64`, so there is a counter of those that it rejects, by its name.
    let (lines, release) = changed(&[
        ("[metrics.cart.wait]", "[metrics.cart.stay]"),
        ("[metrics.cart.size]", "[metrics.cart.height]"),
    ]);
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("label metric values: ")),
        "{lines:#?}"
    );
    assert_eq!(release, Release::Minor, "{lines:#?}");
    let schema = |metric: &str| {
        let head = "format = 1\nnamespace = \"shop\"\n[groups.cart]\nhelp = \"Carts.\"\n";
        registry(&format!("{head}{metric}"))
    };
    let (old, new) = (
        schema("[metrics.cart.size]\ntype = \"gauge\"\nunit = \"celsius\"\nhelp = \"Size.\"\n"),
        schema(""),
    );
    let (lines, release) = changes(&old, &new);
    for line in [
        "label metric label: metric -> none [cosmetic cosmetic]",
        "metric metrics.rejected_values metric: shop_metrics_rejected_values_total -> none [breaking breaking]",
    ] {
        assert!(lines.contains(&line.to_owned()), "{lines:#?}");
    }
    assert_eq!(release, Release::Minor, "{lines:#?}");
}

#[test]
fn a_schema_with_everything_does_not_differ_from_itself() {
    let text = include_str!("../../../tests/golden/everything.toml");
    let laid_out = crate::layout::lay_out(text).expect("it is TOML");
    assert_ne!(text, laid_out, "it is written another way");
    assert_eq!(diff(&registry(text), &registry(&laid_out)), []);
}

#[test]
fn texts_are_cosmetic() {
    assert_changes(
        &[
            ("Shelf of", "Where"),
            ("Shopping carts", "Carts"),
            ("put into carts", "added"),
        ],
        &[
            "label shelf help: Shelf of the article. -> Where the article. [cosmetic cosmetic]",
            "group cart help: Shopping carts. -> Carts. [cosmetic cosmetic]",
            "metric cart.added help: Articles put into carts. -> Articles added. [cosmetic cosmetic]",
        ],
        Release::Patch,
    );
    assert_changes(
        &[
            (
                "namespace = \"shop\"\n",
                "namespace = \"shop\"\n[defaults]\nowner = \"@a\"\nseries_budget = 9_000\nallow = [\"unused-label\"]\n",
            ),
            (
                "help = \"Size.\"",
                "help = \"Size.\"\nsince = \"1.0.0\"\nowner = \"@b\"",
            ),
        ],
        &[
            "schema  series_budget: 10000 -> 9000 [cosmetic cosmetic]",
            "schema  allow: none -> unused-label [cosmetic cosmetic]",
            "metric cart.added owner: none -> @a [cosmetic cosmetic]",
            "metric cart.removed owner: none -> @a [cosmetic cosmetic]",
            "metric cart.loss owner: none -> @a [cosmetic cosmetic]",
            "metric cart.good owner: none -> @a [cosmetic cosmetic]",
            "metric cart.bad owner: none -> @a [cosmetic cosmetic]",
            "metric cart.wait owner: none -> @a [cosmetic cosmetic]",
            "metric cart.mode owner: none -> @a [cosmetic cosmetic]",
            "metric cart.build owner: none -> @a [cosmetic cosmetic]",
            "metric cart.size since: none -> 1.0.0 [cosmetic cosmetic]",
            "metric cart.size owner: none -> @b [cosmetic cosmetic]",
        ],
        Release::Patch,
    );
}

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
fn former_names() {
    const RENAMED: &str =
        "help = \"Size.\"\nrenamed_from = { name = \"shop_cart_size\", until = \"2.0.0\" }";
    assert_changes(
        &[
            ("[metrics.cart.size]", "[metrics.cart.weight]"),
            ("help = \"Size.\"", RENAMED),
        ],
        &[
            "metric cart.size key: cart.size -> cart.weight [cosmetic breaking]",
            "metric cart.size name: shop_cart_size -> shop_cart_weight [additive cosmetic]",
            "metric cart.size renamed_from: none -> shop_cart_size [additive cosmetic]",
        ],
        Release::Minor,
    );
    let before = SHOP
        .replace("[metrics.cart.size]", "[metrics.cart.weight]")
        .replace("help = \"Size.\"", RENAMED);
    let after = |text: &str| changes(&registry(&before), &registry(text)).0;
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
fn former_values() {
    let renamed = "values = { food = \"it\", kit = { renamed_from = { name = \"tools\", until = \"2.0.0\" } } }";
    assert_changes(
        &[("values = [\"food\", \"tools\"]", renamed)],
        &[
            "label shelf values: none -> food: it [cosmetic cosmetic]",
            "label shelf values: tools -> kit, and tools beside it [breaking breaking]",
        ],
        Release::Major,
    );
}

#[test]
fn metrics_come_go_and_move() {
    assert_changes(
        &[("[metrics.cart.size]", "[metrics.cart.weight]")],
        &[
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
fn kinds_and_what_they_have() {
    assert_changes(
        &[("type = \"gauge\"", "type = \"updown_counter\"")],
        &["metric cart.size type: gauge -> updown_counter [cosmetic breaking]"],
        Release::Minor,
    );
    assert_changes(
        &[(
            "type = \"gauge\"",
            "type = \"gauge\"\ncallback = true\nunit = \"bytes\"",
        )],
        &[
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

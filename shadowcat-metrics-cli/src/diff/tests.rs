//! Tests of changes to each field: here those of the whole schema and of texts.

use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::{Schema, compile};

use super::{Release, diff};

mod label;
mod metric;
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

fn checked(schema: &str) -> Schema {
    let outcome = compile(Source::new("metrics.toml", schema));
    assert!(
        !outcome.report.has_errors(),
        "{:#?}",
        outcome.report.diagnostics()
    );
    outcome.skeleton().clone()
}

/// Returns the changes after the given replacements, one per line, and the release they require.
fn changed(replace: &[(&str, &str)]) -> (Vec<String>, Release) {
    let mut new = SHOP.to_owned();
    for (from, to) in replace {
        assert!(new.contains(from), "{from}");
        new = new.replacen(from, to, 1);
    }
    changes(&checked(SHOP), &checked(&new))
}

/// Returns the changes from one schema to another, one per line, and the release they require.
fn changes(old: &Schema, new: &Schema) -> (Vec<String>, Release) {
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
fn equivalent_schemas_do_not_differ() {
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
fn own_metrics_of_an_experimental_item_are_experimental() {
    // This histogram takes any `f64`, so a counter of rejected values exists, labeled with its name.
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
        checked(&format!("{head}{metric}"))
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
fn a_complete_schema_equals_itself() {
    let text = include_str!("../../../tests/golden/everything.toml");
    let formatted = crate::format::format_schema(text).expect("it is TOML");
    assert_ne!(text, formatted, "it is written another way");
    assert_eq!(diff(&checked(text), &checked(&formatted)), []);
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

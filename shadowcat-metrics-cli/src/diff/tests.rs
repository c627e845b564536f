//! Tests of changes to each field: here those of the whole schema and of texts.

use std::fmt::Write as _;
use std::slice;

use expect_test::{Expect, expect};
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

/// Compares each case with the changes that its edit of a schema causes. A case has the edit, where a `+` line replaces the `-`
/// line above it or follows the `@` line above it, and then the changes, one per line, each with its impacts on dashboards and
/// Rust and the release that it alone requires.
#[track_caller]
fn assert_changes(schema: &str, cases: &Expect) {
    let old = checked(schema);
    let found = cases.data().trim().split("\n\n").map(|case| {
        let lines = case.lines().map(str::trim_start);
        let edit: Vec<_> = lines
            .filter(|line| line.starts_with(['@', '-', '+']))
            .collect();
        let changes = diff(&old, &checked(&edited(schema, &edit)));
        let mut text: String = edit.iter().flat_map(|line| [*line, "\n"]).collect();
        if changes.is_empty() {
            text.push_str("none\n");
        }
        for change in &changes {
            let _ = writeln!(
                text,
                "{} {} {}: {} -> {} [{} {}] {}",
                change.subject,
                change.name,
                change.field,
                change.old.as_deref().unwrap_or("none"),
                change.new.as_deref().unwrap_or("none"),
                change.dashboards.name(),
                change.rust.name(),
                Release::of(slice::from_ref(change)).name(),
            );
        }
        text
    });
    cases.assert_eq(&found.collect::<Vec<_>>().join("\n"));
}

/// Applies an edit to the first place where it fits.
fn edited(schema: &str, edit: &[&str]) -> String {
    let mut schema = schema.to_owned();
    let is_same_hunk = |above: &&str, line: &&str| !above.starts_with('+') || line.starts_with('+');
    for hunk in edit.chunk_by(is_same_hunk) {
        let with = |marks: [char; 2]| {
            let lines = hunk.iter().filter(|line| line.starts_with(marks));
            lines.map(|line| &line[2..]).collect::<Vec<_>>().join("\n")
        };
        let (old, new) = (with(['@', '-']), with(['@', '+']));
        assert!(schema.contains(&old), "{old}");
        schema = schema.replacen(&old, &new, 1);
    }
    schema
}

#[test]
fn equivalent_schemas_do_not_differ() {
    let cases = expect![[r#"
        - values = ["food", "tools"]
        + values = [ "food",
        + "tools" ] # same
        none

        - fine = [1, 2, 3]
        + finer = [1, 2, 3]
        - buckets = "fine"
        + buckets = "finer"
        metric cart.wait buckets: fine -> finer [cosmetic cosmetic] patch
    "#]];
    assert_changes(SHOP, &cases);
}

#[test]
fn a_release_is_for_the_greatest_of_several_changes() {
    let old = checked(SHOP);
    let edit = [
        "- help = \"Size.\"",
        "+ help = \"Size of it.\"",
        "- values = [\"food\", \"tools\"]",
        "+ values = [\"food\", \"tools\", \"toys\"]",
    ];
    let changes = diff(&old, &checked(&edited(SHOP, &edit)));
    let alone = changes
        .iter()
        .map(|change| Release::of(slice::from_ref(change)));
    assert_eq!(alone.collect::<Vec<_>>(), [Release::Major, Release::Patch]);
    assert_eq!(Release::of(&changes), Release::Major);
}

#[test]
fn own_metrics_of_an_experimental_item_are_experimental() {
    // This histogram takes any `f64`, so a counter of rejected values exists, labeled with its name.
    let cases = expect![[r"
        - [metrics.cart.wait]
        + [metrics.cart.stay]
        - [metrics.cart.size]
        + [metrics.cart.height]
        label metric values: shop_cart_wait -> none [breaking cosmetic] minor
        label metric values: shop_cart_size -> none [breaking cosmetic] minor
        label metric values: none -> shop_cart_stay [additive cosmetic] minor
        label metric values: none -> shop_cart_height [additive cosmetic] minor
        metric cart.wait metric: shop_cart_wait -> none [breaking breaking] minor
        metric cart.size metric: shop_cart_size -> none [breaking breaking] minor
        metric cart.stay metric: none -> shop_cart_stay [additive additive] minor
        metric cart.height metric: none -> shop_cart_height [additive additive] minor
    "]];
    assert_changes(SHOP, &cases);
    let cases = expect![[r#"
        - [metrics.cart.size]
        - type = "gauge"
        - unit = "celsius"
        - help = "Size."
        label metric label: metric -> none [cosmetic cosmetic] patch
        group metrics group: metrics -> none [cosmetic breaking] minor
        metric cart.size metric: shop_cart_size_celsius -> none [breaking breaking] minor
        metric metrics.rejected_values metric: shop_metrics_rejected_values_total -> none [breaking breaking] minor
    "#]];
    let schema = r#"
format = 1
namespace = "shop"
[groups.cart]
help = "Carts."
[metrics.cart.size]
type = "gauge"
unit = "celsius"
help = "Size."
"#;
    assert_changes(schema, &cases);
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
    let cases = expect![[r#"
        - help = "Shelf of the article."
        + help = "Where the article."
        - help = "Shopping carts."
        + help = "Carts."
        - help = "Articles put into carts."
        + help = "Articles added."
        label shelf help: Shelf of the article. -> Where the article. [cosmetic cosmetic] patch
        group cart help: Shopping carts. -> Carts. [cosmetic cosmetic] patch
        metric cart.added help: Articles put into carts. -> Articles added. [cosmetic cosmetic] patch

        @ namespace = "shop"
        + [defaults]
        + owner = "@a"
        + series_budget = 9_000
        + allow = ["unused-label"]
        @ help = "Size."
        + since = "1.0.0"
        + owner = "@b"
        schema  series_budget: 10000 -> 9000 [cosmetic cosmetic] patch
        schema  allow: none -> unused-label [cosmetic cosmetic] patch
        metric cart.added owner: none -> @a [cosmetic cosmetic] patch
        metric cart.removed owner: none -> @a [cosmetic cosmetic] patch
        metric cart.loss owner: none -> @a [cosmetic cosmetic] patch
        metric cart.good owner: none -> @a [cosmetic cosmetic] patch
        metric cart.bad owner: none -> @a [cosmetic cosmetic] patch
        metric cart.wait owner: none -> @a [cosmetic cosmetic] patch
        metric cart.mode owner: none -> @a [cosmetic cosmetic] patch
        metric cart.build owner: none -> @a [cosmetic cosmetic] patch
        metric cart.size since: none -> 1.0.0 [cosmetic cosmetic] patch
        metric cart.size owner: none -> @b [cosmetic cosmetic] patch
    "#]];
    assert_changes(SHOP, &cases);
}

//! Lints about sum labels.

use super::{Findings, Item, shop};
use shadowcat_metrics_codegen::Diagnostic;
use shadowcat_metrics_codegen::codes::codes;
use shadowcat_metrics_codegen::model::Registry;

codes! {
    NEEDLESS_SUM = "SM1226" "needless-sum": "sum label whose values all have the same extra labels",
    "A sum label is for extra labels that only some values have. If all values have the same extra labels, or none, \
     list the closed label and the extra labels in its place: the series are the same, and the program passes plain \
     values. If a value with other labels is about to be added, allow the lint on the sum label.",
    example: shop!(r#"[labels.payment]
help = "How the customer pays."
values = ["card", "invoice"]

[labels.bank]
help = "Bank of the customer."
open = { max = 20 }

- [labels.way]
- help = "The payment and the bank that it comes from."
- of = "payment"
- with = { card = ["bank"], invoice = ["bank"] }
-
[metrics.cart.paid]
type = "counter"
- labels = ["way"]
+ labels = ["payment", "bank"]
help = "Carts that were paid."
"#);
}

/// Reports a sum label whose values all have the same extra labels.
pub(super) fn needless_sum(registry: &Registry, findings: &mut Findings) {
    for (id, sum) in super::sums(registry) {
        let variants = sum.variants();
        let [(_, items)] = variants.as_slice() else {
            continue;
        };
        let of = &registry.labels[sum.of.0].name;
        let names = items.iter().map(|item| registry.item_name(*item));
        let names = std::iter::once(of.as_str()).chain(names);
        let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
        let (has, whose) = if items.is_empty() {
            ("no value", "extra labels")
        } else {
            ("every value", "the same extra labels")
        };
        let message = format!("{has} of the sum label `{}` has {whose}", sum.name);
        let problem = Diagnostic::warning(NEEDLESS_SUM, sum.span, message)
            .label("expected extra labels that only some values have")
            .help(format!(
                "list {} in `labels` instead of `{}`",
                names.join(" and "),
                sum.name
            ));
        findings.push((Item::Sum(id), problem));
    }
}

#[test]
fn a_sum_label_has_a_choice() {
    crate::testing::lints(
        r#"
        labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.place = { help = "Says enough.", of = "mode", with = {} } | sold: counter, labels = ["place"] => needless-sum place
        labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.place = { help = "Says enough.", of = "mode", with = { a = [], b = [] } } | sold: counter, labels = ["place"] => needless-sum place
        labels.mode = { help = "Says more.", values = ["a"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | labels.place = { help = "Says enough.", of = "mode", with = { a = ["shard"] } } | sold: counter, labels = ["place"] => needless-sum place
        labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | labels.place = { help = "Says enough.", of = "mode", with = { a = ["shard"], b = ["shard"] } } | sold: counter, labels = ["place"] => needless-sum place
        labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | labels.place = { help = "Says enough.", of = "mode", with = { b = ["shard"] } } | sold: counter, labels = ["place"] =>
        labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.place = { help = "Says enough.", of = "mode", with = {}, allow = ["needless-sum"] } | sold: counter, labels = ["place"] =>
        labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | labels.place = { help = "Says enough.", of = "mode", with = { b = ["shard"] }, allow = ["needless-sum"] } | sold: counter, labels = ["place"] => needless-allow "needless-sum"
    "#,
    );
}

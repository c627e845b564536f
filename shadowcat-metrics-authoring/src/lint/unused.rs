//! Lints about declarations that nothing uses.

use std::collections::HashSet;

use super::{Findings, Item, groups, labels, shop, sums};
use shadowcat_metrics_codegen::Diagnostic;
use shadowcat_metrics_codegen::codes::codes;
use shadowcat_metrics_codegen::model::{Argument, BucketSetId, Metric, Registry};

codes! {
    UNUSED_LABEL = "SM1104" "unused-label": "unused label",
    "No group and no metric uses the label. Its Rust type is generated anyway. Use the label, or remove it.",
    example: shop!(r#"[labels.shelf]
help = "Where the article came from."
values = ["food", "tools"]

[metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
+ labels = ["shelf"]
"#);
}

/// Reports a label that no group, metric, state or sum label uses.
pub(super) fn unused_label(registry: &Registry, findings: &mut Findings) {
    let (groups, metrics) = (&registry.groups, &registry.metrics);
    let bound = groups.iter().flat_map(|group| &group.labels);
    let listed = metrics.iter().flat_map(|metric| &metric.labels);
    let listed = bound.chain(listed).copied();
    let states = metrics
        .iter()
        .filter_map(|metric| metric.kind.spec().states);
    // The labels of an unused sum label are not reported, because they have a use as soon as the sum label has one.
    let contained: HashSet<_> = registry
        .sums
        .iter()
        .flat_map(|sum| sum.with.iter().flatten().copied())
        .chain(registry.sums.iter().map(|sum| Argument::Label(sum.of)))
        .collect();
    let used: HashSet<_> = listed.chain(states).collect();
    let bound = groups.iter().flat_map(|group| &group.sums);
    let listed = metrics.iter().flat_map(|metric| &metric.sums);
    let used_sums: HashSet<_> = bound.chain(listed).map(|sum| sum.sum).collect();
    for (id, sum) in sums(registry) {
        if !used_sums.contains(&id) && !contained.contains(&Argument::Sum(id)) {
            let message = format!("the sum label `{}` is unused", sum.name);
            let problem = Diagnostic::warning(UNUSED_LABEL, sum.span, message)
                .label("no group or metric uses it")
                .help("remove it, or list it in the `labels` of a group or a metric");
            findings.push((Item::Sum(id), problem));
        }
    }
    for (id, label) in labels(registry) {
        if used.contains(&id) || contained.contains(&Argument::Label(id)) {
            continue;
        }
        let message = format!("the label `{}` is unused", label.name);
        let problem = Diagnostic::warning(UNUSED_LABEL, label.span, message)
            .label("no group or metric uses it")
            .help("remove it, or list it in the `labels` of a group or a metric");
        findings.push((Item::Label(id), problem));
    }
}

codes! {
    UNUSED_BUCKETS = "SM1105" "unused-buckets": "unused bucket set",
    "No histogram uses the bucket set. Remove it, or use it in a histogram: `buckets = \"...\"`.",
    example: shop!(r#"[buckets]
age = [1, 10, 60, 600, 3600]
- price = [1, 10, 100]

[metrics.cart.age]
type = "histogram"
unit = "seconds"
buckets = "age"
help = "Age of a cart when it was paid."
"#);
}

/// Reports a named bucket set that no histogram uses.
pub(super) fn unused_buckets(registry: &Registry, findings: &mut Findings) {
    let used = registry.metrics.iter().filter_map(Metric::bucket_set);
    let used: HashSet<_> = used.collect();
    for (index, set) in registry.bucket_sets.iter().enumerate() {
        let Some(name) = &set.name else { continue };
        if !used.contains(&BucketSetId(index)) {
            let message = format!("the bucket set `{name}` is unused");
            let problem = Diagnostic::warning(UNUSED_BUCKETS, set.span, message)
                .label("no histogram uses it")
                .help(format!(
                    "remove it, or write `buckets = \"{name}\"` in a histogram"
                ));
            findings.push((Item::File, problem));
        }
    }
}

codes! {
    EMPTY_GROUP = "SM1106" "empty-group": "group without metrics",
    "A group without metrics becomes a recorder without methods. Add a metric, or remove the group.",
    wrong: shop!(""),
    right: shop!(r#"[metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
"#);
}

/// Reports a group without metrics.
pub(super) fn empty_group(registry: &Registry, findings: &mut Findings) {
    for (id, group) in groups(registry) {
        if !registry.metrics.iter().any(|metric| metric.group == id) {
            let message = format!("the group `{}` has no metrics", group.name);
            let problem = Diagnostic::warning(EMPTY_GROUP, group.span, message);
            let label = format!("expected a metric, `[metrics.{}.KEY]`", group.name);
            findings.push((Item::Group(id), problem.label(label)));
        }
    }
}

#[test]
fn labels_are_used_by_groups_metrics_and_states() {
    crate::testing::lints(
        r#"
        labels.one = { help = "Says enough.", values = ["a", "b"] } | size: gauge => unused-label one
        labels.one = { help = "Says enough.", values = ["a", "b"], allow = ["unused-label"] } | size: gauge =>
        labels.one = { help = "Says enough.", values = ["a", "b"] } | size: gauge | groups.cart.labels = ["one"] =>
        labels.one = { help = "Says enough.", values = ["a", "b"] } | size: gauge, labels = ["one"] =>
        labels.one = { help = "Says enough.", values = ["a", "b"] } | stage: state, states = "one" =>
        size: histogram, buckets = [1, 2] =>

        labels.place = { help = "Says enough.", of = "mode", with = { a = ["shard"] } } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | sold: counter => unused-label place
        labels.place = { help = "Says enough.", of = "mode", with = { a = ["shard"] } } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | sold: counter, labels = ["mode"] => unused-label place
        labels.place = { help = "Says enough.", of = "mode", with = { a = ["shard"] } } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | sold: counter | groups.cart.labels = ["place"] =>
        labels.place = { help = "Says enough.", of = "mode", with = { a = ["shard"] } } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | groups.empty = { help = "Says enough.", labels = ["place"], allow = ["empty-group"] } | sold: counter =>
        labels.place = { help = "Says enough.", of = "mode", with = { a = ["shard"] }, allow = ["unused-label"] } | labels.mode = { help = "Says more.", values = ["a", "b"] } | labels.shard = { help = "Says more.", open = { max = 9 } } | sold: counter =>
    "#,
    );
}

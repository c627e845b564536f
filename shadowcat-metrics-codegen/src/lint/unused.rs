//! Lints about declarations that nothing uses.

use std::collections::HashSet;

use super::finding::{Finding, Item};
use crate::codes::codes;
use crate::model::{BucketSetId, GroupId, LabelId, Metric, Origin, Registry};

codes! {
    /// A label set that nothing uses.
    UNUSED_LABEL = "SM1104" "unused-label": "label that nothing uses",
    "No group binds the label, no metric takes it and no state metric has its values for states. Its Rust type would \
     be made all the same.",
    wrong: shop!(r#"[labels.shelf]
help = "Where the article came from."
values = ["food", "tools"]

[metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
"#),
    right: shop!(r#"[labels.shelf]
help = "Where the article came from."
values = ["food", "tools"]

[metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
labels = ["shelf"]
"#);
}

/// A label that no group, no metric and no state has.
pub(super) fn unused_label(registry: &Registry, findings: &mut Vec<Finding>) {
    let bound = registry
        .groups
        .iter()
        .flat_map(|group| &group.labels)
        .copied();
    let used: HashSet<_> = bound
        .chain(registry.metrics.iter().flat_map(labels))
        .collect();
    for (index, label) in registry.labels.iter().enumerate() {
        let id = LabelId(index);
        if label.origin == Origin::Schema && !used.contains(&id) {
            let message = format!("nothing uses the label `{}`", label.name);
            let finding = Finding::new(
                Item::Label(id),
                label.span,
                message,
                "no group or metric has it",
            );
            findings.push(finding.help("remove it, or name it in `labels` of a group or a metric"));
        }
    }
}

fn labels(metric: &Metric) -> impl Iterator<Item = LabelId> {
    let labels = metric.labels.iter().copied();
    labels.chain(metric.kind.spec().states)
}

codes! {
    /// A named bucket set that nothing uses.
    UNUSED_BUCKETS = "SM1105" "unused-buckets": "bucket set that nothing uses",
    "No histogram has these buckets. Remove them, or name them in a histogram: `buckets = \"...\"`.",
    wrong: shop!(r#"[buckets]
age = [1, 10, 60, 600, 3600]
price = [1, 10, 100]

[metrics.cart.age]
type = "histogram"
unit = "seconds"
buckets = "age"
help = "Age of a cart when it was paid."
"#),
    right: shop!(r#"[buckets]
age = [1, 10, 60, 600, 3600]

[metrics.cart.age]
type = "histogram"
unit = "seconds"
buckets = "age"
help = "Age of a cart when it was paid."
"#);
}

/// A named bucket set that no histogram has.
pub(super) fn unused_buckets(registry: &Registry, findings: &mut Vec<Finding>) {
    let used: HashSet<_> = registry
        .metrics
        .iter()
        .filter_map(Metric::bucket_set)
        .collect();
    for (index, set) in registry.bucket_sets.iter().enumerate() {
        let Some(name) = &set.name else { continue };
        if !used.contains(&BucketSetId(index)) {
            let message = format!("nothing uses the bucket set `{name}`");
            let finding = Finding::new(Item::File, set.span, message, "no histogram has it");
            findings.push(finding.help(format!(
                "remove it, or write `buckets = \"{name}\"` in a histogram"
            )));
        }
    }
}

codes! {
    /// A group without metrics.
    EMPTY_GROUP = "SM1106" "empty-group": "group without metrics",
    "The group would become a recorder without methods.",
    wrong: shop!(""),
    right: shop!(r#"[metrics.cart.articles]
type = "gauge"
help = "Articles in all carts."
"#);
}

/// A group without metrics.
pub(super) fn empty_group(registry: &Registry, findings: &mut Vec<Finding>) {
    for (index, group) in registry.groups.iter().enumerate() {
        let id = GroupId(index);
        let empty = !registry.metrics.iter().any(|metric| metric.group == id);
        if empty && group.origin == Origin::Schema {
            let message = format!("the group `{}` has no metrics", group.name);
            let label = format!("expected a `[metrics.{}.KEY]`", group.name);
            findings.push(Finding::new(Item::Group(id), group.span, message, label));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{HEAD, NONE, found_at, found_in_metric};

    #[test]
    fn a_label_is_used_by_groups_metrics_and_states() {
        let label = |name: &str| {
            format!("[labels.{name}]\nhelp = \"Says enough.\"\nvalues = [\"a\", \"b\"]\n")
        };
        let labels = format!(
            "{}{}{}{}",
            label("one"),
            label("two"),
            label("three"),
            label("four")
        );
        let rest = "[groups.cart]\nhelp = \"What is bought.\"\nlabels = [\"one\"]\n\
                    [metrics.cart.size]\ntype = \"gauge\"\nhelp = \"How much.\"\nlabels = [\"two\"]\n\
                    [metrics.cart.stage]\ntype = \"state\"\nstates = \"three\"\nhelp = \"How far.\"\n";
        assert_eq!(
            found_at(&format!("{HEAD}{labels}{rest}")),
            ["unused-label 12:9"]
        );
        let allowed = labels.replace(
            "[labels.four]\n",
            "[labels.four]\nallow = [\"unused-label\"]\n",
        );
        assert_eq!(found_at(&format!("{HEAD}{allowed}{rest}")), NONE);
    }

    #[test]
    fn buckets_inside_a_metric_are_used() {
        assert_eq!(
            found_in_metric("size", "type = \"histogram\"\nbuckets = [1, 2]\n"),
            NONE
        );
    }
}

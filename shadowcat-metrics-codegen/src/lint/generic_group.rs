//! `generic-group`: a group whose name says nothing about what it measures.

use super::finding::{Finding, Item};
use crate::model::{GroupId, Origin, Registry};

const GENERIC: &[&str] = &[
    "common",
    "counters",
    "data",
    "events",
    "gauges",
    "histograms",
    "info",
    "misc",
    "miscellaneous",
    "other",
    "others",
    "stats",
    "statistics",
    "things",
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (index, group) in registry.groups.iter().enumerate() {
        if group.origin == Origin::Schema && GENERIC.contains(&group.name.as_str()) {
            let message = format!("`{}` could be the name of any group", group.name);
            let label = "expected the name of what it measures, such as `cart`";
            findings.push(Finding::new(
                Item::Group(GroupId(index)),
                group.span,
                message,
                label,
            ));
        }
    }
}

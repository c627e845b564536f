//! `empty-group`: a group without metrics.

use super::finding::{Finding, Item};
use crate::model::{GroupId, Origin, Registry};

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
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

//! `common-prefix`: a group all of whose keys begin with the same word.

use super::finding::{Finding, Item};
use super::words::words;
use crate::model::{GroupId, Origin, Registry};

/// Two may begin alike by chance.
const FEWEST: usize = 3;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    let mut firsts: Vec<Vec<Option<&str>>> = vec![Vec::new(); registry.groups.len()];
    for metric in &registry.metrics {
        let mut words = words(&metric.key);
        let first = words.next();
        // A key of one word would have nothing left.
        firsts[metric.group.0].push(first.filter(|_| words.next().is_some()));
    }
    for (index, (group, firsts)) in registry.groups.iter().zip(&firsts).enumerate() {
        let Some(Some(first)) = firsts.first() else {
            continue;
        };
        let common = firsts.len() >= FEWEST && firsts.iter().all(|one| one == &Some(*first));
        if common && group.origin == Origin::Schema {
            let message = format!(
                "every key of the group `{}` begins with `{first}_`",
                group.name
            );
            let label = format!(
                "expected a group `{}_{first}`, or keys without it",
                group.name
            );
            findings.push(Finding::new(
                Item::Group(GroupId(index)),
                group.span,
                message,
                label,
            ));
        }
    }
}

//! `unused-buckets`: a named bucket set that no histogram has.

use std::collections::HashSet;

use super::finding::{Finding, Item};
use crate::model::{BucketSetId, Metric, Registry};

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
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

//! `unused-buckets`: a named bucket set that no histogram has.

use std::collections::HashSet;

use super::finding::{Finding, Item};
use crate::model::{BucketSetId, Kind, Metric, Registry};

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    let used: HashSet<_> = registry.metrics.iter().filter_map(buckets).collect();
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

fn buckets(metric: &Metric) -> Option<BucketSetId> {
    match metric.kind {
        Kind::Histogram { buckets } => Some(buckets),
        Kind::Counter { .. }
        | Kind::Gauge { .. }
        | Kind::UpDownCounter
        | Kind::State { .. }
        | Kind::Info
        | Kind::Ratio { .. } => None,
    }
}

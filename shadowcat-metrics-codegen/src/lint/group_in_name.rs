//! `group-in-name`: a key that begins or ends with the name of its group.

use super::finding::{Finding, Item, metrics, other_key};
use crate::model::Registry;
use crate::name::ends_with_word;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let group = &registry.groups[metric.group.0].name;
        let begins = metric
            .key
            .strip_prefix(group.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
        if begins || ends_with_word(&metric.key, group) {
            let message = format!("the key `{}` repeats its group `{group}`", metric.key);
            let label = format!("the call reads `{group}.{}()`", metric.key);
            let finding = Finding::new(Item::Metric(id), metric.spans.key, message, label);
            let rest = if begins {
                metric.key.strip_prefix(group.as_str())
            } else {
                metric.key.strip_suffix(group.as_str())
            };
            let fix = rest.and_then(|rest| other_key(registry, metric, rest.trim_matches('_')));
            findings.push(finding.fix(fix));
        }
    }
}

//! `camel-case`: a name written in camelCase. Keys of the schema cannot be, so this is about exact names.

use super::finding::{Finding, metrics};
use crate::model::Registry;
use crate::name::to_snake_case;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry) {
        let mut pairs = metric.exposed.as_bytes().windows(2);
        if pairs.any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()) {
            let message = format!("`{}` is written in camelCase", metric.exposed);
            let label = format!("expected snake_case: `{}`", to_snake_case(&metric.exposed));
            findings.push(Finding::exposed_name(id, metric, message, label));
        }
    }
}

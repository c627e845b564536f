//! `label-in-value`: values that begin with the name of their label: `status="status_ok"`.

use super::finding::{Finding, Item};
use crate::model::{LabelId, LabelValues, Origin, Registry};
use crate::name::to_snake_case;

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (index, label) in registry.labels.iter().enumerate() {
        let LabelValues::Closed(values) = &label.values else {
            continue;
        };
        if label.origin == Origin::Library {
            continue;
        }
        // One finding a label: its values are mended together.
        let found = values.iter().find(|value| {
            let words = to_snake_case(&value.value);
            let rest = words
                .strip_prefix(&label.name)
                .and_then(|rest| rest.strip_prefix('_'));
            rest.is_some_and(|rest| !rest.is_empty())
        });
        if let Some(value) = found {
            let message = format!(
                "the value `{}` repeats its label `{}`",
                value.value, label.name
            );
            let shown = format!("a series reads `{{{}=\"{}\"}}`", label.name, value.value);
            findings.push(Finding::new(
                Item::Label(LabelId(index)),
                value.span,
                message,
                shown,
            ));
        }
    }
}

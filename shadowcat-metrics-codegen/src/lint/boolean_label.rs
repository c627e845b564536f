//! `boolean-label`: a closed label whose values are yes and no.

use super::finding::{Finding, Item};
use crate::model::{LabelId, LabelValues, Origin, Registry};

const PAIRS: [[&str; 2]; 5] = [
    ["false", "true"],
    ["no", "yes"],
    ["n", "y"],
    ["0", "1"],
    ["f", "t"],
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (index, label) in registry.labels.iter().enumerate() {
        let LabelValues::Closed(values) = &label.values else {
            continue;
        };
        let mut words: Vec<_> = values
            .iter()
            .map(|value| value.value.to_lowercase())
            .collect();
        words.sort_unstable();
        if label.origin == Origin::Schema && PAIRS.iter().any(|pair| words == pair) {
            let message = format!("the label `{}` is a boolean", label.name);
            let label = format!(
                "its values are `{}` and `{}`",
                values[0].value, values[1].value
            );
            let item = Item::Label(LabelId(index));
            let finding = Finding::new(item, registry.labels[index].span, message, label);
            findings.push(finding.help(
                "name the two cases, such as `cache = \"hit\"` and `\"miss\"`: it reads well alone, and a third case can come",
            ));
        }
    }
}

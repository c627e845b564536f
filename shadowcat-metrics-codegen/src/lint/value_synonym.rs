//! `value-synonym`: one value under two spellings, in one label or in two: `ok` here, `success` there.

use std::collections::HashMap;

use super::finding::{Finding, Item};
use crate::model::{Label, LabelId, LabelValue, LabelValues, Origin, Registry};

/// Values that mean the same wherever they stand.
const VALUES: &[&[&str]] = &[
    &["ok", "okay", "success", "successful", "succeeded"],
    &["fail", "failed", "failure"],
    &["error", "err", "errored"],
    &["timeout", "timedout"],
    &["cancelled", "canceled", "cancel"],
    &["unknown", "undefined", "unspecified"],
    &["none", "null", "nil"],
    &["other", "others", "misc"],
    &["inbound", "incoming", "ingress"],
    &["outbound", "outgoing", "egress"],
    &["enabled", "enable"],
    &["disabled", "disable"],
];

/// What means the same in one label, and may be two things in two.
const IN_ONE_LABEL: &[&[&str]] = &[&["fail", "error"]];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    let mut everywhere: HashMap<String, (LabelId, &LabelValue)> = HashMap::new();
    for (index, label) in registry.labels.iter().enumerate() {
        let id = LabelId(index);
        let mut here: HashMap<String, &LabelValue> = HashMap::new();
        for value in values(label) {
            let meaning = meaning(&value.value);
            let row = IN_ONE_LABEL
                .iter()
                .find(|row| row.contains(&meaning.as_str()));
            let in_label = row.map_or(meaning.as_str(), |row| row[0]);
            let twice = here.get(in_label).map(|other| (id, *other));
            let twice = twice.or_else(|| everywhere.get(&meaning).copied());
            match twice {
                Some((other, spelled)) if is_other(&spelled.value, &value.value) => {
                    findings.push(finding(registry, (other, spelled), (id, value)));
                }
                Some(_) | None => {}
            }
            here.entry(in_label.to_owned()).or_insert(value);
            everywhere.entry(meaning).or_insert((id, value));
        }
    }
}

fn values(label: &Label) -> &[LabelValue] {
    match &label.values {
        LabelValues::Closed(values) if label.origin == Origin::Schema => values,
        LabelValues::Closed(_) | LabelValues::Open { .. } => &[],
    }
}

/// What a value means: its letters and digits, or the first of its row.
fn meaning(value: &str) -> String {
    let letters = value.chars().filter(|c| c.is_alphanumeric());
    let plain: String = letters.flat_map(char::to_lowercase).collect();
    // Punctuation alone may be what a value is about: `<` and `>`, `+` and `-`.
    if plain.is_empty() || value.starts_with(['+', '-', '<', '>', '!', '=']) {
        return value.to_owned();
    }
    let row = VALUES.iter().find(|row| row.contains(&plain.as_str()));
    row.map_or(plain, |row| row[0].to_owned())
}

/// Whether two values of one meaning differ. HTTP's `GET` and a cache's `get` are not one thing.
fn is_other(one: &str, two: &str) -> bool {
    let shouted = |value: &str| value == value.to_uppercase() && value != value.to_lowercase();
    one != two && shouted(one) == shouted(two)
}

fn finding(
    registry: &Registry,
    (other, spelled): (LabelId, &LabelValue),
    (id, value): (LabelId, &LabelValue),
) -> Finding {
    let message = if other == id {
        format!(
            "the values `{}` and `{}` mean the same",
            spelled.value, value.value
        )
    } else {
        format!(
            "`{}` of the label `{}` is called `{}` in the label `{}`",
            value.value, registry.labels[id.0].name, spelled.value, registry.labels[other.0].name
        )
    };
    Finding::new(Item::Label(id), value.span, message, "and this")
        .secondary(spelled.span, "there is this")
        .help(if other == id {
            "make them one value, or call them by what sets them apart"
        } else {
            "call it the same in both, so that one query finds both"
        })
}

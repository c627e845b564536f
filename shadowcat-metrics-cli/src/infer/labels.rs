//! Labels: which there are, whether their values are a fixed list, and which a whole group has.

use std::collections::BTreeSet;

use shadowcat_metrics_codegen::name::pascal_case;

use super::{Draft, DraftLabel, names};
use shadowcat_metrics_conformance::Page;

/// A list longer than this is open: nobody keeps it.
const LONGEST_LIST: usize = 12;

/// Gathers every label with the values seen, and gives metrics the names that a schema can say.
pub(super) fn gather_labels(draft: &mut Draft, page: &Page) {
    let wanted: BTreeSet<_> = draft
        .metrics
        .iter()
        .flat_map(|metric| &metric.labels)
        .cloned()
        .collect();
    let states: BTreeSet<_> = draft
        .metrics
        .iter()
        .filter_map(|metric| metric.states.clone())
        .collect();
    let mut seen: Vec<(String, BTreeSet<String>)> = Vec::new();
    let samples = page.families.iter().flat_map(|family| &family.samples);
    for (label, value) in samples.flat_map(|sample| &sample.labels) {
        if value.is_empty() || !(wanted.contains(label) || states.contains(label)) {
            continue;
        }
        match seen.iter_mut().find(|(name, _)| name == label) {
            Some((_, values)) => {
                values.insert(value.clone());
            }
            None => seen.push((label.clone(), BTreeSet::from([value.clone()]))),
        }
    }
    for (called, seen) in seen {
        let is_state = states.contains(&called);
        let name = free_name(&names::label_name(&called), &draft.labels);
        if name != called && !is_state {
            draft.notes.push(format!(
                "the label `{called}` becomes `{name}`, as a schema can say it"
            ));
        }
        draft.labels.push(DraftLabel {
            closed: is_state || is_list(&seen),
            name,
            called,
            seen,
            allow: BTreeSet::new(),
        });
    }
    let named = |called: &String| {
        draft
            .labels
            .iter()
            .find(|label| label.called == *called)
            .map(|label| label.name.clone())
    };
    for metric in &mut draft.metrics {
        metric.labels = metric.labels.iter().filter_map(named).collect();
        metric.states = metric.states.as_ref().and_then(named);
    }
}

/// A name that makes a Rust type of its own.
fn free_name(name: &str, labels: &[DraftLabel]) -> String {
    let taken = |name: &str| {
        labels
            .iter()
            .any(|label| pascal_case(&label.name) == pascal_case(name))
    };
    let mut names = (1..).map(|number| {
        if number == 1 {
            name.to_owned()
        } else {
            format!("{name}_{number}")
        }
    });
    names.find(|name| !taken(name)).expect("numbers do not end")
}

/// Whether the values look like a list that somebody has thought of: a few words, each of them its own name.
fn is_list(values: &BTreeSet<String>) -> bool {
    let word = |value: &String| {
        let letters = value.starts_with(|first: char| first.is_ascii_alphabetic());
        let plain = value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.'));
        letters && plain && value.len() <= 32
    };
    let variants: BTreeSet<_> = values.iter().map(|value| pascal_case(value)).collect();
    // One value may be one of many: of hosts, of versions.
    (2..=LONGEST_LIST).contains(&values.len())
        && variants.len() == values.len()
        && values.iter().all(word)
}

/// Gives each group the labels that all its metrics have.
pub(super) fn share_labels(draft: &mut Draft) {
    for group in &mut draft.groups {
        let mut of_group = draft
            .metrics
            .iter()
            .filter(|metric| metric.group == group.name)
            .peekable();
        let Some(first) = of_group.peek() else {
            continue;
        };
        let mut common = first.labels.clone();
        let mut facts_left = true;
        for metric in of_group {
            common.retain(|label| metric.labels.contains(label));
            facts_left &= metric.kind != "info" || metric.labels.len() > common.len();
        }
        if facts_left {
            group.labels = common;
        }
    }
}

//! `help-repeats-name`: a help text without a word that the name does not have. Groups are left alone: `Orders.` is what
//! a group of that name measures.

use std::collections::HashSet;

use super::finding::{Finding, Item, metrics};
use super::words::{sentence_words, singular, words};
use crate::model::{LabelId, Origin, Registry};
use crate::source::Span;

/// Words that say nothing by themselves.
const EMPTY: &[&str] = &[
    "a",
    "an",
    "and",
    "at",
    "by",
    "count",
    "counter",
    "current",
    "currently",
    "for",
    "from",
    "gauge",
    "group",
    "histogram",
    "in",
    "its",
    "label",
    "metric",
    "number",
    "of",
    "on",
    "or",
    "s",
    "the",
    "their",
    "this",
    "to",
    "total",
    "value",
    "with",
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    for (index, label) in registry.labels.iter().enumerate() {
        if label.origin == Origin::Schema && repeats(&label.help, &[&label.name]) {
            findings.push(finding(
                Item::Label(LabelId(index)),
                label.span,
                &label.name,
            ));
        }
    }
    for (id, metric) in metrics(registry) {
        let group = &registry.groups[metric.group.0].name;
        let names: [&str; 4] = [&registry.namespace, group, &metric.key, metric.unit.name()];
        if metric.origin == Origin::Schema && repeats(&metric.help, &names) {
            findings.push(finding(Item::Metric(id), metric.spans.help, &metric.key));
        }
    }
}

fn finding(item: Item, span: Span, name: &str) -> Finding {
    let message = format!("the help of `{name}` says no more than the name");
    Finding::new(item, span, message, "expected what the name leaves open")
        .help("say when it is counted or measured, what is left out, or what a high value means")
}

fn repeats(help: &str, names: &[&str]) -> bool {
    let said: HashSet<_> = names
        .iter()
        .flat_map(|name| words(name))
        .map(singular)
        .collect();
    let mut help = sentence_words(help)
        .filter(|word| !EMPTY.contains(&word.as_str()))
        .peekable();
    // A text of empty words alone is for `filler-help`.
    help.peek().is_some() && help.all(|word| said.contains(&singular(&word)))
}

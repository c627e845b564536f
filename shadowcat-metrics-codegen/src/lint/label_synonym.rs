//! `label-synonym`: two labels whose names mean the same, such as `op` and `operation`.

use std::collections::HashMap;

use super::finding::{Finding, Item};
use super::words::{singular, words};
use crate::model::{LabelId, Origin, Registry};

/// Words that are written in several ways: first the whole or usual one, then the others.
const WORDS: &[&[&str]] = &[
    &["address", "addr"],
    &["application", "app"],
    &["argument", "arg"],
    &["certificate", "cert"],
    &["command", "cmd"],
    &["configuration", "config", "cfg", "conf"],
    &["connection", "conn"],
    &["database", "db"],
    &["destination", "dest", "dst"],
    &["directory", "folder"],
    &["environment", "env"],
    &["error", "err", "failure"],
    &["function", "func", "fn"],
    &["host", "hostname"],
    &["identifier", "id"],
    &["index", "idx"],
    &["language", "lang"],
    &["maximum", "max"],
    &["message", "msg"],
    &["method", "verb"],
    &["minimum", "min"],
    &["namespace", "ns"],
    &["number", "num", "nr"],
    &["operation", "op"],
    &["outcome", "result"],
    &["parameter", "param"],
    &["previous", "prev"],
    &["protocol", "proto"],
    &["reason", "cause"],
    &["request", "req"],
    &["response", "resp", "rsp"],
    &["service", "svc"],
    &["source", "src"],
    &["type", "kind"],
    &["version", "ver"],
];

pub(super) fn check(registry: &Registry, findings: &mut Vec<Finding>) {
    let mut seen: HashMap<Vec<String>, LabelId> = HashMap::new();
    for (index, label) in registry.labels.iter().enumerate() {
        let id = LabelId(index);
        let meaning: Vec<_> = words(&label.name).map(usual).collect();
        if label.origin == Origin::Library || meaning.is_empty() {
            continue;
        }
        let Some(other) = seen.get(&meaning) else {
            seen.insert(meaning, id);
            continue;
        };
        let other = &registry.labels[other.0];
        let message = format!(
            "the labels `{}` and `{}` mean the same",
            other.name, label.name
        );
        let finding = Finding::new(Item::Label(id), label.span, message, "and this");
        findings.push(finding.secondary(other.span, "there is this").help(
            "make them one label: queries join series by equal labels, and callers have one type less",
        ));
    }
}

/// The usual way to write a word, in the singular.
fn usual(word: &str) -> String {
    let word = singular(word);
    let row = WORDS.iter().find(|row| row.contains(&word.as_str()));
    row.map_or(word, |row| row[0].to_owned())
}

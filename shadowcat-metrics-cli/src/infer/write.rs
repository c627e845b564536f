//! The draft as TOML, and which part of the text is about what.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::ops::Range;

use shadowcat_metrics_codegen::model::Unit;

use super::buckets::written;
use super::names::by_the_rules;
use super::{Draft, DraftGroup, DraftLabel, DraftMetric};

/// What a part of the text is about: the place of it in the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Label(usize),
    Group(usize),
    Metric(usize),
}

/// A draft as text.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) parts: Vec<(Range<usize>, Part)>,
}

pub(super) fn write(draft: &Draft, from: &str) -> Written {
    let mut text = format!(
        "# Proposed by `shadowcat-metrics infer` from {}.\n\
         # A page shows what was, not what may be: read through it all, above all which labels are open, how many values\n\
         # they may have, and what each thing means.\n\n\
         format = 1\nnamespace = {}\n\n[defaults]\nseries_budget = {}\n",
        quoted(from).trim_matches('"'),
        quoted(&draft.namespace),
        draft.budget,
    );
    let mut parts = Vec::new();
    let used: BTreeSet<_> = draft
        .metrics
        .iter()
        .flat_map(|metric| metric.labels.iter().chain(&metric.states))
        .collect();
    for (index, label) in draft.labels.iter().enumerate() {
        if used.contains(&label.name) {
            let start = text.len();
            write_label(label, &mut text);
            parts.push((start..text.len(), Part::Label(index)));
        }
    }
    for (index, set) in draft.sets.iter().enumerate() {
        if index == 0 {
            text.push_str("\n[buckets]\n");
        }
        let _ = writeln!(text, "{} = {}", set.name, written(&set.bounds));
    }
    for (index, group) in draft.groups.iter().enumerate() {
        let metrics = draft.metrics.iter().enumerate();
        let mut metrics = metrics
            .filter(|(_, metric)| metric.group == group.name)
            .peekable();
        if metrics.peek().is_none() {
            continue;
        }
        let start = text.len();
        write_group(group, &mut text);
        parts.push((start..text.len(), Part::Group(index)));
        for (index, metric) in metrics {
            let start = text.len();
            write_metric(draft, group, metric, &mut text);
            parts.push((start..text.len(), Part::Metric(index)));
        }
    }
    Written { text, parts }
}

/// Most values of an open label: twice as many as were seen, and room for a few at least.
pub(super) fn room(label: &DraftLabel) -> usize {
    (label.seen.len() * 2).next_power_of_two().max(8)
}

fn write_label(label: &DraftLabel, text: &mut String) {
    let _ = writeln!(
        text,
        "\n[labels.{}]\nhelp = \"Say what it means.\"",
        label.name
    );
    if label.closed {
        let values: Vec<_> = label.seen.iter().map(|value| quoted(value)).collect();
        let _ = writeln!(text, "values = [{}]", values.join(", "));
    } else {
        let _ = writeln!(
            text,
            "open = {{ max = {} }} # {} seen",
            room(label),
            label.seen.len()
        );
    }
    write_allow(&label.allow, text);
}

fn write_group(group: &DraftGroup, text: &mut String) {
    let _ = writeln!(
        text,
        "\n[groups.{}]\nhelp = \"Say what it measures.\"",
        group.name
    );
    write_labels(&group.labels.iter().collect::<Vec<_>>(), text);
    write_allow(&group.allow, text);
}

fn write_metric(draft: &Draft, group: &DraftGroup, metric: &DraftMetric, text: &mut String) {
    text.push('\n');
    if let Some(remark) = metric.remark {
        let _ = writeln!(text, "# {remark}");
    }
    let _ = writeln!(
        text,
        "[metrics.{}.{}]\ntype = \"{}\"\nhelp = {}",
        metric.group,
        metric.key,
        metric.kind,
        quoted(&metric.help)
    );
    if metric.unit != Unit::None {
        let _ = writeln!(text, "unit = \"{}\"", metric.unit.name());
    }
    let own = metric
        .labels
        .iter()
        .filter(|label| !group.labels.contains(label));
    write_labels(&own.collect::<Vec<_>>(), text);
    if metric.kind == "histogram" {
        let shared = draft.sets.iter().find(|set| set.bounds == metric.bounds);
        let buckets = shared.map_or_else(|| written(&metric.bounds), |set| quoted(&set.name));
        let _ = writeln!(text, "buckets = {buckets}");
    }
    if let Some(states) = &metric.states {
        let _ = writeln!(text, "states = {}", quoted(states));
    }
    if by_the_rules(&draft.namespace, metric) != metric.exposed {
        let _ = writeln!(text, "name = {}", quoted(&metric.exposed));
    }
    write_allow(&metric.allow, text);
}

fn write_labels(labels: &[&String], text: &mut String) {
    if !labels.is_empty() {
        let labels: Vec<_> = labels.iter().map(|label| quoted(label)).collect();
        let _ = writeln!(text, "labels = [{}]", labels.join(", "));
    }
}

fn write_allow(allow: &BTreeSet<&str>, text: &mut String) {
    if !allow.is_empty() {
        let lints: Vec<_> = allow.iter().map(|lint| quoted(lint)).collect();
        let _ = writeln!(text, "allow = [{}]", lints.join(", "));
    }
}

/// A string of TOML.
pub(crate) fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

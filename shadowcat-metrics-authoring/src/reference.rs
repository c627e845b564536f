//! The reference: a Markdown page about each metric, for readers of the metrics.
//!
//! It has a section for each group in source order, then the library's own metrics, then sections from other
//! crates, then the labels. It appears in the repository (`docs/metrics.md`), in the book, and in the rustdoc
//! of the crate with the recorders, so it uses only Markdown that renders alike in all of them.

use std::fmt::Write as _;

use crate::conditions::{Condition, conditions};
use crate::page::{grouped, link, row, table_head};
use shadowcat_metrics_codegen::emit::markdown::{code, text};
use shadowcat_metrics_codegen::model::{
    Argument, BucketSetId, Deprecation, Former, Group, GroupId, Label, LabelId, LabelValues,
    Metric, MetricId, Notes, Origin, Registry, Storage, Sum, Unit,
};
use shadowcat_metrics_codegen::sentence::count;
use shadowcat_metrics_codegen::series;

/// A note for readers who open the file to edit it.
const GENERATED: &str = "Generated from metrics.toml by `shadowcat-metrics generate`. Do not edit: change \
     metrics.toml.";

/// A section from another crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its heading.
    pub heading: &'static str,
    /// Its topic, for the table of contents.
    pub about: &'static str,
    /// Its text as Markdown, with a newline at the end.
    pub body: String,
}

/// Emits the reference of a schema as Markdown. `sections` come between the groups and the labels.
#[must_use]
pub fn emit_reference(registry: &Registry, sections: &[Section]) -> String {
    let mut page = format!("# Metrics of {}\n\n", code(&registry.namespace));
    let _ = write!(page, "<!-- {GENERATED} -->\n\n");
    let _ = write!(
        page,
        "{}, at most {} series out of a budget of {}.\n\n",
        count(registry.metrics.len(), "metric"),
        grouped(series::total(registry)),
        grouped(registry.series_budget),
    );
    page.push_str(&contents(registry, sections));
    for (id, group) in groups(registry) {
        page.push_str(&group_section(registry, id, group));
    }
    for section in sections {
        let _ = write!(page, "## {}\n\n{}\n", section.heading, section.body);
    }
    if labels(registry).next().is_some() {
        page.push_str("## Labels\n");
        for label in labels(registry) {
            page.push_str(&label_section(registry, label));
        }
        for sum in &registry.sums {
            page.push_str(&sum_section(registry, sum));
        }
    }
    page
}

/// Returns the groups that have metrics, with the library's own last.
fn groups(registry: &Registry) -> impl Iterator<Item = (GroupId, &Group)> {
    let groups = || {
        registry
            .groups
            .iter()
            .enumerate()
            .map(|(index, group)| (GroupId(index), group))
    };
    let own = groups().filter(|(_, group)| group.origin == Origin::Library);
    groups()
        .filter(|(_, group)| group.origin == Origin::Schema)
        .chain(own)
}

/// Returns the labels of the schema's author. The library's own are described where they are used.
fn labels(registry: &Registry) -> impl Iterator<Item = &Label> {
    registry
        .labels
        .iter()
        .filter(|label| label.origin == Origin::Schema)
}

fn metrics(registry: &Registry, group: GroupId) -> impl Iterator<Item = &Metric> {
    registry
        .metrics
        .iter()
        .filter(move |metric| metric.group == group)
}

fn group_heading(group: &Group) -> String {
    format!("Group {}", code(&group.name))
}

fn label_heading(label: &Label) -> String {
    format!("Label {}", code(&label.name))
}

fn contents(registry: &Registry, sections: &[Section]) -> String {
    let mut list = String::from("## Contents\n\n");
    for (_, group) in groups(registry) {
        let _ = writeln!(
            list,
            "- {}: {}",
            link(&code(&group.name), &group_heading(group)),
            text(&group.help)
        );
    }
    for Section { heading, about, .. } in sections {
        let _ = writeln!(list, "- {}: {about}", link(heading, heading));
    }
    if labels(registry).next().is_some() {
        let _ = writeln!(
            list,
            "- {}: all labels and their values.",
            link("Labels", "Labels")
        );
    }
    list.push('\n');
    list
}

fn group_section(registry: &Registry, id: GroupId, group: &Group) -> String {
    let mut section = format!("## {}\n\n{}\n\n", group_heading(group), text(&group.help));
    section.push_str(&note(&group.notes));
    if group.origin == Origin::Library {
        section.push_str("Recorded by the library itself.\n\n");
    }
    if metrics(registry, id).next().is_none() {
        return section;
    }
    section.push_str(&table_head(&["Metric", "Type", "Unit", "Labels", "Help"]));
    for metric in metrics(registry, id) {
        let name = link(&code(&metric.exposed), &metric.exposed);
        let names = metric
            .labels
            .iter()
            .map(|label| code(&registry.labels[label.0].name));
        let names = names.collect::<Vec<_>>().join(", ");
        section.push_str(&row([
            &*name,
            metric.kind.name(),
            metric.unit.name(),
            &names,
            &text(&metric.help),
        ]));
    }
    section.push('\n');
    for metric in metrics(registry, id) {
        section.push_str(&metric_section(registry, group, metric));
    }
    section
}

fn label_section(registry: &Registry, label: &Label) -> String {
    let mut section = format!(
        "\n### {}\n\n{}\n\n",
        label_heading(label),
        text(&label.help)
    );
    section.push_str(&note(&label.notes));
    if label.key != label.name {
        let _ = write!(section, "Key in the schema: {}.\n\n", code(&label.key));
    }
    if let Some(otel) = &label.otel {
        let _ = write!(section, "In OpenTelemetry: {}.\n\n", code(&otel.value));
    }
    match &label.values {
        LabelValues::Closed(values) => {
            if label.is_extensible {
                section.push_str("Releases may add values.");
                if let Some(fallback) = label.fallback_value() {
                    let _ = write!(
                        section,
                        " The program records any other string as {}.",
                        code(&fallback.value)
                    );
                }
                section.push_str("\n\n");
            }
            section.push_str(&table_head(&["Value", "Meaning"]));
            for value in values {
                let meaning = value.help.as_deref().map(text);
                let bad = value.bad.then(|| "counts as an error".to_owned());
                let since = value.since.as_ref();
                let since = since.map(|since| format!("since {}", code(&since.to_string())));
                let renamed = value.former.as_ref().map(renamed);
                let deprecation = value.deprecated.as_ref();
                let deprecation = deprecation.map(|deprecation| {
                    let reason = deprecated(deprecation, |value| code(value));
                    format!("**deprecated**{reason}")
                });
                let parts = [meaning, bad, since, renamed, deprecation];
                let meaning: Vec<_> = parts.into_iter().flatten().collect();
                let meaning = meaning.join("; ");
                section.push_str(&row([&*code(&value.value), &meaning]));
            }
        }
        LabelValues::Open { max, overflow } => {
            let bound = if is_only_fact(registry, label) {
                String::new()
            } else {
                bound(*max, overflow)
            };
            let _ = writeln!(section, "Any string{bound}.");
            if !label.examples.is_empty() {
                let examples = label.examples.iter().map(|example| code(example));
                let examples = examples.collect::<Vec<_>>().join(", ");
                let _ = write!(section, "\nFor example: {examples}.\n");
            }
        }
    }
    section
}

fn sum_heading(sum: &Sum) -> String {
    format!("Label {}", code(&sum.name))
}

fn sum_section(registry: &Registry, sum: &Sum) -> String {
    let of = &registry.labels[sum.of.0];
    let mut section = format!(
        "\n### {}\n\n{}\n\n{}Not exposed by itself: stands for {} and the labels that depend on its value.\n\n",
        sum_heading(sum),
        text(&sum.help),
        note(&sum.notes),
        link(&code(&of.name), &label_heading(of)),
    );
    section.push_str(&table_head(&["Value", "Extra labels"]));
    for (value, items) in of.closed_values().iter().zip(&sum.with) {
        let items = items.iter().map(|item| {
            let heading = format!("Label {}", code(registry.item_name(*item)));
            link(&code(registry.item_name(*item)), &heading)
        });
        let items = items.collect::<Vec<_>>().join(", ");
        section.push_str(&row([&*code(&value.value), &items]));
    }
    section
}

/// Returns the paragraphs of a note.
fn note(notes: &Notes) -> String {
    let mut paragraphs = String::new();
    let mut lines = notes.note.iter().flat_map(|note| note.lines()).peekable();
    while lines.peek().is_some() {
        let paragraph = lines.by_ref().take_while(|line| !line.trim().is_empty());
        let paragraph = paragraph.map(str::trim).collect::<Vec<_>>().join(" ");
        if !paragraph.is_empty() {
            let _ = write!(paragraphs, "{}\n\n", text(&paragraph));
        }
    }
    paragraphs
}

/// Returns whether a label is only a fact of info metrics. Facts are set together, without a handle of the label.
fn is_only_fact(registry: &Registry, label: &Label) -> bool {
    let is_one = |id: &LabelId| registry.labels[id.0].name == label.name;
    let mut metrics = registry.metrics.iter();
    let is_label = metrics.any(|metric| metric.series_labels().iter().any(is_one));
    let mut metrics = registry.metrics.iter();
    !is_label && metrics.any(|metric| metric.facts().iter().any(is_one))
}

/// Returns how an open label is bounded.
fn bound(max: u32, overflow: &str) -> String {
    let (most, overflow) = (at_most(max), code(overflow));
    format!(", {most} at a time; additional values are recorded as {overflow}")
}

fn at_most(max: u32) -> String {
    format!("at most {}", grouped(max.into()))
}

/// Returns the name and values of a metric's label, as an item in its list.
fn label_line(registry: &Registry, metric: &Metric, id: LabelId) -> String {
    let label = &registry.labels[id.0];
    let name = match label.origin {
        Origin::Schema => link(&code(&label.name), &label_heading(label)),
        Origin::Library => code(&label.name),
    };
    let values = match &label.values {
        LabelValues::Closed(values) => values
            .iter()
            .map(|value| code(&value.value))
            .collect::<Vec<_>>()
            .join(", "),
        LabelValues::Open { .. } if metric.facts().contains(&id) => "any string".to_owned(),
        LabelValues::Open { max, overflow } => format!("any string{}", bound(*max, overflow)),
    };
    format!("{name}: {values}")
}

fn metric_section(registry: &Registry, group: &Group, metric: &Metric) -> String {
    let mut section = format!("### {}\n\n", code(&metric.exposed));
    if let Some(deprecation) = &metric.deprecated {
        let _ = write!(
            section,
            "**Deprecated**{}\n\n",
            deprecated(deprecation, |id| reference(registry, *id))
        );
    }
    let _ = write!(section, "{}\n\n", text(&metric.help));
    section.push_str(&note(&metric.notes));
    for (title, fact) in facts(registry, group, metric) {
        let _ = writeln!(section, "- {title}: {fact}");
    }
    section.push_str(&metric_labels(registry, metric));
    section.push('\n');
    section
}

/// Returns the facts about a metric, ordered by importance to the reader: what it measures, how to record it, how stable it is.
fn facts(registry: &Registry, group: &Group, metric: &Metric) -> Vec<(&'static str, String)> {
    let spec = metric.kind.spec();
    let errors = if metric.bad { " of errors" } else { "" };
    let mut facts = vec![("Type", format!("{}{errors}{}", spec.name, spec.remark))];
    if metric.unit != Unit::None {
        facts.push(("Unit", metric.unit.name().to_owned()));
    }
    if let Some(buckets) = spec.buckets {
        facts.push(("Buckets", bounds(registry, buckets, metric.unit)));
    }
    if let Some(native) = metric.native {
        let unit = unit_of_bounds(metric.unit);
        let (from, to, factor) = (native.from, native.to, native.factor);
        let range = format!("from {from} to {to}{unit}, factor {factor}");
        facts.push((
            "Native buckets",
            format!("{range} (schema {} of Prometheus)", native.schema()),
        ));
    }
    if metric.exemplars {
        let kept = match spec.buckets {
            Some(_) => "a recent trace for each bucket of a series",
            None => "a recent trace for each series",
        };
        facts.push(("Exemplars", kept.to_owned()));
    }
    if let Some(states) = spec.states {
        facts.push(("States", label_line(registry, metric, states)));
    }
    if let Some((numerator, denominator)) = spec.operands {
        facts.push(("Value", quotient(registry, numerator, denominator)));
    }
    facts.extend(
        metric
            .otel
            .as_ref()
            .map(|otel| ("OpenTelemetry", code(&otel.value))),
    );
    if metric.origin == Origin::Schema {
        facts.push(("Rust", code(&call(registry, group, metric))));
    }
    facts.push((
        "Series",
        format!("at most {}", grouped(series::worst_case(registry, metric))),
    ));
    let since = metric
        .since
        .as_ref()
        .map(|since| format!(", since {}", code(&since.to_string())))
        .unwrap_or_default();
    facts.push(("Stability", format!("{}{since}", metric.stability)));
    facts.extend(
        metric
            .former
            .as_ref()
            .map(|former| ("Renamed", renamed(former))),
    );
    facts.extend(metric.owner.as_ref().map(|owner| ("Owner", code(owner))));
    facts
}

fn metric_labels(registry: &Registry, metric: &Metric) -> String {
    let mut list = String::new();
    for (title, ids) in [
        ("Labels", metric.series_labels()),
        ("Facts", metric.facts()),
    ] {
        if !ids.is_empty() {
            let _ = writeln!(list, "- {title}:");
        }
        for id in ids {
            let conditions = metric
                .sums
                .iter()
                .flat_map(|sum| conditions(registry, sum.sum));
            let conditions: Vec<_> = conditions
                .filter(|condition| condition.label == *id)
                .map(|condition| self::condition(registry, &condition))
                .collect();
            let end = if !conditions.is_empty() {
                format!("; only where {}", conditions.join(", or where "))
            } else if metric.is_optional(*id) {
                "; optional".to_owned()
            } else {
                String::new()
            };
            let _ = writeln!(list, "  - {}{end}", label_line(registry, metric, *id));
        }
    }
    list
}

/// Returns the condition under which series have a label: "`method` is `tools/call`".
fn condition(registry: &Registry, condition: &Condition) -> String {
    let of = &registry.labels[condition.of.0];
    let values = registry.values_at(condition.of, &condition.values);
    let values: Vec<_> = values.into_iter().map(code).collect();
    format!("{} is {}", code(&of.name), values.join(" or "))
}

fn bounds(registry: &Registry, set: BucketSetId, unit: Unit) -> String {
    let set = &registry.bucket_sets[set.0];
    let bounds = set
        .bounds
        .iter()
        .map(f64::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let unit = unit_of_bounds(unit);
    match &set.name {
        Some(name) => format!("{bounds}{unit} ({})", code(name)),
        None => format!("{bounds}{unit}"),
    }
}

/// Returns the unit to write after bounds, with a space before it. Ratios are written as plain numbers.
fn unit_of_bounds(unit: Unit) -> String {
    if matches!(unit, Unit::None | Unit::Ratio) {
        String::new()
    } else {
        format!(" {}", unit.name())
    }
}

fn quotient(registry: &Registry, numerator: &[MetricId], denominator: &[MetricId]) -> String {
    let sum = |ids: &[MetricId]| {
        let terms: Vec<_> = ids.iter().map(|id| reference(registry, *id)).collect();
        if terms.len() == 1 {
            terms.concat()
        } else {
            format!("({})", terms.join(" + "))
        }
    };
    format!("{} / {}", sum(numerator), sum(denominator))
}

fn reference(registry: &Registry, id: MetricId) -> String {
    let exposed = &registry.metrics[id.0].exposed;
    link(&code(exposed), exposed)
}

/// Returns a sentence about a former name and its last release.
fn renamed(former: &Former) -> String {
    format!(
        "also exposed as {} until {}",
        code(&former.name),
        code(&former.until.to_string())
    )
}

/// Returns the Rust expression for it: `metrics.buffer_pool(pool).hits()`.
fn call(registry: &Registry, group: &Group, metric: &Metric) -> String {
    // A derived metric is not recorded, but can be read back.
    let receiver = match metric.kind.spec().storage {
        Storage::Derived => "metrics.snapshot()",
        Storage::PerThread | Storage::Shared | Storage::Text | Storage::Callback => "metrics",
    };
    let listed = |arguments: Vec<Argument>| {
        let arguments = arguments.into_iter().map(|argument| match argument {
            Argument::Label(id) => self::argument(registry, id, metric.is_optional(id)),
            Argument::Sum(sum) => registry.sums[sum.0].name.clone(),
        });
        arguments.collect::<Vec<_>>().join(", ")
    };
    format!(
        "{receiver}.{}({}).{}({})",
        group.name,
        listed(group.arguments()),
        metric.key,
        listed(metric.own_arguments())
    )
}

fn argument(registry: &Registry, id: LabelId, is_optional: bool) -> String {
    let label = &registry.labels[id.0];
    let value = match label.values {
        LabelValues::Closed(_) => label.key.clone(),
        LabelValues::Open { .. } => format!("&{}", label.key),
    };
    if is_optional {
        format!("Some({value})")
    } else {
        value
    }
}

/// Returns why something is deprecated. `name` returns the name of its replacement.
fn deprecated<R>(deprecation: &Deprecation<R>, name: impl Fn(&R) -> String) -> String {
    let since = deprecation
        .since
        .as_ref()
        .map(|since| format!(" since {}", code(&since.to_string())))
        .unwrap_or_default();
    let replacement = deprecation.replacement.as_ref();
    let replacement = replacement.map(|replacement| format!("use {} instead", name(replacement)));
    let note = deprecation.note.as_deref().map(text);
    let removal = deprecation
        .remove_in
        .as_ref()
        .map(|version| format!("removed in {}", code(&version.to_string())));
    let advice: Vec<_> = replacement.into_iter().chain(removal).collect();
    let advice = (!advice.is_empty()).then(|| advice.join("; "));
    let parts: Vec<_> = advice.into_iter().chain(note).collect();
    format!("{since}: {}", parts.join(". "))
}

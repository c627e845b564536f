//! The rustdoc of generated items, from the texts in the schema.

use std::fmt::{self, Write as _};

use super::super::markdown::{code, text};
use super::{label_type, recorder_type, snapshot_type, sum_type};
use crate::model::{
    Argument, Deprecation, Group, Label, LabelId, LabelValue, LabelValues, Metric, Registry,
    Storage, Sum, Unit,
};
use crate::sentence::count;

/// A doc comment, written as one attribute a line, as rustc reads `///`.
pub(super) struct Doc(String);

impl fmt::Display for Doc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.trim_end().lines() {
            let space = if line.is_empty() { "" } else { " " };
            writeln!(f, "#[doc = {:?}]", format!("{space}{line}"))?;
        }
        Ok(())
    }
}

pub(super) fn metrics(registry: &Registry) -> Doc {
    Doc(format!(
        "Creates the recorders of all `{}` metrics.\n\nClones are cheap and share their values. This type \
         dereferences to [`Registry`](__rt::Registry), which encodes the metrics and provides the collector.",
        registry.namespace,
    ))
}

pub(super) fn closed_label(label: &Label) -> Doc {
    let (help, name) = (text(&label.help), &label.name);
    let mut doc = format!("{help}\n\nThe closed label `{name}`.");
    if label.is_extensible {
        doc.push_str(" Later releases may add values.");
    }
    if let Some(fallback) = label.fallback_value() {
        let value = code(&fallback.value);
        let _ = write!(doc, " Any other string is parsed as {value}.");
    }
    Doc(doc)
}

pub(super) fn sum_label(registry: &Registry, sum: &Sum) -> Doc {
    let (help, labels) = (text(&sum.help), describe_sum(registry, sum));
    Doc(format!(
        "{help}\n\nThe label {labels}. The type borrows the values of open labels."
    ))
}

pub(super) fn sum_variant(registry: &Registry, value: &LabelValue, items: &[Argument]) -> Doc {
    let Doc(mut doc) = label_value(value);
    if !items.is_empty() {
        let _ = write!(doc, "; with {}", names(registry, items));
    }
    Doc(doc)
}

/// Describes the labels of a sum: "`method`, with `tool` if it is `tools/call`".
pub(in super::super) fn describe_sum(registry: &Registry, sum: &Sum) -> String {
    let mut text = code(&registry.labels[sum.of.0].name);
    for (values, items) in sum.variants() {
        if items.is_empty() {
            continue;
        }
        let values = codes(&registry.values_at(sum.of, &values), " or ");
        let names = names(registry, items);
        let _ = write!(text, ", with {names} if it is {values}");
    }
    text
}

fn names(registry: &Registry, items: &[Argument]) -> String {
    let mut names = Vec::new();
    for item in items {
        names.push(registry.item_name(*item));
    }
    codes(&names, " and ")
}

/// Returns texts as code, joined.
fn codes<T: AsRef<str>>(texts: &[T], separator: &str) -> String {
    let mut codes = Vec::new();
    for text in texts {
        codes.push(code(text.as_ref()));
    }
    codes.join(separator)
}

pub(super) fn label_value(value: &LabelValue) -> Doc {
    let mut doc = match &value.help {
        Some(help) => format!("{}: {}", code(&value.value), text(help)),
        None => code(&value.value),
    };
    if let Some(since) = &value.since {
        let _ = write!(doc, "; since {since}");
    }
    if let Some(former) = &value.former {
        let (name, until) = (code(&former.name), &former.until);
        let _ = write!(doc, "; also exposed as {name} until {until}");
    }
    Doc(doc)
}

pub(super) fn open_label(label: &Label, max: u32, overflow: &str) -> Doc {
    let (help, max, examples) = (text(&label.help), count(max, "value"), examples(label));
    let Label { key, name, .. } = label;
    Doc(format!(
        "{help}\n\nA value of the open label `{name}`. The label has at most {max} at a time; additional values are \
         recorded as `{overflow}`. Created by [`Metrics::{key}`](super::Metrics::{key}). Its series are removed when the last \
         handle and recorder that use it are dropped.{examples}"
    ))
}

fn examples(label: &Label) -> String {
    if label.examples.is_empty() {
        return String::new();
    }
    format!("\n\nFor example: {}.", codes(&label.examples, ", "))
}

pub(super) fn intern_method(label: &Label, max: u32) -> Doc {
    let (help, max, examples) = (
        text(&label.help),
        count(max, "other value"),
        examples(label),
    );
    let name = &label.name;
    Doc(format!(
        "Returns a handle to a value of the open label `{name}`, which stays in use until its last handle and recorder are \
         dropped.\n\n{help} If the label already has {max}, this returns the overflow value. Invalid UTF-8 is replaced, and \
         long values are truncated.{examples}"
    ))
}

pub(super) fn recorder(registry: &Registry, group: &Group) -> Doc {
    let (help, name) = (text(&group.help), &group.name);
    let labels = group_arguments(registry, "Labels bound at creation:", group);
    Doc(format!(
        "{help}\n\n{labels}Created by [`Metrics::{name}`]. Keep it where you record. It is cheap to clone and to send to \
         another thread."
    ))
}

pub(super) fn constructor(registry: &Registry, group: &Group) -> Doc {
    let (recorder, help) = (recorder_type(group), text(&group.help));
    let labels = group_arguments(registry, "Labels bound to the recorder:", group);
    Doc(format!(
        "Creates the recorder [`{recorder}`].\n\n{help}\n\n{labels}"
    ))
}

pub(super) fn snapshot(group: &Group) -> Doc {
    let (recorder, help) = (recorder_type(group), text(&group.help));
    Doc(format!(
        "Values of [`{recorder}`] at the time of the snapshot.\n\n{help}"
    ))
}

pub(super) fn snapshot_constructor(group: &Group) -> Doc {
    let (recorder, snapshot) = (recorder_type(group), snapshot_type(group));
    Doc(format!(
        "Reads the values of [`{recorder}`] into [`{snapshot}`]."
    ))
}

pub(super) fn metric(registry: &Registry, metric: &Metric) -> Doc {
    let mut doc = format!("{}\n\n", text(&metric.help));
    let (kind, detail) = (metric.kind.spec().noun, detail(registry, metric));
    let unit = match metric.unit {
        Unit::None => String::new(),
        Unit::Ratio => " from 0 to 1".to_owned(),
        unit => format!(" in {}", unit.name()),
    };
    let (name, stability) = (&metric.exposed, metric.stability);
    let _ = write!(doc, "`{name}`, {kind}{unit}{detail}; {stability}");
    if let Some(since) = &metric.since {
        let _ = write!(doc, " since {since}");
    }
    if let Some(former) = &metric.former {
        let (name, until) = (&former.name, &former.until);
        let _ = write!(doc, "; also exposed as `{name}` until {until}");
    }
    doc.push_str(".\n\n");
    let (title, listed) = if metric.kind.spec().has_facts {
        let mut facts = Vec::new();
        for id in metric.facts() {
            facts.push(Argument::Label(*id));
        }
        ("Facts:", facts)
    } else {
        ("Labels:", metric.arguments())
    };
    doc.push_str(&arguments(registry, title, &listed, &metric.optional));
    Doc(doc)
}

fn group_arguments(registry: &Registry, title: &str, group: &Group) -> String {
    arguments(registry, title, &group.arguments(), &group.optional)
}

/// Returns a list of labels and sum labels, or nothing if there are none.
fn arguments(
    registry: &Registry,
    title: &str,
    arguments: &[Argument],
    optional: &[LabelId],
) -> String {
    if arguments.is_empty() {
        return String::new();
    }
    let mut list = format!("{title}\n\n");
    for argument in arguments {
        let (name, ty, text) = match *argument {
            Argument::Label(id) => {
                let label = &registry.labels[id.0];
                let none = if optional.contains(&id) {
                    "; optional"
                } else {
                    ""
                };
                let text = values(label) + none;
                (&label.name, label_type(label), text)
            }
            Argument::Sum(id) => {
                let sum = &registry.sums[id.0];
                (&sum.name, sum_type(sum), describe_sum(registry, sum))
            }
        };
        let _ = writeln!(list, "- [`{name}`](labels::{ty}): {text}.");
    }
    list.push('\n');
    list
}

fn values(label: &Label) -> String {
    match &label.values {
        LabelValues::Closed(values) => {
            let mut texts = Vec::new();
            for value in values {
                texts.push(&value.value);
            }
            codes(&texts, ", ")
        }
        LabelValues::Open { max, overflow } => {
            let max = count(*max, "value");
            format!("at most {max}; additional values are recorded as `{overflow}`")
        }
    }
}

pub(super) fn read_method(metric: &Metric) -> Doc {
    Doc(format!("`{}`: {}", metric.exposed, text(&metric.help)))
}

/// Returns rustc's message at uses of a deprecated item. `name` returns the name of its replacement.
pub(super) fn deprecation_note<R>(
    deprecation: &Deprecation<R>,
    name: impl Fn(&R) -> String,
) -> String {
    let mut advice = Vec::new();
    if let Some(replacement) = &deprecation.replacement {
        advice.push(format!("use `{}`", name(replacement)));
    }
    if let Some(version) = &deprecation.remove_in {
        advice.push(format!("this item will be removed in {version}"));
    }
    match (advice.join("; "), &deprecation.note) {
        (advice, None) => advice,
        (advice, Some(note)) if advice.is_empty() => note.clone(),
        (advice, Some(note)) => format!("{advice}: {note}"),
    }
}

/// Returns the text after the unit of a metric.
fn detail(registry: &Registry, metric: &Metric) -> String {
    let spec = metric.kind.spec();
    if let Some(set) = spec.buckets {
        let mut bounds = Vec::new();
        for bound in &registry.bucket_sets[set.0].bounds {
            bounds.push(bound.to_string());
        }
        let mut detail = format!(", with buckets bounded by {}", bounds.join(", "));
        if let Some(native) = metric.native {
            let (from, to, growth) = (native.from, native.to, native.growth());
            let _ = write!(
                detail,
                ", and native buckets from {from} to {to}, whose bounds grow by a factor of up to {growth:.3}"
            );
        }
        return detail;
    }
    if let Some(id) = spec.states {
        let ty = label_type(&registry.labels[id.0]);
        return format!(" metric with the states [`{ty}`](labels::{ty})");
    }
    match spec.storage {
        Storage::Callback => ", read at each scrape".to_owned(),
        Storage::PerThread | Storage::Shared | Storage::Text | Storage::Derived => String::new(),
    }
}

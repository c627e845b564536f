//! The rustdoc of generated items, from the texts in the schema.

use std::fmt::{self, Write as _};

use super::super::markdown::{code, text};
use super::{label_type, recorder_type, snapshot_type, sum_type};
use crate::model::{
    Argument, Deprecation, Group, Label, LabelId, LabelValue, LabelValues, Metric, MetricId,
    Registry, Storage, Sum, Unit,
};
use crate::sentence::count;

/// A doc comment, written as one attribute a line, as rustc reads `///`.
pub(super) struct Doc(String);

impl fmt::Display for Doc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.trim_end().lines() {
            let space = if line.is_empty() { "" } else { " " };
            writeln!(
                f,
                "#[doc = {:?}]",
                format_args!("{space}{line}").to_string()
            )?;
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
    let mut doc = format!(
        "{}\n\nThe closed label `{}`.",
        text(&label.help),
        label.name
    );
    if label.is_extensible {
        doc.push_str(" Later releases may add values.");
    }
    if let Some(fallback) = label.fallback_value() {
        let _ = write!(
            doc,
            " Any other string is parsed as {}.",
            code(&fallback.value)
        );
    }
    Doc(doc)
}

pub(super) fn sum_label(registry: &Registry, sum: &Sum) -> Doc {
    Doc(format!(
        "{}\n\nThe label {}. The type borrows the values of open labels.",
        text(&sum.help),
        describe_sum(registry, sum),
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
        let values = registry.values_at(sum.of, &values);
        let values: Vec<_> = values.into_iter().map(code).collect();
        let (names, values) = (names(registry, items), values.join(" or "));
        let _ = write!(text, ", with {names} if it is {values}");
    }
    text
}

fn names(registry: &Registry, items: &[Argument]) -> String {
    let names = items.iter().map(|item| code(registry.item_name(*item)));
    names.collect::<Vec<_>>().join(" and ")
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
        let _ = write!(
            doc,
            "; also exposed as {} until {}",
            code(&former.name),
            former.until
        );
    }
    Doc(doc)
}

pub(super) fn open_label(label: &Label, max: u32, overflow: &str) -> Doc {
    Doc(format!(
        "{}\n\nA value of the open label `{}`. The label has at most {} at a time; further values are \
         recorded as `{overflow}`. Created by [`Metrics::{}`](super::Metrics::{}). Its series are removed when the last handle \
         and recorder that use it are dropped.{}",
        text(&label.help),
        label.name,
        count(max, "value"),
        label.key,
        label.key,
        examples(label),
    ))
}

fn examples(label: &Label) -> String {
    if label.examples.is_empty() {
        return String::new();
    }
    let examples = label.examples.iter().map(|example| code(example));
    format!(
        "\n\nFor example: {}.",
        examples.collect::<Vec<_>>().join(", ")
    )
}

pub(super) fn intern_method(label: &Label, max: u32) -> Doc {
    Doc(format!(
        "Returns a handle to a value of the open label `{}`, which stays in use until its last handle and recorder are \
         dropped.\n\n{} If the label already has {}, this returns the overflow value. Invalid UTF-8 is replaced, and long values \
         are truncated.{}",
        label.name,
        text(&label.help),
        count(max, "other value"),
        examples(label),
    ))
}

pub(super) fn recorder(registry: &Registry, group: &Group) -> Doc {
    Doc(format!(
        "{}\n\n{}Created by [`Metrics::{}`]. Keep it where you record. It is cheap to clone and to send to another thread.",
        text(&group.help),
        arguments(
            registry,
            "Labels bound at creation:",
            &group.arguments(),
            &group.optional
        ),
        group.name,
    ))
}

pub(super) fn constructor(registry: &Registry, group: &Group) -> Doc {
    Doc(format!(
        "Creates the recorder [`{}`].\n\n{}\n\n{}",
        recorder_type(group),
        text(&group.help),
        arguments(
            registry,
            "Labels bound to the recorder:",
            &group.arguments(),
            &group.optional
        ),
    ))
}

pub(super) fn snapshot(group: &Group) -> Doc {
    Doc(format!(
        "Values of [`{}`] at the time of the snapshot.\n\n{}",
        recorder_type(group),
        text(&group.help)
    ))
}

pub(super) fn snapshot_constructor(group: &Group) -> Doc {
    Doc(format!(
        "Reads the values of [`{}`] into [`{}`].",
        recorder_type(group),
        snapshot_type(group)
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
    let _ = write!(
        doc,
        "`{}`, {kind}{unit}{detail}; {}",
        metric.exposed, metric.stability
    );
    if let Some(since) = &metric.since {
        let _ = write!(doc, " since {since}");
    }
    if let Some(former) = &metric.former {
        let _ = write!(
            doc,
            "; also exposed as `{}` until {}",
            former.name, former.until
        );
    }
    doc.push_str(".\n\n");
    let (title, listed) = if metric.kind.spec().has_facts {
        let facts = metric.facts().iter().copied();
        ("Facts:", facts.map(Argument::Label).collect())
    } else {
        ("Labels:", metric.arguments())
    };
    doc.push_str(&arguments(registry, title, &listed, &metric.optional));
    Doc(doc)
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
            let values = values.iter().map(|value| code(&value.value));
            values.collect::<Vec<_>>().join(", ")
        }
        LabelValues::Open { max, overflow } => {
            format!(
                "at most {}; further values are recorded as `{overflow}`",
                count(*max, "value")
            )
        }
    }
}

pub(super) fn read_method(metric: &Metric) -> Doc {
    Doc(format!("`{}`: {}", metric.exposed, text(&metric.help)))
}

/// `group.metric`.
pub(super) fn full_name(registry: &Registry, id: MetricId) -> String {
    let metric = &registry.metrics[id.0];
    format!("{}.{}", registry.groups[metric.group.0].name, metric.key)
}

/// Returns rustc's message at uses of a deprecated item. `name` returns the name of its replacement.
pub(super) fn deprecation_note<R>(
    deprecation: &Deprecation<R>,
    name: impl Fn(&R) -> String,
) -> String {
    let replacement = deprecation.replacement.as_ref();
    let replacement = replacement.map(|replacement| format!("use `{}`", name(replacement)));
    let removal = deprecation
        .remove_in
        .as_ref()
        .map(|version| format!("this item will be removed in {version}"));
    let advice: Vec<_> = replacement.into_iter().chain(removal).collect();
    let advice = (!advice.is_empty()).then(|| advice.join("; "));
    let parts: Vec<_> = advice.into_iter().chain(deprecation.note.clone()).collect();
    parts.join(": ")
}

/// Returns the text after the unit of a metric.
fn detail(registry: &Registry, metric: &Metric) -> String {
    let spec = metric.kind.spec();
    if let Some(set) = spec.buckets {
        let bounds = registry.bucket_sets[set.0].bounds.iter();
        let bounds: Vec<_> = bounds.map(f64::to_string).collect();
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

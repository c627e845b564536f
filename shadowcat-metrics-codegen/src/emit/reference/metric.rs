//! One metric's section of the reference.

use std::fmt::Write as _;

use super::super::markdown::{code, text};
use super::super::page::{grouped, link};
use super::label_line;
use crate::model::{
    BucketSetId, Deprecation, Former, Group, LabelId, LabelValues, Metric, MetricId, Origin,
    Registry, Storage, Unit,
};
use crate::series;

pub(super) fn section(registry: &Registry, group: &Group, metric: &Metric) -> String {
    let mut section = format!("### {}\n\n", code(&metric.exposed));
    if let Some(deprecation) = &metric.deprecated {
        let _ = write!(
            section,
            "**Deprecated**{}\n\n",
            deprecated(registry, deprecation)
        );
    }
    let _ = write!(section, "{}\n\n", text(&metric.help));
    for (title, fact) in facts(registry, group, metric) {
        let _ = writeln!(section, "- {title}: {fact}");
    }
    section.push_str(&labels(registry, metric));
    section.push('\n');
    section
}

/// The lines of the list, in the order a reader asks: what is it, how is it recorded, how firm is it.
fn facts(registry: &Registry, group: &Group, metric: &Metric) -> Vec<(&'static str, String)> {
    let spec = metric.kind.spec();
    let mut facts = vec![("Type", format!("{}{}", spec.name, spec.remark))];
    if metric.unit != Unit::None {
        facts.push(("Unit", metric.unit.name().to_owned()));
    }
    if let Some(buckets) = spec.buckets {
        facts.push(("Buckets", bounds(registry, buckets, metric.unit)));
    }
    if let Some(states) = spec.states {
        facts.push(("States", label_line(registry, states)));
    }
    if let Some((numerator, denominator)) = spec.operands {
        facts.push(("Value", quotient(registry, numerator, denominator)));
    }
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

fn labels(registry: &Registry, metric: &Metric) -> String {
    let mut list = String::new();
    for (title, ids) in [
        ("Labels", metric.series_labels()),
        ("Facts", metric.facts()),
    ] {
        if !ids.is_empty() {
            let _ = writeln!(list, "- {title}:");
        }
        for id in ids {
            let _ = writeln!(list, "  - {}", label_line(registry, *id));
        }
    }
    list
}

fn bounds(registry: &Registry, set: BucketSetId, unit: Unit) -> String {
    let set = &registry.bucket_sets[set.0];
    let bounds = set
        .bounds
        .iter()
        .map(f64::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let unit = if unit == Unit::None {
        String::new()
    } else {
        format!(" {}", unit.name())
    };
    match &set.name {
        Some(name) => format!("{bounds}{unit} ({})", code(name)),
        None => format!("{bounds}{unit}"),
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

/// What something was called, and for how long it still is.
pub(super) fn renamed(former: &Former) -> String {
    format!(
        "exposed as {} too, until {}",
        code(&former.name),
        code(&former.until.to_string())
    )
}

/// How a program reaches it: `metrics.buffer_pool(pool).hits()`.
fn call(registry: &Registry, group: &Group, metric: &Metric) -> String {
    // Nothing records what is derived; it can be read back.
    let receiver = match metric.kind.spec().storage {
        Storage::Derived => "metrics.snapshot()",
        Storage::PerThread | Storage::Shared | Storage::Text | Storage::Callback => "metrics",
    };
    let own = &metric.series_labels()[metric.group_labels..];
    let bound = arguments(registry, &group.labels);
    format!(
        "{receiver}.{}({bound}).{}({})",
        group.name,
        metric.key,
        arguments(registry, own)
    )
}

fn arguments(registry: &Registry, labels: &[LabelId]) -> String {
    let argument = |id: &LabelId| {
        let label = &registry.labels[id.0];
        match label.values {
            LabelValues::Closed(_) => label.name.clone(),
            LabelValues::Open { .. } => format!("&{}", label.name),
        }
    };
    labels.iter().map(argument).collect::<Vec<_>>().join(", ")
}

fn deprecated(registry: &Registry, deprecation: &Deprecation) -> String {
    let since = deprecation
        .since
        .as_ref()
        .map(|since| format!(" since {}", code(&since.to_string())))
        .unwrap_or_default();
    let replacement = deprecation
        .replacement
        .map(|id| format!("use {} instead", reference(registry, id)));
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

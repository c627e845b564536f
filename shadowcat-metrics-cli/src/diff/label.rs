//! Changes of labels and their values.

use std::collections::HashMap;

use shadowcat_metrics_codegen::Version;
use shadowcat_metrics_codegen::model::{
    Deprecation, Label, LabelId, LabelValue, LabelValues, Origin, Registry, Stability,
};

use super::{Changes, Impact, Shown, breaking_unless, by_name, firmest};

pub(super) fn compare(old: &Registry, new: &Registry, changes: &mut Changes) {
    for (id, label) in old.labels.iter().enumerate() {
        changes.about("label", &label.name, stability(old, LabelId(id)));
        match counterpart(old, label, new) {
            Some(other) => compare_label(label, other, changes),
            // The metrics that use the label report the impact on dashboards.
            None => changes
                .removed(&label.name)
                .impact(Impact::Cosmetic, in_rust(label.origin, Impact::Breaking)),
        }
    }
    for label in &new.labels {
        if counterpart(new, label, old).is_none() {
            changes.about("label", &label.name, Stability::Experimental);
            let rust = in_rust(label.origin, Impact::Additive);
            let added = changes.added(&label.name);
            added.impact(Impact::Cosmetic, rust);
        }
    }
}

/// Returns the label of another schema that corresponds to a label: the one with its key or, failing that, the one that is
/// exposed under its name, unless its key belongs to another label. The library's own labels may have the same names.
fn counterpart<'r>(of: &Registry, label: &Label, other: &'r Registry) -> Option<&'r Label> {
    let is_like = |other: &&Label| other.origin == label.origin;
    let mut others = other.labels.iter().filter(is_like);
    let by_key = others.clone().find(|other| other.key == label.key);
    let has_key = |other: &Label| of.labels.iter().any(|label| label.key == other.key);
    by_key.or_else(|| others.find(|other| other.name == label.name && !has_key(other)))
}

/// Returns the impact on programs: none for the library's own labels, whose values programs do not pass.
const fn in_rust(origin: Origin, impact: Impact) -> Impact {
    match origin {
        Origin::Schema => impact,
        Origin::Library => Impact::Cosmetic,
    }
}

/// Returns the stability of a label: that of its metrics. Values of the library's own labels are names of metrics and labels,
/// which have their own stability.
fn stability(registry: &Registry, label: LabelId) -> Stability {
    match registry.labels[label.0].origin {
        Origin::Schema => {}
        Origin::Library => return Stability::Experimental,
    }
    let metrics = registry.metrics.iter();
    let metrics = metrics.filter(|metric| metric.depends_on(label));
    firmest(metrics.map(|metric| metric.stability))
}

fn compare_label(old: &Label, new: &Label, changes: &mut Changes) {
    let Label {
        key,
        name,
        help,
        values,
        is_extensible,
        fallback: _,
        examples,
        otel,
        stability,
        notes,
        allow,
        origin,
        span: _,
        name_span: _,
    } = old;
    let rust = in_rust(*origin, Impact::Breaking);
    // An extensible label makes programs write a `match` with a wildcard arm, which accepts new values.
    let added = if *is_extensible {
        in_rust(*origin, Impact::Additive)
    } else {
        rust
    };
    let change = changes.field("key", key, &new.key);
    change.impact(Impact::Cosmetic, rust);
    // The metrics that use the label report the impact on dashboards.
    changes.field("name", name, &new.name);
    changes.field("help", help, &new.help);
    super::compare_stability(*stability, new.stability, changes);
    let names = |values: &[LabelValue]| {
        let names = values.iter().map(|value| value.value.clone());
        names.collect::<Vec<_>>().shown()
    };
    let open = |max: u32| Some(format!("open, at most {max}"));
    match (values, &new.values) {
        (LabelValues::Closed(old), LabelValues::Closed(new)) => {
            compare_values(old, new, (rust, added), changes);
        }
        (
            LabelValues::Open { max, overflow },
            LabelValues::Open {
                max: new_max,
                overflow: new_overflow,
            },
        ) => {
            // With a lower maximum, values that had their own series move to the overflow value.
            let change = changes.field("open.max", max, new_max);
            change.impact(breaking_unless(new_max >= max), Impact::Cosmetic);
            let change = changes.field("open.overflow", overflow, new_overflow);
            change.impact(Impact::Breaking, Impact::Cosmetic);
        }
        (LabelValues::Closed(values), LabelValues::Open { max, .. }) => {
            let change = changes.field("values", &names(values), &open(*max));
            change.impact(Impact::Additive, Impact::Breaking);
        }
        (LabelValues::Open { max, .. }, LabelValues::Closed(values)) => {
            let change = changes.field("values", &open(*max), &names(values));
            change.impact(Impact::Breaking, Impact::Breaking);
        }
    }
    // Changes the type of `ALL`, and whether a `match` needs a wildcard arm.
    let change = changes.field("extensible", is_extensible, &new.is_extensible);
    change.impact(Impact::Cosmetic, rust);
    compare_fallback(old, new, rust, changes);
    super::compare_otel(otel.as_ref(), new.otel.as_ref(), changes);
    changes.field("examples", examples, &new.examples);
    super::compare_notes(notes, &new.notes, changes);
    changes.field("allow", allow, &new.allow);
}

fn compare_fallback(old: &Label, new: &Label, rust: Impact, changes: &mut Changes) {
    let [before, after] = [old, new].map(|label| label.fallback_value().map(|value| &value.value));
    let (dashboards, rust) = if before.is_some() == after.is_some() {
        // Unknown strings are counted under a different value.
        (Impact::Breaking, Impact::Cosmetic)
    } else {
        // The error type of `FromStr` changes.
        (Impact::Cosmetic, rust)
    };
    let change = changes.field("fallback", &before, &after);
    change.impact(dashboards, rust);
}

/// The values of a label by name and by former name that is still exposed.
struct Values<'v> {
    by_name: HashMap<&'v str, &'v LabelValue>,
    by_former: HashMap<&'v str, &'v LabelValue>,
}

impl<'v> Values<'v> {
    fn of(values: &'v [LabelValue]) -> Self {
        let former = values.iter().filter_map(|value| {
            let former = value.former.as_ref()?;
            Some((&*former.name, value))
        });
        Self {
            by_name: by_name(values, |value| &value.value),
            by_former: former.collect(),
        }
    }
}

/// Compares values. `rust` is the impact on programs of a changed or removed value, `added` that of a new one.
fn compare_values(
    old: &[LabelValue],
    new: &[LabelValue],
    (rust, added): (Impact, Impact),
    changes: &mut Changes,
) {
    let (before, after) = (Values::of(old), Values::of(new));
    for value in old {
        let LabelValue {
            value: text,
            variant,
            help,
            bad,
            since,
            deprecated,
            former,
            span: _,
        } = value;
        let Some(other) = after.by_name.get(&**text) else {
            // A renamed value is exposed under both names, so sums over the label count it twice.
            let renamed = after.by_former.get(&**text);
            let renamed = renamed.map(|other| format!("{}, and still {text}", other.value));
            let change = changes.field("values", &Some(text.clone()), &renamed);
            change.impact(Impact::Breaking, rust);
            continue;
        };
        super::compare_former(former.as_ref(), other.former.as_ref(), text, changes);
        let named = |variant: &str| format!("{text} as {variant}");
        let change = changes.field("values", &named(variant), &named(&other.variant));
        change.impact(Impact::Cosmetic, rust);
        let explained = |help: &Option<String>| help.as_ref().map(|help| format!("{text}: {help}"));
        changes.field("values", &explained(help), &explained(&other.help));
        let marked = |bad: bool| format!("{text}: {}", if bad { "bad" } else { "not bad" });
        changes.field("values", &marked(*bad), &marked(other.bad));
        let since_when = |since: &Option<Version>| {
            let since = since.as_ref();
            since.map(|since| format!("{text}: since {since}"))
        };
        changes.field("since", &since_when(since), &since_when(&other.since));
        let reason = |deprecated: &Option<Deprecation<String>>| {
            let deprecated = deprecated.as_ref();
            deprecated.map(|it| format!("{text}: {}", super::deprecation(it, String::clone)))
        };
        let (before, after) = (reason(deprecated), reason(&other.deprecated));
        super::compare_deprecation(before.as_deref(), after.as_deref(), changes);
    }
    for value in new {
        let former = value.former.as_ref().map(|former| &*former.name);
        let mut names = former.into_iter().chain([&*value.value]);
        if !names.any(|name| before.by_name.contains_key(name)) {
            // A `match` over the values needs another arm, unless the label is extensible.
            let change = changes.field("values", &None, &Some(&value.value));
            change.impact(Impact::Additive, added);
        }
    }
    // Compares the order of the values that both labels have.
    let common = |values: &[LabelValue], others: &Values<'_>| {
        let shared = values.iter().map(|value| value.value.clone());
        let shared = shared.filter(|value| others.by_name.contains_key(&**value));
        shared.collect::<Vec<_>>()
    };
    changes.field("values", &common(old, &after), &common(new, &before));
}

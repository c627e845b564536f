//! Changes of sum labels. Those of the series are reported with the metrics that use them.

use shadowcat_metrics_codegen::model::{Argument, Registry, Stability, Sum, SumId};

use super::{Changes, Impact, Shown, by_name, firmest};

pub(super) fn compare(old: &Registry, new: &Registry, changes: &mut Changes) {
    let before = by_name(&old.sums, |sum| &sum.name);
    let after = by_name(&new.sums, |sum| &sum.name);
    for (id, sum) in old.sums.iter().enumerate() {
        changes.about("label", &sum.name, stability(old, SumId(id)));
        match after.get(&*sum.name) {
            Some(other) => compare_sum((old, sum), (new, other), changes),
            None => changes
                .removed(&sum.name)
                .impact(Impact::Cosmetic, Impact::Breaking),
        }
    }
    for sum in &new.sums {
        if !before.contains_key(&*sum.name) {
            changes.about("label", &sum.name, Stability::Experimental);
            let added = changes.added(&sum.name);
            added.impact(Impact::Cosmetic, Impact::Additive);
        }
    }
}

/// Returns the stability of a sum label: that of the metrics that use it, directly or in another one.
fn stability(registry: &Registry, sum: SumId) -> Stability {
    let metrics = registry.metrics.iter();
    let metrics = metrics.filter(|metric| {
        let mut sums = metric.sums.iter();
        sums.any(|used| contains(registry, used.sum, sum))
    });
    firmest(metrics.map(|metric| metric.stability))
}

fn contains(registry: &Registry, outer: SumId, inner: SumId) -> bool {
    let variants = registry.sums[outer.0].variants();
    let mut items = variants.iter().flat_map(|(_, items)| *items);
    outer == inner
        || items.any(|item| match item {
            Argument::Label(_) => false,
            Argument::Sum(sum) => contains(registry, *sum, inner),
        })
}

fn compare_sum(old: (&Registry, &Sum), new: (&Registry, &Sum), changes: &mut Changes) {
    let Sum {
        name: _,
        help,
        of,
        with: _,
        notes,
        allow,
        span: _,
    } = old.1;
    let (registry, sum) = new;
    changes.field("help", help, &sum.help);
    let (of, other) = (&old.0.labels[of.0].key, &registry.labels[sum.of.0].key);
    let change = changes.field("of", of, other);
    change.impact(Impact::Cosmetic, Impact::Breaking);
    let (before, after) = (values(old.0, old.1), values(registry, sum));
    for (value, labels) in &before {
        // Added and removed values are reported with the closed label.
        let Some((_, others)) = after.iter().find(|(other, _)| other == value) else {
            continue;
        };
        let shown = |labels: &Vec<&str>| Some(format!("{value}: {}", labels.shown()?));
        // Their order is that of the variant's fields.
        let change = changes.field("with", &shown(labels), &shown(others));
        change.impact(Impact::Cosmetic, Impact::Breaking);
    }
    super::compare_notes(notes, &sum.notes, changes);
    changes.field("allow", allow, &sum.allow);
}

/// Returns the values of the closed label, with their extra labels.
fn values<'r>(registry: &'r Registry, sum: &'r Sum) -> Vec<(&'r str, Vec<&'r str>)> {
    let values = registry.labels[sum.of.0].closed_values().iter();
    let values = values.zip(&sum.with).map(|(value, items)| {
        let names = items.iter().map(|item| match item {
            Argument::Label(id) => registry.labels[id.0].key.as_str(),
            Argument::Sum(sum) => registry.sums[sum.0].name.as_str(),
        });
        (value.value.as_str(), names.collect())
    });
    values.collect()
}

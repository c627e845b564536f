//! Changes of the schema's own keys, and of groups.

use shadowcat_metrics_codegen::model::{Argument, Group, GroupId, Origin, Registry, Stability};

use super::{Changes, Impact, Shown, by_name, firmest, plainly_optional};

pub(super) fn compare(old: &Registry, new: &Registry, changes: &mut Changes) {
    let Registry {
        fingerprint: _,
        namespace,
        uses,
        series_budget,
        // Labels, groups and metrics are compared separately, and bounds with their histograms.
        labels: _,
        sums: _,
        bucket_sets: _,
        groups: _,
        metrics: _,
        // Computed from the metrics.
        own_metrics: _,
        allow,
    } = old;
    let stability = firmest(old.metrics.iter().map(|metric| metric.stability));
    changes.about("schema", "", stability);
    // New exposed names are reported for each metric.
    changes.field("namespace", namespace, &new.namespace);
    changes.field("uses", uses, &new.uses);
    changes.field("series_budget", series_budget, &new.series_budget);
    changes.field("allow", allow, &new.allow);
}

pub(super) fn compare_groups(old: &Registry, new: &Registry, changes: &mut Changes) {
    let before = by_name(&old.groups, |group| &group.name);
    let after = by_name(&new.groups, |group| &group.name);
    for (id, group) in old.groups.iter().enumerate() {
        let stability = stability(old, GroupId(id));
        changes.about("group", &group.name, stability);
        if let Some(other) = after.get(&*group.name) {
            compare_group((old, group), (new, other), changes);
            continue;
        }
        match group.origin {
            Origin::Schema => {}
            // The library's own metrics have lost their subject.
            Origin::Library => changes.stability = Stability::Experimental,
        }
        // The group's metrics report the impact on dashboards.
        let removed = changes.removed(&group.name);
        removed.impact(Impact::Cosmetic, Impact::Breaking);
    }
    for group in &new.groups {
        if !before.contains_key(&*group.name) {
            changes.about("group", &group.name, Stability::Experimental);
            let added = changes.added(&group.name);
            added.impact(Impact::Cosmetic, Impact::Additive);
        }
    }
}

/// Returns the stability of a group: that of its metrics.
fn stability(registry: &Registry, group: GroupId) -> Stability {
    let metrics = registry
        .metrics
        .iter()
        .filter(|metric| metric.group == group);
    firmest(metrics.map(|metric| metric.stability))
}

fn compare_group(old: (&Registry, &Group), new: (&Registry, &Group), changes: &mut Changes) {
    let Group {
        name: _,
        help,
        labels: _,
        optional: _,
        sums: _,
        notes,
        allow,
        origin: _,
        span: _,
    } = old.1;
    changes.field("help", help, &new.1.help);
    let optional = |registry: &Registry, group: &Group| {
        let labels = plainly_optional(&group.labels, &group.optional, &group.sums);
        let labels: Vec<_> = labels.map(|id| &registry.labels[id.0].name).collect();
        labels.shown().map(|labels| format!("optional: {labels}"))
    };
    let (before, after) = (optional(old.0, old.1), optional(new.0, new.1));
    let change = changes.field("labels", &before, &after);
    change.impact(Impact::Cosmetic, Impact::Breaking);
    // A group's labels change its recorder. The series are compared with the metrics.
    let arguments = |registry: &Registry, group: &Group| {
        let arguments = group.arguments().into_iter();
        let names = arguments.map(|argument| match argument {
            Argument::Label(id) => registry.labels[id.0].key.clone(),
            Argument::Sum(id) => registry.sums[id.0].name.clone(),
        });
        names.collect::<Vec<_>>()
    };
    let (before, after) = (arguments(old.0, old.1), arguments(new.0, new.1));
    let change = changes.field("labels", &before, &after);
    change.impact(Impact::Cosmetic, Impact::Breaking);
    super::compare_notes(notes, &new.1.notes, changes);
    changes.field("allow", allow, &new.1.allow);
}

//! Changes of the schema's own keys, and of groups.

use shadowcat_metrics_codegen::model::{
    Allow, Argument, Group, GroupId, Origin, Registry, Stability, UsedCrate,
};

use super::{Changes, Impact, by_name, firmest, list, plainly_optional};

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
    changes.about(
        "schema",
        "",
        firmest(old.metrics.iter().map(|metric| metric.stability)),
    );
    // New exposed names are reported for each metric.
    changes.cosmetic(
        "namespace",
        Some(namespace.clone()),
        Some(new.namespace.clone()),
    );
    let crates = |uses: &[UsedCrate]| list(uses.iter().map(|used| used.name.as_str()));
    changes.cosmetic("uses", crates(uses), crates(&new.uses));
    changes.cosmetic(
        "series_budget",
        Some(series_budget.to_string()),
        Some(new.series_budget.to_string()),
    );
    changes.cosmetic("allow", lints(allow), lints(&new.allow));
}

pub(super) fn lints(allow: &[Allow]) -> Option<String> {
    list(allow.iter().map(|allow| allow.lint.as_str()))
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
        let removed = Some(group.name.clone());
        changes.field("group", removed, None, Impact::Cosmetic, Impact::Breaking);
    }
    for group in &new.groups {
        if !before.contains_key(&*group.name) {
            changes.about("group", &group.name, Stability::Experimental);
            changes.field(
                "group",
                None,
                Some(group.name.clone()),
                Impact::Cosmetic,
                Impact::Additive,
            );
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
    changes.cosmetic("help", Some(help.clone()), Some(new.1.help.clone()));
    let optional = |registry: &Registry, group: &Group| {
        let labels = plainly_optional(&group.labels, &group.optional, &group.sums);
        let labels = list(labels.map(|id| &*registry.labels[id.0].name));
        labels.map(|labels| format!("optional: {labels}"))
    };
    let arguments = |registry: &Registry, group: &Group| {
        let arguments = group.arguments().into_iter();
        list(arguments.map(|argument| match argument {
            Argument::Label(id) => &*registry.labels[id.0].key,
            Argument::Sum(id) => &*registry.sums[id.0].name,
        }))
    };
    changes.field(
        "labels",
        optional(old.0, old.1),
        optional(new.0, new.1),
        Impact::Cosmetic,
        Impact::Breaking,
    );
    // A group's labels change its recorder. The series are compared with the metrics.
    changes.field(
        "labels",
        arguments(old.0, old.1),
        arguments(new.0, new.1),
        Impact::Cosmetic,
        Impact::Breaking,
    );
    super::compare_notes(notes, &new.1.notes, changes);
    changes.cosmetic("allow", lints(allow), lints(&new.1.allow));
}

//! Changes of metrics: matching old metrics to new ones, their fields, their kinds, and likely renames.

use std::collections::{HashMap, HashSet};

use shadowcat_metrics_authoring::conditions as of_sums;
use shadowcat_metrics_codegen::lint::metric_path as full_name;
use shadowcat_metrics_codegen::model::{
    Deprecation, Kind, KindSpec, Label, LabelId, Metric, MetricId, Native, Origin, Registry,
    Stability, Storage, Unit,
};

use super::{Changes, Impact, Shown, breaking_if, breaking_unless, label_names, plainly_optional};

pub(super) fn compare(old: &Registry, new: &Registry, changes: &mut Changes) {
    let mut known = HashSet::new();
    let (before, after) = (Names::of(old), Names::of(new));
    for metric in &old.metrics {
        about(old, metric, changes);
        if let Some((id, other)) = counterpart(&before, metric, &after) {
            known.insert(id);
            compare_metric((old, metric), (new, other), changes);
        } else {
            match metric.origin {
                Origin::Schema => {}
                // The library's metric was removed with its subject, which is reported as its own change.
                Origin::Library => changes.stability = Stability::Experimental,
            }
            let removed = changes.removed(&metric.exposed);
            removed.impact(Impact::Breaking, Impact::Breaking);
        }
    }
    for (id, metric) in new.metrics.iter().enumerate() {
        if !known.contains(&id) {
            about(new, metric, changes);
            changes.stability = Stability::Experimental;
            let added = changes.added(&metric.exposed);
            added.impact(Impact::Additive, Impact::Additive);
        }
    }
}

fn about(registry: &Registry, metric: &Metric, changes: &mut Changes) {
    changes.about("metric", &full_name(registry, metric), metric.stability);
    changes.exposed = Some(metric.exposed.clone());
}

/// The metrics of a schema by name.
struct Names<'r> {
    registry: &'r Registry,
    by_full_name: HashMap<String, usize>,
    /// By exposed names, also former ones.
    by_exposed: HashMap<&'r str, Vec<usize>>,
}

impl<'r> Names<'r> {
    fn of(registry: &'r Registry) -> Self {
        let mut names = Self {
            registry,
            by_full_name: HashMap::new(),
            by_exposed: HashMap::new(),
        };
        for (id, metric) in registry.metrics.iter().enumerate() {
            names.by_full_name.insert(full_name(registry, metric), id);
            let former = metric.former.iter().map(|former| &*former.name);
            for exposed in former.chain([&*metric.exposed]) {
                names.by_exposed.entry(exposed).or_default().push(id);
            }
        }
        names
    }
}

/// Returns the new metric that corresponds to an old one: the one with its key or, failing that, one that is or was exposed
/// under its name.
fn counterpart<'r>(
    old: &Names<'_>,
    metric: &Metric,
    new: &Names<'r>,
) -> Option<(usize, &'r Metric)> {
    let by_key = new.by_full_name.get(&full_name(old.registry, metric));
    // If the old schema has this key, it belongs to another metric.
    let is_free = |id: &&usize| {
        let name = full_name(new.registry, &new.registry.metrics[**id]);
        !old.by_full_name.contains_key(&name)
    };
    let id = by_key.or_else(|| {
        let mut ids = new.by_exposed.get(&*metric.exposed)?.iter();
        ids.find(is_free)
    });
    id.map(|id| (*id, &new.registry.metrics[*id]))
}

/// Compares native buckets. Where Prometheus scrapes them, it stores no `_bucket` series, so queries change with their presence.
fn compare_native(old: Option<Native>, new: Option<Native>, changes: &mut Changes) {
    let (dashboards, rust) = if old.is_some() == new.is_some() {
        // Prometheus merges histograms of different resolutions.
        (Impact::Additive, Impact::Cosmetic)
    } else {
        (Impact::Breaking, Impact::Additive)
    };
    let shown = |native: Option<Native>| {
        let Native { factor, from, to } = native?;
        Some(format!("{from} to {to}, factor {factor}"))
    };
    let change = changes.field("native", &shown(old), &shown(new));
    change.impact(dashboards, rust);
}

/// Compares what a metric has beyond its series: recorded quantiles, and exemplars.
fn compare_extras((quantiles, exemplars): (bool, bool), metric: &Metric, changes: &mut Changes) {
    // Without the rules, the recorded series end.
    let recorded = |quantiles: bool| quantiles.then_some("recorded");
    let (before, after) = (recorded(quantiles), recorded(metric.quantiles));
    let change = changes.field("quantiles", &before, &after);
    change.impact(breaking_unless(!quantiles), Impact::Cosmetic);
    // Without them, `observe_in` and its like do not compile.
    let kept = |exemplars: bool| exemplars.then_some("kept");
    let change = changes.field("exemplars", &kept(exemplars), &kept(metric.exemplars));
    change.impact(Impact::Cosmetic, breaking_unless(!exemplars));
}

fn compare_metric(old: (&Registry, &Metric), new: (&Registry, &Metric), changes: &mut Changes) {
    let Metric {
        group: _,
        key: _,
        exposed,
        name_is_exact,
        otel,
        help,
        kind,
        unit,
        labels: _,
        optional: _,
        sums: _,
        group_labels: _,
        native,
        quantiles,
        exemplars,
        bad,
        stability,
        since,
        owner,
        deprecated,
        former,
        notes,
        allow,
        origin: _,
        spans: _,
    } = old.1;
    let (registry, metric) = new;
    // The full name includes both.
    let (key, new_key) = (full_name(old.0, old.1), full_name(registry, metric));
    let change = changes.field("key", &key, &new_key);
    change.impact(Impact::Cosmetic, Impact::Breaking);
    if *exposed == metric.exposed {
        let exact = |exact: bool| if exact { "as written" } else { "by the rules" };
        let (before, after) = (exact(*name_is_exact), exact(metric.name_is_exact));
        changes.field("name", before, after);
    }
    // The metric is still exposed under its former name.
    let is_kept = metric.former.as_ref().map(|former| &former.name) == Some(exposed);
    let change = changes.field("name", exposed, &metric.exposed);
    change.impact(breaking_unless(is_kept), Impact::Cosmetic);
    super::compare_former(
        former.as_ref(),
        metric.former.as_ref(),
        &metric.exposed,
        changes,
    );
    super::compare_otel(otel.as_ref(), metric.otel.as_ref(), changes);
    changes.field("help", help, &metric.help);
    compare_kind((old.0, kind), (registry, &metric.kind), changes);
    let unit_name = |unit: Unit| (unit != Unit::None).then(|| unit.name());
    let change = changes.field("unit", &unit_name(*unit), &unit_name(metric.unit));
    change.impact(Impact::Breaking, Impact::Breaking);
    compare_labels(old, new, changes);
    compare_native(*native, metric.native, changes);
    compare_extras((*quantiles, *exemplars), metric, changes);
    let marked = |bad: bool| bad.then_some("true");
    changes.field("bad", &marked(*bad), &marked(metric.bad));
    super::compare_stability(*stability, metric.stability, changes);
    changes.field("since", since, &metric.since);
    changes.field("owner", owner, &metric.owner);
    let reason = |registry: &Registry, deprecated: &Option<Deprecation>| {
        let name = |id: &MetricId| full_name(registry, &registry.metrics[id.0]);
        let deprecated = deprecated.as_ref();
        deprecated.map(|deprecated| super::deprecation(deprecated, name))
    };
    let (before, after) = (
        reason(old.0, deprecated),
        reason(registry, &metric.deprecated),
    );
    super::compare_deprecation(before.as_deref(), after.as_deref(), changes);
    super::compare_notes(notes, &metric.notes, changes);
    changes.field("allow", allow, &metric.allow);
}

fn compare_labels(old: (&Registry, &Metric), new: (&Registry, &Metric), changes: &mut Changes) {
    let mut before = label_names(old.0, &old.1.labels);
    let mut after = label_names(new.0, &new.1.labels);
    let has_same_group = before[..old.1.group_labels] == after[..new.1.group_labels];
    let shown = (before.shown(), after.shown());
    let removed = before.iter().any(|label| !after.contains(label));
    before.sort_unstable();
    after.sort_unstable();
    let facts = old.1.kind.spec().has_facts && has_same_group;
    let dashboards = if before == after {
        Impact::Cosmetic
    } else if facts && !removed {
        // Facts do not distinguish series.
        Impact::Additive
    } else {
        Impact::Breaking
    };
    // Labels of the group are bound by the recorder; those of the metric are arguments of its method, with types named like the
    // keys.
    let keys = |registry: &Registry, metric: &Metric| {
        let own = &metric.labels[metric.group_labels..];
        let keys = own.iter().map(|id| registry.labels[id.0].key.clone());
        keys.collect::<Vec<_>>()
    };
    let rust = breaking_if(keys(old.0, old.1) != keys(new.0, new.1));
    let change = changes.field("labels", &shown.0, &shown.1);
    change.impact(dashboards, rust);
    compare_optional(old, new, changes);
    if !old.1.sums.is_empty() || !new.1.sums.is_empty() {
        compare_sums(old, new, changes);
    }
}

/// Compares the sum labels, and the conditions of their labels.
fn compare_sums(old: (&Registry, &Metric), new: (&Registry, &Metric), changes: &mut Changes) {
    let exposed: fn(&Label) -> &str = |label| &label.name;
    let (before, after) = (conditions(old, exposed), conditions(new, exposed));
    let (names_before, names_after) = (sum_names(old), sum_names(new));
    // An added or removed value is reported with its label.
    let has = |(registry, metric): (&Registry, &Metric), (_, of, value): &(&str, &str, &str)| {
        let labels = metric.labels.iter().map(|id| &registry.labels[id.0]);
        let mut of = labels.filter(|label| label.name == *of);
        of.any(|label| {
            label
                .closed_values()
                .iter()
                .any(|known| known.value == *value)
        })
    };
    let removed = before
        .iter()
        .filter(|one| !after.contains(one) && has(new, one));
    let added = after
        .iter()
        .filter(|one| !before.contains(one) && has(old, one));
    let dashboards = breaking_unless(removed.chain(added).next().is_none());
    // Whether a new value breaks programs is reported with its label.
    let rust = if names_before != names_after {
        Impact::Breaking
    } else if conditions(old, |label| &label.key) == conditions(new, |label| &label.key) {
        Impact::Cosmetic
    } else {
        dashboards
    };
    let shown = |names: &[&str], conditions: &[(&str, &str, &str)]| {
        let conditions = conditions.iter();
        let conditions =
            conditions.map(|(label, of, value)| format!("{label} where {of} is {value}"));
        (!names.is_empty()).then(|| {
            let conditions: Vec<_> = conditions.collect();
            format!("{} ({})", names.join(", "), conditions.join(", "))
        })
    };
    let (before, after) = (shown(&names_before, &before), shown(&names_after, &after));
    let change = changes.field("sum labels", &before, &after);
    change.impact(dashboards, rust);
}

fn sum_names<'r>((registry, metric): (&'r Registry, &Metric)) -> Vec<&'r str> {
    let sums = metric.sums.iter();
    sums.map(|sum| registry.sums[sum.sum.0].name.as_str())
        .collect()
}

/// Returns the labels that depend on another, each with the label that decides and one of its values.
fn conditions<'r>(
    (registry, metric): (&'r Registry, &Metric),
    name: fn(&Label) -> &str,
) -> Vec<(&'r str, &'r str, &'r str)> {
    let name = |id: LabelId| name(&registry.labels[id.0]);
    let conditions = metric
        .sums
        .iter()
        .flat_map(|sum| of_sums::conditions(registry, sum.sum));
    let mut conditions: Vec<_> = conditions
        .flat_map(|condition| {
            let values = registry.values_at(condition.of, &condition.values);
            let values = values.into_iter();
            values
                .map(|value| (name(condition.label), name(condition.of), value))
                .collect::<Vec<_>>()
        })
        .collect();
    conditions.sort_unstable();
    conditions
}

/// Compares which labels series may lack. The labels of sum labels depend on a value, and are compared with that.
fn compare_optional(old: (&Registry, &Metric), new: (&Registry, &Metric), changes: &mut Changes) {
    // Added and removed labels are reported separately.
    fn optional<'r>(registry: &'r Registry, metric: &Metric, other: &[&str]) -> Vec<&'r str> {
        let names = plainly_optional(&metric.labels, &metric.optional, &metric.sums);
        let names = names.map(|id| &*registry.labels[id.0].name);
        names.filter(|name| other.contains(name)).collect()
    }
    let before = optional(old.0, old.1, &label_names(new.0, &new.1.labels));
    let after = optional(new.0, new.1, &label_names(old.0, &old.1.labels));
    // Series without the label end, or begin.
    let dashboards = breaking_unless(before.iter().all(|label| after.contains(label)));
    let own = label_names(new.0, &new.1.labels[new.1.group_labels..]);
    let different = before.iter().filter(|label| !after.contains(label));
    let mut different = different.chain(after.iter().filter(|label| !before.contains(label)));
    let rust = breaking_if(different.any(|label| own.contains(label)));
    let shown = |labels: &[&str]| Some(format!("optional: {}", labels.shown()?));
    let change = changes.field("labels", &shown(&before), &shown(&after));
    change.impact(dashboards, rust);
}

fn compare_kind(old: (&Registry, &Kind), new: (&Registry, &Kind), changes: &mut Changes) {
    let (before, after) = (old.1.spec(), new.1.spec());
    let dashboards = breaking_if(before.open_metrics_type != after.open_metrics_type);
    let change = changes.field("type", before.name, after.name);
    change.impact(dashboards, Impact::Breaking);
    // A different kind has different fields, so they are not compared.
    if before.name != after.name {
        return;
    }
    let callback = |spec: KindSpec<'_>| spec.storage == Storage::Callback;
    let change = changes.field("callback", &callback(before), &callback(after));
    change.impact(Impact::Cosmetic, Impact::Breaking);
    let set = |registry: &'_ Registry, spec: KindSpec<'_>| {
        spec.buckets.map(|set| registry.bucket_sets[set.0].clone())
    };
    if let (Some(before), Some(after)) = (set(old.0, before), set(new.0, after)) {
        // Queries select a bucket by its bound in `le`.
        let mut bounds = before.bounds.iter();
        let dashboards = breaking_unless(bounds.all(|bound| after.bounds.contains(bound)));
        let change = changes.field("buckets", &before.bounds, &after.bounds);
        change.impact(dashboards, Impact::Cosmetic);
        if before.bounds == after.bounds {
            changes.field("buckets", &before.name, &after.name);
        }
    }
    let states = |registry: &Registry, spec: KindSpec<'_>| {
        spec.states.map(|id| registry.labels[id.0].key.clone())
    };
    // The label is exposed under the metric's name; its values are compared with the label.
    let (old_states, new_states) = (states(old.0, before), states(new.0, after));
    let change = changes.field("states", &old_states, &new_states);
    change.impact(Impact::Breaking, Impact::Breaking);
    let side = |registry: &Registry, ids: Option<&[MetricId]>| {
        let names = ids.unwrap_or_default().iter();
        let names = names.map(|id| full_name(registry, &registry.metrics[id.0]));
        names.collect::<Vec<_>>()
    };
    let (numerator, denominator) = before.operands.unzip();
    let (above, below) = after.operands.unzip();
    for (field, before, after) in [
        ("numerator", numerator, above),
        ("denominator", denominator, below),
    ] {
        let (before, after) = (side(old.0, before), side(new.0, after));
        let change = changes.field(field, &before, &after);
        change.impact(Impact::Breaking, Impact::Cosmetic);
    }
}

/// Returns metrics that probably have a new key: the old exposed name and the new key. [`diff`](super::diff) does not treat
/// them as renamed, because a CI check must not rely on a guess.
pub(crate) fn likely_renames(old: &Registry, new: &Registry) -> Vec<(String, String)> {
    let alike = |removed: &Metric, added: &Metric| {
        removed.kind.name() == added.kind.name()
            && removed.unit == added.unit
            && label_names(old, &removed.labels) == label_names(new, &added.labels)
    };
    let of_schema = |metric: &&Metric| metric.origin == Origin::Schema;
    let (before, after) = (Names::of(old), Names::of(new));
    let removed = old.metrics.iter().filter(of_schema);
    let removed = removed.filter(|metric| counterpart(&before, metric, &after).is_none());
    let mut added: HashMap<&str, Vec<&Metric>> = HashMap::new();
    for metric in new.metrics.iter().filter(of_schema) {
        if counterpart(&after, metric, &before).is_none() {
            added.entry(&metric.help).or_default().push(metric);
        }
    }
    let renamed = removed.filter_map(|removed| {
        let added = added.get(&*removed.help)?.iter();
        let mut like = added.filter(|added| alike(removed, added));
        // With two candidates, either could be the new name.
        let (Some(only), None) = (like.next(), like.next()) else {
            return None;
        };
        Some((removed.exposed.clone(), full_name(new, only)))
    });
    renamed.collect()
}

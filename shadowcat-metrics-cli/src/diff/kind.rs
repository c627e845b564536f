//! The kinds of metrics, and what each has of its own: buckets, states, what a ratio is made of.

use shadowcat_metrics_codegen::model::{Kind, MetricId, Registry};

use super::metric::full_name;
use super::{Changes, Impact, list};

/// The type that a kind has in the text format.
const fn exposed_type(kind: &Kind) -> &'static str {
    match kind {
        Kind::Counter { .. } => "counter",
        Kind::Gauge { .. } | Kind::UpDownCounter | Kind::Ratio { .. } => "gauge",
        Kind::Histogram { .. } => "histogram",
        Kind::State { .. } => "stateset",
        Kind::Info => "info",
    }
}

pub(super) fn compare(old: (&Registry, &Kind), new: (&Registry, &Kind), changes: &mut Changes) {
    let exposed_alike = exposed_type(old.1) == exposed_type(new.1);
    let dashboards = if exposed_alike {
        Impact::Cosmetic
    } else {
        Impact::Breaking
    };
    let name = |kind: &Kind| Some(kind.name().to_owned());
    changes.field(
        "type",
        name(old.1),
        name(new.1),
        dashboards,
        Impact::Breaking,
    );
    match (old.1, new.1) {
        (Kind::Counter { callback }, Kind::Counter { callback: now })
        | (Kind::Gauge { callback }, Kind::Gauge { callback: now }) => changes.field(
            "callback",
            Some(callback.to_string()),
            Some(now.to_string()),
            Impact::Cosmetic,
            Impact::Breaking,
        ),
        (Kind::Histogram { buckets }, Kind::Histogram { buckets: now }) => {
            let (was, now) = (&old.0.bucket_sets[buckets.0], &new.0.bucket_sets[now.0]);
            // Queries name a bound by its `le`.
            let gone = was.bounds.iter().any(|bound| !now.bounds.contains(bound));
            let dashboards = if gone {
                Impact::Breaking
            } else {
                Impact::Additive
            };
            let bounds = |bounds: &[f64]| {
                let bounds: Vec<_> = bounds.iter().map(f64::to_string).collect();
                list(bounds.iter().map(String::as_str))
            };
            changes.field(
                "buckets",
                bounds(&was.bounds),
                bounds(&now.bounds),
                dashboards,
                Impact::Cosmetic,
            );
            if was.bounds == now.bounds {
                changes.cosmetic("buckets", was.name.clone(), now.name.clone());
            }
        }
        (Kind::State { states }, Kind::State { states: now }) => changes.field(
            "states",
            Some(old.0.labels[states.0].name.clone()),
            Some(new.0.labels[now.0].name.clone()),
            // The label is called as the metric; its values are compared with the label.
            Impact::Breaking,
            Impact::Breaking,
        ),
        (
            Kind::Ratio {
                numerator,
                denominator,
            },
            Kind::Ratio {
                numerator: above,
                denominator: below,
            },
        ) => {
            let names = |registry: &Registry, ids: &[MetricId]| {
                let names: Vec<_> = ids
                    .iter()
                    .map(|id| full_name(registry, &registry.metrics[id.0]))
                    .collect();
                list(names.iter().map(String::as_str))
            };
            changes.field(
                "numerator",
                names(old.0, numerator),
                names(new.0, above),
                Impact::Breaking,
                Impact::Cosmetic,
            );
            changes.field(
                "denominator",
                names(old.0, denominator),
                names(new.0, below),
                Impact::Breaking,
                Impact::Cosmetic,
            );
        }
        // Kinds that have nothing more, or another kind, which is told already.
        (
            Kind::Counter { .. }
            | Kind::Gauge { .. }
            | Kind::UpDownCounter
            | Kind::Histogram { .. }
            | Kind::State { .. }
            | Kind::Info
            | Kind::Ratio { .. },
            _,
        ) => {}
    }
}

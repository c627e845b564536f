//! Renames that nothing declares.

use std::collections::HashMap;

use shadowcat_metrics_codegen::model::{Metric, Origin, Registry};

use super::metric::{Names, counterpart, full_name};

/// Metrics that seem to have a new key: the old exposed name and the new key. [`diff`](super::diff) does not count them as
/// renamed, because a guard must not rely on a guess.
pub(crate) fn likely_renames(old: &Registry, new: &Registry) -> Vec<(String, String)> {
    let alike = |gone: &Metric, come: &Metric| {
        let labels = |registry: &Registry, metric: &Metric| {
            let names = metric.labels.iter().map(|id| &registry.labels[id.0].name);
            names.cloned().collect::<Vec<_>>()
        };
        gone.kind.name() == come.kind.name()
            && gone.unit == come.unit
            && labels(old, gone) == labels(new, come)
    };
    let of_schema = |metric: &&Metric| metric.origin == Origin::Schema;
    let (were, are) = (Names::of(old), Names::of(new));
    let gone = old.metrics.iter().filter(of_schema);
    let gone = gone.filter(|metric| counterpart(&were, metric, &are).is_none());
    let mut come: HashMap<&str, Vec<&Metric>> = HashMap::new();
    for metric in new.metrics.iter().filter(of_schema) {
        if counterpart(&are, metric, &were).is_none() {
            come.entry(&metric.help).or_default().push(metric);
        }
    }
    let renamed = gone.filter_map(|gone| {
        let come = come.get(&*gone.help)?.iter();
        let mut like = come.filter(|come| alike(gone, come));
        // If there are two, either may be meant.
        let (Some(only), None) = (like.next(), like.next()) else {
            return None;
        };
        Some((gone.exposed.clone(), full_name(new, only)))
    });
    renamed.collect()
}

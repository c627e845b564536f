//! Renames that nothing declares.

use shadowcat_metrics_codegen::model::{Metric, Origin, Registry};

use super::metric::{counterpart, full_name};

/// Metrics that seem to go and to come under another key: the name that one was exposed under, and the key that it has now.
/// What nobody calls a rename is none to [`diff`](super::diff), because a guess must not let anything pass.
pub(crate) fn likely_renames(old: &Registry, new: &Registry) -> Vec<(String, String)> {
    let alike = |gone: &Metric, come: &Metric| {
        let labels = |registry: &Registry, metric: &Metric| {
            let names = metric.labels.iter().map(|id| &registry.labels[id.0].name);
            names.cloned().collect::<Vec<_>>()
        };
        gone.help == come.help
            && gone.kind.name() == come.kind.name()
            && gone.unit == come.unit
            && labels(old, gone) == labels(new, come)
    };
    let of_schema = |metric: &&Metric| metric.origin == Origin::Schema;
    let of_old: Vec<_> = old.metrics.iter().filter(of_schema).collect();
    let gone = of_old
        .iter()
        .filter(|metric| counterpart(old, metric, new).is_none());
    let come = |metric: &&Metric| of_schema(metric) && counterpart(new, metric, old).is_none();
    let renamed = gone.filter_map(|gone| {
        let mut like = new
            .metrics
            .iter()
            .filter(come)
            .filter(|come| alike(gone, come));
        // Of two, nobody knows which.
        let (Some(only), None) = (like.next(), like.next()) else {
            return None;
        };
        Some((gone.exposed.clone(), full_name(new, only)))
    });
    renamed.collect()
}

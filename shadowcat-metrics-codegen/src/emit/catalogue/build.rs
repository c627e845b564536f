//! From the model to the catalogue: ids become names.

use super::{Catalogue, Deprecated, Former, Group, Label, Metric, Open, Origin, Value};
use crate::model::{self, LabelId, LabelValues, MetricId, Registry, Storage, Unit};
use crate::name::open_metrics_family;
use crate::series;

impl<'a, S> Catalogue<'a, S> {
    /// Makes the catalogue of a schema.
    #[must_use]
    pub fn new(registry: &'a Registry, sections: S) -> Self {
        Self {
            version: 1,
            namespace: &registry.namespace,
            series: series::total(registry),
            series_budget: registry.series_budget,
            labels: registry.labels.iter().map(label).collect(),
            groups: registry
                .groups
                .iter()
                .map(|group| self::group(registry, group))
                .collect(),
            metrics: registry
                .metrics
                .iter()
                .map(|metric| self::metric(registry, metric))
                .collect(),
            sections,
        }
    }
}

impl From<model::Origin> for Origin {
    fn from(origin: model::Origin) -> Self {
        match origin {
            model::Origin::Schema => Self::Schema,
            model::Origin::Library => Self::Library,
        }
    }
}

fn label(label: &model::Label) -> Label<'_> {
    let (values, open) = match &label.values {
        LabelValues::Closed(values) => {
            let values = values.iter().map(|value| Value {
                value: &value.value,
                help: value.help.as_deref(),
                renamed_from: value.former.as_ref().map(former),
            });
            (Some(values.collect()), None)
        }
        LabelValues::Open { max, overflow } => (
            None,
            Some(Open {
                max: *max,
                overflow,
            }),
        ),
    };
    Label {
        name: &label.name,
        help: &label.help,
        origin: label.origin.into(),
        stability: label.stability.name(),
        values,
        open,
    }
}

fn group<'a>(registry: &'a Registry, group: &'a model::Group) -> Group<'a> {
    Group {
        name: &group.name,
        help: &group.help,
        origin: group.origin.into(),
        labels: label_names(registry, &group.labels),
    }
}

fn metric<'a>(registry: &'a Registry, metric: &'a model::Metric) -> Metric<'a> {
    let spec = metric.kind.spec();
    let mut entry = Metric {
        name: &metric.exposed,
        open_metrics_name: open_metrics_family(&metric.exposed, &metric.kind),
        group: &registry.groups[metric.group.0].name,
        key: &metric.key,
        kind: metric.kind.name(),
        exposed_type: spec.text_type,
        unit: (metric.unit != Unit::None).then(|| metric.unit.name()),
        help: &metric.help,
        origin: metric.origin.into(),
        labels: label_names(registry, &metric.labels),
        facts: None,
        buckets: registry.bounds(metric),
        quantiles: metric.quantiles,
        states: spec.states.map(|states| states_of(registry, states)),
        numerator: spec
            .operands
            .map(|(above, _)| metric_names(registry, above)),
        denominator: spec
            .operands
            .map(|(_, below)| metric_names(registry, below)),
        callback: spec.storage == Storage::Callback,
        series: series::worst_case(registry, metric),
        stability: metric.stability.name(),
        since: metric.since.as_ref().map(ToString::to_string),
        owner: metric.owner.as_deref(),
        deprecated: metric
            .deprecated
            .as_ref()
            .map(|deprecation| deprecated(registry, deprecation)),
        renamed_from: metric.former.as_ref().map(former),
    };
    if spec.has_facts {
        entry.facts = Some(entry.labels.split_off(metric.series_labels().len()));
    }
    entry
}

fn deprecated<'a>(registry: &'a Registry, deprecation: &'a model::Deprecation) -> Deprecated<'a> {
    Deprecated {
        since: deprecation.since.as_ref().map(ToString::to_string),
        replacement: deprecation
            .replacement
            .map(|id| &*registry.metrics[id.0].exposed),
        note: deprecation.note.as_deref(),
        remove_in: deprecation.remove_in.as_ref().map(ToString::to_string),
    }
}

fn former(former: &model::Former) -> Former<'_> {
    Former {
        name: &former.name,
        until: former.until.to_string(),
    }
}

fn label_names<'a>(registry: &'a Registry, ids: &[LabelId]) -> Vec<&'a str> {
    ids.iter().map(|id| &*registry.labels[id.0].name).collect()
}

fn metric_names<'a>(registry: &'a Registry, ids: &[MetricId]) -> Vec<&'a str> {
    ids.iter()
        .map(|id| &*registry.metrics[id.0].exposed)
        .collect()
}

fn states_of(registry: &Registry, label: LabelId) -> Vec<&str> {
    match &registry.labels[label.0].values {
        LabelValues::Closed(values) => values.iter().map(|value| &*value.value).collect(),
        // The checks accept closed labels only.
        LabelValues::Open { .. } => Vec::new(),
    }
}

//! What rules look at, and what they find: a problem with an item. The driver adds how to allow it.

use crate::diagnostic::Diagnostic;
use crate::fix::Fix;
use crate::model::{Group, GroupId, Label, LabelId, Metric, MetricId, Origin, Registry, Stability};
use crate::name::{exposed_name, is_keyword, is_recorder_method, is_snake_case};

/// The item that a finding is about, whose `allow` list may drop it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// Something without an `allow` list of its own, such as a bucket set.
    File,
    Label(LabelId),
    Group(GroupId),
    Metric(MetricId),
}

/// What a rule has found, and in which items.
pub(super) type Findings = Vec<(Item, Diagnostic)>;

impl Item {
    /// The table whose `allow` list is the item's own.
    pub(super) fn table(self, registry: &Registry) -> String {
        match self {
            Self::File => "defaults".to_owned(),
            Self::Label(id) => format!("labels.{}", registry.labels[id.0].name),
            Self::Group(id) => format!("groups.{}", registry.groups[id.0].name),
            Self::Metric(id) => format!("metrics.{}", path(registry, &registry.metrics[id.0])),
        }
    }
}

/// A metric as references name it: `group.metric`.
pub(super) fn path(registry: &Registry, metric: &Metric) -> String {
    let group = &registry.groups[metric.group.0].name;
    format!("{group}.{}", metric.key)
}

/// Another key for a metric, where that changes no exposed name. A stable metric's method is promised, too.
pub(super) fn other_key(registry: &Registry, metric: &Metric, key: &str) -> Option<Fix> {
    let group = &registry.groups[metric.group.0].name;
    let same_name = metric.name_is_exact
        || exposed_name(&registry.namespace, group, key, &metric.kind, metric.unit)
            == metric.exposed;
    let usable = is_snake_case(key) && !is_keyword(key) && !is_recorder_method(key);
    (same_name && usable && metric.stability != Stability::Stable)
        .then(|| Fix::replace(metric.spans.key, key))
}

/// The metrics of the schema's author, with their ids.
pub(super) fn metrics(registry: &Registry) -> impl Iterator<Item = (MetricId, &Metric)> {
    let all = registry.metrics.iter().enumerate();
    let own = all.filter(|(_, metric)| metric.origin == Origin::Schema);
    own.map(|(index, metric)| (MetricId(index), metric))
}

/// The labels of the schema's author, with their ids.
pub(super) fn labels(registry: &Registry) -> impl Iterator<Item = (LabelId, &Label)> {
    let all = registry.labels.iter().enumerate();
    let own = all.filter(|(_, label)| label.origin == Origin::Schema);
    own.map(|(index, label)| (LabelId(index), label))
}

/// The groups of the schema's author, with their ids.
pub(super) fn groups(registry: &Registry) -> impl Iterator<Item = (GroupId, &Group)> {
    let all = registry.groups.iter().enumerate();
    let own = all.filter(|(_, group)| group.origin == Origin::Schema);
    own.map(|(index, group)| (GroupId(index), group))
}

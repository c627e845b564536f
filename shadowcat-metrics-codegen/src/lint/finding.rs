//! The subjects and results of rules: a problem with an item. The driver adds the help about `allow`.

use crate::diagnostic::Diagnostic;
use crate::fix::Fix;
use crate::model::{Group, GroupId, Label, LabelId, Metric, MetricId, Origin, Registry, Stability};
use crate::name::{exposed_name, is_keyword, is_recorder_method, is_snake_case};

/// The item of a finding. Its `allow` list may suppress the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// An item without an `allow` list, such as a bucket set.
    File,
    Label(LabelId),
    Group(GroupId),
    Metric(MetricId),
}

/// The findings of a rule, with their items.
pub(super) type Findings = Vec<(Item, Diagnostic)>;

impl Item {
    /// Returns the table with the item's `allow` list.
    pub(super) fn table(self, registry: &Registry) -> String {
        match self {
            Self::File => "defaults".to_owned(),
            Self::Label(id) => format!("labels.{}", registry.labels[id.0].name),
            Self::Group(id) => format!("groups.{}", registry.groups[id.0].name),
            Self::Metric(id) => format!("metrics.{}", path(registry, &registry.metrics[id.0])),
        }
    }
}

/// Returns a metric's name in references: `group.metric`.
pub(super) fn path(registry: &Registry, metric: &Metric) -> String {
    let group = &registry.groups[metric.group.0].name;
    format!("{group}.{}", metric.key)
}

/// Returns the fix for a metric's key if it changes no exposed name. The method of a stable metric must not
/// change either.
pub(super) fn other_key(registry: &Registry, metric: &Metric, key: &str) -> Option<Fix> {
    let group = &registry.groups[metric.group.0].name;
    let same_name = metric.name_is_exact
        || exposed_name(&registry.namespace, group, key, &metric.kind, metric.unit)
            == metric.exposed;
    let usable = is_snake_case(key) && !is_keyword(key) && !is_recorder_method(key);
    (same_name && usable && metric.stability != Stability::Stable)
        .then(|| Fix::replace(metric.spans.key, key))
}

/// Returns the metrics of the schema's author, with their ids.
pub(super) fn metrics(registry: &Registry) -> impl Iterator<Item = (MetricId, &Metric)> {
    let all = registry.metrics.iter().enumerate();
    let own = all.filter(|(_, metric)| metric.origin == Origin::Schema);
    own.map(|(index, metric)| (MetricId(index), metric))
}

/// Returns the labels of the schema's author, with their ids.
pub(super) fn labels(registry: &Registry) -> impl Iterator<Item = (LabelId, &Label)> {
    let all = registry.labels.iter().enumerate();
    let own = all.filter(|(_, label)| label.origin == Origin::Schema);
    own.map(|(index, label)| (LabelId(index), label))
}

/// Returns the groups of the schema's author, with their ids.
pub(super) fn groups(registry: &Registry) -> impl Iterator<Item = (GroupId, &Group)> {
    let all = registry.groups.iter().enumerate();
    let own = all.filter(|(_, group)| group.origin == Origin::Schema);
    own.map(|(index, group)| (GroupId(index), group))
}

//! The library's own metrics: values sent to an overflow value, and rejected values.

use super::Checker;
use super::labels::plain_value;
use crate::model::{
    Group, GroupId, Kind, Label, LabelId, LabelValue, LabelValues, Measure, Metric, MetricId,
    MetricSpans, Notes, Origin, OwnMetric, Stability, Unit, Units,
};
use crate::name;
use crate::source::Span;

impl Checker<'_> {
    /// Adds the library's own metrics, except for those that no program with this schema can change. Each has one series for
    /// each value of a label.
    pub(super) fn add_own_metrics(&mut self) {
        let (mut open, mut rejecting) = (Vec::new(), Vec::new());
        for label in &self.registry.labels {
            if let LabelValues::Open { .. } = label.values {
                open.push(plain_value(label.name.clone(), Span::default()));
            }
        }
        for metric in &self.registry.metrics {
            if can_reject(metric) {
                rejecting.push(plain_value(metric.exposed.clone(), Span::default()));
            }
        }
        if open.is_empty() && rejecting.is_empty() {
            return;
        }
        self.registry.groups.push(Group {
            name: name::OWN_GROUP.to_owned(),
            help: "The metrics library itself.".to_owned(),
            origin: Origin::Library,
            ..Group::default()
        });
        let metric = (
            "label_overflow",
            "Label values replaced by the overflow value because the label had reached its maximum.",
        );
        let label = ("label", "Open label that reached its maximum.");
        self.add_own_metric(OwnMetric::LabelOverflow, metric, label, open);
        let metric = (
            "rejected_values",
            "Values not recorded because they were NaN or outside the range of the metric.",
        );
        let label = ("metric", "Metric that rejected a value.");
        self.add_own_metric(OwnMetric::RejectedValues, metric, label, rejecting);
    }

    /// Adds one of the metrics, with the key and help of the metric and of its label.
    fn add_own_metric(
        &mut self,
        own: OwnMetric,
        (key, help): (&str, &str),
        (label_key, label_help): (&str, &str),
        values: Vec<LabelValue>,
    ) {
        if values.is_empty() {
            return;
        }
        let label = LabelId(self.registry.labels.len());
        self.registry.labels.push(Label {
            key: label_key.to_owned(),
            name: label_key.to_owned(),
            help: label_help.to_owned(),
            values: LabelValues::Closed(values),
            is_extensible: false,
            fallback: None,
            examples: Vec::new(),
            otel: None,
            stability: Stability::Stable,
            notes: Notes::default(),
            allow: Vec::new(),
            origin: Origin::Library,
            span: Span::default(),
            name_span: Span::default(),
        });
        let id = MetricId(self.registry.metrics.len());
        let path = format!("{}.{key}", name::OWN_GROUP);
        self.scope.metrics.declare(path, Some(id.0));
        self.registry.own_metrics.push((own, id));
        let kind = Kind::Counter { callback: false };
        let namespace = &self.registry.namespace;
        self.registry.metrics.push(Metric {
            group: GroupId(self.registry.groups.len() - 1),
            key: key.to_owned(),
            exposed: name::exposed_name(namespace, name::OWN_GROUP, key, &kind, Unit::None),
            name_is_exact: false,
            otel: None,
            help: help.to_owned(),
            kind,
            unit: Unit::None,
            labels: vec![label],
            optional: Vec::new(),
            sums: Vec::new(),
            group_labels: 0,
            native: None,
            quantiles: false,
            exemplars: false,
            bad: true,
            stability: Stability::Stable,
            since: None,
            owner: None,
            deprecated: None,
            former: None,
            notes: Notes::default(),
            allow: Vec::new(),
            origin: Origin::Library,
            spans: MetricSpans::default(),
        });
    }
}

/// Returns whether a recorder or callback takes `f64` values, which may be invalid: NaN, infinite or
/// negative. The runtime's module `units` has the rule. A `Duration` or an integer is always valid.
fn can_reject(metric: &Metric) -> bool {
    let spec = metric.kind.spec();
    let takes_floats =
        metric.unit.measure() == Measure::Float || spec.floats.contains(&metric.unit);
    spec.units == Units::Declared && takes_floats
}

//! The library's own metrics: values sent to an overflow value, and rejected values.

use super::Checker;
use super::groups::{Listed, plain_group};
use super::labels::plain_value;
use crate::model::{
    Group, GroupId, Kind, Label, LabelId, LabelValues, Measure, Metric, MetricId, MetricSpans,
    Notes, Origin, OwnMetric, Stability, Unit, Units,
};
use crate::name;
use crate::source::Span;

/// One of the library's own metrics. It counts for each value of a label.
struct Own {
    metric: OwnMetric,
    key: &'static str,
    help: &'static str,
    label: &'static str,
    label_help: &'static str,
    values: Vec<String>,
}

impl Checker<'_> {
    /// Adds the library's own metrics, except for those that no program with this schema can change.
    pub(super) fn add_own_metrics(&mut self) {
        let (mut open, mut rejecting) = (Vec::new(), Vec::new());
        for label in &self.registry.labels {
            if let LabelValues::Open { .. } = label.values {
                open.push(label.name.clone());
            }
        }
        for metric in &self.registry.metrics {
            if can_reject(metric) {
                rejecting.push(metric.exposed.clone());
            }
        }
        let mut own = vec![
            Own {
                metric: OwnMetric::LabelOverflow,
                key: "label_overflow",
                help: "Label values replaced by the overflow value because the label had reached its maximum.",
                label: "label",
                label_help: "Open label that reached its maximum.",
                values: open,
            },
            Own {
                metric: OwnMetric::RejectedValues,
                key: "rejected_values",
                help: "Values not recorded because they were NaN or outside the range of the metric.",
                label: "metric",
                label_help: "Metric that rejected a value.",
                values: rejecting,
            },
        ];
        own.retain(|own| !own.values.is_empty());
        if own.is_empty() {
            return;
        }
        let group = GroupId(self.registry.groups.len());
        let help = "The metrics library itself.".to_owned();
        let listed = Listed::default();
        self.registry.groups.push(Group {
            origin: Origin::Library,
            ..plain_group(name::OWN_GROUP.to_owned(), help, listed, Span::default())
        });
        for own in own {
            let name = format!("{}.{}", name::OWN_GROUP, own.key);
            let id = MetricId(self.registry.metrics.len());
            self.scope.metrics.declare(name, Some(id.0));
            self.registry.own_metrics.push((own.metric, id));
            self.add_own_metric(own, group);
        }
    }

    fn add_own_metric(&mut self, own: Own, group: GroupId) {
        let label = LabelId(self.registry.labels.len());
        let values = own.values.into_iter();
        let values = values.map(|value| plain_value(value, Span::default()));
        self.registry.labels.push(Label {
            key: own.label.to_owned(),
            name: own.label.to_owned(),
            help: own.label_help.to_owned(),
            values: LabelValues::Closed(values.collect()),
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
        let kind = Kind::Counter { callback: false };
        let namespace = &self.registry.namespace;
        self.registry.metrics.push(Metric {
            group,
            key: own.key.to_owned(),
            exposed: name::exposed_name(namespace, name::OWN_GROUP, own.key, &kind, Unit::None),
            name_is_exact: false,
            otel: None,
            help: own.help.to_owned(),
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

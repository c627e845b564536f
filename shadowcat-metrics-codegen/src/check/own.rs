//! The library's own metrics: values sent to an overflow value, and rejected values.

use super::Checker;
use crate::model::{
    Group, GroupId, Kind, Label, LabelId, LabelValue, LabelValues, Measure, Metric, MetricId,
    MetricSpans, Notes, Origin, OwnMetric, Stability, Unit, Units,
};
use crate::name;
use crate::source::Span;

impl Checker<'_> {
    /// Adds the library's own metrics, except for those that no program with this schema can change.
    pub(super) fn add_own_metrics(&mut self) {
        let labels = self.registry.labels.iter();
        let open = labels.filter(|label| matches!(label.values, LabelValues::Open { .. }));
        let open: Vec<_> = open.map(|label| label.name.clone()).collect();
        let metrics = self
            .registry
            .metrics
            .iter()
            .filter(|metric| can_reject(metric));
        let rejecting: Vec<_> = metrics.map(|metric| metric.exposed.clone()).collect();
        if open.is_empty() && rejecting.is_empty() {
            return;
        }
        let group = GroupId(self.registry.groups.len());
        self.registry.groups.push(Group {
            name: name::OWN_GROUP.to_owned(),
            help: "What the metrics library reports about itself.".to_owned(),
            labels: Vec::new(),
            optional: Vec::new(),
            sums: Vec::new(),
            notes: Notes::default(),
            allow: Vec::new(),
            origin: Origin::Library,
            span: Span::default(),
        });
        if !open.is_empty() {
            let label = self.own_label("label", "Open label that reached its maximum.", open);
            let help = "Label values replaced by the overflow value because the label had reached its maximum.";
            self.own_metric(
                OwnMetric::LabelOverflow,
                group,
                "label_overflow",
                help,
                label,
            );
        }
        if !rejecting.is_empty() {
            let label = self.own_label("metric", "Metric that rejected a value.", rejecting);
            let help =
                "Values not recorded because they were NaN or outside the range of the metric.";
            self.own_metric(
                OwnMetric::RejectedValues,
                group,
                "rejected_values",
                help,
                label,
            );
        }
    }

    fn own_label(&mut self, name: &str, help: &str, values: Vec<String>) -> LabelId {
        let value = |value: String| {
            let variant = name::pascal_case(&value);
            LabelValue {
                value,
                variant,
                help: None,
                bad: false,
                since: None,
                deprecated: None,
                former: None,
                span: Span::default(),
            }
        };
        let id = LabelId(self.registry.labels.len());
        self.registry.labels.push(Label {
            key: name.to_owned(),
            name: name.to_owned(),
            help: help.to_owned(),
            values: LabelValues::Closed(values.into_iter().map(value).collect()),
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
        id
    }

    fn own_metric(
        &mut self,
        own: OwnMetric,
        group: GroupId,
        key: &str,
        help: &str,
        label: LabelId,
    ) {
        let id = MetricId(self.registry.metrics.len());
        let kind = Kind::Counter { callback: false };
        self.registry.metrics.push(Metric {
            group,
            key: key.to_owned(),
            exposed: name::exposed_name(
                &self.registry.namespace,
                name::OWN_GROUP,
                key,
                &kind,
                Unit::None,
            ),
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
        let name = format!("{}.{key}", name::OWN_GROUP);
        self.scope.metrics.declare(name, Some(id.0));
        self.registry.own_metrics.push((own, id));
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

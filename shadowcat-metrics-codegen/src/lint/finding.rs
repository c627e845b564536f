//! What a rule reports: an item, a place in it, and the words. The driver adds code, severity and how to allow it.

use super::Lint;
use crate::diagnostic::Diagnostic;
use crate::fix::Fix;
use crate::model::{GroupId, LabelId, Metric, MetricId, Origin, Registry, Stability};
use crate::name::{exposed_name, is_keyword, is_recorder_method, is_snake_case};
use crate::source::Span;

/// The item that a finding is about, whose `allow` list may drop it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// Something without an `allow` list of its own, such as a bucket set.
    File,
    Label(LabelId),
    Group(GroupId),
    Metric(MetricId),
}

impl Item {
    /// The table whose `allow` list is the item's own.
    fn table(self, registry: &Registry) -> String {
        match self {
            Self::File => "defaults".to_owned(),
            Self::Label(id) => format!("labels.{}", registry.labels[id.0].name),
            Self::Group(id) => format!("groups.{}", registry.groups[id.0].name),
            Self::Metric(id) => {
                let metric = &registry.metrics[id.0];
                format!(
                    "metrics.{}.{}",
                    registry.groups[metric.group.0].name, metric.key
                )
            }
        }
    }
}

#[derive(Debug)]
pub(super) struct Finding {
    pub(super) item: Item,
    span: Span,
    message: String,
    label: String,
    secondary: Vec<(Span, String)>,
    help: Option<String>,
    fix: Option<Fix>,
}

impl Finding {
    /// `message` is a line that can stand alone, `label` what was expected at the caret.
    pub(super) fn new(item: Item, span: Span, message: String, label: impl Into<String>) -> Self {
        Self {
            item,
            span,
            message,
            label: label.into(),
            secondary: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// A finding about the name a metric is exposed under, at the place that decides it: `name`, or the key.
    pub(super) fn exposed_name(
        id: MetricId,
        metric: &Metric,
        message: String,
        label: impl Into<String>,
    ) -> Self {
        let span = if metric.name_is_exact {
            metric.spans.name
        } else {
            metric.spans.key
        };
        // The library's own metrics have no table that could allow anything.
        let item = match metric.origin {
            Origin::Schema => Item::Metric(id),
            Origin::Library => Item::File,
        };
        Self::new(item, span, message, label)
    }

    /// Points at another place that has part in it.
    pub(super) fn secondary(mut self, span: Span, label: &str) -> Self {
        self.secondary.push((span, label.to_owned()));
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what mends it, if anything does.
    pub(super) fn fix(mut self, fix: impl Into<Option<Fix>>) -> Self {
        self.fix = fix.into();
        self
    }

    pub(super) fn into_diagnostic(self, lint: &Lint, registry: &Registry) -> Diagnostic {
        let allow = format!(
            "to keep it, write `allow = [\"{}\"]` in `[{}]`",
            lint.code.name(),
            self.item.table(registry)
        );
        Diagnostic {
            code: lint.code,
            severity: lint.severity,
            message: self.message,
            primary: self.span,
            label: self.label,
            secondary: self.secondary,
            help: Some(
                self.help
                    .map_or_else(|| allow.clone(), |help| format!("{help}\n{allow}")),
            ),
            fix: self.fix,
        }
    }
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

/// Every metric with its id.
pub(super) fn metrics(registry: &Registry) -> impl Iterator<Item = (MetricId, &Metric)> {
    registry
        .metrics
        .iter()
        .enumerate()
        .map(|(index, metric)| (MetricId(index), metric))
}

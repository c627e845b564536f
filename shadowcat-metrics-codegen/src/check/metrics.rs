//! `[metrics]`: a metric's name, labels and the rest, each checked where its subject lives.

use super::header::MetricDefaults;
use super::identifiers::free_name;
use super::{Checker, words};
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::model::{GroupId, Kind, Metric, MetricId, MetricSpans, Origin, Unit};
use crate::name;
use crate::parse::ast::{self, Spanned};
use crate::source::Span;

impl Checker<'_> {
    pub(super) fn check_metrics(&mut self, metrics: &[ast::Metric], defaults: &MetricDefaults) {
        for (written, metric) in metrics.iter().enumerate() {
            let group = self.check_group_of_metric(&metric.group);
            let checked = self.check_metric(metric, group, defaults);
            let id = checked.map(|checked| {
                let id = MetricId(self.registry.metrics.len());
                if self.scope.groups_lacking.contains(&group)
                    || self.scope.labels.any_unknown(&metric.labels)
                {
                    self.scope.metrics_lacking.insert(id);
                }
                self.registry.metrics.push(checked);
                self.scope.written.push(written);
                id
            });
            // Under a misspelt group it is known by the right name too, which references will use.
            for group in [&metric.group.value, &self.registry.groups[group.0].name] {
                self.scope
                    .metrics
                    .declare(format!("{group}.{}", metric.key.value), id);
            }
        }
    }

    /// What refers to other metrics, once all of them are known: ratios and replacements.
    pub(super) fn check_metric_references(&mut self, metrics: &[ast::Metric]) {
        for index in 0..self.registry.metrics.len() {
            let metric = &metrics[self.scope.written[index]];
            self.check_replacement(metric, index);
            self.check_ratio(metric, index);
        }
    }

    /// None if the metric has no kind that can be made out; the rest of it is checked all the same.
    fn check_metric(
        &mut self,
        metric: &ast::Metric,
        group: GroupId,
        defaults: &MetricDefaults,
    ) -> Option<Metric> {
        let key = self.check_metric_key(&metric.key, group);
        let help = self.check_help(
            &metric.help,
            &format!("the metric `{}`", metric.key.value),
            metric.key.span,
        );
        let mut labels = self.registry.groups[group.0].labels.clone();
        let group_labels = labels.len();
        labels.extend(self.check_label_list(&metric.labels, &labels.clone(), "the metric"));
        let (stability, deprecated) = self.check_lifecycle(metric, defaults);
        let since = self.check_version(&metric.since, "since");
        let owner = self
            .check_text(&metric.owner, "owner")
            .or_else(|| defaults.owner.clone());
        let (kind, unit) = self.check_kind(metric, &labels[..group_labels])?;
        let exact = self.check_exact_name(metric, &kind);
        let spans = spans(metric);
        let exposed = exact
            .clone()
            .unwrap_or_else(|| self.exposed_name(group, &key, &kind, unit));
        let former = self.check_former_name(metric, &exposed, (&kind, unit));
        let metric = Metric {
            group,
            exposed,
            key,
            name_is_exact: exact.is_some(),
            help,
            kind,
            unit,
            labels,
            group_labels,
            quantiles: metric.quantiles.given().is_some_and(|given| given.value),
            stability,
            since,
            owner,
            deprecated,
            former,
            allow: words::allow(&metric.allow),
            origin: Origin::Schema,
            spans,
        };
        self.check_state_label(&metric);
        Some(metric)
    }

    fn exposed_name(&self, group: GroupId, key: &str, kind: &Kind, unit: Unit) -> String {
        name::exposed_name(
            &self.registry.namespace,
            &self.registry.groups[group.0].name,
            key,
            kind,
            unit,
        )
    }

    fn check_metric_key(&mut self, key: &Spanned<String>, group: GroupId) -> String {
        let usable = self.check_identifier(key, "metric");
        if name::is_recorder_method(&usable) {
            self.report.push(
                Diagnostic::error(
                    errors::RESERVED_METHOD,
                    key.span,
                    format!("a metric cannot be called `{}`", key.value),
                )
                .label("expected another name")
                .help(
                    "it becomes a method of its group's recorder, which has a method of that name",
                ),
            );
        }
        let methods = &mut self.scope.metric_methods;
        let name = free_name(usable, |name| {
            name::is_recorder_method(name) || methods.contains(&(group, name.to_owned()))
        });
        methods.insert((group, name.clone()));
        name
    }

    fn check_exact_name(&mut self, metric: &ast::Metric, kind: &Kind) -> Option<String> {
        let given = metric.name.given()?;
        self.is_exposable(&given.value, given.span, kind)
            .then(|| given.value.clone())
    }

    /// Whether a name that is written whole can be exposed; reported if not.
    pub(super) fn is_exposable(&mut self, name: &str, span: Span, kind: &Kind) -> bool {
        let problem = Diagnostic::error(
            errors::INVALID_METRIC_NAME,
            span,
            format!("`{name}` is not a name that Prometheus takes"),
        );
        if !name::is_metric_name(name) {
            let expected = "expected letters `a` to `z` and `A` to `Z`, digits, `_` and `:`, the first not a digit";
            // Labels are not part of a name.
            let bare = name.split('{').next().unwrap_or_default().trim();
            let near = bare.replace(
                |c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':',
                "_",
            );
            let such = if name::is_metric_name(&near) {
                format!("{expected}, such as `{near}`")
            } else {
                expected.to_owned()
            };
            self.report.push(problem.label(such));
            return false;
        }
        if kind.spec().states.is_some() && name.contains(':') {
            let expected = "a state's name is a label's name too, where `:` is not allowed";
            self.report.push(problem.label(expected));
            return false;
        }
        true
    }

    /// A state is exposed with a label that bears the metric's own name.
    fn check_state_label(&mut self, metric: &Metric) {
        if metric.kind.spec().states.is_none() {
            return;
        }
        let clash = metric
            .labels
            .iter()
            .find(|label| self.registry.labels[label.0].name == metric.exposed);
        if let Some(label) = clash {
            let label = &self.registry.labels[label.0];
            self.report.push(
                Diagnostic::error(
                    errors::RESERVED_LABEL,
                    metric.spans.labels,
                    format!(
                        "a state cannot have a label of its own name, `{}`",
                        label.name
                    ),
                )
                .label("expected another label, or another name for the metric")
                .secondary(label.span, "the label")
                .help("the label that bears the metric's name says which state a line is about"),
            );
        }
    }
}

fn spans(metric: &ast::Metric) -> MetricSpans {
    let key = metric.key.span;
    MetricSpans {
        key,
        help: metric.help.span().unwrap_or(key),
        kind: metric.kind.span().unwrap_or(key),
        unit: metric.unit.span().unwrap_or(key),
        name: metric.name.span().unwrap_or(key),
        labels: metric.labels.span().unwrap_or(key),
        buckets: metric.buckets.span().unwrap_or(key),
    }
}

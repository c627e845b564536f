//! What a metric's kind asks of its other keys: which it needs, and which it cannot have.

use super::{Checker, scope, words};
use crate::codes::{Code, errors};
use crate::diagnostic::Diagnostic;
use crate::model::{BucketSetId, Kind, LabelId, LabelValues, Unit, Units};
use crate::parse::ast::{Field, Metric, MetricBuckets};
use crate::source::Span;
use crate::suggest;

fn is_callback(metric: &Metric) -> bool {
    metric.callback.given().is_some_and(|given| given.value)
}

impl Checker<'_> {
    /// The metric's kind and unit; none if there is no telling which kind it is meant to be.
    pub(super) fn check_kind(
        &mut self,
        metric: &Metric,
        group_labels: &[LabelId],
    ) -> Option<(Kind, Unit)> {
        let kind = self.check_kind_word(metric);
        let unit = self.check_unit(&metric.unit);
        let kind = kind?;
        self.check_misplaced_keys(metric, &kind);
        let unit = match kind.spec().units {
            Units::Declared => unit,
            Units::Fixed(unit) => unit,
        };
        let kind = match kind {
            Kind::Counter { .. } => Kind::Counter {
                callback: is_callback(metric),
            },
            Kind::Gauge { .. } => Kind::Gauge {
                callback: is_callback(metric),
            },
            Kind::Histogram { .. } => {
                let buckets = self.check_metric_buckets(metric);
                if words::is_known_unit(&metric.unit) {
                    self.check_bounds_for(buckets, unit, &metric.key);
                }
                Kind::Histogram { buckets }
            }
            Kind::State { .. } => Kind::State {
                states: self.check_states(metric, group_labels)?,
            },
            Kind::Info => {
                self.check_facts(metric);
                Kind::Info
            }
            // Operands may be declared further down: `check_metric_references` resolves them.
            kind @ (Kind::UpDownCounter | Kind::Ratio { .. }) => kind,
        };
        Some((kind, unit))
    }

    fn check_misplaced_keys(&mut self, metric: &Metric, kind: &Kind) {
        let unit = metric.unit.given().map(|field| field.key);
        let buckets = metric.buckets.given().map(|field| field.key);
        let quantiles = metric.quantiles.given().map(|field| field.key);
        let states = metric.states.given().map(|field| field.key);
        let callback = metric.callback.given().map(|field| field.key);
        let numerator = metric.numerator.given().map(|field| field.key);
        let denominator = metric.denominator.given().map(|field| field.key);
        let written: [(&str, Option<Span>, Code); 7] = [
            ("unit", unit, errors::MISPLACED_UNIT),
            ("buckets", buckets, errors::MISPLACED_BUCKETS),
            ("quantiles", quantiles, errors::MISPLACED_QUANTILES),
            ("states", states, errors::MISPLACED_STATES),
            ("callback", callback, errors::MISPLACED_CALLBACK),
            ("numerator", numerator, errors::MISPLACED_OPERANDS),
            ("denominator", denominator, errors::MISPLACED_OPERANDS),
        ];
        for (key, span, code) in written {
            let Some(span) = span.filter(|_| !kind.spec().keys.contains(&key)) else {
                continue;
            };
            let kinds = Kind::each()
                .iter()
                .filter(|kind| kind.spec().keys.contains(&key))
                .map(Kind::name);
            self.report.push(
                Diagnostic::error(
                    code,
                    span,
                    format!("a metric of type `{}` takes no `{key}`", kind.name()),
                )
                .label(format!("only for the type {}", suggest::list(kinds)))
                .secondary(
                    metric.kind.span().unwrap_or(metric.key.span),
                    "the type is set here",
                ),
            );
        }
    }

    fn check_metric_buckets(&mut self, metric: &Metric) -> BucketSetId {
        let found = match &metric.buckets {
            Field::Given(given) => match &given.value {
                MetricBuckets::Named(name) => self.scope.bucket_sets.resolve(
                    name,
                    given.span,
                    &scope::BUCKET_SET,
                    self.report,
                ),
                MetricBuckets::Inline(buckets) => {
                    Some(self.check_inline_buckets(buckets, given.span))
                }
            },
            // The message about the word says what it needs.
            Field::Absent if words::is_foreign_kind(&metric.kind) => None,
            Field::Absent => {
                self.report.push(
                    Diagnostic::error(
                        errors::MISSING_BUCKETS,
                        metric.key.span,
                        format!("the histogram `{}` has no `buckets`", metric.key.value),
                    )
                    .label("expected `buckets = \"NAME\"` with a set of `[buckets]`, or `buckets = [...]`"),
                );
                None
            }
            Field::Invalid => None,
        };
        found.unwrap_or_else(|| self.placeholder_buckets(metric.key.span))
    }

    fn check_states(&mut self, metric: &Metric, group_labels: &[LabelId]) -> Option<LabelId> {
        let given = match &metric.states {
            Field::Given(given) => given,
            Field::Absent if words::is_foreign_kind(&metric.kind) => return None,
            Field::Absent => {
                self.report.push(
                    Diagnostic::error(
                        errors::MISSING_STATES,
                        metric.key.span,
                        format!("the state `{}` has no `states`", metric.key.value),
                    )
                    .label("expected `states = \"LABEL\"` with a closed label, whose values are the states"),
                );
                return None;
            }
            Field::Invalid => return None,
        };
        let id = self
            .scope
            .labels
            .resolve(&given.value, given.span, &scope::LABEL, self.report)?;
        let label = &self.registry.labels[id.0];
        if let LabelValues::Open { .. } = label.values {
            self.report.push(
                Diagnostic::error(
                    errors::OPEN_STATES,
                    given.span,
                    format!(
                        "the label `{}` is open, so its values cannot be states",
                        given.value
                    ),
                )
                .label("expected a closed label, one with `values`")
                .secondary(label.span, "the open label"),
            );
            return None;
        }
        let listed = metric
            .labels
            .given()
            .map(|labels| labels.value.as_slice())
            .unwrap_or_default();
        let listed = listed
            .iter()
            .find(|name| name.value == given.value)
            .map(|name| name.span);
        if let Some(span) = listed.or_else(|| group_labels.contains(&id).then_some(given.span)) {
            self.report.push(
                Diagnostic::error(
                    errors::DUPLICATE_LABEL,
                    span,
                    format!(
                        "`{}` gives the metric its states and cannot be a label of it as well",
                        given.value
                    ),
                )
                .label("expected only in `states`"),
            );
        }
        Some(id)
    }

    fn check_facts(&mut self, metric: &Metric) {
        if metric.labels.is_absent()
            || metric
                .labels
                .given()
                .is_some_and(|labels| labels.value.is_empty())
        {
            self.report.push(
                Diagnostic::error(
                    errors::INFO_WITHOUT_FACTS,
                    metric.labels.span().unwrap_or(metric.key.span),
                    format!("the info metric `{}` has no labels", metric.key.value),
                )
                .label("expected `labels = [...]` with the facts it states, such as a version"),
            );
        }
    }
}

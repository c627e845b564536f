//! How firmly a metric is promised, and its way out.

use super::header::MetricDefaults;
use super::{Checker, scope};
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::model::{Deprecation, Stability};
use crate::parse::ast::{Deprecated, Field, Given, Metric};

impl Checker<'_> {
    /// The stability, and the deprecation without its replacement, which may be declared further down.
    pub(super) fn check_lifecycle(
        &mut self,
        metric: &Metric,
        defaults: &MetricDefaults,
    ) -> (Stability, Option<Deprecation>) {
        let stability = self.check_stability(&metric.stability, &Stability::ALL);
        let Field::Given(deprecated) = &metric.deprecated else {
            if stability == Some(Stability::Deprecated) && metric.deprecated.is_absent() {
                self.report.push(
                    Diagnostic::error(
                        errors::DEPRECATED_WITHOUT_REASON,
                        metric.stability.span().unwrap_or(metric.key.span),
                        format!("the metric `{}` is deprecated without a reason", metric.key.value),
                    )
                    .label("expected `deprecated = { use = \"group.metric\", note = \"Why.\" }` instead"),
                );
            }
            return (stability.unwrap_or(defaults.stability), None);
        };
        if let Some(stability) = stability.filter(|stability| *stability != Stability::Deprecated) {
            self.report.push(
                Diagnostic::error(
                    errors::DEPRECATED_AND_STABLE,
                    metric.stability.span().unwrap_or(metric.key.span),
                    format!(
                        "the metric `{}` is both {stability} and deprecated",
                        metric.key.value
                    ),
                )
                .label("expected no `stability`: `deprecated` says it")
                .secondary(deprecated.key, "deprecated here"),
            );
        }
        (
            Stability::Deprecated,
            Some(self.check_deprecated(metric, deprecated)),
        )
    }

    fn check_deprecated(&mut self, metric: &Metric, deprecated: &Given<Deprecated>) -> Deprecation {
        let Given {
            value:
                Deprecated {
                    since,
                    replacement,
                    note,
                    remove_in,
                },
            span,
            ..
        } = deprecated;
        if replacement.is_absent() && note.is_absent() {
            self.report.push(
                Diagnostic::error(
                    errors::DEPRECATED_WITHOUT_REASON,
                    *span,
                    format!("the metric `{}` is deprecated without a reason", metric.key.value),
                )
                .label("expected `use = \"group.metric\"`, what to use instead, or `note = \"Why.\"`, or both"),
            );
        }
        Deprecation {
            since: self.check_version(since, "since"),
            replacement: None,
            note: self.check_text(note, "note"),
            remove_in: self.check_removal(metric, remove_in),
        }
    }

    /// Finds what a deprecated metric names as its replacement.
    pub(super) fn check_replacement(&mut self, metric: &Metric, index: usize) {
        let replacement = metric
            .deprecated
            .given()
            .and_then(|deprecated| deprecated.value.replacement.given());
        let Some(given) = replacement else { return };
        let found =
            self.scope
                .metrics
                .resolve(&given.value, given.span, &scope::METRIC, self.report);
        if found.is_some_and(|found| found.0 == index) {
            self.report.push(
                Diagnostic::error(
                    errors::DEPRECATED_WITHOUT_REASON,
                    given.span,
                    format!(
                        "the metric `{}` is to be replaced by itself",
                        metric.key.value
                    ),
                )
                .label("expected another metric"),
            );
        } else if let Some(deprecation) = &mut self.registry.metrics[index].deprecated {
            deprecation.replacement = found;
        }
    }
}

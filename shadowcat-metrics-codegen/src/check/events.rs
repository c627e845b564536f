//! Which series an objective selects: label values that exist, and a bound that its histogram has.

use super::Checker;
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::duration::parse_seconds;
use crate::model::{Kind, LabelId, LabelValues, Matcher, MetricId, Selection, Unit};
use crate::parse::ast::{Events, Spanned, Texts, Under};
use crate::suggest;

impl Checker<'_> {
    pub(super) fn check_filters(
        &mut self,
        filters: &[(Spanned<String>, Texts)],
        metric: MetricId,
    ) -> Vec<Matcher> {
        let mut matchers = Vec::new();
        for (name, values) in filters {
            let Some(label) = self.label_of_metric(name, metric) else {
                continue;
            };
            if values.is_empty() {
                self.report.push(
                    Diagnostic::error(
                        errors::UNKNOWN_LABEL_VALUE,
                        name.span,
                        format!("no series has a `{}` of none", name.value),
                    )
                    .label("expected at least one value"),
                );
            }
            for value in values {
                self.check_value(value, label);
            }
            let values = values.iter().map(|value| value.value.clone()).collect();
            matchers.push(Matcher { label, values });
        }
        matchers
    }

    fn check_value(&mut self, value: &Spanned<String>, label: LabelId) {
        let label = &self.registry.labels[label.0];
        let LabelValues::Closed(values) = &label.values else {
            return;
        };
        let known = values.iter().map(|known| known.value.as_str());
        if known.clone().any(|known| known == value.value) {
            return;
        }
        let hint = match suggest::nearest(&value.value, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("expected {}", suggest::list(known)),
        };
        self.report.push(
            Diagnostic::error(
                errors::UNKNOWN_LABEL_VALUE,
                value.span,
                format!("the label `{}` has no value `{}`", label.name, value.value),
            )
            .label(hint)
            .secondary(label.span, "the label"),
        );
    }

    /// The bound that `under` names; none if the metric has none, or not this one.
    pub(super) fn check_under(&mut self, events: &Events, of: &Selection) -> Option<f64> {
        let under = events.under.given()?;
        let metric = &self.registry.metrics[of.metric.0];
        let Kind::Histogram { buckets } = &metric.kind else {
            self.report.push(
                Diagnostic::error(
                    errors::MISPLACED_UNDER,
                    under.key,
                    format!("a metric of type `{}` takes no `under`", metric.kind.name()),
                )
                .label("only for a `histogram`")
                .secondary(metric.spans.kind, "its type"),
            );
            return None;
        };
        let written = match &under.value {
            Under::Number(number) => Some(*number),
            Under::Text(text) if metric.unit == Unit::Seconds => parse_seconds(text),
            Under::Text(_) => None,
        };
        let bounds = &self.registry.bucket_sets[buckets.0].bounds;
        let problem = |message: String, label: String| {
            Diagnostic::error(errors::NOT_A_BOUND, under.span, message)
                .label(label)
                .secondary(metric.spans.buckets, "its buckets")
                .help("observations are counted by bucket, so no other limit can be told")
        };
        let Some(written) = written else {
            let expected = match metric.unit {
                Unit::Seconds => {
                    "expected a time with a unit, such as `\"250ms\"`, or a number of seconds"
                }
                _ => "expected a number in the histogram's base unit",
            };
            self.report.push(problem(
                "`under` is no bound".to_owned(),
                expected.to_owned(),
            ));
            return None;
        };
        if let Some(bound) = bounds.iter().find(|bound| is_same(**bound, written)) {
            return Some(*bound);
        }
        let shown = |bound: &f64| match metric.unit {
            Unit::Seconds => format!("`{bound}s`"),
            _ => format!("`{bound}`"),
        };
        let above = bounds.partition_point(|bound| *bound < written);
        let nearest: Vec<_> = bounds[above.saturating_sub(1)..(above + 1).min(bounds.len())]
            .iter()
            .map(shown)
            .collect();
        let exposed = &metric.exposed;
        self.report.push(problem(
            format!("{written} is no bucket bound of `{exposed}`"),
            match nearest.as_slice() {
                [] => "it has none".to_owned(),
                nearest => format!("expected a bound; the nearest: {}", nearest.join(", ")),
            },
        ));
        None
    }
}

/// Whether two numbers are the same but for the last digit of their arithmetic.
fn is_same(bound: f64, written: f64) -> bool {
    (bound - written).abs() <= bound.abs() * 1e-12
}

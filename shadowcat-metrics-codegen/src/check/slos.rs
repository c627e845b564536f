//! `[slos]`: how good an objective wants its events to be, for how long, and by which labels. The events are in `indicators`.

use std::time::Duration;

use super::Checker;
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::duration;
use crate::model::{Counted, Indicator, LabelId, Metric, Slo};
use crate::parse::ast::{self, Field, Spanned, Texts};
use crate::suggest;

const DAY: Duration = Duration::from_secs(86_400);
/// The window of an objective that sets none, which the burn rates of the alerts are made for.
const WINDOW: Duration = DAY.saturating_mul(30);
/// The slowest burn rate alert looks at three days, which must be a part of the window.
const SHORTEST: Duration = DAY.saturating_mul(7);
/// Prometheus would have to keep more than anybody has it keep.
const LONGEST: Duration = DAY.saturating_mul(366);

impl Checker<'_> {
    pub(super) fn check_slos(&mut self, slos: &[ast::Slo]) {
        for slo in slos {
            let checked = self.check_slo(slo);
            self.registry.slos.extend(checked);
        }
    }

    fn check_slo(&mut self, slo: &ast::Slo) -> Option<Slo> {
        let owner = slo.name.span;
        let what = format!("the objective `{}`", slo.name.value);
        let name = self.check_identifier(&slo.name, "objective");
        let help = self.check_help(&slo.help, &what, owner);
        let objective = self.check_objective(slo, &what);
        let window = self.check_window(&slo.window);
        let indicator = self.check_indicator(slo, &what);
        let by = match &indicator {
            Some(indicator) => self.check_by(&slo.by, indicator),
            None => Vec::new(),
        };
        Some(Slo {
            name,
            help,
            objective: objective?,
            window,
            indicator: indicator?,
            by,
            impact: self.check_text(&slo.impact, "impact"),
            runbook: self.check_text(&slo.runbook, "runbook"),
            owner: self.check_text(&slo.owner, "owner"),
            span: owner,
        })
    }

    fn check_objective(&mut self, slo: &ast::Slo, what: &str) -> Option<f64> {
        let Field::Given(given) = &slo.objective else {
            if slo.objective.is_absent() {
                self.missing_key(what, "objective", slo.name.span, "objective = 0.999");
            }
            return None;
        };
        let objective = given.value;
        if objective > 0.0 && objective < 1.0 {
            return Some(objective);
        }
        let problem = Diagnostic::error(
            errors::INVALID_OBJECTIVE,
            given.span,
            format!("an objective of {objective} leaves nothing to be measured against"),
        );
        self.report.push(if objective > 1.0 && objective < 100.0 {
            // Rounded, or 99.9 percent would be 0.9990000000000001.
            let share = format!("{:.9}", objective / 100.0);
            problem.label(format!(
                "expected a share, such as {}",
                share.trim_end_matches('0')
            ))
        } else {
            problem.label("expected more than 0 and less than 1, such as 0.999")
        });
        None
    }

    fn check_window(&mut self, field: &Field<String>) -> Duration {
        let Some(window) = self.check_duration(field, "window") else {
            return WINDOW;
        };
        if !(SHORTEST..=LONGEST).contains(&window) {
            self.report.push(
                Diagnostic::error(
                    errors::OBJECTIVE_WINDOW,
                    field.span().unwrap_or_default(),
                    format!("an objective cannot hold over {}", duration::format(window)),
                )
                .label(format!(
                    "expected {} to {}",
                    duration::format(SHORTEST),
                    duration::format(LONGEST)
                )),
            );
        }
        window
    }

    fn check_by(&mut self, by: &Field<Texts>, indicator: &Indicator) -> Vec<LabelId> {
        let mut labels = Vec::new();
        let Some(given) = by.given() else {
            return labels;
        };
        let mut metrics = vec![indicator.total().metric];
        if let Indicator::Availability { counted, .. } = indicator {
            let (Counted::Good(counted) | Counted::Bad(counted)) = counted;
            metrics.push(counted.metric);
        }
        metrics.dedup();
        for name in &given.value {
            let found: Vec<_> = metrics
                .iter()
                .map(|metric| self.label_of_metric(name, *metric))
                .collect();
            // Of each metric, or reported for the first that lacks it.
            let label = found.first().copied().flatten();
            if let Some(label) = label.filter(|label| !labels.contains(label)) {
                labels.push(label);
            }
        }
        labels
    }

    /// The label of a name that a metric has; another name is reported.
    pub(super) fn label_of_metric(
        &mut self,
        name: &Spanned<String>,
        metric: crate::model::MetricId,
    ) -> Option<LabelId> {
        let Metric { labels, spans, .. } = &self.registry.metrics[metric.0];
        let names = labels
            .iter()
            .map(|id| self.registry.labels[id.0].name.as_str());
        let found = labels
            .iter()
            .zip(names.clone())
            .find(|(_, known)| *known == name.value);
        if let Some((id, _)) = found {
            return Some(*id);
        }
        if self.scope.metrics_lacking.contains(&metric) {
            return None;
        }
        let exposed = &self.registry.metrics[metric.0].exposed;
        let near = suggest::nearest(&name.value, names.clone());
        let label = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if labels.is_empty() => "it has no labels at all".to_owned(),
            None => format!("expected {}", suggest::list(names)),
        };
        self.report.push(
            Diagnostic::error(
                errors::LABEL_NOT_OF_METRIC,
                name.span,
                format!("`{exposed}` has no label `{}`", name.value),
            )
            .label(label)
            .secondary(spans.key, "the metric"),
        );
        None
    }
}

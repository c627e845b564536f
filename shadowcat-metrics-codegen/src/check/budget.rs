//! The worst case of all series together, against the budget.

use super::Checker;
use crate::codes::errors;
use crate::diagnostic::Diagnostic;
use crate::model::{Metric, Origin};
use crate::series;
use crate::source::Span;

/// How many of the largest metrics a message shows.
const SHOWN: usize = 3;

impl Checker<'_> {
    /// Reports at the largest metric, where there is most to be saved. `budget` is where it is written.
    pub(super) fn check_budget(&mut self, budget: Option<Span>) {
        let total = series::total(&self.registry);
        if total <= self.registry.series_budget {
            return;
        }
        let metrics = self
            .registry
            .metrics
            .iter()
            .filter(|metric| metric.origin == Origin::Schema);
        let mut largest: Vec<_> = metrics.collect();
        // Stable, so that of two of a size the first goes first.
        largest.sort_by_key(|metric| std::cmp::Reverse(series::worst_case(&self.registry, metric)));
        let mut shown = largest.into_iter().take(SHOWN);
        let primary = shown
            .next()
            .map_or(budget.unwrap_or_default(), |metric| metric.spans.key);
        let mut diagnostic = Diagnostic::error(
            errors::OVER_BUDGET,
            primary,
            format!("{total} series in the worst case are over the budget of {}", self.registry.series_budget),
        )
        .help("bound a label more tightly, drop a label or some bounds, or raise `series_budget` under `[defaults]`");
        if let Some(metric) = self
            .registry
            .metrics
            .iter()
            .find(|metric| metric.spans.key == primary)
        {
            diagnostic = diagnostic.label(format!("the largest: {}", self.product(metric)));
        }
        for metric in shown {
            diagnostic = diagnostic.secondary(metric.spans.key, self.product(metric));
        }
        if let Some(span) = budget {
            diagnostic = diagnostic.secondary(span, "the budget");
        }
        self.report.push(diagnostic);
    }

    /// "1170 series = 3 transport x 65 server x 6 lines".
    fn product(&self, metric: &Metric) -> String {
        let labels = series::labels(&self.registry, metric);
        let mut factors: Vec<_> = labels
            .map(|label| format!("{} {}", series::cardinality(label), label.name))
            .collect();
        match series::lines(&self.registry, metric) {
            1 => {}
            lines => factors.push(format!("{lines} lines")),
        }
        format!(
            "{} series = {}",
            series::worst_case(&self.registry, metric),
            factors.join(" x ")
        )
    }
}

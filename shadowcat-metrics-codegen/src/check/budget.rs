//! Checks the largest possible number of series, and of label values without series, against the budget.

use super::Checker;
use crate::codes::codes;
use crate::model::{LabelId, Metric, Origin};
use crate::sentence::count;
use crate::series;
use crate::source::Span;

codes! {
    table BUDGET;

    OVER_BUDGET = "SM0607" "over-budget": "more series than the budget",
    "Every label is bounded, so the largest possible number of series is known. For each metric, it is the number of label \
     combinations times the lines that each combination has in the exposition; a histogram has one line for each bound and three \
     more. The values of an open label count even if no metric uses the label, or only info metrics do, because the program \
     stores them. The total, including the library's own metrics, must stay within `series_budget`, which is 10000 unless \
     `[defaults]` sets it. Series cost memory in the program and in Prometheus, so a higher budget deserves a review.",
    example: r#"[labels.server]
help = "Upstream server."
- open = { max = 1000 }
+ open = { max = 100 }

[metrics.http.duration]
type = "histogram"
unit = "seconds"
labels = ["server"]
buckets = { exponential = { start = 0.001, factor = 2, count = 16 } }
help = "Time spent on a request."
"#;
}

/// Maximum number of metrics and labels that a message lists.
const SHOWN: usize = 3;

impl Checker<'_> {
    /// Reports an exceeded budget at the largest metric or label, where reducing helps most. `budget` is the
    /// position of its key.
    pub(super) fn check_budget(&mut self, budget: Option<Span>) {
        let registry = &self.registry;
        let limit = registry.series_budget;
        let total = series::total(registry);
        let values = series::total_values_without_series(registry);
        if total.saturating_add(values) <= limit {
            return;
        }
        // The largest first, and among equals the first in the file.
        let mut largest: Vec<(u64, Span, String)> = Vec::new();
        let mut add = |size, span, shown| {
            let place = largest.partition_point(|(larger, ..)| *larger >= size);
            largest.insert(place, (size, span, shown));
            largest.truncate(SHOWN);
        };
        for metric in &registry.metrics {
            if metric.origin == Origin::Schema {
                let size = series::worst_case(registry, metric);
                add(size, metric.spans.key, self.product(metric));
            }
        }
        for (index, label) in registry.labels.iter().enumerate() {
            let size = series::values_without_series(registry, LabelId(index));
            if size > 0 {
                let values = count(size, "value");
                let shown = format!("{values} of {}, which is in no series", label.name);
                add(size, label.span, shown);
            }
        }
        let mut shown = largest.into_iter();
        let (primary, first) = match shown.next() {
            Some((_, span, size)) => (span, format!("the largest: {size}")),
            None => (budget.unwrap_or_default(), String::new()),
        };
        let mut allowed = match total {
            series::SATURATED => counted(total),
            total => format!("up to {}", counted(total)),
        };
        if values > 0 {
            allowed = format!("{allowed} and {}", count(values, "label value"));
        }
        let message = format!("the schema allows {allowed}, over the budget of {limit}");
        let mut problem = self.error(OVER_BUDGET, primary, message).label(first).help(
            "lower the `max` of a label, remove a label or some bounds, or raise `series_budget` under `[defaults]`",
        );
        for (_, span, size) in shown {
            problem = problem.secondary(span, size);
        }
        if let Some(span) = budget {
            problem.secondary(span, "the budget");
        }
    }

    /// Formats "1170 series = 3 `transport` x 65 `server` x 6 lines".
    fn product(&self, metric: &Metric) -> String {
        let mut factors = Vec::new();
        for factor in series::factors(&self.registry, metric) {
            factors.push(format!("{} `{}`", factor.choices, factor.name));
        }
        match series::lines(&self.registry, metric) {
            1 => {}
            lines => factors.push(format!("{lines} lines")),
        }
        match series::worst_case(&self.registry, metric) {
            1 => counted(1),
            series => format!("{} = {}", counted(series), factors.join(" x ")),
        }
    }
}

/// Formats a number of series. Numbers of series saturate.
fn counted(series: u64) -> String {
    match series {
        series::SATURATED => "more than 10^19 series".to_owned(),
        series => format!("{series} series"),
    }
}

#[test]
fn one_label_may_be_over_the_budget() {
    crate::testing::rules(
        r#"
        labels.^x = { help = "X.", open = { max = 1_000_000 } } => over-budget
    "#,
    );
}

#[test]
fn a_metric_without_labels_is_one_series() {
    crate::testing::labels(
        r#"
        labels.x = { help = "X.", open = { max = 20_000 } } | y: info, labels = ["x"] => the largest: 20001 values of x, which is in no series; 9 values of host, which is in no series; 1 series
    "#,
    );
}

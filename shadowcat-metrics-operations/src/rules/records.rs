//! What is recorded of ratios and of histograms.

use std::time::Duration;

use shadowcat_metrics_codegen::duration;
use shadowcat_metrics_codegen::model::{Kind, Metric, MetricId, Registry};

use super::windows::Scale;
use super::{Record, level};
use crate::promql::Ceiling;

/// Over how long ratios are recorded: now, and of late.
const RATIO_WINDOWS: [Duration; 2] = [Duration::from_secs(300), Duration::from_secs(3600)];
const QUANTILE_WINDOW: Duration = Duration::from_secs(300);
const QUANTILES: [(&str, &str); 3] = [("p50", "0.5"), ("p95", "0.95"), ("p99", "0.99")];

/// Each ratio over windows: the one that a program exposes is over its whole life.
pub(super) fn ratios(registry: &Registry, scale: Scale) -> Vec<Record> {
    let mut records = Vec::new();
    for metric in &registry.metrics {
        let Kind::Ratio {
            numerator,
            denominator,
        } = &metric.kind
        else {
            continue;
        };
        let labels = level(registry, &metric.labels);
        let by = labels.join(", ");
        for window in RATIO_WINDOWS {
            let (function, operation) = over_time(registry, numerator);
            let range = scale.window(window);
            let sum = |operands: &[MetricId]| {
                let sums: Vec<_> = operands
                    .iter()
                    .map(|id| {
                        let exposed = &registry.metrics[id.0].exposed;
                        format!("sum by ({by}) ({function}({exposed}[{range}]))")
                    })
                    .collect();
                match sums.as_slice() {
                    [only] => only.clone(),
                    several => format!("({})", several.join(" + ")),
                }
            };
            records.push(Record {
                name: format!(
                    "{}:{}:{operation}{}",
                    labels.join("_"),
                    metric.exposed,
                    duration::format(window)
                ),
                expr: format!("{} / {}", sum(numerator), sum(denominator)),
                labels: labels.clone(),
                ceiling: registry.is_share(metric).then_some(Ceiling::Whole(1.0)),
            });
        }
    }
    records
}

/// How operands are taken over a window, and what that is called. All operands of a ratio are of one kind.
fn over_time(registry: &Registry, operands: &[MetricId]) -> (&'static str, &'static str) {
    let first = operands.first().map(|id| &registry.metrics[id.0].kind);
    match first {
        Some(Kind::Gauge { .. } | Kind::UpDownCounter) => ("avg_over_time", "avg"),
        Some(
            Kind::Counter { .. }
            | Kind::Histogram { .. }
            | Kind::State { .. }
            | Kind::Info
            | Kind::Ratio { .. },
        )
        | None => ("rate", "rate"),
    }
}

/// Quantiles of the histograms that ask for them.
pub(super) fn quantiles(registry: &Registry, scale: Scale) -> Vec<Record> {
    let asked = registry.metrics.iter().filter(|metric| metric.quantiles);
    asked
        .flat_map(|metric| quantiles_of(registry, metric, scale))
        .collect()
}

fn quantiles_of(registry: &Registry, metric: &Metric, scale: Scale) -> Vec<Record> {
    let labels = level(registry, &metric.labels);
    let by = labels.join(", ");
    let range = scale.window(QUANTILE_WINDOW);
    let exposed = &metric.exposed;
    let highest = registry.bounds(metric).and_then(<[f64]>::last).copied();
    let record = |(word, quantile): (&str, &str)| Record {
        name: format!(
            "{}:{exposed}:{word}_rate{}",
            labels.join("_"),
            duration::format(QUANTILE_WINDOW)
        ),
        expr: format!(
            "histogram_quantile({quantile}, sum by ({by}, le) (rate({exposed}_bucket[{range}])))"
        ),
        labels: labels.clone(),
        ceiling: highest.map(Ceiling::Bound),
    };
    QUANTILES.map(record).into()
}

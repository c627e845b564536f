//! Recording rules for ratios and histograms.

use std::time::Duration;

use crate::duration::{self, Scale};
use shadowcat_metrics_codegen::model::{Metric, Registry};

use super::{Record, level};
use crate::model::Schema;
use crate::promql::write::{highest_bound, quotient};
use crate::promql::{Ceiling, is_share};

/// Windows of recorded ratios: short and long.
const RATIO_WINDOWS: [Duration; 2] = [Duration::from_secs(300), Duration::from_secs(3600)];
const QUANTILE_WINDOW: Duration = Duration::from_secs(300);
const QUANTILES: [(&str, &str); 3] = [("p50", "0.5"), ("p95", "0.95"), ("p99", "0.99")];

/// Returns a record of each ratio for each window. The exposed ratio covers the program's whole life.
pub(super) fn ratios(registry: &Registry, scale: Scale) -> Vec<Record> {
    let mut records = Vec::new();
    for metric in &registry.metrics {
        let Some((numerator, _)) = metric.kind.spec().operands else {
            continue;
        };
        // All operands of a ratio are of the same kind.
        let counts = numerator
            .iter()
            .all(|id| registry.metrics[id.0].kind.is_counter());
        let (function, operation) = if counts {
            ("rate", "rate")
        } else {
            ("avg_over_time", "avg")
        };
        let labels = level(registry, &metric.labels);
        for window in RATIO_WINDOWS {
            let range = scale.window(window);
            let value = |operand: &Metric| format!("{function}({}[{range}])", operand.exposed);
            let by: Vec<_> = labels.iter().map(String::as_str).collect();
            let Some(expr) = quotient(registry, metric, &by, value) else {
                continue;
            };
            records.push(Record {
                name: format!(
                    "{}:{}:{operation}{}",
                    labels.join("_"),
                    metric.exposed,
                    duration::format(window)
                ),
                expr,
                labels: labels.clone(),
                ceiling: is_share(registry, metric).then_some(Ceiling::Whole(1.0)),
            });
        }
    }
    records
}

/// Returns records of quantiles, for histograms with `quantiles`.
pub(super) fn quantiles(schema: &Schema, scale: Scale) -> Vec<Record> {
    let metrics = schema.registry.metrics.iter();
    let asked = metrics.filter(|metric| metric.quantiles);
    asked
        .flat_map(|metric| quantiles_of(schema, metric, scale))
        .collect()
}

fn quantiles_of(schema: &Schema, metric: &Metric, scale: Scale) -> Vec<Record> {
    let registry = &schema.registry;
    let labels = level(registry, &metric.labels);
    let by: Vec<_> = labels.iter().map(String::as_str).collect();
    let range = scale.window(QUANTILE_WINDOW);
    let exposed = &metric.exposed;
    let forms = schema.settings.histograms.forms().iter();
    let highest = forms.filter_map(|form| highest_bound(registry, metric, *form));
    let highest = highest.max_by(f64::total_cmp);
    let record = |(word, quantile): (&str, &str)| Record {
        name: format!(
            "{}:{exposed}:{word}_rate{}",
            labels.join("_"),
            duration::format(QUANTILE_WINDOW)
        ),
        expr: schema.settings.histograms.either(|form| {
            let rate = |suffix: &str| format!("rate({exposed}{suffix}[{range}])");
            form.quantile(quantile, &by, rate)
        }),
        labels: labels.clone(),
        ceiling: highest.map(Ceiling::Bound),
    };
    QUANTILES.map(record).into()
}

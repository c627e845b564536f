//! The PromQL queries of panels, with the legends of their series.

use shadowcat_metrics_codegen::model::{LabelId, Metric, Registry};

use super::charts::target;
use super::grafana::Target;
use super::meaning::{self, Row};
use super::variables::selector;
use crate::model::Schema;
use crate::rules;

/// Queries the total rate of a counter, for an overview.
pub(super) fn total_rate(registry: &Registry, metric: &Metric) -> Target {
    let select = selector(registry, metric, "", "", &[]);
    target(
        format!("sum(rate({select}[$__rate_interval]))"),
        metric.key.clone(),
    )
}

/// Queries the rate of a counter's failures, for an overview.
pub(super) fn error_rate(registry: &Registry, metric: &Metric) -> Option<Target> {
    if let Some((label, bad)) = meaning::outcome(registry, metric) {
        let name = &registry.labels[label.0].name;
        let select = selector(registry, metric, "", &bad_values(name, &bad), &[]);
        return Some(target(
            format!("sum by ({name}) (rate({select}[$__rate_interval]))"),
            format!("{} {{{{{name}}}}}", metric.key),
        ));
    }
    (Row::of(metric) == Row::Errors).then(|| total_rate(registry, metric))
}

/// Queries a high quantile over a whole histogram, for an overview.
pub(super) fn high_quantile(schema: &Schema, metric: &Metric) -> Target {
    let rate = |suffix: &str| {
        let select = selector(&schema.registry, metric, suffix, "", &[]);
        format!("rate({select}[$__rate_interval])")
    };
    let histograms = schema.settings.histograms;
    target(
        histograms.either(|form| form.quantile("0.95", &[], rate)),
        format!("{} p95", metric.key),
    )
}

/// Queries a gauge's values by series, or a recent ratio, for an overview.
pub(super) fn values(registry: &Registry, metric: &Metric) -> Target {
    let labels = legend(registry, &metric.labels);
    let legend = format!("{} {labels}", metric.key).trim().to_owned();
    match ratio(registry, metric, &[]) {
        Some(query) => target(query, legend),
        None => target(selector(registry, metric, "", "", &[]), legend),
    }
}

/// Queries a recent ratio, filtered by the variables of some labels, because the program exposes the ratio over its whole life.
/// `None` for other kinds.
pub(super) fn ratio(registry: &Registry, metric: &Metric, labels: &[LabelId]) -> Option<String> {
    let value = |operand: &Metric| {
        let select = selector(registry, operand, "", "", labels);
        if operand.kind.is_counter() {
            format!("rate({select}[$__rate_interval])")
        } else {
            select
        }
    };
    let by = registry.label_names(&metric.labels);
    rules::quotient(registry, metric, &by, value)
}

pub(super) fn bad_values(label: &str, values: &[String]) -> String {
    format!("{label}=~{}", quoted(&rules::pattern_of(values)))
}

/// Quotes a PromQL string. Dollar signs are escaped, because Grafana would replace them as variables.
pub(super) fn quoted(text: &str) -> String {
    rules::quoted(text).replace('$', "\\x24")
}

pub(super) fn legend(registry: &Registry, labels: &[LabelId]) -> String {
    let names = registry.label_names(labels).into_iter();
    let names = names.map(|name| format!("{{{{{name}}}}}"));
    names.collect::<Vec<_>>().join(" ")
}

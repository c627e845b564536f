//! Whether a page says of its families what the schema says.

use shadowcat_metrics_codegen::model::{Kind, Metric, Registry};
use shadowcat_metrics_codegen::name::open_metrics_family;
use shadowcat_metrics_tests::strict::{Family, Grammar, Page};

pub(crate) fn assert_is_that_of(model: &Registry, grammar: Grammar, page: &Page) {
    for family in &page.families {
        let is_its = |metric: &&Metric| match grammar {
            Grammar::PrometheusText => metric.exposed == family.name,
            Grammar::OpenMetrics => {
                open_metrics_family(&metric.exposed, &metric.kind) == family.name
            }
        };
        let metric = model.metrics.iter().find(is_its);
        let metric = metric.unwrap_or_else(|| panic!("`{}` is not in the schema", family.name));
        assert_eq!(family.help, metric.help, "{}", family.name);
        match grammar {
            Grammar::PrometheusText => assert_eq!(family.kind, text_type(&metric.kind)),
            Grammar::OpenMetrics => assert_open_metrics(family, metric),
        }
    }
    let names = page.families.iter().map(|family| &family.help);
    let in_order = model.metrics.iter().map(|metric| &metric.help);
    assert!(
        is_subsequence(names, in_order),
        "families are in the order of the schema"
    );
}

/// Prometheus text has three types for our seven.
fn text_type(kind: &Kind) -> &'static str {
    match kind {
        Kind::Counter { .. } => "counter",
        Kind::Histogram { .. } => "histogram",
        Kind::Gauge { .. }
        | Kind::UpDownCounter
        | Kind::State { .. }
        | Kind::Info
        | Kind::Ratio { .. } => "gauge",
    }
}

/// A family whose exact name lacks its type's or unit's suffix does without that type or unit.
fn assert_open_metrics(family: &Family, metric: &Metric) {
    let kind = match metric.kind {
        Kind::Counter { .. } if metric.exposed.ends_with("_total") => "counter",
        Kind::Counter { .. } => "unknown",
        Kind::Histogram { .. } => "histogram",
        Kind::Info if metric.exposed.ends_with("_info") => "info",
        Kind::State { .. } => "stateset",
        Kind::Gauge { .. } | Kind::UpDownCounter | Kind::Info | Kind::Ratio { .. } => "gauge",
    };
    assert_eq!(family.kind, kind, "{}", family.name);
    let unit = metric.unit.name();
    let has_unit = !unit.is_empty() && family.name.ends_with(&format!("_{unit}"));
    assert_eq!(
        family.unit.as_deref(),
        has_unit.then_some(unit),
        "{}",
        family.name
    );
}

fn is_subsequence<T: PartialEq>(
    part: impl IntoIterator<Item = T>,
    whole: impl IntoIterator<Item = T>,
) -> bool {
    let mut whole = whole.into_iter();
    part.into_iter()
        .all(|item| whole.any(|other| other == item))
}

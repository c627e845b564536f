//! Compares the metadata on a page with the schema.

use shadowcat_metrics_codegen::model::{Kind, Metric, Registry};
use shadowcat_metrics_codegen::name::open_metrics_family;
use shadowcat_metrics_oracle::{Family, Grammar, Page};

pub(crate) fn assert_is_that_of(model: &Registry, grammar: Grammar, page: &Page) {
    for family in &page.families {
        let is_its = |(metric, exposed): &(&Metric, &str)| match grammar {
            Grammar::PrometheusText => *exposed == family.name,
            Grammar::OpenMetrics => open_metrics_family(exposed, &metric.kind) == family.name,
        };
        let found = exposed(model).find(is_its);
        let (metric, exposed) =
            found.unwrap_or_else(|| panic!("`{}` is not in the schema", family.name));
        assert_eq!(family.help, metric.help, "{}", family.name);
        match grammar {
            Grammar::PrometheusText => assert_eq!(family.kind, text_type(&metric.kind)),
            Grammar::OpenMetrics => assert_open_metrics(family, metric, exposed),
        }
    }
    let names = page.families.iter().map(|family| &family.help);
    let in_order = exposed(model).map(|(metric, _)| &metric.help);
    assert!(
        is_subsequence(names, in_order),
        "families are in the order of the schema"
    );
}

/// Returns every metric with each of its names: first the current, then the former ones.
fn exposed(model: &Registry) -> impl Iterator<Item = (&Metric, &str)> {
    let present = model
        .metrics
        .iter()
        .map(|metric| (metric, &*metric.exposed));
    let former = model.metrics.iter().filter_map(|metric| {
        let former = metric.former.as_ref()?;
        Some((metric, &*former.name))
    });
    present.chain(former)
}

/// Returns the type in Prometheus text, which has three types for our seven.
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

/// An exact name without the suffix of its type or unit has no such type or unit in OpenMetrics.
fn assert_open_metrics(family: &Family, metric: &Metric, exposed: &str) {
    let kind = match metric.kind {
        Kind::Counter { .. } if exposed.ends_with("_total") => "counter",
        Kind::Counter { .. } => "unknown",
        Kind::Histogram { .. } => "histogram",
        Kind::Info if exposed.ends_with("_info") => "info",
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

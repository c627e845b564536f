//! The overview: objectives, then a panel for each group in each row, and the metrics library itself.

use shadowcat_metrics_codegen::model::{Group, GroupId, Metric, Origin, Registry, Unit};

use super::charts::{self, legend, target};
use super::grafana::{self, Chart, Dashboard, Target};
use super::layout::{Draft, Row};
use super::variables::{self, rate_of, selector};
use super::{address, all, assemble, group_name, is_shown, metric, metrics};
use crate::kinds::KindRow;
use crate::model::{Schema, Slo};
use crate::program::Part;
use crate::promql::write::sum;
use crate::rules;

pub(super) fn dashboard(schema: &Schema, parts: &[Part]) -> Dashboard {
    let registry = &schema.registry;
    let shown: Vec<_> = registry
        .metrics
        .iter()
        .filter(|metric| is_shown(metric))
        .collect();
    let mut drafts: Vec<_> = schema
        .slos
        .iter()
        .flat_map(|slo| objective(schema, slo))
        .collect();
    for (id, group) in registry.groups.iter().enumerate() {
        let ids = metrics(registry, GroupId(id));
        match group.origin {
            Origin::Schema => {
                let metrics: Vec<_> = ids.iter().map(|id| &registry.metrics[id.0]).collect();
                drafts.extend(of_group(schema, group, &metrics));
            }
            Origin::Library => drafts.extend(ids.iter().flat_map(|id| {
                let mut panels = metric::panels(schema, *id, false);
                for panel in &mut panels {
                    panel.row = Row::Library;
                }
                panels
            })),
        }
    }
    let others = parts.iter().map(|part| &part.schema.registry);
    let others = others.map(|part| charts::link(&part.namespace, address(part, "overview"), true));
    let rules = schema.file_name(rules::RULES);
    assemble(
        registry,
        "overview",
        &format!("{} / overview", registry.namespace),
        &format!(
            "Each panel links to the dashboard of its group. Objectives need the recording rules in operations/{rules}."
        ),
        std::iter::once(all(registry)).chain(others).collect(),
        variables::variables(schema, &shown, false),
        drafts,
    )
}

/// Returns an objective's remaining error budget and its result over the last hour.
fn objective(schema: &Schema, slo: &Slo) -> [Draft; 2] {
    let registry = &schema.registry;
    let labels = slo
        .by
        .iter()
        .map(|id| format!("{{{{{}}}}}", registry.labels[id.0].name));
    let legend = std::iter::once("{{job}}".to_owned())
        .chain(labels)
        .collect::<Vec<_>>()
        .join(" ");
    let query = |record: String| target(format!("{record}{{job=~\"$job\"}}"), legend.clone());
    let url = schema.runbook_url(&slo.name, slo.runbook.as_deref());
    let title = slo.name.replace('_', " ");
    let promise = format!(
        "The objective is {}%: {}\n\nRunbook: {}{url}.",
        rules::percent(slo.objective),
        slo.help,
        if url.contains("://") {
            ""
        } else {
            "docs/operations/"
        },
    );
    let budget = charts::stat(
        &format!("Objective {title}: error budget left"),
        promise.clone(),
        vec![query(rules::remaining_budget(registry, slo))],
        "percentunit",
        &[(None, "red"), (Some(0.0), "orange"), (Some(0.25), "green")],
    );
    let hour = std::time::Duration::from_secs(3600);
    let errors = charts::lines(
        &format!("Objective {title}: share of errors over an hour"),
        promise,
        vec![query(rules::error_ratio(registry, slo, hour))],
        "percentunit",
        Some(slo.budget()),
    );
    [("budget", budget), ("errors", errors)].map(|(what, mut chart)| {
        if url.contains("://") {
            chart.links = vec![charts::link("Runbook", url.clone(), false)];
        }
        Draft {
            row: Row::Objectives,
            key: format!("objective {} {what}", slo.name),
            width: 12,
            height: 8,
            chart,
        }
    })
}

/// Returns a panel for each row in which a group has metrics that can be shown together.
fn of_group(schema: &Schema, group: &Group, metrics: &[&Metric]) -> Vec<Draft> {
    let registry = &schema.registry;
    let is = |row: Row, unit: Unit| {
        move |metric: &&&Metric| Row::of(metric) == row && metric.unit == unit
    };
    let adds_up = |metric: &&&Metric| KindRow::of(&metric.kind).adds_up;
    let counted: Vec<_> = metrics
        .iter()
        .filter(is(Row::Traffic, Unit::None))
        .map(|metric| total_rate(registry, metric))
        .collect();
    let errors: Vec<_> = metrics
        .iter()
        .filter(|metric| metric.kind.is_counter() && metric.unit == Unit::None)
        .filter_map(|metric| error_rate(registry, metric))
        .collect();
    let latency: Vec<_> = metrics
        .iter()
        .filter(is(Row::Latency, Unit::Seconds))
        .map(|metric| high_quantile(schema, metric))
        .collect();
    let shares: Vec<_> = metrics
        .iter()
        .filter(is(Row::Saturation, Unit::Ratio))
        .filter(|metric| !adds_up(metric))
        .map(|metric| values(registry, metric))
        .collect();
    let levels: Vec<_> = metrics
        .iter()
        .filter(is(Row::Saturation, Unit::None))
        .filter(adds_up)
        .map(|metric| values(registry, metric))
        .collect();
    let rows = [
        (
            Row::Traffic,
            "rates",
            grafana::unit_of_rate(Unit::None),
            counted,
        ),
        (
            Row::Errors,
            "errors",
            grafana::unit_of_rate(Unit::None),
            errors,
        ),
        (Row::Latency, "p95", grafana::unit(Unit::Seconds), latency),
        (
            Row::Saturation,
            "shares",
            grafana::unit(Unit::Ratio),
            shares,
        ),
        (Row::Saturation, "levels", grafana::unit(Unit::None), levels),
    ];
    let mut drafts = Vec::new();
    for (row, what, unit, targets) in rows {
        if !targets.is_empty() {
            drafts.push(draft(
                registry,
                group,
                row,
                what,
                lines(group, what, unit, targets),
            ));
        }
    }
    drafts
}

fn lines(group: &Group, what: &str, unit: &'static str, targets: Vec<Target>) -> Chart {
    let title = format!("{}: {what}", group.name.replace('_', " "));
    charts::lines(&title, group.help.clone(), targets, unit, None)
}

fn draft(registry: &Registry, group: &Group, row: Row, what: &str, mut chart: Chart) -> Draft {
    let url = address(registry, &group_name(group));
    chart.links = vec![charts::link(
        &format!("Dashboard: {}", group.name),
        url,
        true,
    )];
    Draft {
        row,
        key: format!("group {} {what}", group.name),
        width: 8,
        height: 8,
        chart,
    }
}

/// Queries the total rate of a counter.
fn total_rate(registry: &Registry, metric: &Metric) -> Target {
    let select = selector(registry, metric, "", "", &[]);
    target(sum(&[], &rate_of(&select)), metric.key.clone())
}

/// Queries the rate of a counter's failures.
fn error_rate(registry: &Registry, metric: &Metric) -> Option<Target> {
    if let Some((label, bad)) = metric::outcome(registry, metric) {
        let label = &registry.labels[label.0];
        let name = &label.name;
        let select = selector(registry, metric, "", &metric::bad_values(label, &bad), &[]);
        return Some(target(
            sum(&[name], &rate_of(&select)),
            format!("{} {{{{{name}}}}}", metric.key),
        ));
    }
    (Row::of(metric) == Row::Errors).then(|| total_rate(registry, metric))
}

/// Queries a high quantile over a whole histogram.
fn high_quantile(schema: &Schema, metric: &Metric) -> Target {
    let rate = |suffix: &str| {
        let select = selector(&schema.registry, metric, suffix, "", &[]);
        rate_of(&select)
    };
    let histograms = schema.settings.histograms;
    target(
        histograms.either(|form| form.quantile("0.95", &[], rate)),
        format!("{} p95", metric.key),
    )
}

/// Queries a gauge's values by series, or a recent ratio.
fn values(registry: &Registry, metric: &Metric) -> Target {
    let labels = legend(registry, &metric.labels);
    let legend = format!("{} {labels}", metric.key).trim().to_owned();
    match metric::ratio(registry, metric, &[]) {
        Some(query) => target(query, legend),
        None => target(selector(registry, metric, "", "", &[]), legend),
    }
}

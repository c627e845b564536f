//! Runbooks: a page for each objective and alert, from the schema and from what people have written beside it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use shadowcat_metrics_codegen::duration;
use shadowcat_metrics_codegen::emit::markdown::{code, text};
use shadowcat_metrics_codegen::model::{
    Alert, AlertSeverity, Counted, Indicator, Kind, Metric, MetricId, Registry, Selection, Slo,
};

use crate::rules::{self, alert_name, percent};
use crate::{Document, MARK, Options, promql};

/// The folder of the pages, in the folder for documents.
pub const FOLDER: &str = "operations/runbooks";

/// The folder of the parts that people write, each named like its page.
pub const NOTES: &str = "operations/runbooks/notes";

/// The pages, but for objectives and alerts whose runbook is kept elsewhere.
#[must_use]
pub fn documents(registry: &Registry, options: &Options) -> Vec<Document> {
    let slos = registry.slos.iter().filter(|slo| slo.runbook.is_none());
    let slos = slos.map(|slo| (&slo.name, page_of_slo(registry, slo, options)));
    let alerts = registry
        .alerts
        .iter()
        .filter(|alert| alert.runbook.is_none());
    let alerts = alerts.map(|alert| (&alert.name, page_of_alert(registry, alert, options)));
    slos.chain(alerts)
        .map(|(name, content)| Document {
            path: format!("{FOLDER}/{name}.md"),
            content,
        })
        .collect()
}

fn page_of_slo(registry: &Registry, slo: &Slo, options: &Options) -> String {
    let mut page = head(&slo.name, slo.owner.as_deref());
    let names = [
        (AlertSeverity::Critical, rules::FAST),
        (AlertSeverity::Warning, rules::SLOW),
    ]
    .map(|(severity, suffix)| {
        (
            severity,
            format!("{}{suffix}", alert_name(registry, &slo.name)),
        )
    });
    let _ = write!(
        page,
        "## What it means\n\n{} The objective is {}% over {}.\n\n",
        text(&slo.help),
        percent(slo.objective),
        duration::format(slo.window)
    );
    let _ = writeln!(
        page,
        "What is left to 100% is the error budget. The alerts fire when it is spent too fast:\n"
    );
    let _ = writeln!(
        page,
        "| alert | severity | times as fast as allowed | over | and still over |\n|---|---|---|---|---|"
    );
    for burn in rules::burns(slo) {
        let name = names
            .iter()
            .find(|(severity, _)| *severity == burn.severity);
        let _ = writeln!(
            page,
            "| `{}` | {} | {} | {} | {} |",
            name.map_or("", |(_, name)| name),
            burn.severity.name(),
            burn.factor,
            duration::format(burn.long),
            duration::format(burn.short)
        );
    }
    page.push('\n');
    impact(&mut page, slo.impact.as_deref());
    notes(&mut page, &slo.name, options);
    let mut queries = vec![
        (
            "What is left of the error budget".to_owned(),
            rules::remaining_budget(registry, slo),
        ),
        (
            "Share of errors in the last hour".to_owned(),
            rules::error_ratio(registry, slo, Duration::from_secs(3600)),
        ),
        (
            "Whether it goes on: share of errors in the last five minutes".to_owned(),
            rules::error_ratio(registry, slo, Duration::from_secs(300)),
        ),
    ];
    let mut metrics = vec![slo.indicator.total()];
    if let Indicator::Availability { counted, .. } = &slo.indicator {
        let (Counted::Good(counted) | Counted::Bad(counted)) = counted;
        metrics.push(counted);
    }
    let metrics: BTreeSet<_> = metrics
        .into_iter()
        .map(|Selection { metric, .. }| *metric)
        .collect();
    queries.extend(metrics.iter().map(|id| overview(registry, *id)));
    self::queries(&mut page, registry, &queries);
    let names: Vec<_> = names.into_iter().map(|(_, name)| name).collect();
    let labels = rules::level(registry, &slo.by).into_iter().collect();
    silence(&mut page, &names, &labels);
    see_also(&mut page, registry, &metrics);
    page
}

fn page_of_alert(registry: &Registry, alert: &Alert, options: &Options) -> String {
    let name = alert_name(registry, &alert.name);
    let mut page = head(&alert.name, alert.owner.as_deref());
    let hold = if alert.hold.is_zero() {
        "at once".to_owned()
    } else {
        format!("after {}", duration::format(alert.hold))
    };
    let _ = write!(
        page,
        "## What it means\n\n{}\n\nThe alert `{name}` is of the severity {} and fires {hold}.\n\n",
        text(alert.description.as_deref().unwrap_or(&alert.summary)),
        alert.severity.name(),
    );
    impact(&mut page, alert.impact.as_deref());
    notes(&mut page, &alert.name, options);
    let query = alert.expr.promql(registry).trim().to_owned();
    let named = promql::names(&query);
    let mut metrics: BTreeSet<_> = alert
        .expr
        .references
        .iter()
        .map(|found| found.metric)
        .collect();
    metrics.extend(metrics_named(registry, &named));
    let labels = promql::labels(&query, &rules::vocabulary(registry)).unwrap_or_default();
    let mut queries = vec![("The condition".to_owned(), query)];
    queries.extend(metrics.iter().map(|id| overview(registry, *id)));
    self::queries(&mut page, registry, &queries);
    silence(&mut page, &[name], &labels);
    see_also(&mut page, registry, &metrics);
    page
}

/// The metrics whose series a query names.
fn metrics_named<'r>(
    registry: &'r Registry,
    names: &'r BTreeSet<String>,
) -> impl Iterator<Item = MetricId> + 'r {
    let is_meant = |metric: &Metric| {
        names.iter().any(|name| {
            let rest = name.strip_prefix(&metric.exposed);
            rest.is_some_and(|rest| ["", "_bucket", "_sum", "_count"].contains(&rest))
        })
    };
    let metrics = registry.metrics.iter().enumerate();
    metrics
        .filter(move |(_, metric)| is_meant(metric))
        .map(|(id, _)| MetricId(id))
}

fn head(name: &str, owner: Option<&str>) -> String {
    let mut page = format!(
        "# Runbook: {name}\n\n<!-- {MARK}: change metrics.toml, or notes/{name}.md. -->\n\n"
    );
    if let Some(owner) = owner {
        let _ = write!(page, "Owner: {}.\n\n", text(owner));
    }
    page
}

fn impact(page: &mut String, impact: Option<&str>) {
    if let Some(impact) = impact {
        let _ = write!(page, "## Impact\n\n{}\n\n", text(impact));
    }
}

fn notes(page: &mut String, name: &str, options: &Options) {
    let notes = options.notes.get(name).map(|notes| notes.trim());
    if let Some(notes) = notes.filter(|notes| !notes.is_empty()) {
        let _ = write!(page, "## What to look at first\n\n{notes}\n\n");
    }
}

/// How a metric is looked at as a whole, by all its labels.
fn overview(registry: &Registry, id: MetricId) -> (String, String) {
    let metric = &registry.metrics[id.0];
    let exposed = &metric.exposed;
    let labels = metric
        .labels
        .iter()
        .map(|id| registry.labels[id.0].name.as_str());
    let by = labels.collect::<Vec<_>>().join(", ");
    let rate = |suffix: &str| {
        if by.is_empty() {
            format!("sum(rate({exposed}{suffix}[5m]))")
        } else {
            format!("sum by ({by}) (rate({exposed}{suffix}[5m]))")
        }
    };
    let query = match &metric.kind {
        Kind::Counter { .. } => rate(""),
        Kind::Histogram { .. } => format!("{} / {}", rate("_sum"), rate("_count")),
        Kind::Gauge { .. }
        | Kind::UpDownCounter
        | Kind::State { .. }
        | Kind::Info
        | Kind::Ratio { .. } => exposed.clone(),
    };
    (text(metric.help.trim_end_matches('.')), query)
}

fn queries(page: &mut String, registry: &Registry, queries: &[(String, String)]) {
    page.push_str("## Queries\n\n");
    for (title, query) in queries {
        match &registry.operations.prometheus_url {
            Some(prometheus) => {
                let url = format!(
                    "{}/graph?g0.tab=0&g0.expr={}",
                    prometheus.trim_end_matches('/'),
                    encoded(query)
                );
                let _ = write!(page, "[{title}]({url}):\n\n");
            }
            None => {
                let _ = write!(page, "{title}:\n\n");
            }
        }
        let _ = write!(page, "```promql\n{query}\n```\n\n");
    }
}

/// `labels` are those by which the alert may be there several times.
fn silence(page: &mut String, names: &[String], labels: &BTreeSet<String>) {
    let matcher = match names {
        [name] => format!("alertname={name}"),
        names => format!("'alertname=~{}'", names.join("|")),
    };
    let _ = write!(
        page,
        "## How to silence it\n\nOnly while somebody works on it, and for no longer than that takes:\n\n\
         ```sh\namtool silence add {matcher} --duration=2h --comment='Who works on it, and where.'\n```\n\n"
    );
    if !labels.is_empty() {
        let more: Vec<_> = labels
            .iter()
            .map(|label| format!("`{label}=...`"))
            .collect();
        let _ = writeln!(
            page,
            "Labels behind the name silence only the alerts that have them: {}.",
            more.join(", ")
        );
    }
    page.push_str(
        "`amtool silence query` shows it with its id, and `amtool silence expire ID` ends it. amtool asks the Alertmanager that \
         its configuration names, or `--alertmanager.url`.\n",
    );
}

fn see_also(page: &mut String, registry: &Registry, metrics: &BTreeSet<MetricId>) {
    let dashboard = registry.operations.dashboard_url.as_ref();
    if metrics.is_empty() && dashboard.is_none() {
        return;
    }
    page.push_str("\n## See also\n\n");
    if let Some(dashboard) = dashboard {
        let _ = writeln!(page, "- [The dashboard]({dashboard})");
    }
    for id in metrics {
        let exposed = &registry.metrics[id.0].exposed;
        // A heading's anchor is without colons and in lower case.
        let anchor = exposed.replace(':', "").to_lowercase();
        let _ = writeln!(page, "- [{}](../../metrics.md#{anchor})", code(exposed));
    }
}

/// A query as a part of an address.
fn encoded(query: &str) -> String {
    let mut encoded = String::new();
    for byte in query.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn queries_are_encoded() {
        assert_eq!(
            encoded("a{b=\"é\"}[5m] > 1"),
            "a%7Bb%3D%22%C3%A9%22%7D%5B5m%5D%20%3E%201"
        );
    }
}

//! Runbooks: a page for each objective and alert, from the schema and hand-written notes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use shadowcat_metrics_authoring::page::anchor;
use shadowcat_metrics_codegen::emit::markdown::{code, text};
use shadowcat_metrics_codegen::model::{Metric, MetricId, Registry};

use crate::kinds::{Events, KindRow};
use crate::model::{Alert, AlertSeverity, Schema, Slo};
use crate::promql::write::{Part, sum};
use crate::promql::{Analysis, Labels, Vocabulary};
use crate::rules::{self, alert_name, percent};
use crate::{Document, MARK, Options, duration};

/// Folder of the pages, relative to the folder of documents.
pub const FOLDER: &str = "operations/runbooks";

/// Folder of hand-written notes, each with the name of its page.
pub const NOTES: &str = "operations/runbooks/notes";

/// Returns the pages, without objectives and alerts whose runbook is kept elsewhere.
#[must_use]
pub fn documents(schema: &Schema, options: &Options) -> Vec<Document> {
    let slos = schema.slos.iter().filter(|slo| slo.runbook.is_none());
    let slos = slos.map(|slo| (&slo.name, page_of_slo(schema, slo, options)));
    let vocabulary = Vocabulary::of_program(schema, &options.parts);
    let alerts = schema.alerts.iter().filter(|alert| alert.runbook.is_none());
    let alerts = alerts.map(|alert| {
        let page = page_of_alert(schema, alert, &vocabulary, options);
        (&alert.name, page)
    });
    slos.chain(alerts)
        .map(|(name, content)| Document {
            path: format!("{FOLDER}/{}.md", schema.file_name(name)),
            content,
        })
        .collect()
}

fn page_of_slo(schema: &Schema, slo: &Slo, options: &Options) -> String {
    let registry = &schema.registry;
    let mut page = head(&schema.file_name(&slo.name), slo.owner.as_deref());
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
        "## What it means\n\nThe objective is {}% over {}: {}\n\n",
        percent(slo.objective),
        duration::format(slo.window),
        text(&slo.help)
    );
    let _ = writeln!(
        page,
        "The error budget is the remaining {}%. A burn rate of 1 spends it in exactly {}. An alert fires if the burn rate exceeds \
         the limit in one of its rows, over both windows of that row:\n",
        percent(slo.budget()),
        duration::format(slo.window)
    );
    let _ = writeln!(
        page,
        "| alert | severity | limit on the burn rate | long window | short window |\n|---|---|---|---|---|"
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
    notes(&mut page, &schema.file_name(&slo.name), options);
    let mut queries = vec![
        (
            "Remaining error budget".to_owned(),
            rules::remaining_budget(registry, slo),
        ),
        (
            "Share of bad events in the last hour".to_owned(),
            rules::error_ratio(registry, slo, Duration::from_secs(3600)),
        ),
        (
            "Share of bad events in the last five minutes, to see whether the problem continues"
                .to_owned(),
            rules::error_ratio(registry, slo, Duration::from_secs(300)),
        ),
    ];
    let metrics = [slo.indicator.total().metric, slo.indicator.counted().metric];
    let metrics = BTreeSet::from(metrics);
    queries.extend(metrics.iter().map(|id| overview(schema, *id)));
    write_queries(&mut page, schema, &queries);
    let names: Vec<_> = names.into_iter().map(|(_, name)| name).collect();
    let labels = rules::level(registry, &slo.by).into_iter().collect();
    silence(&mut page, &names, &labels);
    see_also(&mut page, schema, &metrics);
    page
}

fn page_of_alert(
    schema: &Schema,
    alert: &Alert,
    vocabulary: &Vocabulary,
    options: &Options,
) -> String {
    let registry = &schema.registry;
    let name = alert_name(registry, &alert.name);
    let mut page = head(&schema.file_name(&alert.name), alert.owner.as_deref());
    let hold = if alert.hold.is_zero() {
        "as soon as the condition holds".to_owned()
    } else {
        format!(
            "once the condition has held for {}",
            duration::format(alert.hold)
        )
    };
    let _ = write!(
        page,
        "## What it means\n\n{}\n\nThe alert `{name}` has the severity {} and fires {hold}.\n\n",
        text(alert.description.as_deref().unwrap_or(&alert.summary)),
        alert.severity.name(),
    );
    impact(&mut page, alert.impact.as_deref());
    notes(&mut page, &schema.file_name(&alert.name), options);
    let query = alert.query.in_rules();
    let Analysis { names, labels, .. } = query.result(vocabulary);
    let mut metrics: BTreeSet<_> = alert
        .expr
        .references
        .iter()
        .map(|found| found.metric)
        .collect();
    metrics.extend(metrics_named(registry, &names));
    let labels = labels.map(Labels::into_certain).unwrap_or_default();
    let condition = query.written().trim().to_owned();
    let mut queries = vec![("The condition".to_owned(), condition)];
    queries.extend(metrics.iter().map(|id| overview(schema, *id)));
    write_queries(&mut page, schema, &queries);
    silence(&mut page, &[name], &labels);
    see_also(&mut page, schema, &metrics);
    page
}

/// Returns the metrics whose series a query uses.
fn metrics_named<'r>(
    registry: &'r Registry,
    names: &'r BTreeSet<String>,
) -> impl Iterator<Item = MetricId> + 'r {
    let is_meant = |metric: &Metric| {
        names.iter().any(|name| {
            let rest = name.strip_prefix(&metric.exposed);
            let suffixes = metric.kind.spec().sample_suffixes;
            rest.is_some_and(|rest| rest.is_empty() || suffixes.contains(&rest))
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

/// Returns a query for a metric over all its labels, with its title.
fn overview(schema: &Schema, id: MetricId) -> (String, String) {
    let registry = &schema.registry;
    let metric = &registry.metrics[id.0];
    let exposed = &metric.exposed;
    let by = registry.label_names(&metric.labels);
    let rate = |suffix: &str| format!("rate({exposed}{suffix}[5m])");
    let query = match KindRow::of(&metric.kind).events {
        None => exposed.clone(),
        Some(Events::Own) => sum(&by, &rate("")),
        // The mean of the observations.
        Some(Events::Observations) => schema.settings.histograms.either(|form| {
            let [total, count] =
                [Part::Sum, Part::Count].map(|part| sum(&by, &form.part(part, rate)));
            format!("{total} / {count}")
        }),
    };
    (text(metric.help.trim_end_matches('.')), query)
}

fn write_queries(page: &mut String, schema: &Schema, queries: &[(String, String)]) {
    page.push_str("## Queries\n\n");
    for (title, query) in queries {
        match &schema.settings.prometheus_url {
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

/// Writes how to silence the alert. `labels` distinguish several instances of it.
fn silence(page: &mut String, names: &[String], labels: &BTreeSet<String>) {
    let matcher = match names {
        [name] => format!("alertname={name}"),
        names => format!("'alertname=~{}'", names.join("|")),
    };
    let _ = write!(
        page,
        "## How to silence it\n\nSilence the alert only while someone works on it:\n\n\
         ```sh\namtool silence add {matcher} --duration=2h --comment='Who works on it, and where.'\n```\n\n"
    );
    if !labels.is_empty() {
        let more: Vec<_> = labels
            .iter()
            .map(|label| format!("`{label}=...`"))
            .collect();
        let _ = writeln!(
            page,
            "To silence only some of these alerts, add labels after the name: {}.",
            more.join(", ")
        );
    }
    page.push_str(
        "`amtool silence query` shows the silence with its ID, and `amtool silence expire ID` ends it. amtool uses \
         the Alertmanager in its configuration, or the one in `--alertmanager.url`.\n",
    );
}

fn see_also(page: &mut String, schema: &Schema, metrics: &BTreeSet<MetricId>) {
    let dashboard = schema.settings.dashboard_url.as_ref();
    if metrics.is_empty() && dashboard.is_none() {
        return;
    }
    page.push_str("\n## See also\n\n");
    if let Some(dashboard) = dashboard {
        let _ = writeln!(page, "- [The dashboard]({dashboard})");
    }
    for id in metrics {
        let exposed = &schema.registry.metrics[id.0].exposed;
        let anchor = anchor(exposed);
        let page_of = schema.reference_path();
        let _ = writeln!(page, "- [{}](../../{page_of}#{anchor})", code(exposed));
    }
}

/// Encodes a query for a URL.
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

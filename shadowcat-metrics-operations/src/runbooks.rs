//! Runbooks: a page for each objective and alert, from the schema and hand-written notes.

mod sections;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use crate::duration;
use shadowcat_metrics_codegen::emit::markdown::text;
use shadowcat_metrics_codegen::model::{Metric, MetricId, Registry};

use crate::alert_queries::AlertQuery;
use crate::model::{Alert, AlertSeverity, Schema, Slo};
use crate::promql::{self, Vocabulary};
use crate::rules::{self, alert_name, percent};
use crate::{Document, Options};
use sections::{head, impact, notes, overview, see_also, silence};

/// Folder of the pages, relative to the folder of documents.
pub const FOLDER: &str = "operations/runbooks";

/// Folder of hand-written notes, each with the name of its page.
pub const NOTES: &str = "operations/runbooks/notes";

/// Returns the pages, without objectives and alerts whose runbook is kept elsewhere.
#[must_use]
pub fn documents(schema: &Schema, options: &Options) -> Vec<Document> {
    let slos = schema.slos.iter().filter(|slo| slo.runbook.is_none());
    let slos = slos.map(|slo| (&slo.name, page_of_slo(schema, slo, options)));
    let alerts = schema.alerts.iter().filter(|alert| alert.runbook.is_none());
    let alerts = alerts.map(|alert| (&alert.name, page_of_alert(schema, alert, options)));
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
        percent(rules::budget(slo)),
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
    sections::queries(&mut page, schema, &queries);
    let names: Vec<_> = names.into_iter().map(|(_, name)| name).collect();
    let labels = rules::level(registry, &slo.by).into_iter().collect();
    silence(&mut page, &names, &labels);
    see_also(&mut page, schema, &metrics);
    page
}

fn page_of_alert(schema: &Schema, alert: &Alert, options: &Options) -> String {
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
    let query = AlertQuery::of(schema, alert).promql.trim().to_owned();
    let named = promql::names(&query);
    let mut metrics: BTreeSet<_> = alert
        .expr
        .references
        .iter()
        .map(|found| found.metric)
        .collect();
    metrics.extend(metrics_named(registry, &named));
    let labels =
        promql::labels(&query, &Vocabulary::of_program(schema, &options.parts)).unwrap_or_default();
    let mut queries = vec![("The condition".to_owned(), query)];
    queries.extend(metrics.iter().map(|id| overview(schema, *id)));
    sections::queries(&mut page, schema, &queries);
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
            rest.is_some_and(|rest| ["", "_bucket", "_sum", "_count"].contains(&rest))
        })
    };
    let metrics = registry.metrics.iter().enumerate();
    metrics
        .filter(move |(_, metric)| is_meant(metric))
        .map(|(id, _)| MetricId(id))
}

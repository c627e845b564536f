//! The sections of a page: head, impact, notes, queries, silencing, and links.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use shadowcat_metrics_authoring::page::anchor;
use shadowcat_metrics_codegen::emit::markdown::{code, text};
use shadowcat_metrics_codegen::model::MetricId;

use crate::histograms::{Part, sum};
use crate::kinds::{Events, KindRow};
use crate::{MARK, Options, Schema};

pub(super) fn head(name: &str, owner: Option<&str>) -> String {
    let mut page = format!(
        "# Runbook: {name}\n\n<!-- {MARK}: change metrics.toml, or notes/{name}.md. -->\n\n"
    );
    if let Some(owner) = owner {
        let _ = write!(page, "Owner: {}.\n\n", text(owner));
    }
    page
}

pub(super) fn impact(page: &mut String, impact: Option<&str>) {
    if let Some(impact) = impact {
        let _ = write!(page, "## Impact\n\n{}\n\n", text(impact));
    }
}

pub(super) fn notes(page: &mut String, name: &str, options: &Options) {
    let notes = options.notes.get(name).map(|notes| notes.trim());
    if let Some(notes) = notes.filter(|notes| !notes.is_empty()) {
        let _ = write!(page, "## What to look at first\n\n{notes}\n\n");
    }
}

/// Returns a query for a metric over all its labels, with its title.
pub(super) fn overview(schema: &Schema, id: MetricId) -> (String, String) {
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

pub(super) fn queries(page: &mut String, schema: &Schema, queries: &[(String, String)]) {
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
pub(super) fn silence(page: &mut String, names: &[String], labels: &BTreeSet<String>) {
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

pub(super) fn see_also(page: &mut String, schema: &Schema, metrics: &BTreeSet<MetricId>) {
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

//! A metric as a dashboard shows it: its queries, texts and links.

use std::fmt::Write as _;

use shadowcat_metrics_authoring::page::anchor;
use shadowcat_metrics_codegen::model::{LabelId, Metric, MetricId, Registry};

use super::charts::{self, target};
use super::grafana::{Chart, Link, Target};
use super::layout::Draft;
use super::meaning::Row;
use super::queries::legend;
use super::variables::selector;
use crate::histograms::sum;
use crate::model::Schema;
use crate::rules::runbook_url;

/// A metric as a dashboard shows it.
pub(crate) struct View<'r> {
    pub(super) schema: &'r Schema,
    pub(super) registry: &'r Registry,
    pub(super) metric: &'r Metric,
    pub(super) id: MetricId,
    /// The labels with variables.
    pub(super) labels: Vec<LabelId>,
}

impl View<'_> {
    pub(super) fn select(&self, suffix: &str) -> String {
        selector(self.registry, self.metric, suffix, "", &self.labels)
    }

    pub(super) fn rate(&self, suffix: &str) -> String {
        format!("rate({}[$__rate_interval])", self.select(suffix))
    }

    pub(super) fn sum(&self, labels: &[LabelId], query: &str) -> Target {
        let query = sum(&self.registry.label_names(labels), query);
        let legend = legend(self.registry, labels);
        let legend = Some(legend).filter(|legend| !legend.is_empty());
        target(query, legend.unwrap_or_else(|| self.metric.key.clone()))
    }

    pub(super) fn title(&self, what: &str) -> String {
        let words = self.metric.key.split('_').map(|word| match word {
            "cpu" | "http" | "id" | "io" | "otlp" | "sse" | "tcp" | "tls" | "url" => {
                word.to_uppercase()
            }
            _ => word.to_owned(),
        });
        let name = words.collect::<Vec<_>>().join(" ");
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        let name = first.unwrap_or_default() + letters.as_str();
        if what.is_empty() {
            name
        } else {
            format!("{name}: {what}")
        }
    }

    pub(super) fn description(&self) -> String {
        let metric = self.metric;
        let mut description = format!("{}\n\n`{}`", metric.help, metric.exposed);
        match self.reference() {
            // The panel has a link.
            Some(_) => description.push('.'),
            None => {
                let _ = write!(
                    description,
                    ", see docs/metrics.md#{}.",
                    anchor(&metric.exposed)
                );
            }
        }
        for (name, url) in self.runbooks() {
            if !url.contains("://") {
                let _ = write!(description, " Runbook of {name}: docs/operations/{url}.");
            }
        }
        description
    }

    /// Returns the URL of the metric in the reference.
    fn reference(&self) -> Option<String> {
        let url = self.schema.settings.reference_url.as_ref()?;
        Some(format!("{url}#{}", anchor(&self.metric.exposed)))
    }

    /// Returns the runbooks of objectives and alerts that use this metric.
    fn runbooks(&self) -> Vec<(&str, String)> {
        let slos = self.schema.slos.iter().filter(|slo| {
            let selections = [slo.indicator.total(), slo.indicator.counted()];
            selections.iter().any(|events| events.metric == self.id)
        });
        let slos = slos.map(|slo| (slo.name.as_str(), slo.runbook.as_deref()));
        let alerts = self.schema.alerts.iter().filter(|alert| {
            alert
                .expr
                .references
                .iter()
                .any(|found| found.metric == self.id)
        });
        let alerts = alerts.map(|alert| (alert.name.as_str(), alert.runbook.as_deref()));
        slos.chain(alerts)
            .map(|(name, own)| (name, runbook_url(self.schema, name, own)))
            .collect()
    }

    fn links(&self) -> Vec<Link> {
        let known = self
            .runbooks()
            .into_iter()
            .filter(|(_, url)| url.contains("://"));
        let runbooks =
            known.map(|(name, url)| charts::link(&format!("Runbook: {name}"), url, false));
        let reference = self.reference();
        let reference = reference.map(|url| charts::link("Reference", url, false));
        reference.into_iter().chain(runbooks).collect()
    }

    pub(super) fn draft(&self, what: &str, mut chart: Chart) -> Draft {
        chart.links = self.links();
        Draft {
            row: Row::of(self.metric),
            key: format!("{} {what}", self.metric.exposed),
            width: 12,
            height: 8,
            chart,
        }
    }

    /// Creates a line chart, with a limit above which values are too high.
    pub(super) fn chart(
        &self,
        title: &str,
        queries: Vec<Target>,
        unit: &'static str,
        limit: Option<f64>,
    ) -> Chart {
        charts::lines(&self.title(title), self.description(), queries, unit, limit)
    }

    pub(super) fn lines(&self, what: &str, query: Target, unit: &'static str) -> Draft {
        self.draft(what, self.chart("", vec![query], unit, None))
    }
}

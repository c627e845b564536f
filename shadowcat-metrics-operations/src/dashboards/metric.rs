//! The panels of one metric, by its kind.

use std::fmt::Write as _;

use shadowcat_metrics_codegen::model::{
    Counted, Indicator, Kind, LabelId, LabelValues, Metric, MetricId, Registry, Unit,
};

use super::charts::{self, target};
use super::grafana::{Chart, Link, Target};
use super::layout::Draft;
use super::meaning::{self, Row};
use super::units;
use super::variables::{selectable, selector};
use crate::rules::runbook_url;

const QUANTILES: [(&str, &str); 3] = [("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99")];

/// The panels of a metric. Without `with_labels` they are for a dashboard that has no variables for labels.
pub(super) fn panels(registry: &Registry, id: MetricId, with_labels: bool) -> Vec<Draft> {
    let metric = &registry.metrics[id.0];
    let labels = if with_labels {
        selectable(registry, metric)
    } else {
        Vec::new()
    };
    let own = View {
        registry,
        metric,
        id,
        labels,
    };
    match &metric.kind {
        Kind::Counter { .. } => own.counter(),
        Kind::Histogram { .. } => own.histogram(),
        Kind::State { states } => own.state(*states),
        Kind::Info => {
            let query = target(own.select(""), String::new());
            vec![own.draft(
                "facts",
                charts::facts(&own.title(""), own.description(), query),
            )]
        }
        Kind::UpDownCounter => {
            let query = own.sum(&metric.labels, &own.select(""));
            vec![own.lines("value", query, units::value(metric.unit))]
        }
        Kind::Gauge { .. } if is_moment(metric) => vec![own.moment()],
        Kind::Gauge { .. } | Kind::Ratio { .. } => vec![own.each()],
    }
}

/// Whether the value is a time of the clock.
fn is_moment(metric: &Metric) -> bool {
    metric.unit == Unit::Seconds
        && ["start_time", "timestamp"]
            .iter()
            .any(|end| metric.key.ends_with(end))
}

/// The rate of a counter as a whole, for an overview.
pub(super) fn total_rate(registry: &Registry, metric: &Metric) -> Target {
    let select = selector(registry, metric, "", "", &[]);
    target(
        format!("sum(rate({select}[$__rate_interval]))"),
        metric.key.clone(),
    )
}

/// The rate of what went wrong by a counter, for an overview.
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

/// A high quantile of a histogram as a whole, for an overview.
pub(super) fn high_quantile(registry: &Registry, metric: &Metric) -> Target {
    let select = selector(registry, metric, "_bucket", "", &[]);
    target(
        format!("histogram_quantile(0.95, sum by (le) (rate({select}[$__rate_interval])))"),
        format!("{} p95", metric.key),
    )
}

/// A gauge's values, each series by itself, for an overview.
pub(super) fn values(registry: &Registry, metric: &Metric) -> Target {
    let select = selector(registry, metric, "", "", &[]);
    let labels = legend(registry, &metric.labels);
    target(select, format!("{} {labels}", metric.key).trim().to_owned())
}

fn bad_values(label: &str, values: &[String]) -> String {
    format!("{label}=~{}", quoted(&alternatives(values)))
}

/// A regular expression for just these values.
fn alternatives(values: &[String]) -> String {
    let mut pattern = String::new();
    for value in values {
        if !pattern.is_empty() {
            pattern.push('|');
        }
        for c in value.chars() {
            if "\\.+*?()|[]{}^$".contains(c) {
                pattern.push('\\');
            }
            pattern.push(c);
        }
    }
    pattern
}

/// A string of PromQL. A dollar is written so that Grafana takes it for no variable.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '$' => quoted.push_str("\\x24"),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

fn legend(registry: &Registry, labels: &[LabelId]) -> String {
    let names = labels
        .iter()
        .map(|id| format!("{{{{{}}}}}", registry.labels[id.0].name));
    names.collect::<Vec<_>>().join(" ")
}

/// A metric, as a dashboard sees it.
struct View<'r> {
    registry: &'r Registry,
    metric: &'r Metric,
    id: MetricId,
    /// Those that have variables.
    labels: Vec<LabelId>,
}

impl View<'_> {
    fn select(&self, suffix: &str) -> String {
        selector(self.registry, self.metric, suffix, "", &self.labels)
    }

    fn rate(&self, suffix: &str) -> String {
        format!("rate({}[$__rate_interval])", self.select(suffix))
    }

    fn sum(&self, labels: &[LabelId], query: &str) -> Target {
        let names = labels
            .iter()
            .map(|id| self.registry.labels[id.0].name.as_str());
        let by = names.collect::<Vec<_>>().join(", ");
        if by.is_empty() {
            target(format!("sum({query})"), self.metric.key.clone())
        } else {
            target(
                format!("sum by ({by}) ({query})"),
                legend(self.registry, labels),
            )
        }
    }

    fn title(&self, what: &str) -> String {
        let name = self.metric.key.replace('_', " ");
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_uppercase().to_string());
        let name = first.unwrap_or_default() + letters.as_str();
        if what.is_empty() {
            name
        } else {
            format!("{name}: {what}")
        }
    }

    fn description(&self) -> String {
        let metric = self.metric;
        let mut description = format!("{}\n\n`{}`", metric.help, metric.exposed);
        match self.reference() {
            // The panel has a link.
            Some(_) => description.push('.'),
            None => {
                let _ = write!(description, ", see docs/metrics.md#{}.", self.anchor());
            }
        }
        for (name, url) in self.runbooks() {
            if !url.contains("://") {
                let _ = write!(description, " Runbook of {name}: docs/operations/{url}.");
            }
        }
        description
    }

    /// The metric's heading in the reference, as an address has it: without colons and in lower case.
    fn anchor(&self) -> String {
        self.metric.exposed.replace(':', "").to_lowercase()
    }

    /// The address of the metric in the reference.
    fn reference(&self) -> Option<String> {
        let url = self.registry.operations.reference_url.as_ref()?;
        Some(format!("{url}#{}", self.anchor()))
    }

    /// The runbooks of objectives that count by this metric, and of alerts that ask for it.
    fn runbooks(&self) -> Vec<(&str, String)> {
        let registry = self.registry;
        let slos = registry.slos.iter().filter(|slo| {
            let side = match &slo.indicator {
                Indicator::Latency { .. } => None,
                Indicator::Availability { counted, .. } => {
                    let (Counted::Good(side) | Counted::Bad(side)) = counted;
                    Some(side.metric)
                }
            };
            slo.indicator.total().metric == self.id || side == Some(self.id)
        });
        let slos = slos.map(|slo| (slo.name.as_str(), slo.runbook.as_deref()));
        let alerts = registry.alerts.iter().filter(|alert| {
            alert
                .expr
                .references
                .iter()
                .any(|found| found.metric == self.id)
        });
        let alerts = alerts.map(|alert| (alert.name.as_str(), alert.runbook.as_deref()));
        slos.chain(alerts)
            .map(|(name, own)| (name, runbook_url(registry, name, own)))
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

    fn draft(&self, what: &str, mut chart: Chart) -> Draft {
        chart.links = self.links();
        Draft {
            row: Row::of(self.metric),
            key: format!("{} {what}", self.metric.exposed),
            width: 12,
            height: 8,
            chart,
        }
    }

    fn lines(&self, what: &str, query: Target, unit: &'static str) -> Draft {
        let chart = charts::lines(&self.title(""), self.description(), vec![query], unit, None);
        self.draft(what, chart)
    }

    fn counter(&self) -> Vec<Draft> {
        let metric = self.metric;
        let unit = units::rate(metric.unit);
        let mut drafts = vec![self.lines("rate", self.sum(&metric.labels, &self.rate("")), unit)];
        let Some((label, bad)) = meaning::outcome(self.registry, metric) else {
            return drafts;
        };
        let name = &self.registry.labels[label.0].name;
        let bad = bad_values(name, &bad);
        let select = selector(self.registry, metric, "", &bad, &self.labels);
        let group = &metric.labels[..metric.group_labels];
        let group: Vec<_> = group.iter().copied().filter(|id| *id != label).collect();
        let mut labels = group.clone();
        labels.push(label);
        let bad = format!("rate({select}[$__rate_interval])");
        let rate = self.sum(&labels, &bad);
        // Of all that is counted: the variable must not leave out what went well.
        let others: Vec<_> = self
            .labels
            .iter()
            .copied()
            .filter(|id| *id != label)
            .collect();
        let all = selector(self.registry, metric, "", "", &others);
        let whole = self.sum(&group, &format!("rate({all}[$__rate_interval])"));
        let mut share = self.sum(&group, &bad);
        share.expr = format!("{} / {}", share.expr, whole.expr);
        let limit = self.error_budget();
        let rate = charts::lines(
            &self.title("errors"),
            self.description(),
            vec![rate],
            unit,
            None,
        );
        let share = charts::lines(
            &self.title("share of errors"),
            self.description(),
            vec![share],
            "percentunit",
            limit,
        );
        for (what, chart) in [("errors", rate), ("error share", share)] {
            let mut draft = self.draft(what, chart);
            draft.row = Row::Errors;
            drafts.push(draft);
        }
        drafts
    }

    /// The smallest share of errors that an objective allows.
    fn error_budget(&self) -> Option<f64> {
        let slos = self
            .registry
            .slos
            .iter()
            .filter(|slo| match &slo.indicator {
                Indicator::Latency { .. } => false,
                Indicator::Availability { total, .. } => total.metric == self.id,
            });
        slos.map(crate::rules::budget).reduce(f64::min)
    }

    fn histogram(&self) -> Vec<Draft> {
        let unit = units::value(self.metric.unit);
        let increase = format!(
            "sum by (le) (increase({}[$__rate_interval]))",
            self.select("_bucket")
        );
        let spread = target(increase, "{{le}}".to_owned());
        let heatmap = charts::heatmap(&self.title("spread"), self.description(), spread, unit);
        let buckets = self.rate("_bucket");
        let quantiles = QUANTILES.map(|(quantile, name)| {
            let query = format!("histogram_quantile({quantile}, sum by (le) ({buckets}))");
            target(query, name.to_owned())
        });
        let bounds = self
            .registry
            .slos
            .iter()
            .filter_map(|slo| match &slo.indicator {
                Indicator::Latency { of, bound } if of.metric == self.id => Some(*bound),
                Indicator::Latency { .. } | Indicator::Availability { .. } => None,
            });
        let limit = bounds.reduce(f64::min);
        let quantiles = charts::lines(
            &self.title("p50, p95, p99"),
            self.description(),
            quantiles.into(),
            unit,
            limit,
        );
        vec![
            self.draft("heat map", heatmap),
            self.draft("quantiles", quantiles),
        ]
    }

    /// Each series by itself: what would a sum of temperatures be?
    fn each(&self) -> Draft {
        let labels = legend(self.registry, &self.metric.labels);
        let query = target(
            self.select(""),
            format!("{{{{instance}}}} {labels}").trim().to_owned(),
        );
        let unit = units::value(self.metric.unit);
        let mut draft = self.lines("value", query, unit);
        if self.metric.unit == Unit::Ratio || matches!(self.metric.kind, Kind::Ratio { .. }) {
            let defaults = &mut draft.chart.field_config.defaults;
            defaults.unit = "percentunit";
            defaults.min = Some(0.0);
        }
        draft
    }

    fn moment(&self) -> Draft {
        let labels = legend(self.registry, &self.metric.labels);
        let legend = format!("{{{{instance}}}} {labels}").trim().to_owned();
        let query = target(format!("{} * 1000", self.select("")), legend);
        let steps = [(None, "text")];
        let chart = charts::stat(
            &self.title(""),
            self.description(),
            vec![query],
            "dateTimeFromNow",
            &steps,
        );
        self.draft("moment", chart)
    }

    /// The state as a number, because a band has one series: the first state is 1.
    fn state(&self, states: LabelId) -> Vec<Draft> {
        let LabelValues::Closed(values) = &self.registry.labels[states.0].values else {
            return Vec::new();
        };
        let state = &self.metric.exposed;
        let one = |(position, value): (usize, &str)| {
            let matcher = format!("{state}={}", quoted(value));
            let select = selector(self.registry, self.metric, "", &matcher, &self.labels);
            format!("{select} * {}", position + 1)
        };
        let values: Vec<_> = values.iter().map(|value| value.value.as_str()).collect();
        let each: Vec<_> = values.iter().copied().enumerate().map(one).collect();
        let labels = self
            .metric
            .labels
            .iter()
            .map(|id| &self.registry.labels[id.0].name);
        let by: Vec<_> = std::iter::once("instance")
            .chain(labels.map(String::as_str))
            .collect();
        let names: Vec<_> = by.iter().map(|name| format!("{{{{{name}}}}}")).collect();
        let query = target(
            format!("max by ({}) ({})", by.join(", "), each.join(" or ")),
            names.join(" "),
        );
        let color = |value: &str| {
            if meaning::is_bad(value) {
                "red"
            } else {
                "blue"
            }
        };
        let states: Vec<_> = values.iter().map(|value| (*value, color(value))).collect();
        let chart = charts::states(&self.title(""), self.description(), query, &states);
        vec![self.draft("states", chart)]
    }
}

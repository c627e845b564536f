//! The panels of one metric, by its kind.

use std::fmt::Write as _;

use shadowcat_metrics_authoring::conditions::conditions;
use shadowcat_metrics_authoring::page::anchor;
use shadowcat_metrics_codegen::model::{Label, LabelId, Metric, MetricId, Registry, Unit};

use super::charts::{self, legend, target};
use super::grafana::{self, Chart, Link, Target};
use super::layout::{Draft, Row};
use super::variables::{escaped, open_labels, rate_of, selectable, selector};
use crate::kinds::KindRow;
use crate::model::{Counted, Indicator, Schema, Slo};
use crate::promql::write::{exact_pattern, matcher, quoted, quotient, read_value, sum};

/// Number of series in a comparison of the values of open labels.
const HIGHEST: usize = 10;

const QUANTILES: [(&str, &str); 3] = [("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99")];

/// A metric as a dashboard shows it.
pub(crate) struct View<'r> {
    schema: &'r Schema,
    registry: &'r Registry,
    metric: &'r Metric,
    id: MetricId,
    /// The labels with variables.
    labels: Vec<LabelId>,
}

/// Returns the panels of a metric. Without `with_labels`, they suit a dashboard without variables for labels.
pub(super) fn panels(schema: &Schema, id: MetricId, with_labels: bool) -> Vec<Draft> {
    let registry = &schema.registry;
    let metric = &registry.metrics[id.0];
    let labels = if with_labels {
        selectable(registry, metric)
    } else {
        Vec::new()
    };
    let own = View {
        schema,
        registry,
        metric,
        id,
        labels,
    };
    (KindRow::of(&metric.kind).panels)(&own)
}

/// Returns whether the value is a point in time.
fn is_moment(metric: &Metric) -> bool {
    metric.unit == Unit::Seconds
        && ["start_time", "timestamp"]
            .iter()
            .any(|end| metric.key.ends_with(end))
}

impl View<'_> {
    pub(crate) fn counter(&self) -> Vec<Draft> {
        let metric = self.metric;
        let unit = grafana::unit_of_rate(metric.unit);
        let mut drafts = vec![self.lines("rate", self.sum(&metric.labels, &self.rate("")), unit)];
        let Some((label, bad)) = outcome(self.registry, metric) else {
            return drafts;
        };
        let limit = error_budget(self.schema, self.id, (label, &bad));
        let bad = bad_values(&self.registry.labels[label.0], &bad);
        let select = selector(self.registry, metric, "", &bad, &self.labels);
        let group = &metric.labels[..metric.group_labels];
        let group: Vec<_> = group.iter().copied().filter(|id| *id != label).collect();
        let mut labels = group.clone();
        labels.push(label);
        let bad = rate_of(&select);
        let rate = self.sum(&labels, &bad);
        // The denominator is everything counted, so the variable must not exclude successes.
        let others: Vec<_> = self
            .labels
            .iter()
            .copied()
            .filter(|id| *id != label)
            .collect();
        let all = selector(self.registry, metric, "", "", &others);
        let whole = self.sum(&group, &rate_of(&all));
        let mut share = self.sum(&group, &bad);
        share.expr = format!("{} / {}", share.expr, whole.expr);
        let rate = self.chart("errors", vec![rate], unit, None);
        let share = self.chart("share of errors", vec![share], "percentunit", limit);
        for (what, chart) in [("errors", rate), ("error share", share)] {
            let mut draft = self.draft(what, chart);
            draft.row = Row::Errors;
            drafts.push(draft);
        }
        drafts
    }

    pub(crate) fn histogram(&self) -> Vec<Draft> {
        let unit = grafana::unit(self.metric.unit);
        let histograms = self.schema.settings.histograms;
        let increase =
            |suffix: &str| format!("increase({}[$__rate_interval])", self.select(suffix));
        let increase = histograms.either_buckets(|form| form.buckets(&[], increase));
        let spread = target(increase, "{{le}}".to_owned());
        let heatmap = charts::heatmap(&self.title("spread"), self.description(), spread, unit);
        let rate = |suffix: &str| self.rate(suffix);
        let quantiles = QUANTILES.map(|(quantile, name)| {
            let query = histograms.either(|form| form.quantile(quantile, &[], rate));
            target(query, name.to_owned())
        });
        let bounds = self
            .schema
            .slos
            .iter()
            .filter_map(|slo| match &slo.indicator {
                Indicator::Latency { of, bound } if of.metric == self.id => Some(*bound),
                Indicator::Latency { .. } | Indicator::Availability { .. } => None,
            });
        let limit = bounds.reduce(f64::min);
        let quantiles = self.chart("p50, p95, p99", quantiles.into(), unit, limit);
        let mut drafts = vec![
            self.draft("heat map", heatmap),
            self.draft("quantiles", quantiles),
        ];
        drafts.extend(self.highest_quantiles());
        drafts
    }

    /// Compares the values of open labels, for example to find the slowest tools. There may be too many values for a line each.
    fn highest_quantiles(&self) -> Option<Draft> {
        let open = open_labels(self.registry, self.metric);
        if open.is_empty() {
            return None;
        }
        let labels = self.with_deciding_labels(open);
        let by = self.registry.label_names(&labels);
        let rate = |suffix: &str| self.rate(suffix);
        let histograms = self.schema.settings.histograms;
        let quantile = histograms.either(|form| form.quantile("0.95", &by, rate));
        let query = format!("topk({HIGHEST}, {quantile})");
        let query = target(query, legend(self.registry, &labels));
        let (title, unit) = (
            format!("{HIGHEST} highest p95"),
            grafana::unit(self.metric.unit),
        );
        let chart = self.chart(&title, vec![query], unit, None);
        Some(self.draft("highest", chart))
    }

    /// Adds the labels that decide whether a series has these labels, so that series without one of these are not added up. With
    /// a sum inside a sum, the deciding label of the inner one has a deciding label too.
    fn with_deciding_labels(&self, mut labels: Vec<LabelId>) -> Vec<LabelId> {
        let sums = self.metric.sums.iter();
        let conditions = sums.flat_map(|sum| conditions(self.registry, sum.sum));
        let conditions: Vec<_> = conditions.collect();
        loop {
            let missing = conditions.iter().find(|condition| {
                labels.contains(&condition.label) && !labels.contains(&condition.of)
            });
            let Some(missing) = missing else {
                break;
            };
            labels.push(missing.of);
        }
        let all = self.metric.labels.iter().copied();
        all.filter(|label| labels.contains(label)).collect()
    }

    /// Draws the value at one time, or each series separately: a sum of temperatures would be meaningless.
    pub(crate) fn gauge(&self) -> Vec<Draft> {
        vec![if is_moment(self.metric) {
            self.moment()
        } else {
            self.each()
        }]
    }

    pub(crate) fn sum_of_series(&self) -> Vec<Draft> {
        let query = self.sum(&self.metric.labels, &self.select(""));
        vec![self.lines("value", query, grafana::unit(self.metric.unit))]
    }

    pub(crate) fn facts(&self) -> Vec<Draft> {
        let query = target(self.select(""), String::new());
        let chart = charts::facts(&self.title(""), self.description(), query);
        vec![self.draft("facts", chart)]
    }

    fn each(&self) -> Draft {
        let labels = legend(self.registry, &self.metric.labels);
        let legend = format!("{{{{instance}}}} {labels}").trim().to_owned();
        let query = target(self.select(""), legend);
        let mut draft = self.lines("value", query, grafana::unit(self.metric.unit));
        if self.metric.unit == Unit::Ratio {
            draft.chart.field_config.defaults.min = Some(0.0);
        }
        draft
    }

    /// Draws the recent ratio over all instances, because each instance exposes the ratio over its whole life.
    pub(crate) fn ratio(&self) -> Vec<Draft> {
        let Some(query) = ratio(self.registry, self.metric, &self.labels) else {
            return Vec::new();
        };
        let labels = legend(self.registry, &self.metric.labels);
        let legend = if labels.is_empty() {
            self.metric.key.clone()
        } else {
            labels
        };
        let mut draft = self.lines("value", target(query, legend), grafana::unit(Unit::Ratio));
        draft.chart.field_config.defaults.min = Some(0.0);
        vec![draft]
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

    /// Draws the state as a number, because each series is one band. The first state is 1.
    pub(crate) fn state(&self) -> Vec<Draft> {
        let Some(states) = self.metric.kind.spec().states else {
            return Vec::new();
        };
        let label = &self.registry.labels[states.0];
        let values = label.closed_values();
        let state = &self.metric.exposed;
        let one = |(position, value): (usize, &str)| {
            let matcher = escaped(&matcher(state, &[read_value(label, value)]));
            let select = selector(self.registry, self.metric, "", &matcher, &self.labels);
            format!("{select} * {}", position + 1)
        };
        let names = values.iter().map(|value| value.value.as_str());
        let each: Vec<_> = names.enumerate().map(one).collect();
        let mut by = self.registry.label_names(&self.metric.labels);
        by.insert(0, "instance");
        let names: Vec<_> = by.iter().map(|name| format!("{{{{{name}}}}}")).collect();
        let query = target(
            format!("max by ({}) ({})", by.join(", "), each.join(" or ")),
            names.join(" "),
        );
        // States that are not bad get different colors, none of which looks like an alarm.
        let mut others = ["blue", "green", "purple", "light-blue"]
            .into_iter()
            .cycle();
        let states = values.iter().map(|value| match others.next() {
            Some(color) if !value.bad => (value.value.as_str(), color),
            Some(_) | None => (value.value.as_str(), "red"),
        });
        let states: Vec<_> = states.collect();
        let chart = charts::states(&self.title(""), self.description(), query, &states);
        vec![self.draft("states", chart)]
    }
}

impl View<'_> {
    fn select(&self, suffix: &str) -> String {
        selector(self.registry, self.metric, suffix, "", &self.labels)
    }

    fn rate(&self, suffix: &str) -> String {
        rate_of(&self.select(suffix))
    }

    fn sum(&self, labels: &[LabelId], query: &str) -> Target {
        let query = sum(&self.registry.label_names(labels), query);
        let legend = legend(self.registry, labels);
        let legend = Some(legend).filter(|legend| !legend.is_empty());
        target(query, legend.unwrap_or_else(|| self.metric.key.clone()))
    }

    fn title(&self, what: &str) -> String {
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

    fn description(&self) -> String {
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
            .map(|(name, own)| (name, self.schema.runbook_url(name, own)))
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

    /// Creates a line chart, with a limit above which values are too high.
    fn chart(
        &self,
        title: &str,
        queries: Vec<Target>,
        unit: &'static str,
        limit: Option<f64>,
    ) -> Chart {
        charts::lines(&self.title(title), self.description(), queries, unit, limit)
    }

    fn lines(&self, what: &str, query: Target, unit: &'static str) -> Draft {
        self.draft(what, self.chart("", vec![query], unit, None))
    }
}

/// Returns the closed label with bad values, and those values. A label with only bad values does not
/// distinguish anything.
pub(super) fn outcome(registry: &Registry, metric: &Metric) -> Option<(LabelId, Vec<String>)> {
    metric.labels.iter().find_map(|id| {
        let values = registry.labels[id.0].closed_values();
        let bad = values.iter().filter(|value| value.bad);
        let bad: Vec<_> = bad.map(|value| value.value.clone()).collect();
        (!bad.is_empty() && bad.len() < values.len()).then_some((*id, bad))
    })
}

/// Returns the smallest share of bad values that an objective allows, among objectives that count all events
/// of the metric and the same values as bad.
fn error_budget(
    schema: &Schema,
    metric: MetricId,
    (label, bad): (LabelId, &[String]),
) -> Option<f64> {
    let registry = &schema.registry;
    let all = registry.labels[label.0].closed_values();
    let slos = schema.slos.iter().filter(|slo| {
        let Indicator::Availability { counted, total } = &slo.indicator else {
            return false;
        };
        let (Counted::Good(side) | Counted::Bad(side)) = counted;
        let [matcher] = side.matchers.as_slice() else {
            return false;
        };
        let is_good = matches!(counted, Counted::Good(_));
        let is_bad = |value: &String| matcher.values.contains(value) != is_good;
        let same_values = all
            .iter()
            .all(|value| is_bad(&value.value) == bad.contains(&value.value));
        let same_events =
            side.metric == metric && total.metric == metric && total.matchers.is_empty();
        same_events && matcher.label == label && same_values
    });
    slos.map(Slo::budget).reduce(f64::min)
}

/// Returns the matcher that selects bad values of a label.
pub(super) fn bad_values(label: &Label, values: &[String]) -> String {
    let values: Vec<_> = values
        .iter()
        .map(|value| read_value(label, value))
        .collect();
    let pattern = quoted(&exact_pattern(&values));
    escaped(&format!("{}=~{pattern}", label.name))
}

/// Queries a recent ratio, filtered by the variables of some labels, because the program exposes the ratio over its whole life.
/// `None` for other kinds.
pub(super) fn ratio(registry: &Registry, metric: &Metric, labels: &[LabelId]) -> Option<String> {
    let value = |operand: &Metric| {
        let select = selector(registry, operand, "", "", labels);
        if operand.kind.is_counter() {
            rate_of(&select)
        } else {
            select
        }
    };
    let by = registry.label_names(&metric.labels);
    quotient(registry, metric, &by, value)
}

//! The panels of one metric, by its kind.

use shadowcat_metrics_codegen::model::{Metric, MetricId, Unit};

use super::charts::{self, target};
use super::grafana;
use super::layout::Draft;
use super::meaning::{self, Row};
use super::queries::{self, bad_values, legend, quoted};
use super::variables::{selectable, selector};
use super::view::View;
use crate::kinds::KindRow;
use crate::model::{Indicator, Schema};

/// Number of series in a comparison of the values of open labels.
const HIGHEST: usize = 10;

const QUANTILES: [(&str, &str); 3] = [("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99")];

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
        let Some((label, bad)) = meaning::outcome(self.registry, metric) else {
            return drafts;
        };
        let name = &self.registry.labels[label.0].name;
        let limit = meaning::error_budget(self.schema, self.id, (label, &bad));
        let bad = bad_values(name, &bad);
        let select = selector(self.registry, metric, "", &bad, &self.labels);
        let group = &metric.labels[..metric.group_labels];
        let group: Vec<_> = group.iter().copied().filter(|id| *id != label).collect();
        let mut labels = group.clone();
        labels.push(label);
        let bad = format!("rate({select}[$__rate_interval])");
        let rate = self.sum(&labels, &bad);
        // The denominator is everything counted, so the variable must not exclude successes.
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
        let open = meaning::open_labels(self.registry, self.metric);
        if open.is_empty() {
            return None;
        }
        let by = self.registry.label_names(&open);
        let rate = |suffix: &str| self.rate(suffix);
        let histograms = self.schema.settings.histograms;
        let quantile = histograms.either(|form| form.quantile("0.95", &by, rate));
        let query = format!("topk({HIGHEST}, {quantile})");
        let query = target(query, legend(self.registry, &open));
        let (title, unit) = (
            format!("{HIGHEST} highest p95"),
            grafana::unit(self.metric.unit),
        );
        let chart = self.chart(&title, vec![query], unit, None);
        Some(self.draft("highest", chart))
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
        let Some(query) = queries::ratio(self.registry, self.metric, &self.labels) else {
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
        let values = self.registry.labels[states.0].closed_values();
        let state = &self.metric.exposed;
        let one = |(position, value): (usize, &str)| {
            let matcher = format!("{state}={}", quoted(value));
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

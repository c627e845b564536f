//! Objectives: error ratios over several windows, the remaining error budget, and alerts on how fast it
//! burns.
//!
//! The windows and factors are those of the multi-window, multi-burn-rate alerts in chapter 5 of Google's SRE
//! workbook, "Alerting on SLOs" (<https://sre.google/workbook/alerting-on-slos/>). A burn rate of 1 spends
//! the budget exactly within the objective's window.

use std::time::Duration;

use crate::duration::{self, Scale};
use shadowcat_metrics_codegen::model::{LabelId, Registry};

use super::yaml::AlertRule;
use super::{Record, alert_name, alerts, level};
use crate::kinds::{Events, KindRow};
use crate::model::{AlertSeverity, Counted, Indicator, Schema, Selection, Slo};
use crate::promql::Ceiling;
use crate::promql::write::{self, Form, Part, sum};
use crate::templates;

/// A burn rate that is too high if it is exceeded over both windows: the long one shows that it is
/// significant, the short one that it continues.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burn {
    /// Multiple of the burn rate that the objective allows.
    pub factor: f64,
    /// The long window.
    pub long: Duration,
    /// The short window.
    pub short: Duration,
    /// Severity of the alert.
    pub severity: AlertSeverity,
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

const BURNS: [Burn; 4] = [
    Burn {
        factor: 14.4,
        long: minutes(60),
        short: minutes(5),
        severity: AlertSeverity::Critical,
    },
    Burn {
        factor: 6.0,
        long: minutes(6 * 60),
        short: minutes(30),
        severity: AlertSeverity::Critical,
    },
    Burn {
        factor: 3.0,
        long: minutes(24 * 60),
        short: minutes(2 * 60),
        severity: AlertSeverity::Warning,
    },
    Burn {
        factor: 1.0,
        long: minutes(3 * 24 * 60),
        short: minutes(6 * 60),
        severity: AlertSeverity::Warning,
    },
];

/// Returns the burn rates that an objective's alerts check, without those above the maximum, at which every
/// event is bad.
pub fn burns(slo: &Slo) -> impl Iterator<Item = Burn> {
    let budget = slo.budget();
    BURNS
        .into_iter()
        .filter(move |burn| burn.factor * budget < 1.0)
}

/// Returns every window of an objective's records, the shortest first.
fn windows(slo: &Slo) -> Vec<Duration> {
    let burns = BURNS.iter().flat_map(|burn| [burn.long, burn.short]);
    let mut windows: Vec<_> = burns.chain([slo.window]).collect();
    windows.sort_unstable();
    windows.dedup();
    windows
}

fn name(registry: &Registry, slo: &Slo, metric: &str, operation: &str) -> String {
    let level = level(registry, &slo.by).join("_");
    format!(
        "{level}:{}_slo_{}_{metric}:{operation}",
        registry.namespace, slo.name
    )
}

/// Returns the name of the record with an objective's error ratio over one window.
#[must_use]
pub fn error_ratio(registry: &Registry, slo: &Slo, window: Duration) -> String {
    let operation = format!("ratio_rate{}", duration::format(window));
    name(registry, slo, "errors", &operation)
}

/// Returns the name of the record with the remaining error budget: 1 is all of it, and a negative value means
/// that the objective is missed.
#[must_use]
pub fn remaining_budget(registry: &Registry, slo: &Slo) -> String {
    name(registry, slo, "error_budget", "remaining_ratio")
}

pub(super) fn records(schema: &Schema, slo: &Slo, scale: Scale) -> Vec<Record> {
    let registry = &schema.registry;
    let labels = level(registry, &slo.by);
    let record = |name, expr, highest: Option<f64>| Record {
        name,
        expr,
        labels: labels.clone(),
        ceiling: highest.map(Ceiling::Whole),
    };
    // If good and all events are counted by different metrics, the numbers may be inconsistent.
    let (no_more_than_all, no_less_than_none) = match &slo.indicator {
        Indicator::Latency { .. } => (true, true),
        Indicator::Availability { counted, total } => match counted {
            Counted::Good(good) => (true, good.metric == total.metric),
            Counted::Bad(bad) => (bad.metric == total.metric, true),
        },
    };
    let at_most = |highest: f64| no_more_than_all.then_some(highest);
    let mut records: Vec<_> = windows(slo)
        .into_iter()
        .map(|window| {
            let expr = errors(schema, slo, &labels, &scale.window(window));
            record(error_ratio(registry, slo, window), expr, at_most(1.0))
        })
        .collect();
    let budget = slo.budget();
    for burn in BURNS {
        let operation = format!("burn_rate{}", duration::format(burn.long));
        let errors = error_ratio(registry, slo, burn.long);
        let name = name(registry, slo, "error_budget", &operation);
        let highest = at_most(1.0 / budget);
        records.push(record(name, format!("{errors} / {budget}"), highest));
    }
    let errors = error_ratio(registry, slo, slo.window);
    records.push(record(
        remaining_budget(registry, slo),
        format!("1 - {errors} / {budget}"),
        no_less_than_none.then_some(1.0),
    ));
    records
}

/// Returns the share of bad events. It is computed from the counters for every window, so that an hour with
/// more events has more weight.
fn errors(schema: &Schema, slo: &Slo, by: &[String], window: &str) -> String {
    let registry = &schema.registry;
    let by: Vec<_> = by.iter().map(String::as_str).collect();
    let rate = |selection: &Selection, suffix: &str, bound: Option<f64>| {
        let series = series(registry, selection, suffix, bound);
        format!("rate({series}[{window}])")
    };
    let events = |selection: &Selection, form: Form| {
        let metric = &registry.metrics[selection.metric.0];
        let rate = |suffix: &str| rate(selection, suffix, None);
        sum(
            &by,
            &match KindRow::of(&metric.kind).events {
                Some(Events::Observations) => form.part(Part::Count, rate),
                Some(Events::Own) | None => rate(""),
            },
        )
    };
    schema
        .settings
        .histograms
        .either(|form| match &slo.indicator {
            Indicator::Latency { of, bound } => {
                let native = registry.metrics[of.metric.0].native;
                let rate = |suffix: &str, bound| rate(of, suffix, bound);
                let share = form.share_up_to(*bound, native, &by, rate);
                format!("1 - {share}")
            }
            Indicator::Availability { counted, total } => match counted {
                Counted::Good(good) => {
                    format!("1 - {} / {}", events(good, form), events(total, form))
                }
                Counted::Bad(bad) => format!("{} / {}", events(bad, form), events(total, form)),
            },
        })
}

/// Returns the series of a selection with a suffix, or those of one bucket.
fn series(registry: &Registry, selection: &Selection, suffix: &str, bound: Option<f64>) -> String {
    let metric = &registry.metrics[selection.metric.0];
    let matchers = selection.matchers.iter().map(|matcher| {
        let label = &registry.labels[matcher.label.0];
        let values = matcher.values.iter();
        let values: Vec<_> = values
            .map(|value| write::read_value(label, value))
            .collect();
        write::matcher(&label.name, &values)
    });
    let is_matched = |id: &LabelId| {
        selection
            .matchers
            .iter()
            .any(|matcher| matcher.label == *id)
    };
    let others = metric.labels.iter().filter(|id| !is_matched(id));
    let others = others.filter_map(|id| write::exclude_repeated(&registry.labels[id.0]));
    let le = bound.map(write::bucket_matcher);
    let matchers: Vec<_> = matchers.chain(others).chain(le).collect();
    let name = format!("{}{suffix}", metric.exposed);
    if matchers.is_empty() {
        name
    } else {
        format!("{name}{{{}}}", matchers.join(", "))
    }
}

/// Returns two alerts: one for immediate action and one for later.
pub(super) fn alerts(schema: &Schema, slo: &Slo) -> Vec<AlertRule> {
    let registry = &schema.registry;
    let budget = slo.budget();
    let mut rules = Vec::new();
    for (severity, suffix, how) in [
        (AlertSeverity::Critical, FAST, "fast"),
        (AlertSeverity::Warning, SLOW, "steadily"),
    ] {
        let conditions = burns(slo)
            .filter(|burn| burn.severity == severity)
            .map(|burn| {
                let [long, short] =
                    [burn.long, burn.short].map(|window| error_ratio(registry, slo, window));
                let Burn { factor, .. } = burn;
                format!("({long} > {factor} * {budget} and {short} > {factor} * {budget})")
            });
        let conditions: Vec<_> = conditions.collect();
        if conditions.is_empty() {
            continue;
        }
        let mut rule = alerts::frame(
            schema,
            &slo.name,
            severity,
            slo.owner.as_deref(),
            slo.runbook.as_deref(),
        );
        rule.alert = format!("{}{suffix}", alert_name(registry, &slo.name));
        rule.expr = conditions.join("\nor\n");
        rule.labels.insert("slo".to_owned(), slo.name.clone());
        let names = slo.by.iter().map(|id| &registry.labels[id.0].name);
        let about = names.map(|label| format!(" ({label} {{{{ $labels.{label} }}}})"));
        let about = about.collect::<Vec<_>>().concat();
        rule.annotate(
            "summary",
            format!(
                "The error budget of {}{about} is being spent {how}.",
                slo.name
            ),
        );
        rule.annotate(
            "description",
            format!(
                "The objective is {}% over {}: {} {{{{ $value | humanizePercentage }}}} of recent events were bad.",
                percent(slo.objective),
                duration::format(slo.window),
                templates::literal(&slo.help),
            ),
        );
        rules.push(rule);
    }
    rules
}

/// Suffix of the name of the alert for immediate action.
pub(crate) const FAST: &str = "FastBurn";
pub(crate) const SLOW: &str = "SlowBurn";

/// Formats a share as a percentage: `99.9`.
pub(crate) fn percent(share: f64) -> String {
    let percent = format!("{:.9}", share * 100.0);
    percent
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

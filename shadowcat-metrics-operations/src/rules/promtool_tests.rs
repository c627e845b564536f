//! Tests in promtool's format: series for which each alert fires or does not fire, and expected values of
//! objectives' records.
//!
//! The tests query `ALERTS`, Prometheus' series of firing alerts, because the alerts' texts do not matter
//! here.

use std::time::Duration;

use crate::duration;
use shadowcat_metrics_codegen::model::{LabelId, LabelValues, Registry};

use super::slo::{self, FAST, SLOW, error_ratio, remaining_budget};
use super::yaml::{Expectation, ExpectedSample, InputSeries, TestFile, TestGroup};
use super::{alert_name, level};
use crate::kinds::{Events, KindRow};
use crate::model::{
    Alert, AlertSeverity, Counted, Indicator, Matcher, Schema, Selection, Slo, TestSeries,
};
use crate::promql::write::{
    BUCKET, Form, Histograms, Part, bucket_matcher, quoted, read_value, test_values,
};

/// Interval between values, and between evaluations.
const INTERVAL: Duration = Duration::from_secs(60);
/// Duration of an objective's events in tests. Half an hour is enough: an error ratio over three days that contain only these
/// events equals the ratio over this half hour.
const MINUTES: u64 = 30;
/// Number of values of a series after the first one.
const INTERVALS: u64 = MINUTES + 5;
/// Events per minute, enough that every error budget is an integer number of events.
const EVENTS: f64 = 1e9;
/// Suffix of the series that counts a classic histogram's observations.
const COUNT: &str = Form::Classic.suffix(Part::Count);

/// Returns the tests of all alerts. `rule_files` have the alerts and the series that they use.
pub(super) fn of_alerts(schema: &Schema, rule_files: Vec<String>) -> TestFile {
    let registry = &schema.registry;
    let mut tests = Vec::new();
    for slo in &schema.slos {
        tests.extend(tests_of_slo(schema, slo));
    }
    for alert in &schema.alerts {
        tests.extend(tests_of_alert(registry, alert));
    }
    TestFile {
        rule_files,
        evaluation_interval: duration::format(INTERVAL),
        tests,
    }
}

/// Returns `None` if there is nothing to test.
pub(super) fn of_records(schema: &Schema) -> Option<TestFile> {
    let registry = &schema.registry;
    let tests: Vec<_> = schema
        .slos
        .iter()
        .flat_map(|slo| forms(schema, slo).map(move |form| (slo, form)))
        .map(|(slo, form)| {
            let budget = slo.budget();
            // Half of the budget.
            let bad = budget / 2.0;
            let labels = labels_of(registry, slo);
            let near = |expr: String, value: f64| Expectation {
                expr: format!("abs({expr} - {value}) < bool 1e-6"),
                eval_time: time(),
                exp_samples: vec![ExpectedSample {
                    labels: labels.clone(),
                    value: 1.0,
                }],
            };
            let records =
                slo::burns(slo).map(|burn| near(error_ratio(registry, slo, burn.long), bad));
            let remaining = near(remaining_budget(registry, slo), 0.5);
            TestGroup {
                name: format!(
                    "{}: half of the budget is spent{}",
                    slo.name,
                    stored(schema, form)
                ),
                interval: duration::format(INTERVAL),
                input_series: events(registry, slo, form, bad),
                promql_expr_test: records.chain([remaining]).collect(),
            }
        })
        .collect();
    (!tests.is_empty()).then(|| TestFile {
        rule_files: vec![schema.file_name(super::RULES)],
        evaluation_interval: duration::format(INTERVAL),
        tests,
    })
}

fn time() -> String {
    duration::format(INTERVAL * u32::try_from(MINUTES).unwrap_or(u32::MAX))
}

/// Returns the forms of histograms for which an objective needs tests. One without histograms needs one test.
fn forms(schema: &Schema, slo: &Slo) -> impl Iterator<Item = Form> {
    let registry = &schema.registry;
    let selections = [slo.indicator.counted(), slo.indicator.total()];
    let observes = selections
        .iter()
        .any(|selection| is_histogram(registry, selection));
    let forms = schema.settings.histograms.forms().iter().copied();
    forms.take(if observes { usize::MAX } else { 1 })
}

fn is_histogram(registry: &Registry, selection: &Selection) -> bool {
    let metric = &registry.metrics[selection.metric.0];
    KindRow::of(&metric.kind).events == Some(Events::Observations)
}

/// Returns a suffix for the name of a test, if there is a test for each form.
fn stored(schema: &Schema, form: Form) -> &'static str {
    match (schema.settings.histograms, form) {
        (Histograms::Classic | Histograms::Native, _) => "",
        (Histograms::Both, Form::Classic) => ", in classic histograms",
        (Histograms::Both, Form::Native) => ", in native histograms",
    }
}

fn tests_of_slo(schema: &Schema, slo: &Slo) -> Vec<TestGroup> {
    forms(schema, slo)
        .flat_map(|form| tests_in_form(schema, slo, form))
        .collect()
}

fn tests_in_form(schema: &Schema, slo: &Slo, form: Form) -> Vec<TestGroup> {
    let registry = &schema.registry;
    let name = alert_name(registry, &slo.name);
    let (fast, slow) = (format!("{name}{FAST}"), format!("{name}{SLOW}"));
    let budget = slo.budget();
    let pages = slo::burns(slo).any(|burn| burn.severity == AlertSeverity::Critical);
    let test = |what: &str, bad: f64, expected: &[(&str, bool)]| TestGroup {
        name: format!("{}: {what}{}", slo.name, stored(schema, form)),
        interval: duration::format(INTERVAL),
        input_series: events(registry, slo, form, bad),
        promql_expr_test: expected
            .iter()
            .filter(|(alert, _)| pages || **alert != fast)
            .map(|(alert, fires)| firing(alert, *fires, time()))
            .collect(),
    };
    let mut tests = vec![
        test(
            "the budget is spent half as fast as allowed",
            budget * 0.5,
            &[(&fast, false), (&slow, false)],
        ),
        test(
            "the budget is spent twice as fast as allowed",
            (budget * 2.0).min(1.0),
            &[(&slow, true), (&fast, false)],
        ),
        test("no event is bad", 0.0, &[(&fast, false), (&slow, false)]),
    ];
    if pages {
        let bad = (budget * 20.0).min(1.0);
        tests.push(test(
            "the budget is spent twenty times as fast as allowed",
            bad,
            &[(&fast, true), (&slow, true)],
        ));
    }
    tests
}

/// Expects an alert to fire or not.
fn firing(alert: &str, fires: bool, eval_time: String) -> Expectation {
    let alerts = format!("ALERTS{{alertname=\"{alert}\", alertstate=\"firing\"}}");
    let sample = ExpectedSample {
        labels: format!("{{alertname=\"{alert}\"}}"),
        value: 1.0,
    };
    Expectation {
        expr: format!("count by (alertname) ({alerts}) >= bool 1"),
        eval_time,
        exp_samples: if fires { vec![sample] } else { Vec::new() },
    }
}

fn tests_of_alert(registry: &Registry, alert: &Alert) -> Vec<TestGroup> {
    let Some(test) = &alert.test else {
        return Vec::new();
    };
    let at = test.at.unwrap_or_else(|| {
        // Plus one evaluation, because the first one sees a single value.
        alert.hold + alert.query.in_schema.structure().look_back + INTERVAL
    });
    let test_group = |what: &str, series: &[TestSeries], fires| {
        let series = series.iter().map(|series| InputSeries {
            series: series.series.promql(registry),
            values: series.values.clone(),
        });
        TestGroup {
            name: format!("{}: {what}", alert.name),
            interval: duration::format(INTERVAL),
            input_series: series.collect(),
            promql_expr_test: vec![firing(
                &alert_name(registry, &alert.name),
                fires,
                duration::format(at),
            )],
        }
    };
    vec![
        test_group("fires", &test.fires, true),
        test_group("is silent", &test.silent, false),
    ]
}

/// Returns series of an objective's events with this share of bad events.
fn events(registry: &Registry, slo: &Slo, form: Form, bad: f64) -> Vec<InputSeries> {
    let bad = (EVENTS * bad).round();
    let good = EVENTS - bad;
    let input = |selection: &Selection,
                 labels: &[(LabelId, String)],
                 suffix: &str,
                 le: Option<f64>,
                 values: String| {
        let metric = &registry.metrics[selection.metric.0];
        let labels = labels.iter().map(|(id, value)| {
            let label = &registry.labels[id.0];
            format!("{}={}", label.name, quoted(read_value(label, value)))
        });
        let le = le.map(bucket_matcher);
        let labels: Vec<_> = labels.chain(le).collect();
        InputSeries {
            series: format!("{}{suffix}{{{}}}", metric.exposed, labels.join(", ")),
            values,
        }
    };
    let adding = |each: f64| format!("0+{each}x{INTERVALS}");
    // Each event counts once, whatever was observed.
    let series = |selection: &Selection, labels: &[(LabelId, String)], each| {
        let (suffix, values) = match form {
            Form::Classic if !is_histogram(registry, selection) => ("", adding(each)),
            // `rate` extrapolates a counter back to zero at most, but a native histogram to the start of the window. The
            // counter starts far above zero, so that both are extrapolated alike.
            Form::Native if !is_histogram(registry, selection) => {
                ("", format!("{}+{each}x{INTERVALS}", each * 1000.0))
            }
            Form::Classic => (COUNT, adding(each)),
            Form::Native => ("", test_values(1.0, None, each, 0.0, INTERVALS)),
        };
        input(selection, labels, suffix, None, values)
    };
    match &slo.indicator {
        Indicator::Latency { of, bound } => {
            let labels = labels(registry, of, None);
            match form {
                Form::Classic => vec![
                    input(of, &labels, BUCKET, Some(*bound), adding(good)),
                    input(of, &labels, COUNT, None, adding(EVENTS)),
                ],
                Form::Native => {
                    let native = registry.metrics[of.metric.0].native;
                    let values = test_values(*bound, native, good, bad, INTERVALS);
                    vec![input(of, &labels, "", None, values)]
                }
            }
        }
        Indicator::Availability { counted, total } => {
            let (counted, of_these, of_others) = match counted {
                Counted::Good(counted) => (counted, good, bad),
                Counted::Bad(counted) => (counted, bad, good),
            };
            if counted.metric != total.metric {
                let series = |selection: &Selection, other: &Selection, each| {
                    let labels = labels(registry, selection, Some(other));
                    series(selection, &labels, each)
                };
                return vec![
                    series(counted, total, of_these),
                    series(total, counted, EVENTS),
                ];
            }
            let these = labels(registry, counted, Some(total));
            let mut others = these.clone();
            // A label in `by` keeps its value if possible, so that both series belong to one error ratio.
            let mut out_of: Vec<_> = counted.matchers.iter().collect();
            out_of.sort_by_key(|matcher| slo.by.contains(&matcher.label));
            leave(registry, &mut others, &out_of, &total.matchers);
            vec![
                series(counted, &these, of_these),
                series(total, &others, of_others),
            ]
        }
    }
}

/// Returns a value for each label of a selection's metric that is selected, if possible also by another selection.
fn labels(
    registry: &Registry,
    selection: &Selection,
    other: Option<&Selection>,
) -> Vec<(LabelId, String)> {
    let value = |id: &LabelId| {
        let asked = |selection: &'_ Selection| {
            let mut matchers = selection.matchers.iter();
            let matcher = matchers.find(|matcher| matcher.label == *id);
            matcher.map(|matcher| matcher.values.clone())
        };
        let asked_of_other = other.and_then(asked);
        let mut values = asked(selection).or_else(|| asked_of_other.clone());
        if let (Some(values), Some(of_other)) = (&mut values, &asked_of_other)
            && values.iter().any(|value| of_other.contains(value))
        {
            values.retain(|value| of_other.contains(value));
        }
        let value = values.and_then(|values| values.into_iter().next());
        (*id, value.unwrap_or_else(|| any_value(registry, *id, &[])))
    };
    registry.metrics[selection.metric.0]
        .labels
        .iter()
        .map(value)
        .collect()
}

/// Returns a value of a label that is not listed in `not`.
fn any_value(registry: &Registry, label: LabelId, not: &[String]) -> String {
    match &registry.labels[label.0].values {
        LabelValues::Closed(values) => {
            let value = values.iter().find(|value| !not.contains(&value.value));
            value.map(|value| value.value.clone()).unwrap_or_default()
        }
        LabelValues::Open { .. } => {
            let free = ["a", "b", "c"]
                .iter()
                .find(|value| !not.iter().any(|taken| taken == *value));
            free.map(|value| (*value).to_owned()).unwrap_or_default()
        }
    }
}

/// Changes one label value, so that a series leaves one selection and stays in the other.
fn leave(
    registry: &Registry,
    labels: &mut [(LabelId, String)],
    out_of: &[&Matcher],
    stay: &[Matcher],
) {
    for matcher in out_of {
        let fixed = stay.iter().find(|other| other.label == matcher.label);
        let value = match fixed {
            Some(fixed) => fixed
                .values
                .iter()
                .find(|value| !matcher.values.contains(value))
                .cloned(),
            None => Some(any_value(registry, matcher.label, &matcher.values)),
        };
        let Some(value) = value else { continue };
        if let Some((_, old)) = labels.iter_mut().find(|(label, _)| *label == matcher.label) {
            *old = value;
            return;
        }
    }
}

/// Returns the labels of an objective's records in promtool's format.
fn labels_of(registry: &Registry, slo: &Slo) -> String {
    let (total, counted) = (slo.indicator.total(), slo.indicator.counted());
    let values = labels(registry, total, Some(counted));
    let shown: Vec<_> = level(registry, &slo.by)
        .iter()
        .skip(1)
        .zip(&slo.by)
        .filter_map(|(name, id)| {
            let (_, value) = values.iter().find(|(label, _)| label == id)?;
            let value = read_value(&registry.labels[id.0], value);
            Some(format!("{name}={}", quoted(value)))
        })
        .collect();
    format!("{{{}}}", shown.join(", "))
}

//! `[slos]`: objectives with their share of good events, window and labels.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::duration;
use shadowcat_metrics_authoring::language::{TEXTS, Value};
use shadowcat_metrics_codegen::Report;
use shadowcat_metrics_codegen::codes::errors;
use shadowcat_metrics_codegen::model::LabelId;
use shadowcat_metrics_codegen::section::{
    Checker, Entry, Field, Given, Reader, Spanned, Texts, table,
};

use super::events::{
    self, EVENTS, Events, check_events, check_under, label_of_metric, reject_under,
};
use super::expressions::{check_duration, parse_duration};
use crate::model::{Counted, Indicator, Selection, Slo};
use crate::rules;

section_tables! {
    /// `[slos.NAME]`.
    SLO = "slo": "A service level objective, from which rules, an error budget and burn rate alerts are generated.",
        one of &["good", "bad"];
    Written,
    name: Spanned<String> {
        help: String, text => Value::Sentence, required, "Description of the objective, in one sentence.";
        objective: f64, number => Value::Number, required, "Share of events that must be good; between 0 and 1.";
        window: String, read(parse_duration) => Value::Words, "Window of the objective; `30d` by default.";
        good: Events, read(events::parse) => Value::Table(&EVENTS),
            "Good events; with `under`, the observations of a histogram up to a bound.";
        bad: Events, read(events::parse) => Value::Table(&EVENTS), "Bad events.";
        total: Events, read(events::parse) => Value::Table(&EVENTS),
            "All events; by default those of the same metric without `where`.";
        by: Texts, texts => TEXTS, "Labels for whose values the objective is evaluated separately.";
        impact: String, text => Value::Words, "Effect on users if the objective is missed, for the runbook.";
        runbook: String, text => Value::Words, "URL of a runbook, instead of the generated one.";
        owner: String, text => Value::Words, "Person or team that is responsible.";
    }
}

shadowcat_metrics_codegen::codes! {
    table CODES;

    INVALID_OBJECTIVE = "SM0802" "invalid-objective": "an objective out of range",
    "An objective is the share of events that must be good. The remaining share is the error budget. An objective of 1 has no \
     error budget, so the objective would be missed after a single bad event. An objective above 0.99999999 has too small an \
     error budget to be measured.",
    wrong: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 99.9
good = { metric = "http.requests", where = { outcome = "ok" } }
"#),
    right: requests!(answers!(r#"good = { metric = "http.requests", where = { outcome = "ok" } }"#));

    OBJECTIVE_WINDOW = "SM0803" "objective-window": "an objective with too short or too long a window",
    "The alerts of an objective look back up to three days, as recommended in the SRE workbook. Therefore the window \
     of an objective is at least a week. It is at most a year.",
    wrong: requests!(answers!(r#"good = { metric = "http.requests", where = { outcome = "ok" } }
window = "1h""#)),
    right: requests!(answers!(r#"good = { metric = "http.requests", where = { outcome = "ok" } }
window = "28d""#));

    EVENTS_ALL_ALIKE = "SM0807" "events-all-alike": "an objective that cannot be missed",
    "If `good` selected all events, the objective could not be missed. Set label values in `where`, another metric in `total`, \
     or a limit in `under`. `by` must not list every label in which good and bad events differ, because each error ratio would \
     then be 0 or 1.",
    wrong: requests!(answers!(r#"good = { metric = "http.requests" }"#)),
    right: requests!(answers!(r#"good = { metric = "http.requests", where = { outcome = "ok" } }"#));

    LABEL_OF_ALERTS = "SM0821" "label-of-alerts": "an objective grouped by a label that its alerts set",
    "The alerts of an objective have the labels `alertname`, `severity`, `notify`, `slo` and, if the objective has an owner, \
     `owner`. These replace labels of the same name. If `by` listed one of these labels, the alerts for all its values would \
     have identical labels, and the rule would fail in Prometheus. Expose the label under another name.",
    example: r#"[labels.outcome]
help = "How the request ended."
values = ["ok", "error"]

- [labels.severity]
+ [labels.urgency]
help = "How urgent the request is."
values = ["high", "low"]

[metrics.http.requests]
type = "counter"
- labels = ["outcome", "severity"]
+ labels = ["outcome", "urgency"]
help = "Requests answered."

[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }
- by = ["severity"]
+ by = ["urgency"]
"#;
}

pub(super) fn parse(entry: &Entry, report: &mut Report) -> Option<Written> {
    let name = &entry.key.value;
    let expected = "a table with `help`, `objective` and either `good` or `bad`";
    let entries = table(&entry.value, name, expected, report)?;
    let place = format!("`[slos.{name}]`");
    let mut slo = Reader::new(entries, &place, Written::KEYS, report);
    Some(Written {
        name: entry.key.clone(),
        ..Written::read(&mut slo)
    })
}

const DAY: Duration = Duration::from_secs(86_400);
/// The default window, for which the alerts' burn rates are designed.
const WINDOW: Duration = DAY.saturating_mul(30);
/// The shortest window. The slowest burn rate alert looks at three days, which must be part of the window.
const MIN_WINDOW: Duration = DAY.saturating_mul(7);
/// The longest window. Prometheus rarely keeps data for longer.
const MAX_WINDOW: Duration = DAY.saturating_mul(366);

pub(super) fn check(slo: &Written, checker: &mut Checker<'_>) -> Option<Slo> {
    let owner = slo.name.span;
    let what = format!("the objective `{}`", slo.name.value);
    let name = checker.check_identifier(&slo.name, "objective");
    let help = checker.check_help(&slo.help, &what, owner);
    let objective = check_objective(checker, slo, &what);
    let window = check_window(checker, &slo.window);
    let indicator = check_indicator(checker, slo, &what);
    let by = match &indicator {
        Some(indicator) => {
            let by = check_by(checker, slo, indicator);
            check_mixed(checker, &slo.by, &by, indicator, &what);
            by
        }
        None => Vec::new(),
    };
    Some(Slo {
        name,
        help,
        objective: objective?,
        window,
        indicator: indicator?,
        by,
        impact: checker.check_text(&slo.impact, "impact"),
        runbook: checker.check_text(&slo.runbook, "runbook"),
        owner: checker.check_text(&slo.owner, "owner"),
        span: owner,
    })
}

/// The objectives whose error budgets generated rules and their tests can express.
const OBJECTIVES: RangeInclusive<f64> = 0.000_000_01..=0.999_999_99;

fn check_objective(checker: &mut Checker<'_>, slo: &Written, what: &str) -> Option<f64> {
    let Field::Given(given) = &slo.objective else {
        if slo.objective.is_absent() {
            checker.missing_key(what, "objective", slo.name.span, "objective = 0.999");
        }
        return None;
    };
    let objective = given.value;
    if OBJECTIVES.contains(&objective) {
        return Some(objective);
    }
    let fault = if objective < *OBJECTIVES.start() {
        "cannot be missed"
    } else if objective < 1.0 {
        "has too small an error budget"
    } else {
        "has no error budget"
    };
    let message = format!("an objective of {objective} {fault}");
    let problem = checker.error(INVALID_OBJECTIVE, given.span, message);
    if objective > 1.0 && objective < 100.0 {
        // Rounded, because 99.9 percent would be 0.9990000000000001.
        let share = format!("{:.9}", objective / 100.0);
        let share = share.trim_end_matches('0');
        problem.label(format!("expected a share, such as {share}"));
    } else {
        let (lowest, highest) = OBJECTIVES.into_inner();
        problem.label(format!("expected {lowest} to {highest}, such as 0.999"));
    }
    None
}

fn check_window(checker: &mut Checker<'_>, field: &Field<String>) -> Duration {
    let Some(window) = check_duration(checker, field, "window") else {
        return WINDOW;
    };
    if !(MIN_WINDOW..=MAX_WINDOW).contains(&window) {
        let [min, max, window] = [MIN_WINDOW, MAX_WINDOW, window].map(duration::format);
        let message = format!("the window of an objective cannot be {window}");
        checker
            .error(OBJECTIVE_WINDOW, field.span().unwrap_or_default(), message)
            .label(format!("expected {min} to {max}"));
    }
    window
}

fn check_by(checker: &mut Checker<'_>, slo: &Written, indicator: &Indicator) -> Vec<LabelId> {
    let mut labels = Vec::new();
    let Some(given) = slo.by.given() else {
        return labels;
    };
    let mut metrics = vec![indicator.total().metric, indicator.counted().metric];
    metrics.dedup();
    let mut earlier: Vec<&Spanned<String>> = Vec::new();
    for name in &given.value {
        if let Some(other) = earlier.iter().find(|other| other.value == name.value) {
            let message = format!("`by` lists the label `{}` twice", name.value);
            checker
                .error(errors::DUPLICATE_LABEL, name.span, message)
                .label("remove this one")
                .secondary(other.span, "the first one");
            continue;
        }
        earlier.push(name);
        let is_set = match name.value.as_str() {
            "owner" => !slo.owner.is_absent(),
            label => rules::ALERT_LABELS.contains(&label),
        };
        if is_set {
            let message = format!("`by` cannot list `{}`", name.value);
            checker
                .error(LABEL_OF_ALERTS, name.span, message)
                .label("alerts of objectives set a label of this name")
                .help("expose the label under another name");
        }
        let found: Vec<_> = metrics
            .iter()
            .map(|metric| label_of_metric(checker, name, *metric))
            .collect();
        // All metrics have the label, or the first one that lacks it was reported.
        let label = found.first().copied().flatten();
        labels.extend(label);
    }
    labels
}

/// Reports labels in `by` that separate good events from bad ones: each ratio would be 0 or 1.
fn check_mixed(
    checker: &mut Checker<'_>,
    field: &Field<Texts>,
    by: &[LabelId],
    indicator: &Indicator,
    what: &str,
) {
    let Some(given) = field.given() else {
        return;
    };
    let (counted, total) = (indicator.counted(), indicator.total());
    let mut told_apart = counted
        .matchers
        .iter()
        .filter(|matcher| !total.matchers.contains(matcher))
        .peekable();
    let Some(first) = told_apart.peek().map(|matcher| matcher.label) else {
        return;
    };
    if counted.metric != total.metric || !told_apart.all(|matcher| by.contains(&matcher.label)) {
        return;
    }
    let name = &checker.registry().labels[first.0].name;
    let message = format!("`by` separates the good events of {what} from the bad ones");
    let label = format!("remove `{name}`: all events with the same value are either good or bad");
    let problem = checker.error(EVENTS_ALL_ALIKE, given.span, message);
    problem.label(label);
}

/// Returns an objective's indicator, or `None` if it cannot be determined.
fn check_indicator(checker: &mut Checker<'_>, slo: &Written, what: &str) -> Option<Indicator> {
    let (counted, key) = match (&slo.good, &slo.bad) {
        (Field::Given(good), bad) => {
            if let Field::Given(bad) = bad {
                let message = format!("{what} has both `good` and `bad`");
                checker
                    .error(errors::CONFLICTING_KEYS, bad.key, message)
                    .label("expected one of the two: all other events are the opposite")
                    .secondary(good.key, "`good` is here");
            }
            (good, "good")
        }
        (_, Field::Given(bad)) => (bad, "bad"),
        (Field::Absent, Field::Absent) => {
            let expected = "good = { metric = \"group.metric\", where = { label = \"value\" } }";
            checker.missing_key(what, "good` or `bad", slo.name.span, expected);
            return None;
        }
        (Field::Invalid, _) | (_, Field::Invalid) => return None,
    };
    let events = check_events(checker, counted, key);
    if key == "good" && matches!(counted.value.under, Field::Given(_)) {
        return check_latency(checker, slo, counted, events?);
    }
    reject_under(checker, &counted.value, key);
    let total = match &slo.total {
        Field::Given(total) => {
            reject_under(checker, &total.value, "total");
            check_events(checker, total, "total")
        }
        Field::Absent => events.as_ref().map(|events| Selection {
            metric: events.metric,
            matchers: Vec::new(),
        }),
        Field::Invalid => None,
    };
    let (events, total) = (events?, total?);
    let filters = counted.value.filters.given();
    let told_apart = filters.map_or(0, |given| given.value.len());
    if events == total && told_apart == events.matchers.len() {
        if counted.value.has_unknown_key {
            return None;
        }
        let message = format!("{what} counts every event as {key}");
        let metric = &checker.registry().metrics[events.metric.0];
        let has_bounds = key == "good" && metric.bucket_set().is_some();
        let problem = checker.error(EVENTS_ALL_ALIKE, counted.span, message);
        let problem = problem
            .label("expected `where`, with label values that separate good events from bad ones");
        if has_bounds {
            problem.help("or set `under` to one of the histogram's bucket bounds");
        }
        return None;
    }
    let counted = if key == "good" {
        Counted::Good(events)
    } else {
        Counted::Bad(events)
    };
    Some(Indicator::Availability { counted, total })
}

fn check_latency(
    checker: &mut Checker<'_>,
    slo: &Written,
    counted: &Given<Events>,
    of: Selection,
) -> Option<Indicator> {
    if let Field::Given(total) = &slo.total {
        let message = "an objective with `under` has no `total`";
        checker
            .error(errors::CONFLICTING_KEYS, total.key, message)
            .label("remove it: all observations are the total")
            .secondary(counted.key, "`under` is here");
    }
    let bound = check_under(checker, &counted.value, &of)?;
    Some(Indicator::Latency { of, bound })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{compiled, labels, rules};

    #[test]
    fn rules_of_objectives() {
        rules(
            r#"
            METRICS | [slos.s] | help = "S." | objective = ^99.9 | good = { metric = "web.done", where = { mode = "on" } } => invalid-objective
            METRICS | [slos.s] | help = "S." | objective = ^0.999999999 | good = { metric = "web.done", where = { mode = "on" } } => invalid-objective
            METRICS | [slos.s] | help = "S." | objective = ^0.000000001 | good = { metric = "web.done", where = { mode = "on" } } => invalid-objective
            METRICS | [slos.s] | help = "S." | objective = 0.99999999 | good = { metric = "web.done", where = { mode = "on" } } =>
            METRICS | [slos.s] | help = "S." | objective = ^0 | good = { metric = "web.done", where = { mode = "on" } } => invalid-objective
            METRICS | [slos.s] | help = "S." | objective = ^"0.9" | good = { metric = "web.done", where = { mode = "on" } } => wrong-type
            METRICS | [slos.^s] | help = "S." | good = { metric = "web.done", where = { mode = "on" } } => missing-key
            METRICS | [slos.^s] | help = "S." | objective = 0.9 => missing-key
            OBJECTIVE good = { metric = "web.done", where = { mode = "on" } } | window = ^"1h" => objective-window
            OBJECTIVE good = { metric = "web.done", where = { mode = "on" } } | ^bad = { metric = "web.done", where = { mode = "off" } } => conflicting-keys
            OBJECTIVE good = { metric = "web.took", under = 1 } | ^total = { metric = "web.took" } => conflicting-keys
            OBJECTIVE good = ^{ metric = "web.done" } => events-all-alike
            // The unknown key may be a misspelled `where`.
            OBJECTIVE good = { metric = "web.done", ^labels = { state = "ok" } } => unknown-table
            OBJECTIVE good = { metric = "web.long", where = { mode = "on" } } | by = ^["host", "mode"] => events-all-alike
            OBJECTIVE good = { metric = "web.long", where = { mode = "on" } } | by = ["host"] =>
            OBJECTIVE good = { metric = "web.long", where = { mode = "on" } } | by = ["host", ^"host"] => duplicate-label
            OBJECTIVE good = { metric = "web.done", where = { mode = "on" } } | by = [^"host"] => label-not-of-metric
            labels.severity = { help = "S.", values = ["a", "b"] } | web.sent: counter, labels = ["severity"] | OBJECTIVE good = { metric = "web.sent", where = { mode = "on" } } | by = [^"severity"] => label-of-alerts
            labels.owner = { help = "O.", values = ["a", "b"] } | web.sent: counter, labels = ["owner"] | OBJECTIVE good = { metric = "web.sent", where = { mode = "on" } } | owner = "web" | by = [^"owner"] => label-of-alerts
            // Without an owner of the objective, only the series have an owner.
            labels.owner = { help = "O.", values = ["a", "b"] } | web.sent: counter, labels = ["owner"] | OBJECTIVE good = { metric = "web.sent", where = { mode = "on" } } | by = ["owner"] =>
            "#,
        );
    }

    #[test]
    fn messages_of_objectives_fit_them() {
        labels(
            r#"
            METRICS | [slos.s] | help = "S." | objective = 99.9 | good = { metric = "web.done", where = { mode = "on" } } => expected a share, such as 0.999
            METRICS | [slos.s] | help = "S." | objective = 0.999999999 | good = { metric = "web.done", where = { mode = "on" } } => expected 0.00000001 to 0.99999999, such as 0.999
            OBJECTIVE good = { metric = "web.long", where = { mode = "on" } } | by = ["host", "mode"] => remove `mode`: all events with the same value are either good or bad
            "#,
        );
        let problem = |objective: &str| {
            let report = compiled(objective).report;
            let first = report.errors().next().expect("an error");
            (first.message.clone(), first.help.clone())
        };
        let all_good =
            |metric: &str| problem(&format!("OBJECTIVE good = {{ metric = \"web.{metric}\" }}")).1;
        assert_eq!(all_good("done"), None);
        let help = "or set `under` to one of the histogram's bucket bounds";
        assert_eq!(all_good("took").as_deref(), Some(help));
        let nothing = "METRICS | [slos.s] | help = \"S.\" | objective = 0 | good = { metric = \"web.took\", under = 1 }";
        assert_eq!(problem(nothing).0, "an objective of 0 cannot be missed");
    }
}

//! `SM08xx`: objectives, alerts, and what rules are made from.

/// A counter with a label, and what an example is about behind it.
macro_rules! requests {
    ($more:literal) => {
        concat!(
            r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."
"#,
            $more,
        )
    };
}

/// A histogram, and what an example is about behind it.
macro_rules! durations {
    ($more:literal) => {
        concat!(
            r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 0.25, 1]
help = "Time spent on a request."
"#,
            $more,
        )
    };
}

crate::codes::codes! {
    table OPERATIONS;

    /// A duration is not written as Prometheus writes them.
    INVALID_DURATION = "SM0801" "invalid-duration": "not a duration",
    "Durations are written as Prometheus writes them: whole numbers with the units `y`, `w`, `d`, `h`, `m`, `s` \
     and `ms`, the longer before the shorter, each at most once. A duration of nothing is left out.",
    wrong: requests!(r#"
[alerts.busy]
summary = "Many requests."
expr = "rate({http.requests}[5m]) > 100"
for = "10 minutes"
severity = "warning"
"#),
    right: requests!(r#"
[alerts.busy]
summary = "Many requests."
expr = "rate({http.requests}[5m]) > 100"
for = "10m"
severity = "warning"
"#);

    /// An objective is no share between 0 and 1.
    INVALID_OBJECTIVE = "SM0802" "invalid-objective": "an objective out of range",
    "An objective is the share of events that are to be good. What is left of it to 1 is the error budget, and an \
     objective of 1 leaves none: every alert would be about a single event.",
    wrong: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 99.9
good = { metric = "http.requests", where = { outcome = "ok" } }
"#),
    right: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }
"#);

    /// The window of an objective is too short or too long.
    OBJECTIVE_WINDOW = "SM0803" "objective-window": "an objective over too short or too long a time",
    "The alerts of an objective look back over up to three days, as the SRE workbook has it, so that a week is \
     the shortest window in which they mean what they say; and no window is longer than a year.",
    wrong: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }
window = "1h"
"#),
    right: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }
window = "28d"
"#);

    /// The limit of a latency objective is no bucket bound of its histogram.
    NOT_A_BOUND = "SM0804" "not-a-bound": "a limit that is no bucket bound",
    "A histogram counts observations by bucket. How many were under a limit is known only for the limits that are \
     bounds; for any other, Prometheus would guess, and an objective is not held by guessing. Use the nearest \
     bound, or give the histogram a bound there.",
    wrong: durations!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.duration", under = "300ms" }
"#),
    right: durations!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.duration", under = "250ms" }
"#);

    /// `under` is given for what has no buckets, or for `bad` or `total`.
    MISPLACED_UNDER = "SM0805" "misplaced-under": "a limit for what has none",
    "`under` says up to which bucket bound an observation of a histogram is good. Counters have no buckets, \
     `total` are all observations, and `bad` is what `good` leaves.",
    wrong: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", under = "250ms" }
"#),
    right: durations!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.duration", under = "250ms" }
"#);

    /// An objective is about a metric that counts no events.
    NOT_EVENTS = "SM0806" "not-events": "an objective about what counts no events",
    "An objective is a share of events: of what a counter counts, or a histogram observes. A gauge, an up-down \
     counter, a state, info and a ratio are values of a moment; count what happens instead.",
    wrong: r#"[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.open" }
total = { metric = "http.requests" }
"#,
    right: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }
"#);

    /// The good events of an objective are all events.
    EVENTS_ALL_ALIKE = "SM0807" "events-all-alike": "an objective that nothing can miss",
    "What is good must differ from what is counted: by the values of a label in `where`, by a `total` of another \
     metric, or by a limit in `under`.",
    wrong: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests" }
"#),
    right: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }
"#);

    /// `where` or `by` names a label that the metric does not have.
    LABEL_NOT_OF_METRIC = "SM0808" "label-not-of-metric": "a label that the metric lacks",
    "`where` and `by` name labels of the metric, its group's among them. A label that a series lacks is empty, so \
     that a condition on it selects nothing, and nobody would notice.",
    wrong: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { status = "ok" } }
"#),
    right: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }
"#);

    /// `where` names a value that the closed label does not have.
    UNKNOWN_LABEL_VALUE = "SM0809" "unknown-label-value": "a label value that does not exist",
    "A closed label has no other values than those declared, so a condition on another selects no series, now or \
     ever.",
    wrong: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "okay" } }
"#),
    right: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }
"#);

    /// An alert's severity is none of those that there are.
    UNKNOWN_SEVERITY = "SM0810" "unknown-severity": "unknown severity",
    "`critical` is for what wakes somebody, `warning` for what waits until the morning, `info` for what explains \
     other alerts. Every alert bears it as the label `severity`, by which Alertmanager routes.",
    wrong: requests!(r#"
[alerts.busy]
summary = "Many requests."
expr = "rate({http.requests}[5m]) > 100"
for = "10m"
severity = "urgent"
"#),
    right: requests!(r#"
[alerts.busy]
summary = "Many requests."
expr = "rate({http.requests}[5m]) > 100"
for = "10m"
severity = "warning"
"#);

    /// Two objectives or alerts have one name.
    ALERT_COLLISION = "SM0811" "alert-collision": "two objectives or alerts of one name",
    "Objectives and alerts share one list of alerts and one folder of runbooks, so each has a name of its own.",
    wrong: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }

[alerts.answers]
summary = "Many requests."
expr = "rate({http.requests}[5m]) > 100"
for = "10m"
severity = "warning"
"#),
    right: requests!(r#"
[slos.answers]
help = "Requests are answered."
objective = 0.999
good = { metric = "http.requests", where = { outcome = "ok" } }

[alerts.busy]
summary = "Many requests."
expr = "rate({http.requests}[5m]) > 100"
for = "10m"
severity = "warning"
"#);

    /// `quantiles` is set for a metric that is no histogram.
    MISPLACED_QUANTILES = "SM0812" "misplaced-quantiles": "quantiles of what has none",
    "Quantiles are computed from a histogram's buckets; no other metric has any.",
    wrong: requests!(r#"quantiles = true
"#),
    right: durations!(r#"quantiles = true
"#);

    /// `external` or `target_labels` holds what is no name.
    INVALID_EXTERNAL_NAME = "SM0813" "invalid-external-name": "a name that Prometheus does not take",
    "`external` lists metrics of other programs, each by its whole name or by its beginning with a `*` behind. \
     `target_labels` lists names of labels.",
    wrong: r#"[operations]
external = ["node.*"]
"#,
    right: r#"[operations]
external = ["node_*"]
"#;
}

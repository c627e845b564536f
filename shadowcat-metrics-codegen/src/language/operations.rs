//! The tables for operators: `[operations]`, `[slos.NAME]` and `[alerts.NAME]`.

use super::{TEXT_OR_TEXTS, TEXTS, Table, Value, key, required};
use crate::model::AlertSeverity;

/// `[operations]`.
pub const OPERATIONS: Table = Table {
    name: "operations",
    doc: "What holds for all objectives, alerts and dashboards.",
    one_of: &[],
    keys: &[
        key(
            "external",
            TEXTS,
            "Metrics of other programs that expressions may name; a `*` at the end stands for any rest.",
        ),
        key(
            "target_labels",
            TEXTS,
            "Labels that scraping adds beside `job` and `instance`, such as `cluster`.",
        ),
        key(
            "runbook_url",
            Value::Words,
            "Where runbooks are read; `{alert}` stands for the name of the objective or alert.",
        ),
        key(
            "dashboard_url",
            Value::Words,
            "Where the overview dashboard is seen.",
        ),
        key(
            "reference_url",
            Value::Words,
            "Where the reference, `metrics.md`, is read; panels link to the metrics in it.",
        ),
        key(
            "prometheus_url",
            Value::Words,
            "Where Prometheus answers; queries in runbooks become links to its graphs.",
        ),
    ],
};

/// `[slos.NAME]`.
pub const SLO: Table = Table {
    name: "slo",
    doc: "A service level objective: rules, error budget and burn rate alerts are made from it.",
    one_of: &["good", "bad"],
    keys: &[
        required(
            "help",
            Value::Sentence,
            "What is promised, in one sentence.",
        ),
        required(
            "objective",
            Value::Number,
            "Share of events that are to be good; between 0 and 1.",
        ),
        key(
            "window",
            Value::Words,
            "Time over which it is to hold; `30d` if not set.",
        ),
        key(
            "good",
            Value::Table(&EVENTS),
            "Events that are as they should be; with `under`, observations of a histogram.",
        ),
        key(
            "bad",
            Value::Table(&EVENTS),
            "Events that are not as they should be.",
        ),
        key(
            "total",
            Value::Table(&EVENTS),
            "All events; those of the same metric, without `where`, if not set.",
        ),
        key(
            "by",
            TEXTS,
            "Labels by whose values the objective is to hold, each by itself.",
        ),
        key(
            "impact",
            Value::Words,
            "What it means for users when it is missed; for the runbook.",
        ),
        key(
            "runbook",
            Value::Words,
            "Address of a runbook, instead of the one that is generated.",
        ),
        key("owner", Value::Words, "Who answers for it."),
    ],
};

/// `{ metric, where, under }`.
pub const EVENTS: Table = Table {
    name: "events",
    doc: "Events that a counter or a histogram counts.",
    one_of: &[],
    keys: &[
        required(
            "metric",
            Value::Text,
            "A counter or a histogram, as `group.metric`.",
        ),
        key(
            "where",
            Value::Named(&TEXT_OR_TEXTS),
            "Only series with such label values: a label, and its value or values.",
        ),
        key(
            "under",
            Value::Any(&[Value::Text, Value::Number]),
            "Only observations up to a bucket bound: `\"250ms\"`, or a number in the base unit.",
        ),
    ],
};

/// `[alerts.NAME]`.
pub const ALERT: Table = Table {
    name: "alert",
    doc: "An alert that no objective covers.",
    one_of: &[],
    keys: &[
        required(
            "summary",
            Value::Words,
            "What is wrong, in one line; may use Prometheus' templates.",
        ),
        required(
            "expr",
            Value::Words,
            "When it is wrong, in PromQL; `{group.metric}` stands for the exposed name.",
        ),
        key(
            "for",
            Value::Words,
            "How long it must be wrong before the alert fires; at once if not set.",
        ),
        required(
            "severity",
            Value::OneOf(|| AlertSeverity::ALL.map(AlertSeverity::name).to_vec()),
            "`critical` wakes somebody, `warning` waits for the morning, `info` is for whoever looks.",
        ),
        key(
            "description",
            Value::Words,
            "What it means, for the one who gets it.",
        ),
        key(
            "impact",
            Value::Words,
            "What it means for users; for the runbook.",
        ),
        key(
            "runbook",
            Value::Words,
            "Address of a runbook, instead of the one that is generated.",
        ),
        key("owner", Value::Words, "Who answers for it."),
        key(
            "test",
            Value::Table(&ALERT_TEST),
            "Series that fire it and series that do not.",
        ),
    ],
};

/// `test = { fires, silent, at }`.
pub const ALERT_TEST: Table = Table {
    name: "alert_test",
    doc: "Series that fire an alert and series that do not, with a value a minute.",
    one_of: &[],
    keys: &[
        required(
            "fires",
            Value::Named(&Value::Words),
            "Series with which it fires: each with its values in promtool's notation, such as `0+1x60`.",
        ),
        required(
            "silent",
            Value::Named(&Value::Words),
            "Series with which it does not.",
        ),
        key(
            "at",
            Value::Words,
            "When to look; `for` and the longest range of the expression after the start, if not set.",
        ),
    ],
};

//! `SM09xx`: what queries name: series, labels, values.

crate::codes::codes! {
    table NAMES;

    /// A query cannot be parsed.
    PROMQL_SYNTAX = "SM0901" "promql-syntax": "not PromQL",
    "The query is not PromQL, as Prometheus 3 has it. `{group.metric}` stands for an exposed name, and Grafana's \
     variables may stand in dashboards.",
    wrong: alert_on!("rate({http.requests}[5m]"),
    right: alert_on!("rate({http.requests}[5m]) > 10");

    /// A query names a series that is neither in the schema nor declared to be another program's.
    UNKNOWN_SERIES = "SM0902" "unknown-series": "a series that nobody exposes",
    "A query about a series that does not exist is empty for ever, and an alert on it never fires. Names of other \
     programs are declared in `[operations]` under `external`; rules that this schema makes may be named too.",
    wrong: alert_on!("app_http_request_total > 10"),
    right: alert_on!("rate({http.requests}[5m]) > 10");

    /// A matcher is about a label that the series do not have.
    SERIES_WITHOUT_LABEL = "SM0903" "series-without-label": "a label that the series lacks",
    "A label that a series lacks is empty, so the matcher selects nothing, or everything. `job`, `instance` and \
     the `target_labels` of `[operations]` are on every series.",
    wrong: alert_on!("rate({http.requests}{status='error'}[5m]) > 1"),
    right: alert_on!("rate({http.requests}{outcome='error'}[5m]) > 1");

    /// A matcher is about a value that the closed label does not have.
    UNREACHABLE_VALUE = "SM0904" "unreachable-value": "a label value that no series has",
    "A closed label has the values of the schema and no other. That goes for the alternatives of a pattern such \
     as `ok|error` too, and a pattern with more in it must match at least one value; \
     all matchers of a label together have to leave one. `ALERTS` has an `alertname` for each \
     alert, and `pending` or `firing` as its `alertstate`.",
    wrong: alert_on!("rate({http.requests}{outcome='failed'}[5m]) > 1"),
    right: alert_on!("rate({http.requests}{outcome='error'}[5m]) > 1");

    /// A matcher on `le` is about a bound that the histogram does not have, or spells it otherwise.
    NOT_A_BUCKET = "SM0905" "not-a-bucket": "a bucket that does not exist",
    "`le` is a label, so it is compared as text: `1.0` is a bucket where `1` is none. Bounds are spelled as \
     OpenMetrics' canonical numbers.",
    wrong: alert_on!("rate({http.duration}_bucket{le='1'}[5m]) > 1"),
    right: alert_on!("rate({http.duration}_bucket{le='1.0'}[5m]) > 1");
}

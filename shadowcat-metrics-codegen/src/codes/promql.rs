//! `SM09xx`: what is wrong with PromQL, in a schema, a rules file or a dashboard. The crate for operations reports them, and
//! tries their examples.

crate::codes::codes! {

    /// A query cannot be parsed.
    PROMQL_SYNTAX = "SM0901" "promql-syntax": "not PromQL",
    "The query is not PromQL, as Prometheus 3 has it. `{group.metric}` stands for an exposed name, and Grafana's \
     variables may stand in dashboards.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.requests}[5m]"""
severity = "info"
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.requests}[5m]) > 10"""
severity = "info"
"#;

    /// A query names a series that is neither in the schema nor declared to be another program's.
    UNKNOWN_SERIES = "SM0902" "unknown-series": "a series that nobody exposes",
    "A query about a series that does not exist is empty for ever, and an alert on it never fires. Names of other \
     programs are declared in `[operations]` under `external`; rules that this schema makes may be named too.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """app_http_request_total > 10"""
severity = "info"
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.requests}[5m]) > 10"""
severity = "info"
"#;

    /// A matcher is about a label that the series do not have.
    SERIES_WITHOUT_LABEL = "SM0903" "series-without-label": "a label that the series lacks",
    "A label that a series lacks is empty, so the matcher selects nothing, or everything. `job`, `instance` and \
     the `target_labels` of `[operations]` are on every series.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.requests}{status='error'}[5m]) > 1"""
severity = "info"
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.requests}{outcome='error'}[5m]) > 1"""
severity = "info"
"#;

    /// A matcher is about a value that the closed label does not have.
    UNREACHABLE_VALUE = "SM0904" "unreachable-value": "a label value that no series has",
    "A closed label has the values of the schema and no other. That goes for the alternatives of a pattern such \
     as `ok|error` too, and a pattern with more in it must match at least one value.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.requests}{outcome='failed'}[5m]) > 1"""
severity = "info"
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.requests}{outcome='error'}[5m]) > 1"""
severity = "info"
"#;

    /// A matcher on `le` is about a bound that the histogram does not have, or spells it otherwise.
    NOT_A_BUCKET = "SM0905" "not-a-bucket": "a bucket that does not exist",
    "`le` is a label, so it is compared as text: `1.0` is a bucket where `1` is none. Bounds are spelled as \
     OpenMetrics' canonical numbers.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.duration}_bucket{le='1'}[5m]) > 1"""
severity = "info"
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.duration}_bucket{le='1.0'}[5m]) > 1"""
severity = "info"
"#;

    /// A function of counters is given a gauge, or one of gauges a counter.
    FUNCTION_UNFIT = "SM0906" "function-unfit": "a function of another kind of metric",
    "`rate`, `irate`, `increase` and `resets` are about what only goes up: they take a fall for a restart. \
     `delta`, `deriv` and their like are about what goes both ways: they take a restart for a fall.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.open}[5m]) > 1"""
severity = "info"
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """deriv({http.open}[5m]) > 1"""
severity = "info"
"#;

    /// `histogram_quantile` is given what has no buckets, or a share that is none.
    QUANTILE_UNFIT = "SM0907" "quantile-unfit": "a quantile of no buckets",
    "A quantile is computed from buckets, which the label `le` tells apart. A sum that does not keep `le` has \
     none left.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """histogram_quantile(0.9, sum(rate({http.duration}_bucket[5m]))) > 1"""
severity = "info"
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """histogram_quantile(0.9, sum by (le) (rate({http.duration}_bucket[5m]))) > 1"""
severity = "info"
"#;

    /// A counter is compared with a number without a rate.
    RAW_COUNTER = "SM0908" "raw-counter": "a counter compared as it stands",
    "A counter counts since the program started, so how large it is says when that was and little else. What \
     happens is in its `rate` or `increase`.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """{http.requests} > 10"""
severity = "info"
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """increase({http.requests}[5m]) > 10"""
severity = "info"
"#;

    /// `by`, `without`, `on` or `ignoring` lists a label that the series do not have.
    GROUPING_WITHOUT_LABEL = "SM0909" "grouping-without-label": "grouped by a label that is not there",
    "A label that no series has groups nothing: the sum is over everything, and two sides match by less than it \
     seems.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """sum by (status) (rate({http.requests}[5m])) > 1"""
severity = "info"
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """sum by (outcome) (rate({http.requests}[5m])) > 1"""
severity = "info"
"#;

    /// Both sides of an operator have labels, and not the same ones.
    UNMATCHED_LABELS = "SM0910" "unmatched-labels": "two sides that never match",
    "Series of two sides are paired if their labels are equal. Where one side has a label more, no pair is ever \
     found, and the query is empty. Aggregate both sides alike, or say `on` or `ignoring`.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.requests}[5m]) / {http.open} > 1"""
severity = "info"
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """sum(rate({http.requests}[5m])) / sum({http.open}) > 1"""
severity = "info"
"#;

    /// A histogram is named without `_bucket`, `_sum` or `_count`.
    BARE_HISTOGRAM = "SM0911" "bare-histogram": "a histogram without a suffix",
    "A histogram is exposed as the series `_bucket`, `_sum` and `_count`; there is none of its own name.",
    wrong: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.duration}[5m]) > 1"""
severity = "info"
"#,
    right: r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """rate({http.duration}_count[5m]) > 1"""
severity = "info"
"#;

    /// An alert has no test.
    UNTESTED_ALERT = "SM0912" "untested-alert": "an alert that has never been seen to fire",
    "An alert that has never fired may be one that cannot. `test` gives series that fire it, and series that do \
     not, and promtool tries both. A warning; objectives bring their own tests.",
    wrong: r#"[alerts.example]
summary = "The machine is busy."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
runbook = "https://example.org/runbooks/busy"
"#,
    right: r#"[alerts.example]
summary = "The machine is busy."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
runbook = "https://example.org/runbooks/busy"

[alerts.example.test]
fires = { "ALERTS{alertname='Busy'}" = "1x10" }
silent = {}
"#;

    /// The runbook of an objective or alert has no notes.
    RUNBOOK_WITHOUT_NOTES = "SM0913" "runbook-without-notes": "a runbook without a hand-written part",
    "A runbook is generated, but what to look at first is known to people alone. They write it down beside the \
     generated pages, in `operations/runbooks/notes/NAME.md` in the folder for documents, and it becomes a part \
     of the page. A `runbook` that is kept elsewhere needs none. A warning.",
    wrong: r#"[alerts.example]
summary = "The machine is busy."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
test = { fires = { "ALERTS{alertname='Busy'}" = "1x10" }, silent = {} }
"#,
    right: r#"[alerts.example]
summary = "The machine is busy."
expr = "ALERTS{alertname='Busy'} == 1"
severity = "info"
runbook = "https://example.org/runbooks/busy"
test = { fires = { "ALERTS{alertname='Busy'}" = "1x10" }, silent = {} }
"#;

    /// A rules file or a dashboard cannot be read.
    UNREADABLE_FILE = "SM0914" "unreadable-file": "a file that is neither YAML nor JSON",
    "`check-rules` reads Prometheus' rules, which are YAML, and Grafana's dashboards, which are JSON. What comes \
     after the place that is shown could not be read.",
    wrong: r#"# "groups": [
"#,
    right: r#"# "groups": []
"#;
}

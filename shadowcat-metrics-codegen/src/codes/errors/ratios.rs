//! `SM06xx`: what holds between metrics. Ratios and the series budget.

crate::codes::codes! {
    table RATIOS;

    /// A ratio has nothing above or below the line.
    MISSING_OPERANDS = "SM0601" "missing-operands": "a ratio without operands",
    "A ratio is the sum of the metrics in `numerator` divided by the sum of those in `denominator`. Both name at least \
     one, as `group.metric`.",
    wrong: r#"[metrics.http.hits]
type = "counter"
help = "Requests served from the cache."

[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
help = "Share of requests served from the cache."
"#,
    right: r#"[metrics.http.hits]
type = "counter"
help = "Requests served from the cache."

[metrics.http.requests]
type = "counter"
help = "Requests answered."

[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
denominator = "http.requests"
help = "Share of requests served from the cache."
"#;

    /// An operand is of a type that cannot be divided.
    INVALID_OPERAND = "SM0602" "invalid-operand": "a ratio of what cannot be divided",
    "Operands are counters, gauges and up-down counters. A histogram, a state and info are no single number, and a ratio \
     of ratios (or of itself) has no meaning that survives summing.",
    wrong: r#"[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hit_ratio"
denominator = "http.hit_ratio"
help = "Share of requests served from the cache."
"#,
    right: r#"[metrics.http.hits]
type = "counter"
help = "Requests served from the cache."

[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
denominator = "http.hits"
help = "Share of requests served from the cache."
"#;

    /// A metric is listed twice on one side of a ratio.
    DUPLICATE_OPERAND = "SM0603" "duplicate-operand": "a metric twice on one side of a ratio",
    "It would be counted twice. A metric may stand on both sides, but on each once.",
    wrong: r#"[metrics.http.hits]
type = "counter"
help = "Requests served from the cache."

[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
denominator = ["http.hits", "http.hits"]
help = "Share of requests served from the cache."
"#,
    right: r#"[metrics.http.hits]
type = "counter"
help = "Requests served from the cache."

[metrics.http.misses]
type = "counter"
help = "Requests not served from the cache."

[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
denominator = ["http.hits", "http.misses"]
help = "Share of requests served from the cache."
"#;

    /// A ratio mixes counters and gauges.
    RATIO_UNLIKE_KINDS = "SM0604" "ratio-unlike-kinds": "a ratio of counters and gauges",
    "A counter tells how often since the start, a gauge how many now. Their quotient drifts for as long as the program \
     runs. Divide counters by counters, or gauges and up-down counters by their like.",
    wrong: r#"[metrics.http.hits]
type = "counter"
help = "Requests served from the cache."

[metrics.http.active]
type = "gauge"
help = "Requests in progress."

[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
denominator = "http.active"
help = "Share of requests served from the cache."
"#,
    right: r#"[metrics.http.hits]
type = "counter"
help = "Requests served from the cache."

[metrics.http.requests]
type = "counter"
help = "Requests answered."

[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
denominator = "http.requests"
help = "Share of requests served from the cache."
"#;

    /// A ratio mixes units.
    RATIO_UNLIKE_UNITS = "SM0605" "ratio-unlike-units": "a ratio of unlike units",
    "Only a quotient of like units is a plain share. Bytes per request and the like are computed when queried.",
    wrong: r#"[metrics.http.sent]
type = "counter"
unit = "bytes"
help = "Bytes sent."

[metrics.http.requests]
type = "counter"
help = "Requests answered."

[metrics.http.sent_ratio]
type = "ratio"
numerator = "http.sent"
denominator = "http.requests"
help = "What was sent."
"#,
    right: r#"[metrics.http.sent]
type = "counter"
unit = "bytes"
help = "Bytes sent."

[metrics.http.received]
type = "counter"
unit = "bytes"
help = "Bytes received."

[metrics.http.sent_ratio]
type = "ratio"
numerator = "http.sent"
denominator = ["http.sent", "http.received"]
help = "Share of the traffic that was sent."
"#;

    /// An operand's labels are not those of the ratio.
    RATIO_UNLIKE_LABELS = "SM0606" "ratio-unlike-labels": "a ratio of unlike labels",
    "A ratio is computed for each combination of its labels, its group's and its own, so every operand has the same \
     labels, in whatever order.",
    wrong: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]

[metrics.http.hits]
type = "counter"
labels = ["method"]
help = "Requests served from the cache."

[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
denominator = "http.hits"
help = "Share of requests served from the cache."
"#,
    right: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]

[metrics.http.hits]
type = "counter"
labels = ["method"]
help = "Requests served from the cache."

[metrics.http.hit_ratio]
type = "ratio"
labels = ["method"]
numerator = "http.hits"
denominator = "http.hits"
help = "Share of requests served from the cache."
"#;

    /// All metrics together may expose more series than the budget allows.
    OVER_BUDGET = "SM0607" "over-budget": "more series than the budget",
    "Every label is bounded, so the worst case is known: for each metric the product of its labels' values and its \
     lines, where a histogram has a line for each bound and three more. An open label that only info metrics use, or \
     nothing, counts with its values, because the program keeps them. The sum, with the library's own metrics, must stay \
     within `series_budget`, 10000 unless `[defaults]` sets it. Series are what memory and \
     Prometheus pay for, so raising the budget is a decision, and belongs into review.",
    wrong: r#"[labels.server]
help = "Upstream server."
open = { max = 1000 }

[metrics.http.duration]
type = "histogram"
unit = "seconds"
labels = ["server"]
buckets = { exponential = { start = 0.001, factor = 2, count = 16 } }
help = "Time spent on a request."
"#,
    right: r#"[labels.server]
help = "Upstream server."
open = { max = 100 }

[metrics.http.duration]
type = "histogram"
unit = "seconds"
labels = ["server"]
buckets = { exponential = { start = 0.001, factor = 2, count = 16 } }
help = "Time spent on a request."
"#;
}

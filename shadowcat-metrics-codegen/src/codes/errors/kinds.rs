//! `SM04xx`: what a metric's type asks of its other keys, and its way out.

crate::codes::codes! {
    table KINDS;

    /// A histogram has no bounds.
    MISSING_BUCKETS = "SM0401" "missing-buckets": "a histogram without buckets",
    "A histogram counts observations in buckets, and no default suits both microseconds and hours. Name a set of \
     `[buckets]`, or write the bounds in place.",
    wrong: r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
help = "Time spent on a request."
"#,
    right: r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = { exponential = { start = 0.001, factor = 2, count = 12 } }
help = "Time spent on a request."
"#;

    /// `buckets` on something that is not a histogram.
    MISPLACED_BUCKETS = "SM0402" "misplaced-buckets": "buckets on a metric that is no histogram",
    "Only a histogram has buckets. Remove the key, or change the `type`.",
    wrong: r#"[metrics.http.requests]
type = "counter"
buckets = [1, 10]
help = "Requests answered."
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;

    /// A state has no states.
    MISSING_STATES = "SM0403" "missing-states": "a state without states",
    "A state is always one of the values of a closed label, which `states` names.",
    wrong: r#"[metrics.http.health]
type = "state"
help = "How the server is."
"#,
    right: r#"[labels.health]
help = "How a server is."
values = ["up", "down"]

[metrics.http.health]
type = "state"
states = "health"
help = "How the server is."
"#;

    /// `states` on something that is not a state.
    MISPLACED_STATES = "SM0404" "misplaced-states": "states on a metric that is no state",
    "Only a metric of type `state` has `states`. To split another metric by a label, list it in `labels`.",
    wrong: r#"[labels.health]
help = "How a server is."
values = ["up", "down"]

[metrics.http.servers]
type = "gauge"
states = "health"
help = "Servers there are."
"#,
    right: r#"[labels.health]
help = "How a server is."
values = ["up", "down"]

[metrics.http.servers]
type = "gauge"
labels = ["health"]
help = "Servers there are."
"#;

    /// `states` names an open label.
    OPEN_STATES = "SM0405" "open-states": "states that are not a fixed list",
    "All states are exposed at all times, one with 1 and the others with 0, so they must be known: the label has `values`.",
    wrong: r#"[labels.health]
help = "How a server is."
open = { max = 8 }

[metrics.http.health]
type = "state"
states = "health"
help = "How the server is."
"#,
    right: r#"[labels.health]
help = "How a server is."
values = ["up", "down"]

[metrics.http.health]
type = "state"
states = "health"
help = "How the server is."
"#;

    /// `callback` on something that is neither a counter nor a gauge.
    MISPLACED_CALLBACK = "SM0406" "misplaced-callback": "a callback on a metric that is neither counter nor gauge",
    "A counter or a gauge may be read by a function when it is scraped, as what another library or the kernel counts. Other types are recorded as things happen.",
    wrong: r#"[metrics.http.waiting]
type = "updown_counter"
callback = true
help = "Requests that wait."
"#,
    right: r#"[metrics.http.queue_length]
type = "gauge"
callback = true
help = "Requests that wait."
"#;

    /// `unit` on a type that has none, or always the same.
    MISPLACED_UNIT = "SM0407" "misplaced-unit": "a unit on a metric that takes none",
    "A state and info have no number to measure, and a ratio's unit is always `ratio`.",
    wrong: r#"[labels.version]
help = "Version of the program."
open = { max = 2 }

[metrics.http.build]
type = "info"
unit = "bytes"
labels = ["version"]
help = "What is running."
"#,
    right: r#"[labels.version]
help = "Version of the program."
open = { max = 2 }

[metrics.http.build]
type = "info"
labels = ["version"]
help = "What is running."
"#;

    /// `numerator` or `denominator` on something that is not a ratio.
    MISPLACED_OPERANDS = "SM0408" "misplaced-operands": "operands on a metric that is no ratio",
    "Only a metric of type `ratio` is derived from others. A metric with `unit = \"ratio\"` is recorded.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."

[metrics.http.share]
type = "gauge"
numerator = "http.requests"
help = "Share of requests."
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."

[metrics.http.share]
type = "ratio"
numerator = "http.requests"
denominator = "http.requests"
help = "Share of requests."
"#;

    /// An info metric has no facts.
    INFO_WITHOUT_FACTS = "SM0409" "info-without-facts": "an info metric without labels",
    "Info states facts as the values of its own labels, such as a version. Without any it says nothing.",
    wrong: r#"[metrics.http.build]
type = "info"
help = "What is running."
"#,
    right: r#"[labels.version]
help = "Version of the program."
open = { max = 2 }

[metrics.http.build]
type = "info"
labels = ["version"]
help = "What is running."
"#;

    /// A deprecated metric does not say why.
    DEPRECATED_WITHOUT_REASON = "SM0410" "deprecated-without-reason": "deprecated without a reason",
    "Whoever meets the deprecated metric, in code or on a dashboard, must learn what to do: `use` names another metric \
     that takes its place, `note` says it in words. The reason shows in the compiler's warning and in the reference.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
deprecated = { since = "0.4.0" }
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
deprecated = { since = "0.4.0", note = "Counted by the load balancer." }
"#;

    /// A metric is deprecated and says it is stable or experimental.
    DEPRECATED_AND_STABLE = "SM0411" "deprecated-and-stable": "deprecated and another stability at once",
    "`deprecated` sets the stability. Leave `stability` out.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
stability = "stable"
deprecated = { note = "Counted by the load balancer." }
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
deprecated = { note = "Counted by the load balancer." }
"#;

    /// `[defaults]` deprecates every metric.
    DEPRECATED_BY_DEFAULT = "SM0412" "deprecated-by-default": "deprecated by default",
    "Each deprecated metric has its own reason, so deprecation cannot be a default.",
    wrong: r#"[defaults]
stability = "deprecated"
"#,
    right: r#"[defaults]
stability = "experimental"
"#;
}

crate::codes::codes! {
    table QUANTILES;

    /// `quantiles` is set for a metric that is no histogram.
    MISPLACED_QUANTILES = "SM0812" "misplaced-quantiles": "quantiles of what has none",
    "Quantiles are computed from a histogram's buckets; no other metric has any.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
quantiles = true
"#,
    right: r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 0.25, 1]
help = "Time spent on a request."
quantiles = true
"#;
}

//! `SM01xx`: words and names that are not known.

crate::codes::codes! {
    table REFERENCES;

    /// `type` is not a kind of metric.
    UNKNOWN_KIND = "SM0101" "unknown-kind": "unknown type of metric",
    "A metric is a `counter` (only goes up), a `gauge` (set), an `updown_counter` (moved up and down), a `histogram` \
     (observations in buckets), a `state` (one of several), `info` (facts) or a `ratio` (of other metrics).",
    wrong: r#"[metrics.http.requests]
type = "count"
help = "Requests answered."
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
"#;

    /// `unit` is not a base unit.
    UNKNOWN_UNIT = "SM0102" "unknown-unit": "unknown unit",
    "Units are the base units of Prometheus and OpenMetrics: `seconds`, `bytes`, `ratio`, `celsius`, `meters`, `volts`, \
     `amperes`, `joules`, `watts`, `grams`, `hertz`. Multiples such as milliseconds are not exposed; a recorder in \
     `seconds` takes a `Duration`, so nothing needs converting. A plain number has no `unit`.",
    wrong: r#"[metrics.http.duration]
type = "counter"
unit = "milliseconds"
help = "Time spent on requests."
"#,
    right: r#"[metrics.http.duration]
type = "counter"
unit = "seconds"
help = "Time spent on requests."
"#;

    /// A label is not declared.
    UNKNOWN_LABEL = "SM0103" "unknown-label": "unknown label",
    "Every label is declared once under `[labels]`, with its meaning and its bound, and then listed by name.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["method"]
"#,
    right: r#"[labels.method]
help = "Method of the request."
values = ["GET", "POST"]

[metrics.http.requests]
type = "counter"
help = "Requests answered."
labels = ["method"]
"#;

    /// A bucket set is not declared.
    UNKNOWN_BUCKET_SET = "SM0104" "unknown-bucket-set": "unknown bucket set",
    "`buckets` names a set declared under `[buckets]`, or holds bounds itself: `buckets = [0.1, 1, 10]`.",
    wrong: r#"[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = "latency"
help = "Time spent on a request."
"#,
    right: r#"[buckets]
latency = [0.1, 1, 10]

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = "latency"
help = "Time spent on a request."
"#;

    /// A metric is not declared.
    UNKNOWN_METRIC = "SM0105" "unknown-metric": "unknown metric",
    "Metrics are named as `group.metric`, by their keys in the schema and not by their exposed names.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
deprecated = { use = "replies" }

[metrics.http.replies]
type = "counter"
help = "Requests answered."
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
deprecated = { use = "http.replies" }

[metrics.http.replies]
type = "counter"
help = "Requests answered."
"#;

    /// A group is not declared.
    UNKNOWN_GROUP = "SM0106" "unknown-group": "unknown group",
    "`[metrics.GROUP.NAME]` belongs to a group declared as `[groups.GROUP]`, which says what its metrics have in common \
     and which labels all of them bear.",
    wrong: r#"[metrics.web.requests]
type = "counter"
help = "Requests answered."
"#,
    right: r#"[groups.web]
help = "The web server."

[metrics.web.requests]
type = "counter"
help = "Requests answered."
"#;

    /// `stability` is not one of the three.
    UNKNOWN_STABILITY = "SM0107" "unknown-stability": "unknown stability",
    "`experimental` may change in any release, `stable` changes with a major release only, `deprecated` is on its way out.",
    wrong: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
stability = "beta"
"#,
    right: r#"[metrics.http.requests]
type = "counter"
help = "Requests answered."
stability = "experimental"
"#;
}

//! `SM09xx`: what queries compare values with.

crate::codes::codes! {
    table LIMITS;

    /// A share is compared with more than the whole, or a count with less than one.
    UNREACHABLE_LIMIT = "SM0916" "unreachable-limit": "a limit that no value reaches",
    "A share is from 0 to 1: a gauge with the unit `ratio`, a ratio that counts below the line whatever it counts above, and \
     what is recorded of either. So is an objective's share of errors, and what is left of its error budget is 1 at most. An alert on \
     more never fires; mostly percent were meant. A state is 1 in the series of the value that it is in, and 0 in the others. And \
     the `count` of no series is no 0 but nothing at all: `absent` is there for that.",
    wrong: r#"[metrics.http.hits]
type = "counter"
help = "Answers found in the cache."

[metrics.http.misses]
type = "counter"
help = "Answers that had to be made."

[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
denominator = ["http.hits", "http.misses"]
help = "Share of answers found in the cache."

[alerts.example]
summary = "An example."
expr = "{http.hit_ratio} > 95"
severity = "info"
"#,
    right: r#"[metrics.http.hits]
type = "counter"
help = "Answers found in the cache."

[metrics.http.misses]
type = "counter"
help = "Answers that had to be made."

[metrics.http.hit_ratio]
type = "ratio"
numerator = "http.hits"
denominator = ["http.hits", "http.misses"]
help = "Share of answers found in the cache."

[alerts.example]
summary = "An example."
expr = "{http.hit_ratio} > 0.95"
severity = "info"
"#;
}

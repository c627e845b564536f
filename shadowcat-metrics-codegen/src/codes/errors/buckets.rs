//! `SM05xx`: histogram bounds.

crate::codes::codes! {
    table BUCKETS;

    /// A bucket set has no bounds.
    EMPTY_BUCKETS = "SM0501" "empty-buckets": "no bucket bounds",
    "A histogram whose only bucket is `+Inf` is a counter. Give at least one bound.",
    wrong: r"[buckets]
latency = []
",
    right: r"[buckets]
latency = [0.1, 1, 10]
";

    /// Bounds do not increase.
    BOUNDS_NOT_INCREASING = "SM0502" "bounds-not-increasing": "bucket bounds that do not increase",
    "Each bound lies above the one before it. Sort them, and remove those listed twice.",
    wrong: r"[buckets]
latency = [0.1, 1, 1, 10]
",
    right: r"[buckets]
latency = [0.1, 1, 10]
";

    /// A bound is NaN or infinite.
    NON_FINITE_BOUND = "SM0503" "non-finite-bound": "a bucket bound that is not finite",
    "Bounds are finite numbers. The bucket `+Inf` is always there and is not written. A progression whose terms grow \
     beyond 1.8e308 is infinite too.",
    wrong: r"[buckets]
latency = [0.1, 1, inf]
",
    right: r"[buckets]
latency = [0.1, 1]
";

    /// A bound is negative.
    NEGATIVE_BOUND = "SM0504" "negative-bound": "a negative bucket bound",
    "A histogram's `_sum` is a counter, and with negative observations it would go down. So a histogram takes no \
     negative values, and bounds below zero would never count any. Record such values in a gauge.",
    wrong: r"[buckets]
drift = [-1, 0, 1]
",
    right: r"[buckets]
drift = [0, 1]
";

    /// A bound is above what the unit can be.
    BOUND_TOO_LARGE = "SM0505" "bound-too-large": "a bucket bound above what the unit can be",
    "A ratio is a share from 0 to 1, not a percentage. Seconds are counted in nanoseconds and bytes one by one, both \
     in 64 bits.",
    wrong: r#"[metrics.http.load]
type = "histogram"
unit = "ratio"
buckets = [50, 90, 99]
help = "Load of the server."
"#,
    right: r#"[metrics.http.load]
type = "histogram"
unit = "ratio"
buckets = [0.5, 0.9, 0.99]
help = "Load of the server."
"#;

    /// A bound lies between two values of the unit.
    BOUND_TOO_FINE = "SM0506" "bound-too-fine": "a bucket bound finer than the unit",
    "Durations are whole nanoseconds, so a bound in seconds has at most nine decimals. Bytes are whole numbers.",
    wrong: r#"[metrics.http.size]
type = "histogram"
unit = "bytes"
buckets = [0.5, 64]
help = "Size of a request."
"#,
    right: r#"[metrics.http.size]
type = "histogram"
unit = "bytes"
buckets = [1, 64]
help = "Size of a request."
"#;

    /// A bucket set has too many bounds.
    TOO_MANY_BOUNDS = "SM0507" "too-many-bounds": "too many bucket bounds",
    "Each bound is one more series for every combination of the labels. 10 to 20 are usual, 250 are the most.",
    wrong: r"[buckets]
latency = { linear = { start = 1, width = 1, count = 1000 } }
",
    right: r"[buckets]
latency = { exponential = { start = 1, factor = 2, count = 10 } }
";

    /// A progression does not rise, or not from zero or above.
    INVALID_PROGRESSION = "SM0508" "invalid-progression": "a progression that does not rise",
    "`exponential` starts above 0 and has a factor above 1; `linear` starts at 0 or above and has a width above 0.",
    wrong: r"[buckets]
latency = { exponential = { start = 0, factor = 2, count = 10 } }
",
    right: r"[buckets]
latency = { exponential = { start = 0.001, factor = 2, count = 10 } }
";
}

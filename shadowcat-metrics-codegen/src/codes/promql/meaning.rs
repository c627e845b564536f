//! `SM09xx`: what queries do with it: functions, sums, comparisons.

crate::codes::codes! {
    table MEANING;

    /// A function of counters is given a gauge, or one of gauges a counter.
    FUNCTION_UNFIT = "SM0906" "function-unfit": "a function of another kind of metric",
    "`rate`, `irate`, `increase` and `resets` are about what only goes up: they take a fall for a restart. \
     `delta`, `deriv` and their like are about what goes both ways: they take a restart for a fall. A sum of counters \
     falls when one of them restarts, so the rate comes first and the sum around it. And how high a counter stands, which \
     `sum_over_time` and `avg_over_time` are about, says when the program started and little else.",
    wrong: alert_on!("rate({http.open}[5m]) > 1"),
    right: alert_on!("deriv({http.open}[5m]) > 1");

    /// `histogram_quantile` is given what has no buckets, or a share that is none.
    QUANTILE_UNFIT = "SM0907" "quantile-unfit": "a quantile of no buckets",
    "A quantile is computed from buckets, which the label `le` tells apart. A sum that does not keep `le` has \
     none left. And it is never above the highest bound, when it is recorded neither: to ask whether it is, is to ask in \
     vain.",
    wrong: alert_on!("histogram_quantile(0.9, sum(rate({http.duration}_bucket[5m]))) > 1"),
    right: alert_on!("histogram_quantile(0.9, sum by (le) (rate({http.duration}_bucket[5m]))) > 1");

    /// A counter is compared with a number without a rate.
    RAW_COUNTER = "SM0908" "raw-counter": "a counter compared as it stands",
    "A counter counts since the program started, so how large it is says when that was and little else. What \
     happens is in its `rate` or `increase`.",
    wrong: alert_on!("{http.requests} > 10"),
    right: alert_on!("increase({http.requests}[5m]) > 10");

    /// `by`, `without`, `on` or `ignoring` lists a label that the series do not have.
    GROUPING_WITHOUT_LABEL = "SM0909" "grouping-without-label": "grouped by a label that is not there",
    "A label that no series has groups nothing: the sum is over everything, and two sides match by less than it \
     seems. To ignore what is not there does nothing, and is told only where it is nearly what is there.",
    wrong: alert_on!("sum by (status) (rate({http.requests}[5m])) > 1"),
    right: alert_on!("sum by (outcome) (rate({http.requests}[5m])) > 1");

    /// Both sides of an operator have labels, and not the same ones.
    UNMATCHED_LABELS = "SM0910" "unmatched-labels": "two sides that never match",
    "Series of two sides are paired if their labels are equal. Where one side has a label more, no pair is ever \
     found, and the query is empty. It is the same where one side asks for another value of a label than the other. Aggregate both \
     sides alike, or say `on` or `ignoring`.",
    wrong: alert_on!("rate({http.requests}[5m]) / {http.open} > 1"),
    right: alert_on!("sum(rate({http.requests}[5m])) / sum({http.open}) > 1");

    /// A histogram is named without `_bucket`, `_sum` or `_count`.
    BARE_HISTOGRAM = "SM0911" "bare-histogram": "a histogram without a suffix",
    "A histogram is exposed as the series `_bucket`, `_sum` and `_count`; there is none of its own name.",
    wrong: alert_on!("rate({http.duration}[5m]) > 1"),
    right: alert_on!("rate({http.duration}_count[5m]) > 1");
}

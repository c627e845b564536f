//! `SM09xx`: what queries say of times.

crate::codes::codes! {
    table TIMES;

    /// A range or a step is a number without a unit.
    RANGE_WITHOUT_UNIT = "SM0917" "range-without-unit": "a range without a unit",
    "Prometheus 3 takes a number in the brackets for seconds, and older ones refuse it. Mostly minutes were meant, and in so \
     few seconds there are not even two scrapes for `rate` to compare. A time with its unit says what it is. A warning.",
    wrong: alert_on!("rate({http.requests}[5]) > 1"),
    right: alert_on!("rate({http.requests}[5m]) > 1");
}

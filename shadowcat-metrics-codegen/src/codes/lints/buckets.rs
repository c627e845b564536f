//! Codes of lints about the bounds of histograms, `SM1218` and `SM1219`.

use crate::codes::codes;

codes! {
    table BUCKETS;

    /// Neighbouring bounds are more than a factor of ten apart.
    COARSE_BUCKETS = "SM1218" "coarse-buckets": "bounds far apart",
    "A quantile is interpolated between the two bounds around it, so it can be wrong by as much as they are apart. \
     With more than a factor of ten between neighbours it says little. A factor of two is a good step: `{ \
     exponential = { start = 0.001, factor = 2, count = 14 } }` goes from a millisecond to eight seconds.",
    wrong: shop!(r#"[metrics.cart.age]
type = "histogram"
unit = "seconds"
buckets = [1, 60, 3600]
help = "Age of a cart when it was paid."
"#),
    right: shop!(r#"[metrics.cart.age]
type = "histogram"
unit = "seconds"
buckets = [1, 10, 60, 300, 1800, 3600]
help = "Age of a cart when it was paid."
"#);

    /// Bounds in seconds are written as if they were milliseconds.
    MILLISECOND_BOUNDS = "SM1219" "millisecond-bounds": "bounds that look like milliseconds",
    "Bounds are in the base unit, seconds. 100, 250, 500 are the steps in which latencies are written in \
     milliseconds; in seconds, whoever measures that long counts in sixties. All observations would be in the first \
     bucket.",
    wrong: shop!(r#"[metrics.cart.payment_duration]
type = "histogram"
unit = "seconds"
buckets = [5, 10, 25, 50, 100, 250, 500, 1000]
help = "Time to pay."
"#),
    right: shop!(r#"[metrics.cart.payment_duration]
type = "histogram"
unit = "seconds"
buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
help = "Time to pay."
"#);
}

//! Lints about the bounds of histograms.

use super::shop;
use crate::series::native_cells;
use shadowcat_metrics_codegen::Diagnostic;
use shadowcat_metrics_codegen::codes::codes;
use shadowcat_metrics_codegen::model::{Metric, Registry, Unit};

codes! {
    COARSE_BUCKETS = "SM1218" "coarse-buckets": "bucket bounds too far apart",
    "A quantile is interpolated between the two bounds around it, so its error can be as large as the distance \
     between them. With more than a factor of ten between two bounds, quantiles mean little. A factor of two is a \
     good choice: `{ exponential = { start = 0.001, factor = 2, count = 14 } }` goes from a millisecond to eight \
     seconds.",
    example: shop!(r#"[metrics.cart.age]
type = "histogram"
unit = "seconds"
- buckets = [1, 60, 3600]
+ buckets = [1, 10, 60, 300, 1800, 3600]
help = "Age of a cart when it was paid."
"#);
}

/// The largest factor between two bounds that is usually intentional.
const WIDEST: f64 = 10.0;

/// Reports adjacent bounds that are so far apart that a quantile between them is a guess.
pub(super) fn coarse_buckets(registry: &Registry, metric: &Metric) -> Option<Diagnostic> {
    // Quantiles come from the native buckets.
    if metric.native.is_some() {
        return None;
    }
    // A bound of zero is intentional.
    let pairs = registry.bounds(metric)?.windows(2);
    let mut pairs = pairs.filter(|pair| pair[0] > 0.0);
    // Decades may differ from a factor of ten by a rounding error.
    let pair = pairs.find(|pair| pair[1] / pair[0] > WIDEST * 1.001)?;
    let (low, high) = (pair[0], pair[1]);
    let message = format!(
        "the bounds {low} and {high} of `{}` are far apart",
        metric.key
    );
    let problem = Diagnostic::warning(COARSE_BUCKETS, metric.spans.buckets, message)
        .label(format!("no bound between {low} and {high}"))
        .help(
            "add bounds in between: quantiles are interpolated between two bounds, and a factor of two is a good \
             choice",
        );
    Some(problem)
}

codes! {
    MILLISECOND_BOUNDS = "SM1219" "millisecond-bounds": "bounds that look like milliseconds",
    "Bucket bounds are in the base unit, seconds. Bounds such as 100, 250 and 500 are usual for latencies in \
     milliseconds; bounds for long durations in seconds are usually multiples of 60. Read as seconds, the bounds would put all \
     observations into the first bucket.",
    example: shop!(r#"[metrics.cart.payment_duration]
type = "histogram"
unit = "seconds"
- buckets = [5, 10, 25, 50, 100, 250, 500, 1000]
+ buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]
help = "Time to pay."
"#);
}

/// Steps that are typical for milliseconds. Seconds beyond a minute are usually multiples of sixty.
const LADDER: [f64; 3] = [100.0, 250.0, 500.0];

/// Reports a histogram in seconds with bounds that are typical for milliseconds.
pub(super) fn millisecond_bounds(registry: &Registry, metric: &Metric) -> Option<Diagnostic> {
    let bounds = registry.bounds(metric)?;
    let (first, last) = (*bounds.first()?, *bounds.last()?);
    let is_ladder = LADDER.iter().all(|step| bounds.contains(step));
    if metric.unit != Unit::Seconds || first < 1.0 || !is_ladder || last > 60_000.0 {
        return None;
    }
    let message = format!("the bounds of `{}` look like milliseconds", metric.key);
    let problem = Diagnostic::warning(MILLISECOND_BOUNDS, metric.spans.buckets, message)
        .label(format!("the last bound is {last} seconds"))
        .help("write the bounds in seconds: 250 milliseconds are `0.25`");
    Some(problem)
}

codes! {
    NATIVE_MEMORY = "SM1225" "native-memory": "native buckets that take a lot of memory",
    "A native histogram takes 8 bytes for each bucket, series and thread that records. With many series, this can be \
     more memory than all other metrics take. Use a larger `factor`, a smaller range, or fewer labels: with a \
     factor of 1.1, a histogram from 100 microseconds to a minute takes 1.4 KB for each series and thread.",
    example: shop!(r#"[labels.shop]
help = "Name of the shop."
- open = { max = 1000 }
+ open = { max = 100 }

[metrics.cart.payment_duration]
type = "histogram"
unit = "seconds"
labels = ["shop"]
buckets = [0.01, 0.1, 1]
- native = { factor = 1.05, from = "1ms", to = "10s" }
+ native = { factor = 1.1, from = "1ms", to = "10s" }
help = "Time to pay."
"#);
}

/// Bytes of a native histogram for each thread that are usually intentional: a megabyte.
const MANY_BYTES: u64 = 1 << 20;

/// Reports a native histogram whose number of series makes its buckets take much memory.
pub(super) fn native_memory(registry: &Registry, metric: &Metric) -> Option<Diagnostic> {
    let bytes = native_cells(registry, metric)?.saturating_mul(8);
    if bytes <= MANY_BYTES {
        return None;
    }
    let (kilobytes, key) = (bytes / 1000, &metric.key);
    let message =
        format!("the native buckets of `{key}` take up to {kilobytes} KB for each thread");
    let problem = Diagnostic::warning(NATIVE_MEMORY, metric.spans.native, message)
        .label(format!(
            "{} buckets for each series",
            metric.native?.buckets()
        ))
        .help("use a larger `factor`, a smaller range, or fewer labels");
    Some(problem)
}

#[test]
fn bounds_may_be_decades_and_hours() {
    crate::testing::lints(
        r#"
        age: histogram, unit = "seconds", buckets = [0, 0.01, 0.1, 1] =>
        age: histogram, unit = "seconds", buckets = [0.01, 0.11] => coarse-buckets [0.01, 0.11]
        age: histogram, unit = "seconds", buckets = { exponential = { start = 0.001, factor = 10, count = 6 } } =>
        age: histogram, unit = "seconds", buckets = [10, 25, 100, 250, 500] => millisecond-bounds [10, 25, 100, 250, 500]
        age: histogram, unit = "bytes", buckets = [10, 25, 100, 250, 500] =>
        age: histogram, unit = "seconds", buckets = [1, 10, 60, 300, 1800] =>
        begins_below_a_second: histogram, unit = "seconds", buckets = [0.1, 1, 10, 100, 250, 500] =>
        size: histogram, unit = "bytes", buckets = [10, 1000], native = { factor = 1.1, from = 1, to = 1e6 } =>
    "#,
    );
}

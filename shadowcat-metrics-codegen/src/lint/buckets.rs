//! Lints about the bounds of histograms.

use super::finding::{Finding, Item, metrics};
use crate::codes::codes;
use crate::model::{Origin, Registry, Unit};

codes! {
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
}

/// A decade is the widest step that people choose on purpose.
const WIDEST: f64 = 10.0;

/// Neighbouring bounds so far apart that a quantile between them is a guess.
pub(super) fn coarse_buckets(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry).filter(|(_, metric)| metric.origin == Origin::Schema) {
        let Some(bounds) = registry.bounds(metric) else {
            continue;
        };
        // A bound of zero is there for its own sake.
        let mut pairs = bounds.windows(2).filter(|pair| pair[0] > 0.0);
        // Written decades may be a rounding apart from ten.
        if let Some([low, high]) = pairs.find(|pair| pair[1] / pair[0] > WIDEST * 1.001) {
            let message = format!("`{}` cannot tell {low} from {high}", metric.key);
            let label = format!("nothing lies between {low} and {high}");
            let finding = Finding::new(Item::Metric(id), metric.spans.buckets, message, label);
            findings.push(finding.help(
                "a quantile is interpolated between bounds, so it may be off by what lies between them; twice the bound \
                 before is a good step",
            ));
        }
    }
}

codes! {
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

/// Steps in which everybody writes milliseconds. Seconds beyond a minute are counted in sixties.
const LADDER: [f64; 3] = [100.0, 250.0, 500.0];

/// A histogram in seconds with the bounds that everybody writes for milliseconds.
pub(super) fn millisecond_bounds(registry: &Registry, findings: &mut Vec<Finding>) {
    for (id, metric) in metrics(registry).filter(|(_, metric)| metric.origin == Origin::Schema) {
        let Some(bounds) = registry
            .bounds(metric)
            .filter(|_| metric.unit == Unit::Seconds)
        else {
            continue;
        };
        let whole = bounds.first().is_some_and(|first| *first >= 1.0);
        let is_ladder = LADDER.iter().all(|step| bounds.contains(step));
        let last = bounds.last().copied().unwrap_or_default();
        if whole && is_ladder && last <= 60_000.0 {
            let message = format!("the bounds of `{}` look like milliseconds", metric.key);
            let label = format!("the last bound is {last} seconds");
            let finding = Finding::new(Item::Metric(id), metric.spans.buckets, message, label);
            findings.push(finding.help("bounds are in the base unit: 250 milliseconds are `0.25`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{NONE, found_in, histogram};

    #[test]
    fn bounds_may_be_decades_and_hours() {
        let bounds = |unit: &str, bounds: &str| found_in(&[("age", &*histogram(unit, bounds))]);
        assert_eq!(bounds("seconds", "[0, 0.01, 0.1, 1]"), NONE);
        assert_eq!(
            bounds("seconds", "[0.01, 0.11]"),
            ["coarse-buckets [0.01, 0.11]"]
        );
        let decades = "{ exponential = { start = 0.001, factor = 10, count = 6 } }";
        assert_eq!(bounds("seconds", decades), NONE);
        let ladder = "[10, 25, 50, 100, 250, 500, 1000]";
        assert_eq!(
            bounds("seconds", ladder),
            [format!("millisecond-bounds {ladder}")]
        );
        assert_eq!(bounds("bytes", ladder), NONE);
        assert_eq!(bounds("seconds", "[1, 10, 60, 300, 1800]"), NONE);
        assert_eq!(
            bounds("seconds", "[0.1, 1, 10, 100, 250, 500]"),
            NONE,
            "it begins below a second"
        );
    }
}

//! Durations in Prometheus' format, as rules and documents write them, and scaling them down for trials.

use std::fmt::Write as _;
use std::time::Duration;

pub use shadowcat_metrics_codegen::duration::parse;

use shadowcat_metrics_codegen::duration::UNITS;

use crate::promql;

/// Formats a duration as short as possible without years and weeks, which are hard to compute with: `30d`,
/// `1h30m`. Drops fractions of a millisecond; zero is `0s`.
#[must_use]
pub fn format(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut text = String::new();
    for (unit, length) in &UNITS[2..] {
        if rest >= *length {
            let _ = write!(text, "{}{unit}", rest / length);
            rest %= length;
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

/// A factor for every window, range and `for`: 1 in production, less for a trial that cannot run for days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale(f64);

impl Scale {
    /// The original windows.
    pub const ONE: Self = Self(1.0);

    /// Returns a scale with a factor above 0 and up to 1, and `None` for any other factor.
    ///
    /// ```
    /// use shadowcat_metrics_operations::duration::Scale;
    ///
    /// assert!(Scale::new(0.01).is_some());
    /// assert!(Scale::new(0.0).is_none());
    /// ```
    #[must_use]
    pub fn new(factor: f64) -> Option<Self> {
        (factor > 0.0 && factor <= 1.0).then_some(Self(factor))
    }

    /// Scales a duration, in whole milliseconds and never to zero.
    #[must_use]
    pub fn shorten(self, duration: Duration) -> Duration {
        if duration.is_zero() || self == Self::ONE {
            return duration;
        }
        let shortened = duration.mul_f64(self.0).as_millis();
        Duration::from_millis(u64::try_from(shortened).unwrap_or(u64::MAX).max(1))
    }

    /// Scales a duration and formats it for Prometheus.
    pub(crate) fn window(self, nominal: Duration) -> String {
        format(self.shorten(nominal))
    }

    /// Scales all ranges and offsets in a query. Names of records stay the same.
    #[must_use]
    pub fn query(self, query: &str) -> String {
        if self == Self::ONE {
            return query.to_owned();
        }
        let mut shortened = String::with_capacity(query.len());
        let mut from = 0;
        for place in promql::durations(query) {
            if let Some(duration) = parse(&query[place.clone()]) {
                shortened.push_str(&query[from..place.start]);
                shortened.push_str(&self.window(duration));
                from = place.end;
            }
        }
        shortened + &query[from..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_they_are_read() {
        for text in ["30d", "1h30m", "1m250ms", "6h", "5m", "3s"] {
            assert_eq!(parse(text).map(format).as_deref(), Some(text));
        }
        assert_eq!(format(Duration::from_secs(7 * 86_400)), "7d");
        assert_eq!(format(Duration::ZERO), "0s");
    }

    #[test]
    fn ranges_and_offsets_are_shortened() {
        let scale = Scale::new(0.01).expect("a factor");
        assert_eq!(
            scale.query("rate(a:b:rate5m{x=\"[5m]\"}[5m] offset 1h) > 5 and y[1h:5m]"),
            "rate(a:b:rate5m{x=\"[5m]\"}[3s] offset 36s) > 5 and y[36s:3s]"
        );
        assert_eq!(scale.window(Duration::from_millis(10)), "1ms");
        assert_eq!(Scale::ONE.query("x[5m]"), "x[5m]");
    }
}

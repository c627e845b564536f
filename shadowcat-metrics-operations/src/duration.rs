//! Durations in Prometheus' format, as rules and documents write them.

use std::fmt::Write as _;
use std::time::Duration;

pub use shadowcat_metrics_codegen::duration::parse;

use shadowcat_metrics_codegen::duration::UNITS;

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

#[test]
fn durations_are_written_as_they_are_read() {
    for text in ["30d", "1h30m", "1m250ms", "6h", "5m", "3s"] {
        assert_eq!(parse(text).map(format).as_deref(), Some(text));
    }
    assert_eq!(format(Duration::from_secs(7 * 86_400)), "7d");
    assert_eq!(format(Duration::ZERO), "0s");
}

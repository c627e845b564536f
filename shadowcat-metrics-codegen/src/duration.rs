//! Durations in Prometheus' format: `30d`, `1h30m`, `250ms`.

use std::time::Duration;

/// Prometheus' units in milliseconds, the longest first.
pub const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Units in nanoseconds, the longest first.
const FINE_UNITS: [(&str, u64); 6] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Parses a duration: whole numbers with units, from the longest unit to the shortest, each at most once. Returns `None` for
/// anything else, and for zero.
///
/// ```
/// use std::time::Duration;
/// use shadowcat_metrics_codegen::duration;
///
/// assert_eq!(duration::parse("1h30m"), Some(Duration::from_secs(5400)));
/// assert_eq!(duration::parse("30m1h"), None);
/// ```
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    parse_units(text, &UNITS).map(Duration::from_millis)
}

/// Does the same with units from hours to nanoseconds: `100us`.
///
/// ```
/// use std::time::Duration;
/// use shadowcat_metrics_codegen::duration;
///
/// assert_eq!(duration::parse_fine("100us"), Some(Duration::from_micros(100)));
/// ```
#[must_use]
pub fn parse_fine(text: &str) -> Option<Duration> {
    parse_units(text, &FINE_UNITS).map(Duration::from_nanos)
}

/// Returns a sum of multiples of the units.
fn parse_units(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let mut rest = text;
    let mut units = units.iter();
    let mut sum = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, behind) = rest.split_at(digits);
        let letters = behind
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(letters);
        // The iterator continues after the previous unit, so units cannot repeat or be out of order.
        let (_, length) = units.find(|(name, _)| *name == unit)?;
        let length = number.parse::<u64>().ok()?.checked_mul(*length)?;
        sum = sum.checked_add(length)?;
        rest = behind;
    }
    (sum > 0).then_some(sum)
}

#[test]
fn durations_are_read_as_prometheus_does() {
    let seconds = |text| parse(text).map(|duration| duration.as_millis());
    assert_eq!(seconds("30d"), Some(30 * 86_400_000));
    assert_eq!(seconds("1h30m"), Some(5_400_000));
    assert_eq!(seconds("1m250ms"), Some(60_250));
    assert_eq!(seconds("1y2w3d4h5m6s7ms"), Some(33_019_506_007));
    let huge = "99999999999999999y";
    for wrong in [
        "", "0s", "5", "m", "1.5h", "5m5m", "5m1h", "5 m", "-5m", "5min", "5é", huge,
    ] {
        assert_eq!(parse(wrong), None, "{wrong}");
    }
}

#[test]
fn fine_durations_have_units_below_a_millisecond() {
    let nanos = |text| parse_fine(text).map(|duration| duration.as_nanos());
    assert_eq!(nanos("100us"), Some(100_000));
    assert_eq!(nanos("1h1ns"), Some(3_600_000_000_001));
    assert_eq!(nanos("2m5s10ms"), Some(125_010_000_000));
    for wrong in ["", "0us", "1", "1d", "1us1ms", "0.5s", "6000000h"] {
        assert_eq!(nanos(wrong), None, "{wrong}");
    }
}

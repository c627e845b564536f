//! Durations as Prometheus writes them: `30d`, `1h30m`, `250ms`.

use std::fmt::Write as _;
use std::time::Duration;

/// The units, the longest first, in milliseconds.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 86_400_000),
    ("w", 7 * 86_400_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Reads a duration: whole numbers with units, the longer before the shorter, each once. None for anything else, and for
/// zero.
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
    let mut rest = text;
    let mut units = UNITS.iter();
    let mut milliseconds = 0_u64;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, behind) = rest.split_at(digits);
        let letters = behind
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(letters);
        // The iterator goes on where the unit before was found, so none comes twice or out of order.
        let (_, length) = units.find(|(name, _)| *name == unit)?;
        let length = number.parse::<u64>().ok()?.checked_mul(*length)?;
        milliseconds = milliseconds.checked_add(length)?;
        rest = behind;
    }
    (milliseconds > 0).then(|| Duration::from_millis(milliseconds))
}

/// Writes a duration as short as it can be without years and weeks, which few can do sums with: `30d`, `1h30m`. Parts of a
/// millisecond are dropped; zero is `0s`.
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

/// Reads a length of time that need not be whole: `102.4ms`, `3.125us`, `2s`. In seconds, rounded once.
pub(crate) fn parse_seconds(text: &str) -> Option<f64> {
    let unit = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, unit) = text.split_at(unit);
    let number = number.trim_end();
    if !number.chars().all(|c| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let (exponent, factor) = match unit {
        "ns" => (-9, 1.0),
        "us" => (-6, 1.0),
        "ms" => (-3, 1.0),
        "s" => (0, 1.0),
        "m" => (0, 60.0),
        "h" => (0, 3600.0),
        "d" => (0, 86_400.0),
        _ => return None,
    };
    // The exponent goes into the text, so that 102.4ms is the number nearest to 0.1024.
    let seconds = format!("{number}e{exponent}").parse::<f64>().ok()? * factor;
    seconds.is_finite().then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_prometheus_does() {
        let seconds = |text| parse(text).map(|duration| duration.as_millis());
        assert_eq!(seconds("30d"), Some(30 * 86_400_000));
        assert_eq!(seconds("1h30m"), Some(5_400_000));
        assert_eq!(seconds("1m250ms"), Some(60_250));
        assert_eq!(seconds("1y2w3d4h5m6s7ms"), Some(33_019_506_007));
        for wrong in [
            "",
            "0s",
            "5",
            "m",
            "1.5h",
            "5m5m",
            "5m1h",
            "5 m",
            "-5m",
            "5min",
            "99999999999999999y",
            "5é",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
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

    #[test]
    fn parts_of_seconds_are_the_nearest_number() {
        let is = |text, seconds: f64| {
            assert_eq!(
                parse_seconds(text).map(f64::to_bits),
                Some(seconds.to_bits()),
                "{text}"
            );
        };
        is("102.4ms", 0.1024);
        is("3.125us", 0.000_003_125);
        is("0.3s", 0.3);
        is("2 s", 2.0);
        is("5m", 300.0);
        for wrong in ["", "5", "ms", "1.2.3s", "5 parsecs", "-1s", "1e3s", "NaNs"] {
            assert_eq!(parse_seconds(wrong), None, "{wrong}");
        }
    }
}

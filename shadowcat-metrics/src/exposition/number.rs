//! Numbers as text.
//!
//! Integers and sums of durations are exact. Floats have as many digits as it takes to tell them from their neighbours, and
//! whole ones no fraction.

use super::text::Text;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Digits below the point of a second.
const NANO_DIGITS: usize = 9;

/// Room for the digits of any integer and a line's end.
pub(super) const INTEGER_ROOM: usize = 32;

/// 00 to 99.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number: u8 = 0;
    while number < 100 {
        pairs[number as usize] = [b'0' + number / 10, b'0' + number % 10];
        number += 1;
    }
    pairs
};

/// Writes an integer, and says how many digits it has. `itoa` would write it elsewhere first, from where copying it costs
/// as much again.
#[inline]
pub(super) fn write_unsigned(to: &mut [u8; INTEGER_ROOM], mut value: u64) -> usize {
    let digits = value.checked_ilog10().map_or(1, |log| log as usize + 1);
    let mut at = digits;
    while value >= 10 {
        at -= 2;
        to[at..at + 2].copy_from_slice(&PAIRS[(value % 100) as usize]);
        value /= 100;
    }
    if at == 1 {
        to[0] = PAIRS[(value % 100) as usize][1];
    }
    digits
}

#[inline]
pub(super) fn push_unsigned(out: &mut Text<'_>, value: u64) {
    if let Some(to) = out.room(INTEGER_ROOM).first_chunk_mut() {
        let digits = write_unsigned(to, value);
        out.advance(digits);
    }
}

pub(super) fn push_signed(out: &mut Text<'_>, value: i64) {
    if value < 0 {
        out.push(b"-");
    }
    push_unsigned(out, value.unsigned_abs());
}

/// Appends nanoseconds as seconds, to the last digit that is not zero.
pub(super) fn push_nanoseconds(out: &mut Text<'_>, nanoseconds: u64) {
    push_unsigned(out, nanoseconds / NANOS_PER_SECOND);
    let mut rest = nanoseconds % NANOS_PER_SECOND;
    if rest == 0 {
        return;
    }
    let mut fraction = [b'0'; NANO_DIGITS];
    let mut digits = 0;
    for (index, digit) in fraction.iter_mut().enumerate().rev() {
        *digit += u8::try_from(rest % 10).unwrap_or_default();
        if digits == 0 && *digit != b'0' {
            digits = index + 1;
        }
        rest /= 10;
    }
    out.push(b".");
    out.push(&fraction[..digits]);
}

pub(super) fn push_float(out: &mut Text<'_>, value: f64) {
    if value.is_nan() {
        out.push(b"NaN");
    } else if value.is_infinite() {
        out.push(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    } else if let Some(whole) = whole(value) {
        push_signed(out, whole);
    } else {
        out.push(zmij::Buffer::new().format_finite(value).as_bytes());
    }
}

/// The value as an integer, if it is one that floats and their neighbours can still tell apart.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "that it fits is asked next"
    )]
    let whole = value as i64;
    // By bits, so that -0 is not taken for 0.
    (value.abs() < EXACT && (whole as f64).to_bits() == value.to_bits()).then_some(whole)
}

/// A moment, in seconds since 1970, to the millisecond.
pub(super) fn timestamp(seconds: f64) -> String {
    let text = format!("{seconds:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(push: impl Fn(&mut Text<'_>)) -> String {
        let mut buffer = b"what was there before".to_vec();
        let mut text = Text::over(&mut buffer);
        push(&mut text);
        text.finish();
        String::from_utf8(buffer).expect("numbers are ASCII")
    }

    fn float(value: f64) -> String {
        written(|out| push_float(out, value))
    }

    fn nanoseconds(value: u64) -> String {
        written(|out| push_nanoseconds(out, value))
    }

    #[test]
    fn floats() {
        let cases = [
            (0.0, "0"),
            (-0.0, "-0.0"),
            (12.0, "12"),
            (-3.0, "-3"),
            (0.1, "0.1"),
            (1e-9, "1e-9"),
            (1e15, "1000000000000000"),
            (f64::NAN, "NaN"),
            (-f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        for (value, text) in cases {
            assert_eq!(float(value), text);
        }
    }

    #[test]
    fn durations_are_exact() {
        let cases = [
            (0, "0"),
            (1, "0.000000001"),
            (10, "0.00000001"),
            (1_500_000_000, "1.5"),
            (7_000_000_000, "7"),
            (u64::MAX, "18446744073.709551615"),
        ];
        for (value, text) in cases {
            assert_eq!(nanoseconds(value), text);
        }
    }

    #[test]
    fn timestamps() {
        assert_eq!(timestamp(0.0), "0");
        assert_eq!(timestamp(1_700_000_000.0), "1700000000");
        assert_eq!(timestamp(1_700_000_000.123_456), "1700000000.123");
    }

    proptest! {
        #[test]
        fn floats_read_back(value: f64) {
            let read: f64 = float(value).parse().expect("a number");
            prop_assert!(read.to_bits() == value.to_bits() || value.is_nan() && read.is_nan());
        }

        #[test]
        fn integers_read_back(value: u64) {
            prop_assert_eq!(written(|out| push_unsigned(out, value)).parse(), Ok(value));
            let signed = value.cast_signed();
            prop_assert_eq!(written(|out| push_signed(out, signed)).parse(), Ok(signed));
        }

        #[test]
        fn durations_read_back(value: u64) {
            let text = nanoseconds(value);
            let (seconds, fraction) = text.split_once('.').unwrap_or((&text, "0"));
            let fraction = format!("{fraction:0<9}");
            let seconds: u64 = seconds.parse().expect("whole seconds");
            let fraction: u64 = fraction.parse().expect("nanoseconds");
            prop_assert_eq!(seconds * NANOS_PER_SECOND + fraction, value);
            prop_assert!(!text.contains('.') || !text.ends_with('0'));
        }
    }
}

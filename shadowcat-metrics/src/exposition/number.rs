//! Writes numbers as text.
//!
//! Integers and sums of durations are exact. Floats have as many digits as distinguish them from their neighbors, and integers
//! have no fraction.

use super::text::Text;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// Size of a buffer for the digits of any integer and a line's end.
pub(super) const INTEGER_SIZE: usize = 32;

/// Eight decimal digits.
const EIGHT_DIGITS: u64 = 100_000_000;

/// Returns the digits of a number below 10^8 as ASCII, the first in the lowest byte. Splits pairs of lanes in two, three times,
/// without a branch on the value, which a processor could rarely predict.
#[inline]
const fn eight_digits(value: u64) -> u64 {
    let halves = (value / 10_000) | ((value % 10_000) << 32);
    let hundreds = (halves * 10_486) >> 20 & 0x0000_007f_0000_007f;
    let pairs = hundreds | (halves - 100 * hundreds) << 16;
    let tens = (pairs * 103) >> 10 & 0x000f_000f_000f_000f;
    (tens | (pairs - 10 * tens) << 8) | 0x3030_3030_3030_3030
}

/// Writes an integer, and returns its number of digits.
#[inline]
pub(super) fn write_unsigned(to: &mut [u8; INTEGER_SIZE], value: u64) -> usize {
    if value >= EIGHT_DIGITS {
        return write_long(to, value);
    }
    // The start of the next line depends on the length, so it is computed separately from the digits, which are ready later.
    let length = length(value);
    let digits = eight_digits(value) >> (8 * (8 - length));
    to[..8].copy_from_slice(&digits.to_le_bytes());
    length
}

/// Returns the number of digits of a number below 2^32, without a branch. Adding the table entry for its highest bit carries
/// into the upper half if the number reaches the next power of ten.
#[inline]
fn length(value: u64) -> usize {
    const LENGTHS: [u64; 32] = {
        let mut lengths = [0; 32];
        let mut bit = 0;
        while bit < 32 {
            let lowest: u64 = 1 << bit;
            let digits = lowest.ilog10() + 1;
            let power = 10_u64.pow(digits);
            let digits = digits as u64;
            lengths[bit] = if power < 2 * lowest {
                ((digits + 1) << 32) - power
            } else {
                digits << 32
            };
            bit += 1;
        }
        lengths
    };
    let bit = (value | 1).ilog2() as usize;
    ((value + LENGTHS[bit % LENGTHS.len()]) >> 32) as usize
}

#[inline(never)]
fn write_long(to: &mut [u8; INTEGER_SIZE], value: u64) -> usize {
    let front = write_unsigned(to, value / EIGHT_DIGITS);
    let digits = eight_digits(value % EIGHT_DIGITS);
    to[front..front + 8].copy_from_slice(&digits.to_le_bytes());
    front + 8
}

#[inline]
pub(super) fn push_unsigned(out: &mut Text, value: u64) {
    if let Some(to) = out.room(INTEGER_SIZE).first_chunk_mut() {
        let digits = write_unsigned(to, value);
        out.advance(digits);
    }
}

pub(super) fn push_signed(out: &mut Text, value: i64) {
    if value < 0 {
        out.push(b"-");
    }
    push_unsigned(out, value.unsigned_abs());
}

/// Appends nanoseconds as seconds, without trailing zeros in the fraction.
pub(super) fn push_nanoseconds(out: &mut Text, nanoseconds: u64) {
    push_unsigned(out, nanoseconds / NANOS_PER_SECOND);
    let fraction = nanoseconds % NANOS_PER_SECOND;
    if fraction == 0 {
        return;
    }
    let mut text = *b".000000000";
    let (eight, ninth) = (eight_digits(fraction / 10), fraction % 10);
    text[1..9].copy_from_slice(&eight.to_le_bytes());
    text[9] |= ninth.to_le_bytes()[0];
    let zeros = if ninth == 0 {
        1 + (eight ^ 0x3030_3030_3030_3030).leading_zeros() as usize / 8
    } else {
        0
    };
    out.push(&text[..text.len() - zeros]);
}

pub(super) fn push_float(out: &mut Text, value: f64) {
    if value.is_nan() {
        out.push(b"NaN");
    } else if value.is_infinite() {
        out.push(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    } else if let Some(whole) = whole(value) {
        push_signed(out, whole);
    } else {
        push_fraction(out, value);
    }
}

#[cfg(feature = "fast-floats")]
fn push_fraction(out: &mut Text, value: f64) {
    out.push(zmij::Buffer::new().format_finite(value).as_bytes());
}

#[cfg(not(feature = "fast-floats"))]
fn push_fraction(out: &mut Text, value: f64) {
    out.push(format!("{value:?}").as_bytes());
}

/// Returns the value as an integer, if it is one and floats near it are exact.
fn whole(value: f64) -> Option<i64> {
    const EXACT: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "that it fits is asked next"
    )]
    let whole = value as i64;
    // Compares bits, so that -0 differs from 0.
    (value.abs() < EXACT && (whole as f64).to_bits() == value.to_bits()).then_some(whole)
}

/// Converts seconds since 1970 to milliseconds. Saturates.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a time since 1970, which saturates"
)]
pub(crate) fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

/// Appends a time, given in seconds since 1970, in milliseconds precision.
pub(super) fn push_timestamp(out: &mut Text, seconds: f64) {
    push_nanoseconds(out, milliseconds(seconds).saturating_mul(1_000_000));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(push: impl Fn(&mut Text)) -> String {
        let mut text = Text::over(b"what was there before".to_vec());
        push(&mut text);
        String::from_utf8(text.finish()).expect("numbers are ASCII")
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
    fn integers_have_their_length() {
        let powers = (0..20).map(|power| 10_u64.pow(power));
        for value in powers
            .flat_map(|power| [power - 1, power])
            .chain([u64::MAX])
        {
            assert_eq!(written(|out| push_unsigned(out, value)), value.to_string());
        }
    }

    #[test]
    fn timestamps() {
        let timestamp = |seconds| written(|out| push_timestamp(out, seconds));
        assert_eq!(timestamp(0.0), "0");
        assert_eq!(timestamp(1_700_000_000.0), "1700000000");
        assert_eq!(timestamp(1_700_000_000.123_456), "1700000000.123");
        assert_eq!(timestamp(1_700_000_000.1), "1700000000.1");
    }

    proptest! {
        #[test]
        fn floats_read_back(value: f64) {
            let read: f64 = float(value).parse().expect("a number");
            prop_assert!(read.to_bits() == value.to_bits() || value.is_nan() && read.is_nan());
        }

        #[test]
        fn integers_read_back(value: u64, shift in 0..64) {
            let value = value >> shift;
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

//! Arithmetic of histogram bounds: progressions written out, and what a unit allows. Nothing here reports.

use crate::model::Unit;

/// `start`, `start * factor`, `start * factor²`...
pub(super) fn exponential(start: f64, factor: f64, count: usize) -> Vec<f64> {
    (0_i32..)
        .take(count)
        .map(|power| rounded(start * factor.powi(power)))
        .collect()
}

/// `start`, `start + width`, `start + 2 * width`...
pub(super) fn linear(start: f64, width: f64, count: usize) -> Vec<f64> {
    (0_u32..)
        .take(count)
        .map(|step| rounded(width.mul_add(f64::from(step), start)))
        .collect()
}

/// What a computed bound is meant to be: 15 digits drop the noise of binary arithmetic (`0.3`, not
/// `0.30000000000000004`), and nine decimals keep bounds from a microsecond up whole in nanoseconds.
fn rounded(bound: f64) -> f64 {
    let digits = format!("{bound:.14e}").parse().unwrap_or(bound);
    if digits < 1e-6 {
        digits
    } else {
        format!("{digits:.9}").parse().unwrap_or(digits)
    }
}

const NANOSECONDS: f64 = 1e9;

/// Whether a number of seconds is the `f64` nearest to a whole number of nanoseconds.
fn is_whole_nanoseconds(seconds: f64) -> bool {
    let nearest = (seconds * NANOSECONDS).round() / NANOSECONDS;
    // Division rounds to the nearest `f64`, so there is no margin of error: they are the same or they are not.
    nearest.to_bits() == seconds.to_bits()
}

/// What is wrong with a bound for values of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misfit {
    /// The bound is larger than any value of the unit can be.
    TooLarge(&'static str),
    /// The bound lies between two neighbouring values of the unit.
    TooFine(&'static str),
}

/// Whether a finite bound, zero or more, makes sense for values of a unit.
pub(super) fn fit(bound: f64, unit: Unit) -> Result<(), Misfit> {
    match unit {
        Unit::Seconds if bound * NANOSECONDS >= u64::MAX as f64 => Err(Misfit::TooLarge(
            "durations are counted in nanoseconds, in 64 bits: 584 years at most",
        )),
        Unit::Seconds if !is_whole_nanoseconds(bound) => Err(Misfit::TooFine(
            "durations are whole nanoseconds: nine decimals at most",
        )),
        Unit::Bytes if bound >= u64::MAX as f64 => {
            Err(Misfit::TooLarge("bytes are counted in 64 bits"))
        }
        Unit::Bytes if bound.fract() != 0.0 => Err(Misfit::TooFine("bytes are whole numbers")),
        Unit::Ratio if bound > 1.0 => Err(Misfit::TooLarge(
            "a ratio is a share from 0 to 1, not a percentage",
        )),
        Unit::None
        | Unit::Seconds
        | Unit::Bytes
        | Unit::Ratio
        | Unit::Celsius
        | Unit::Meters
        | Unit::Volts
        | Unit::Amperes
        | Unit::Joules
        | Unit::Watts
        | Unit::Grams
        | Unit::Hertz => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bounds: &[f64]) -> String {
        bounds
            .iter()
            .map(f64::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn exponential_bounds_are_the_decimals_that_were_meant() {
        assert_eq!(
            shown(&exponential(0.0001, 2.0, 16)),
            "0.0001 0.0002 0.0004 0.0008 0.0016 0.0032 0.0064 0.0128 0.0256 0.0512 0.1024 0.2048 0.4096 0.8192 \
             1.6384 3.2768"
        );
        assert_eq!(shown(&exponential(0.1, 10.0, 4)), "0.1 1 10 100");
        assert_eq!(shown(&exponential(1.0, 1.1, 5)), "1 1.1 1.21 1.331 1.4641");
        assert_eq!(
            shown(&exponential(0.001, 1.5, 7)),
            "0.001 0.0015 0.00225 0.003375 0.0050625 0.00759375 0.011390625"
        );
        assert_eq!(
            shown(&exponential(64.0, 4.0, 10)),
            "64 256 1024 4096 16384 65536 262144 1048576 4194304 16777216"
        );
    }

    #[test]
    fn linear_bounds_are_the_decimals_that_were_meant() {
        assert_eq!(shown(&linear(0.1, 0.1, 7)), "0.1 0.2 0.3 0.4 0.5 0.6 0.7");
        assert_eq!(shown(&linear(0.0, 5.0, 3)), "0 5 10");
    }

    #[test]
    fn computed_seconds_are_whole_nanoseconds() {
        for bound in
            exponential(0.0001, 1.7, 60)
                .into_iter()
                .chain(linear(0.000_001, 0.000_003_3, 60))
        {
            assert_eq!(fit(bound, Unit::Seconds), Ok(()), "{bound}");
        }
    }

    #[test]
    fn seconds_are_whole_nanoseconds() {
        for bound in [
            0.0,
            1e-9,
            0.1,
            0.3,
            2.000_000_001,
            86_400.000_000_001,
            12_345_678.9,
            1e9,
        ] {
            assert_eq!(fit(bound, Unit::Seconds), Ok(()), "{bound}");
        }
        for bound in [1e-10, 1.5e-9, 0.000_000_000_1, 0.100_000_000_1] {
            assert!(
                matches!(fit(bound, Unit::Seconds), Err(Misfit::TooFine(_))),
                "{bound}"
            );
        }
        assert!(matches!(fit(2e10, Unit::Seconds), Err(Misfit::TooLarge(_))));
    }

    #[test]
    fn other_units_have_their_limits() {
        assert!(matches!(fit(1.5, Unit::Bytes), Err(Misfit::TooFine(_))));
        assert!(matches!(fit(1e20, Unit::Bytes), Err(Misfit::TooLarge(_))));
        assert!(matches!(fit(95.0, Unit::Ratio), Err(Misfit::TooLarge(_))));
        assert_eq!(fit(1.0, Unit::Ratio), Ok(()));
        assert_eq!(fit(1e300, Unit::Celsius), Ok(()));
    }
}

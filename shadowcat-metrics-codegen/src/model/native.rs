//! Native histograms: the growth of their buckets, and the boundaries between them.
//!
//! Prometheus numbers resolutions with *schemas*: in schema `n`, each bucket's upper bound is the lower one times
//! `2^(2^-n)`, and bucket `i` ends at that growth to the power of `i`.

/// The coarsest and the finest schema of Prometheus.
const SCHEMAS: std::ops::RangeInclusive<i8> = -4..=8;

/// Bits after the point of a boundary's significand.
const FRACTION_BITS: u32 = 62;

/// Bits below a float's exponent.
const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;

/// The exponent of a float's bits that stands for 2^0.
const EXPONENT_BIAS: i32 = 1023;

/// The native buckets of a histogram, in the unit of its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Native {
    /// The most by which a bucket's upper bound exceeds its lower one, as a factor.
    pub factor: f64,
    /// The smallest value that has buckets. Everything below shares one bucket with zero.
    pub from: f64,
    /// The largest value that has buckets. Everything above counts in the last one.
    pub to: f64,
}

/// A boundary between two buckets: `significand * 2^exponent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boundary {
    /// From 1 to 2, with 62 bits after the point.
    pub significand: u64,
    /// The power of two.
    pub exponent: i32,
}

impl Native {
    /// The least factor that Prometheus' finest schema keeps.
    #[must_use]
    pub fn least_factor() -> f64 {
        growth(*SCHEMAS.end())
    }

    /// Returns the schema: the coarsest one whose growth is not above the factor.
    #[must_use]
    pub fn schema(&self) -> i8 {
        let mut schemas = SCHEMAS;
        let coarsest = schemas.find(|schema| growth(*schema) <= self.factor);
        coarsest.unwrap_or(*SCHEMAS.end())
    }

    /// Returns the factor between two boundaries, which is at most [`factor`](Self::factor).
    #[must_use]
    pub fn growth(&self) -> f64 {
        growth(self.schema())
    }

    /// Returns the numbers of the boundaries around the range: the last one that is not above `from`, and the first one that
    /// is not below `to`.
    #[must_use]
    pub fn range(&self) -> (i32, i32) {
        let schema = self.schema();
        let boundary = |index| Boundary::of(schema, index).to_f64();
        let mut first = near(schema, self.from);
        while boundary(first) > self.from {
            first -= 1;
        }
        while boundary(first + 1) <= self.from {
            first += 1;
        }
        let mut last = near(schema, self.to);
        while boundary(last) < self.to {
            last += 1;
        }
        while boundary(last - 1) >= self.to {
            last -= 1;
        }
        (first, last)
    }

    /// Returns the highest value of the bucket with zero, a boundary.
    #[must_use]
    pub fn zero_threshold(&self) -> f64 {
        Boundary::of(self.schema(), self.range().0).to_f64()
    }

    /// Returns the number of native buckets, without that of zero.
    #[must_use]
    pub fn buckets(&self) -> usize {
        let (first, last) = self.range();
        usize::try_from(last - first).unwrap_or(0)
    }

    /// Returns the most cells of a series with this number of classic bounds: native and classic buckets are sums of the same
    /// cells. One more is for the sum.
    #[must_use]
    pub fn cells(&self, bounds: usize) -> usize {
        self.buckets() + bounds + 3
    }
}

impl Boundary {
    /// Returns a boundary of a schema by its number.
    #[must_use]
    pub fn of(schema: i8, index: i32) -> Self {
        let one = 1_u128 << FRACTION_BITS;
        let Ok(steps) = u32::try_from(schema) else {
            return Self {
                significand: 1 << FRACTION_BITS,
                exponent: index << schema.unsigned_abs(),
            };
        };
        // With the binary digits `0.abc` of the exponent, `2^0.abc` is `sqrt(2^a sqrt(2^b sqrt(2^c)))`.
        let digits = (0..steps).map(|step| index >> step & 1);
        let significand = digits.fold(one, |significand, digit| {
            ((significand << digit) << FRACTION_BITS).isqrt()
        });
        Self {
            // Less than 2, so it has 63 bits.
            significand: u64::try_from(significand).unwrap_or(u64::MAX),
            exponent: index >> steps,
        }
    }

    /// Returns the largest float that is not above the boundary.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        f64::from_bits(self.to_bits())
    }

    /// Returns the bits of that float.
    #[must_use]
    pub fn to_bits(self) -> u64 {
        let mantissa =
            self.significand >> (FRACTION_BITS - MANTISSA_BITS) & ((1 << MANTISSA_BITS) - 1);
        let exponent = (self.exponent + EXPONENT_BIAS).clamp(1, 2 * EXPONENT_BIAS);
        u64::from(exponent.unsigned_abs()) << MANTISSA_BITS | mantissa
    }

    /// Returns the largest integer that is not above the boundary times `multiple`. Saturates.
    #[must_use]
    pub fn floor_of(self, multiple: u32) -> u64 {
        let product = u128::from(self.significand) * u128::from(multiple);
        let shift = i64::from(FRACTION_BITS) - i64::from(self.exponent);
        let floor = match u32::try_from(shift) {
            Ok(right) => product.checked_shr(right).unwrap_or(0),
            Err(_) => u128::MAX,
        };
        u64::try_from(floor).unwrap_or(u64::MAX)
    }
}

/// Returns the factor between two boundaries of a schema.
fn growth(schema: i8) -> f64 {
    let Boundary {
        significand,
        exponent,
    } = Boundary::of(schema, 1);
    // Rounded to the nearest float, so that a factor which was computed with floats is equal.
    significand as f64 / (1_u64 << FRACTION_BITS) as f64 * f64::from(exponent).exp2()
}

/// Returns a boundary near a value, by number.
fn near(schema: i8, value: f64) -> i32 {
    let number = value.log2() * f64::from(schema).exp2();
    #[expect(clippy::cast_possible_truncation, reason = "casts of floats saturate")]
    let number = number.round() as i32;
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn native(factor: f64, from: f64, to: f64) -> Native {
        Native { factor, from, to }
    }

    #[test]
    fn schemas_are_those_of_prometheus() {
        // Each pair is a factor and the schema that client_golang picks for it.
        let schemas = [
            (65536.0, -4),
            (1e9, -4),
            (65535.9, -3),
            (256.0, -3),
            (16.0, -2),
            (4.0, -1),
            (3.0, 0),
            (2.0, 0),
            (1.5, 1),
            (1.42, 1),
            (1.41, 2),
            (1.2, 2),
            (1.1, 3),
            (1.05, 4),
            (1.03, 5),
            (1.02, 6),
            (1.01, 7),
            (1.005, 8),
            (1.0028, 8),
        ];
        for (factor, schema) in schemas {
            assert_eq!(native(factor, 1.0, 2.0).schema(), schema, "{factor}");
            let growth = native(factor, 1.0, 2.0).growth();
            assert!(growth <= factor, "{growth} for {factor}");
        }
        assert_eq!(native(2_f64.powf(0.125), 1.0, 2.0).schema(), 3);
        assert_eq!(
            Native::least_factor().to_bits(),
            2_f64.powf(1.0 / 256.0).to_bits()
        );
    }

    #[test]
    fn boundaries_are_powers_of_the_growth() {
        for schema in SCHEMAS {
            for index in -600_i32..600 {
                let found = Boundary::of(schema, index).to_f64();
                let exact = (f64::from(index) * (-f64::from(schema)).exp2()).exp2();
                if exact.is_normal() {
                    assert!(
                        (found / exact - 1.0).abs() < 1e-14,
                        "{schema} {index}: {found}, {exact}"
                    );
                }
            }
        }
        let exact = |index| Boundary::of(3, index).to_f64().to_bits();
        assert_eq!(exact(0), 1_f64.to_bits());
        assert_eq!(exact(8), 2_f64.to_bits());
        assert_eq!(exact(-16), 0.25_f64.to_bits());
        assert_eq!(Boundary::of(0, 40).floor_of(1), 1 << 40);
        assert_eq!(Boundary::of(0, -3).floor_of(1_000_000_000), 125_000_000);
        assert_eq!(Boundary::of(1, 1).floor_of(1_000_000_000), 1_414_213_562);
        assert_eq!(Boundary::of(0, -200).floor_of(1_000_000_000), 0);
        assert_eq!(Boundary::of(0, 100).floor_of(1), u64::MAX);
    }

    #[test]
    fn ranges_end_at_boundaries() {
        let seconds = native(1.1, 0.0001, 60.0);
        let (first, last) = seconds.range();
        assert_eq!((first, last), (-107, 48));
        assert!(seconds.zero_threshold() <= 0.0001 && seconds.zero_threshold() > 0.0001 / 1.1);
        assert_eq!((seconds.buckets(), seconds.cells(20)), (155, 178));
        assert_eq!(native(2.0, 1.0, 1024.0).range(), (0, 10));
        assert_eq!(native(2.0, 1.5, 1000.0).range(), (0, 10));
        assert_eq!(native(65536.0, 2.0, 100_000.0).range(), (0, 2));
    }
}

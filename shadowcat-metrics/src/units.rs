//! Units as types: the marker that a handle carries, and the Rust types that its values therefore have.
//!
//! | unit | counter | gauge | up-down counter | histogram |
//! |---|---|---|---|---|
//! | none | `u64` | any number | `i64` | `f64` |
//! | seconds | [`Duration`] | [`Duration`] | `f64` | [`Duration`] |
//! | bytes | [`ByteCount`] | [`ByteCount`] | [`ByteCount`] | [`ByteCount`] |
//! | others | `f64` | `f64` | `f64` | `f64` |

use std::fmt::Debug;
use std::time::Duration;

mod sealed {
    pub trait Sealed {}
}
use sealed::Sealed;

/// A unit of measurement, as the type parameter of a handle.
pub trait UnitType: Sealed + Copy + Debug + Send + Sync + 'static {
    /// What a counter of this unit adds up to.
    type Count: CellValue;
    /// What a gauge of this unit holds.
    type Value: CellValue;
    /// What an up-down counter of this unit stands at.
    type Level: CellValue;
    /// What the observations of a histogram of this unit add up to.
    type Sum: CellValue;
}

/// A unit whose values are all `f64`.
pub trait FloatUnit: UnitType<Count = f64, Value = f64, Level = f64, Sum = f64> {
    /// Whether a gauge takes the value, and a histogram if it is not negative.
    #[must_use]
    fn accepts(value: f64) -> bool {
        !value.is_nan()
    }
}

/// A type of recorded values.
pub trait CellValue: Sealed + Copy + Debug + Default + PartialEq + Send + Sync + 'static {
    /// Reads it from the 64 bits that it is stored in.
    #[doc(hidden)]
    fn from_cell(cell: u64) -> Self;
    /// Writes it into the 64 bits that it is stored in.
    #[doc(hidden)]
    fn into_cell(self) -> u64;
}

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident: $count:ty, $value:ty, $level:ty, $sum:ty) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {}

        impl Sealed for $name {}

        impl UnitType for $name {
            type Count = $count;
            type Value = $value;
            type Level = $level;
            type Sum = $sum;
        }
    };
}

macro_rules! float_units {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        unit!($(#[$doc])* $name: f64, f64, f64, f64);
        impl FloatUnit for $name {}
    )*};
}

unit!(
    /// A plain number.
    Dimensionless: u64, f64, i64, f64
);
unit!(
    /// Time: a [`Duration`], kept in whole nanoseconds.
    Seconds: Duration, Duration, f64, Duration
);
unit!(
    /// Data: integers, see [`ByteCount`].
    Bytes: u64, u64, i64, u64
);
unit!(
    /// A share. Gauges and histograms take what lies in 0..=1.
    Ratio: f64, f64, f64, f64
);
float_units! {
    /// Temperature.
    Celsius,
    /// Length.
    Meters,
    /// Voltage.
    Volts,
    /// Current.
    Amperes,
    /// Energy.
    Joules,
    /// Power.
    Watts,
    /// Mass.
    Grams,
    /// Frequency.
    Hertz,
}

impl FloatUnit for Ratio {
    fn accepts(value: f64) -> bool {
        (0.0..=1.0).contains(&value)
    }
}

impl Sealed for u64 {}
impl CellValue for u64 {
    #[inline]
    fn from_cell(cell: u64) -> Self {
        cell
    }

    #[inline]
    fn into_cell(self) -> u64 {
        self
    }
}

impl Sealed for i64 {}
impl CellValue for i64 {
    #[inline]
    fn from_cell(cell: u64) -> Self {
        cell.cast_signed()
    }

    #[inline]
    fn into_cell(self) -> u64 {
        self.cast_unsigned()
    }
}

impl Sealed for f64 {}
impl CellValue for f64 {
    #[inline]
    fn from_cell(cell: u64) -> Self {
        Self::from_bits(cell)
    }

    #[inline]
    fn into_cell(self) -> u64 {
        self.to_bits()
    }
}

impl Sealed for Duration {}
impl CellValue for Duration {
    #[inline]
    fn from_cell(cell: u64) -> Self {
        Self::from_nanos(cell)
    }

    /// Saturates at 584 years.
    #[inline]
    fn into_cell(self) -> u64 {
        const NANOS_PER_SECOND: u64 = 1_000_000_000;
        self.as_secs()
            .saturating_mul(NANOS_PER_SECOND)
            .saturating_add(u64::from(self.subsec_nanos()))
    }
}

/// A number of bytes: any unsigned integer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number of bytes",
    label = "expected `usize`, `u64`, `u32`, `u16` or `u8`",
    note = "a metric in bytes takes unsigned integers; convert with `try_from` where the value may be negative"
)]
pub trait ByteCount: Copy {
    /// The number of bytes.
    fn bytes(self) -> u64;
}

macro_rules! byte_counts {
    ($($integer:ty),*) => {$(
        impl ByteCount for $integer {
            #[inline]
            #[allow(clippy::cast_lossless, reason = "`usize` has no `From`")]
            fn bytes(self) -> u64 {
                self as u64
            }
        }
    )*};
}
byte_counts!(u8, u16, u32, u64, usize);

/// What a gauge without a unit can be set to: any primitive number. Integers beyond 2^53 lose their last digits.
#[diagnostic::on_unimplemented(
    message = "a gauge without a unit cannot be set to `{Self}`",
    label = "expected an integer or a float"
)]
pub trait GaugeValue: Copy {
    /// The value as it is exposed.
    fn value(self) -> f64;
}

macro_rules! gauge_values {
    ($($number:ty),*) => {$(
        impl GaugeValue for $number {
            #[inline]
            #[allow(clippy::cast_lossless, reason = "some of them are not")]
            fn value(self) -> f64 {
                self as f64
            }
        }
    )*};
}
gauge_values!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f32, f64);

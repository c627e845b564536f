//! Units as types: a handle's type parameter, which determines the Rust types of its values.
//!
//! | unit | counter | gauge | up-down counter | histogram |
//! |---|---|---|---|---|
//! | none | `u64` | any number | `i64` | `f64` |
//! | seconds | [`Duration`] | [`Duration`] | `f64` | [`Duration`] |
//! | bytes | [`ByteCount`] | [`ByteCount`] | [`ByteCount`] | [`ByteCount`] |
//! | others | `f64` | `f64` | `f64` | `f64` |
//!
//! # Values that cannot be recorded
//!
//! A `Duration`, a number of bytes and an integer can always be recorded. An `f64` must be in this range:
//!
//! | kind | accepted values |
//! |---|---|
//! | gauge, callback gauge | all finite values; from 0 to 1 if the unit is a ratio |
//! | counter, callback counter | from 0 to 10^290 |
//! | up-down counter | from -10^290 to 10^290 |
//! | histogram | from 0 to 10^290; from 0 to 1 if the unit is a ratio |
//!
//! All others (NaN, infinities, negative amounts where the value only goes up) change nothing. Each is counted in the
//! library's own `*_metrics_rejected_values_total`, with the metric's name as its label; for a callback that is at each
//! scrape, which then has no sample of it. One NaN would otherwise stay in a sum for as long as the program runs. The
//! limit of 10^290 keeps sums finite for 10^18 records.

use std::fmt::Debug;
use std::time::Duration;

mod sealed {
    pub trait Sealed {}
}
use sealed::Sealed;

/// A unit of measurement, as the type parameter of a handle.
pub trait UnitType: Sealed + Copy + Debug + Send + Sync + 'static {
    /// The sum of a histogram's observations.
    type Sum: CellValue;
    /// Whether values are shares, from 0 to 1.
    #[doc(hidden)]
    const IS_SHARE: bool = false;
}

/// A unit whose values are all `f64`.
pub trait FloatUnit: UnitType<Sum = f64> {}

/// Largest amount that can be added to a sum of floats.
const LARGEST_AMOUNT: f64 = 1e290;

/// Returns whether a gauge of this unit can hold `value`. This function and the next three are the only rule
/// for what can be recorded. NaN fails every comparison.
#[inline]
pub(crate) fn is_gauge_value<U: UnitType>(value: f64) -> bool {
    if U::IS_SHARE {
        (0.0..=1.0).contains(&value)
    } else {
        value.abs() <= f64::MAX
    }
}

/// Returns whether a histogram of this unit can observe `value`. Its sum must not go down.
#[inline]
pub(crate) fn is_observation<U: UnitType>(value: f64) -> bool {
    let largest = if U::IS_SHARE { 1.0 } else { LARGEST_AMOUNT };
    (0.0..=largest).contains(&value)
}

/// Returns whether a counter can go up by `amount`.
#[inline]
pub(crate) fn is_increase(amount: f64) -> bool {
    (0.0..=LARGEST_AMOUNT).contains(&amount)
}

/// Returns whether an up-down counter can move by `amount`.
#[inline]
pub(crate) fn is_change(amount: f64) -> bool {
    amount.abs() <= LARGEST_AMOUNT
}

/// A type of recorded values.
pub trait CellValue: Sealed + Copy + Debug + Default + PartialEq + Send + Sync + 'static {
    /// Converts from the 64 bits of a cell.
    #[doc(hidden)]
    fn from_cell(cell: u64) -> Self;
    /// Converts to the 64 bits of a cell.
    #[doc(hidden)]
    fn into_cell(self) -> u64;
}

macro_rules! unit {
    ($(#[$doc:meta])* $name:ident: $sum:ty $(, $is_share:literal)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name {}

        impl Sealed for $name {}

        impl UnitType for $name {
            type Sum = $sum;
            $(const IS_SHARE: bool = $is_share;)?
        }
    };
}

macro_rules! float_units {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        unit!($(#[$doc])* $name: f64);
        impl FloatUnit for $name {}
    )*};
}

unit!(
    /// A plain number.
    Dimensionless: f64
);
unit!(
    /// Time: a [`Duration`], kept in whole nanoseconds.
    Seconds: Duration
);
unit!(
    /// Data: integers, see [`ByteCount`].
    Bytes: u64
);
unit!(
    /// A share. Gauges and histograms accept values in 0..=1.
    Ratio: f64, true
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

impl FloatUnit for Ratio {}

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
        // Not with saturating operations: in a loop they take longer than the rest of a histogram's record.
        if self.as_secs() < u64::MAX / NANOS_PER_SECOND {
            self.as_secs() * NANOS_PER_SECOND + u64::from(self.subsec_nanos())
        } else {
            u64::MAX
        }
    }
}

/// A number of bytes: any unsigned integer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number of bytes",
    label = "expected `usize`, `u64`, `u32`, `u16` or `u8`",
    note = "a metric in bytes takes unsigned integers; convert with `try_from` where the value may be negative"
)]
pub trait ByteCount: Sealed + Copy {
    /// Returns the number of bytes.
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

macro_rules! sealed {
    ($($number:ty),*) => {$(impl Sealed for $number {})*};
}
sealed!(u8, u16, u32, usize, i8, i16, i32, isize, f32);

/// A value for a gauge without a unit: `f32`, `f64`, or an integer of at most 64 bits. Integers beyond 2^53 lose precision.
#[diagnostic::on_unimplemented(
    message = "a gauge without a unit cannot be set to `{Self}`",
    label = "expected an integer or a float"
)]
pub trait GaugeValue: Sealed + Copy {
    /// Whether every value is finite, so that no check is needed.
    #[doc(hidden)]
    const IS_FINITE: bool;

    /// Returns the exposed value.
    fn value(self) -> f64;
}

macro_rules! gauge_values {
    ($is_finite:literal: $($number:ty),*) => {$(
        impl GaugeValue for $number {
            const IS_FINITE: bool = $is_finite;

            #[inline]
            #[allow(clippy::cast_lossless, reason = "only some of the types have a `From`")]
            fn value(self) -> f64 {
                self as f64
            }
        }
    )*};
}
gauge_values!(true: u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);
gauge_values!(false: f32, f64);

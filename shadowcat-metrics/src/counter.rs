//! Counters: values that only go up.

use std::marker::PhantomData;
use std::time::Duration;

use crate::place::Place;
use crate::store::increment;
use crate::units::{
    ByteCount, Bytes, CellValue, Dimensionless, FloatUnit, Seconds, UnitType, is_increase,
};

/// A counter, which only goes up. Amounts beyond the end of its 64 bits are not added.
///
/// An amount of 2⁴⁰ or more never takes an integer counter above 2⁶⁴ − 2⁵⁸. Smaller amounts are added without a check, so a
/// counter above that value restarts at zero after 2⁵⁸ more.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// # let metrics = Metrics::new();
/// let plain = metrics.plain();
/// plain.events().inc();
/// plain.sent().add(1024_usize); // bytes
/// plain.busy().add(std::time::Duration::from_millis(3)); // seconds
/// assert_eq!(metrics.snapshot().plain().sent(), 1024);
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a counter counts only when it is told to"]
pub struct Counter<'a, U: UnitType> {
    place: Place<'a>,
    unit: PhantomData<U>,
}

impl<'a, U: UnitType> Counter<'a, U> {
    #[doc(hidden)]
    #[inline]
    pub const fn new(place: Place<'a>) -> Self {
        Self {
            place,
            unit: PhantomData,
        }
    }
}

impl Counter<'_, Dimensionless> {
    /// Adds one.
    #[inline]
    pub fn inc(self) {
        self.place.change(increment);
    }

    /// Adds a number.
    #[inline]
    pub fn add(self, amount: u64) {
        self.place.add(amount);
    }
}

impl Counter<'_, Seconds> {
    /// Adds a duration.
    #[inline]
    pub fn add(self, amount: Duration) {
        self.place.add(amount.into_cell());
    }
}

impl Counter<'_, Bytes> {
    /// Adds a number of bytes.
    #[inline]
    pub fn add(self, amount: impl ByteCount) {
        self.place.add(amount.bytes());
    }
}

impl<U: FloatUnit> Counter<'_, U> {
    /// Adds an amount, in the counter's unit. An [amount that cannot be recorded](crate::units) is not added, but counted as
    /// rejected.
    #[inline]
    pub fn add(self, amount: f64) {
        if is_increase(amount) {
            self.place
                .change(move |cell| (f64::from_cell(cell) + amount).into_cell());
        } else {
            self.place.reject();
        }
    }
}

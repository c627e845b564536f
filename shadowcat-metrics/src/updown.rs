//! Up-down counters: a current number, as the sum of what all threads add and subtract.

use std::marker::PhantomData;

use crate::place::{OwnedPlace, Place};
use crate::store::{AddFloat, Move};
use crate::units::{
    ByteCount, Bytes, CellValue, Dimensionless, FloatUnit, Seconds, UnitType, is_change,
};

/// An up-down counter: any thread can increase and decrease it. It is exposed as a gauge.
///
/// It costs as little as a counter, because each thread keeps its own share of the sum. If you always know the total, use a
/// gauge instead.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// # let metrics = Metrics::new();
/// let plain = metrics.plain();
/// let task = plain.tasks().track();
/// assert_eq!(metrics.snapshot().plain().tasks(), 1);
/// drop(task);
/// assert_eq!(metrics.snapshot().plain().tasks(), 0);
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "an up-down counter does not change until you call one of its methods"]
pub struct UpDownCounter<'a, U: UnitType> {
    place: Place<'a>,
    unit: PhantomData<U>,
}

impl<'a, U: UnitType> UpDownCounter<'a, U> {
    #[doc(hidden)]
    #[inline]
    pub const fn new(place: Place<'a>) -> Self {
        Self {
            place,
            unit: PhantomData,
        }
    }

    #[inline]
    fn move_integer(self, amount: i64) {
        self.place.change(Move(amount.into_cell()));
    }

    #[inline]
    fn move_float(self, amount: f64) {
        if is_change(amount) {
            self.place.change(AddFloat(amount));
        } else {
            self.place.reject();
        }
    }
}

impl<'a> UpDownCounter<'a, Dimensionless> {
    /// Adds one.
    #[inline]
    pub fn inc(self) {
        self.move_integer(1);
    }

    /// Subtracts one.
    #[inline]
    pub fn dec(self) {
        self.move_integer(-1);
    }

    /// Adds `amount`.
    #[inline]
    pub fn add(self, amount: i64) {
        self.move_integer(amount);
    }

    /// Subtracts `amount`.
    #[inline]
    pub fn sub(self, amount: i64) {
        self.move_integer(amount.wrapping_neg());
    }

    /// Adds one, and subtracts it when the guard is dropped.
    #[inline]
    pub fn track(self) -> TrackGuard<'a> {
        TrackGuard::new(self.place, 1)
    }

    /// Like [`track`](Self::track), with a guard that you can move anywhere, such as into a task or a struct.
    pub fn track_owned(self) -> OwnedTrackGuard {
        OwnedTrackGuard::new(self.place, 1)
    }
}

impl<'a> UpDownCounter<'a, Bytes> {
    /// Adds a number of bytes.
    #[inline]
    pub fn add(self, amount: impl ByteCount) {
        self.move_integer(amount.bytes().cast_signed());
    }

    /// Subtracts a number of bytes.
    #[inline]
    pub fn sub(self, amount: impl ByteCount) {
        self.move_integer(amount.bytes().cast_signed().wrapping_neg());
    }

    /// Adds a number of bytes, and subtracts it when the guard is dropped.
    #[inline]
    pub fn track(self, amount: impl ByteCount) -> TrackGuard<'a> {
        TrackGuard::new(self.place, amount.bytes().cast_signed())
    }

    /// Like [`track`](Self::track), with a guard that you can move anywhere, such as into a task or a struct.
    pub fn track_owned(self, amount: impl ByteCount) -> OwnedTrackGuard {
        OwnedTrackGuard::new(self.place, amount.bytes().cast_signed())
    }
}

impl UpDownCounter<'_, Seconds> {
    /// Adds a number of seconds. An [amount that cannot be recorded](crate::units) is not added, but counted as rejected.
    #[inline]
    pub fn add(self, seconds: f64) {
        self.move_float(seconds);
    }

    /// Subtracts a number of seconds. Otherwise like [`add`](Self::add).
    #[inline]
    pub fn sub(self, seconds: f64) {
        self.move_float(-seconds);
    }
}

impl<U: FloatUnit> UpDownCounter<'_, U> {
    /// Adds an amount, in the counter's unit. An [amount that cannot be recorded](crate::units) is not added, but counted as
    /// rejected.
    #[inline]
    pub fn add(self, amount: f64) {
        self.move_float(amount);
    }

    /// Subtracts an amount, in the counter's unit. Otherwise like [`add`](Self::add).
    #[inline]
    pub fn sub(self, amount: f64) {
        self.move_float(-amount);
    }
}

/// A guard that subtracts its amount from an up-down counter when dropped.
#[derive(Debug)]
#[must_use = "when the guard is dropped, it subtracts what it added"]
pub struct TrackGuard<'a> {
    place: Place<'a>,
    amount: i64,
}

impl<'a> TrackGuard<'a> {
    #[inline]
    fn new(place: Place<'a>, amount: i64) -> Self {
        place.change(Move(amount.into_cell()));
        Self { place, amount }
    }
}

impl Drop for TrackGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        let amount = self.amount.wrapping_neg();
        self.place.change(Move(amount.into_cell()));
    }
}

/// A guard that subtracts its amount from an up-down counter when dropped. It borrows nothing.
#[derive(Debug)]
#[must_use = "when the guard is dropped, it subtracts what it added"]
pub struct OwnedTrackGuard {
    place: OwnedPlace,
    amount: i64,
}

impl OwnedTrackGuard {
    fn new(place: Place<'_>, amount: i64) -> Self {
        place.change(Move(amount.into_cell()));
        Self {
            place: place.to_owned(),
            amount,
        }
    }
}

impl Drop for OwnedTrackGuard {
    fn drop(&mut self) {
        let amount = self.amount.wrapping_neg();
        self.place.place().change(Move(amount.into_cell()));
    }
}

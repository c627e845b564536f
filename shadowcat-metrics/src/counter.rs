//! Counters: values that only go up.

use std::marker::PhantomData;
use std::time::Duration;

use crate::exemplar::{Exemplars, NoExemplars, TraceContext, WithExemplars, offer};
use crate::place::Place;
use crate::store::{AddFloat, Increase};
use crate::units::{
    ByteCount, Bytes, CellValue, Dimensionless, FloatUnit, Seconds, UnitType, is_increase,
};

/// A counter, which only goes up.
///
/// An integer counter has 64 bits and stops at the highest value. Amounts below 2⁴⁰ are added without a check, so that each is
/// one instruction. A counter would restart at zero if one thread alone added more than 2⁶⁴ in such amounts, which takes 500
/// years at one increment per nanosecond.
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
#[must_use = "a counter does not change until you call `inc` or `add`"]
pub struct Counter<'a, U: UnitType, X: Exemplars = NoExemplars> {
    place: Place<'a>,
    unit: PhantomData<(U, X)>,
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

impl<'a, U: UnitType> Counter<'a, U, WithExemplars> {
    #[doc(hidden)]
    #[inline]
    pub const fn with_exemplars(place: Place<'a>) -> Self {
        Self {
            place,
            unit: PhantomData,
        }
    }
}

impl<U: UnitType, X: Exemplars> Counter<'_, U, X> {
    /// Offers an exemplar of an amount.
    #[inline]
    fn offer(self, amount: u64) {
        offer::<X>(
            self.place.store(),
            self.place,
            || self.place.series(),
            amount,
        );
    }
}

impl<X: Exemplars> Counter<'_, Dimensionless, X> {
    /// Adds one.
    #[inline]
    pub fn inc(self) {
        self.place.change(Increase(1));
        self.offer(1);
    }

    /// Adds a number.
    #[inline]
    pub fn add(self, amount: u64) {
        self.place.add(amount);
        self.offer(amount);
    }
}

impl<X: Exemplars> Counter<'_, Seconds, X> {
    /// Adds a duration.
    #[inline]
    pub fn add(self, amount: Duration) {
        let amount = amount.into_cell();
        self.place.add(amount);
        self.offer(amount);
    }
}

impl<X: Exemplars> Counter<'_, Bytes, X> {
    /// Adds a number of bytes.
    #[inline]
    pub fn add(self, amount: impl ByteCount) {
        let amount = amount.bytes();
        self.place.add(amount);
        self.offer(amount);
    }
}

impl<U: FloatUnit, X: Exemplars> Counter<'_, U, X> {
    /// Adds an amount, in the counter's unit. An [amount that cannot be recorded](crate::units) is not added, but counted as
    /// rejected.
    #[inline]
    pub fn add(self, amount: f64) {
        if is_increase(amount) {
            self.place.change(AddFloat(amount));
            self.offer(amount.to_bits());
        } else {
            self.place.reject();
        }
    }
}

impl Counter<'_, Dimensionless, WithExemplars> {
    /// Adds one, with this trace as the exemplar instead of the thread's current trace.
    #[inline]
    pub fn inc_in(self, trace: &TraceContext) {
        let _entered = trace.enter();
        self.inc();
    }
}

/// Defines the same addition in an explicit trace.
macro_rules! adds_in {
    ([$($generics:tt)*] $unit:ty, [$($parameters:tt)*] $amount:ty) => {
        impl<$($generics)*> Counter<'_, $unit, WithExemplars> {
            /// Adds an amount, with this trace as the exemplar instead of the thread's current trace.
            #[inline]
            pub fn add_in<$($parameters)*>(self, amount: $amount, trace: &TraceContext) {
                let _entered = trace.enter();
                self.add(amount);
            }
        }
    };
}

adds_in!([] Dimensionless, [] u64);
adds_in!([] Seconds, [] Duration);
adds_in!([] Bytes, [V: ByteCount] V);
adds_in!([U: FloatUnit] U, [] f64);

//! Callback gauges.

use std::marker::PhantomData;
use std::time::Duration;

use crate::callback::{self, CallbackGuard};
use crate::place::Place;
use crate::units::{
    ByteCount, Bytes, CellValue, Dimensionless, FloatUnit, GaugeValue, Seconds, UnitType,
};

/// A gauge that is read, by a function, at each scrape. Without a function it has no sample.
///
/// The function runs on the thread that scrapes, which waits for it. If it panics, or gives nothing, there is no sample
/// that time. It may record, and read other metrics; those with callbacks have no value then. It must not own the
/// registry (a recorder, a clone of `Metrics`) if it is to stay for good, or both keep each other alive.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// # let metrics = Metrics::new();
/// let guard = metrics.plain().threads().register(|| 4);
/// assert_eq!(metrics.snapshot().plain().threads(), Some(4.0));
/// drop(guard);
/// assert_eq!(metrics.snapshot().plain().threads(), None);
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a callback gauge has no value without a callback"]
pub struct CallbackGauge<'a, U: UnitType> {
    place: Place<'a>,
    unit: PhantomData<U>,
}

impl<'a, U: UnitType> CallbackGauge<'a, U> {
    #[doc(hidden)]
    #[inline]
    pub const fn new(place: Place<'a>) -> Self {
        Self {
            place,
            unit: PhantomData,
        }
    }
}

impl CallbackGauge<'_, Dimensionless> {
    /// Has the value read by a function, in place of the one before, until the guard is dropped.
    pub fn register<V: GaugeValue>(
        self,
        read: impl Fn() -> V + Send + Sync + 'static,
    ) -> CallbackGuard {
        self.register_optional(move || Some(read()))
    }

    /// The same with a function that may have nothing to tell: then there is no sample.
    pub fn register_optional<V: GaugeValue>(
        self,
        read: impl Fn() -> Option<V> + Send + Sync + 'static,
    ) -> CallbackGuard {
        callback::register(self.place, move || {
            read().map(|read| read.value().into_cell())
        })
    }
}

impl CallbackGauge<'_, Seconds> {
    /// Has the value read by a function, in place of the one before, until the guard is dropped.
    pub fn register(self, read: impl Fn() -> Duration + Send + Sync + 'static) -> CallbackGuard {
        self.register_optional(move || Some(read()))
    }

    /// The same with a function that may have nothing to tell: then there is no sample.
    pub fn register_optional(
        self,
        read: impl Fn() -> Option<Duration> + Send + Sync + 'static,
    ) -> CallbackGuard {
        callback::register(self.place, move || read().map(CellValue::into_cell))
    }
}

impl CallbackGauge<'_, Bytes> {
    /// Has the value read by a function, in place of the one before, until the guard is dropped.
    pub fn register<V: ByteCount>(
        self,
        read: impl Fn() -> V + Send + Sync + 'static,
    ) -> CallbackGuard {
        self.register_optional(move || Some(read()))
    }

    /// The same with a function that may have nothing to tell: then there is no sample.
    pub fn register_optional<V: ByteCount>(
        self,
        read: impl Fn() -> Option<V> + Send + Sync + 'static,
    ) -> CallbackGuard {
        callback::register(self.place, move || read().map(ByteCount::bytes))
    }
}

impl<U: FloatUnit> CallbackGauge<'_, U> {
    /// Has the value read by a function, in place of the one before, until the guard is dropped. A value that a gauge of
    /// this unit would reject gives no sample.
    pub fn register(self, read: impl Fn() -> f64 + Send + Sync + 'static) -> CallbackGuard {
        self.register_optional(move || Some(read()))
    }

    /// The same with a function that may have nothing to tell: then there is no sample.
    pub fn register_optional(
        self,
        read: impl Fn() -> Option<f64> + Send + Sync + 'static,
    ) -> CallbackGuard {
        callback::register(self.place, move || {
            read()
                .filter(|value| U::accepts(*value))
                .map(CellValue::into_cell)
        })
    }
}

//! Callback counters.

use std::marker::PhantomData;
use std::time::Duration;

use crate::callback::{self, CallbackGuard};
use crate::place::Place;
use crate::units::{ByteCount, Bytes, CellValue, Dimensionless, FloatUnit, Seconds, UnitType};

/// A counter that is read, by a function, at each scrape: what the kernel or a library has counted. Without a function it
/// has no sample.
///
/// All that is said of [`CallbackGauge`](crate::CallbackGauge) holds. The function must never give less than before; a value that does is
/// exposed all the same, and to Prometheus it is a restart.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// # let metrics = Metrics::new();
/// use std::time::Duration;
///
/// let guard = metrics.plain().cpu().register(|| Duration::from_millis(1500));
/// assert_eq!(metrics.snapshot().plain().cpu(), Some(Duration::from_millis(1500)));
/// # drop(guard);
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a callback counter has no value without a callback"]
pub struct CallbackCounter<'a, U: UnitType> {
    place: Place<'a>,
    unit: PhantomData<U>,
}

impl<'a, U: UnitType> CallbackCounter<'a, U> {
    #[doc(hidden)]
    #[inline]
    pub const fn new(place: Place<'a>) -> Self {
        Self {
            place,
            unit: PhantomData,
        }
    }
}

impl CallbackCounter<'_, Dimensionless> {
    /// Has the value read by a function, in place of the one before, until the guard is dropped.
    pub fn register(self, read: impl Fn() -> u64 + Send + Sync + 'static) -> CallbackGuard {
        self.register_optional(move || Some(read()))
    }

    /// The same with a function that may have nothing to tell: then there is no sample.
    pub fn register_optional(
        self,
        read: impl Fn() -> Option<u64> + Send + Sync + 'static,
    ) -> CallbackGuard {
        callback::register(self.place, read)
    }
}

impl CallbackCounter<'_, Seconds> {
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

impl CallbackCounter<'_, Bytes> {
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

impl<U: FloatUnit> CallbackCounter<'_, U> {
    /// Has the value read by a function, in place of the one before, until the guard is dropped. A negative value, an
    /// infinite one and NaN give no sample.
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
                .filter(|value| (0.0..f64::INFINITY).contains(value))
                .map(CellValue::into_cell)
        })
    }
}

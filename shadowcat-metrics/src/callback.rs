//! Callback gauges: values that are asked for when they are scraped.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::place::{OwnedPlace, Place};
use crate::store::Store;
use crate::store::side::{Callback, Key};
use crate::units::{
    ByteCount, Bytes, CellValue, Dimensionless, FloatUnit, GaugeValue, Seconds, UnitType,
};

/// A gauge that is read, by a function, at each scrape. Without a function it has no sample.
///
/// The function runs on the thread that scrapes, which waits for it. If it panics there is no sample that time. It may
/// record, and read other metrics; callback gauges that it reads have no value then. It must not own the registry (a
/// recorder, a clone of `Metrics`) if it is to stay for good, or both keep each other alive.
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

    fn register_cell(
        self,
        callback: impl Fn() -> Option<u64> + Send + Sync + 'static,
    ) -> CallbackGuard {
        let place = self.place.to_owned();
        let at = (self.place.page(), self.place.series());
        let number = self.place.store().map_or(0, |store| {
            let (number, replaced) = store.tables().side.register(at, Arc::new(callback));
            drop(replaced);
            store.visible.show(at.0);
            number
        });
        CallbackGuard { place, at, number }
    }
}

impl CallbackGauge<'_, Dimensionless> {
    /// Has the value read by a function, in place of the one before, until the guard is dropped.
    pub fn register<V: GaugeValue>(
        self,
        read: impl Fn() -> V + Send + Sync + 'static,
    ) -> CallbackGuard {
        self.register_cell(move || Some(read().value().into_cell()))
    }
}

impl CallbackGauge<'_, Seconds> {
    /// Has the value read by a function, in place of the one before, until the guard is dropped.
    pub fn register(self, read: impl Fn() -> Duration + Send + Sync + 'static) -> CallbackGuard {
        self.register_cell(move || Some(read().into_cell()))
    }
}

impl CallbackGauge<'_, Bytes> {
    /// Has the value read by a function, in place of the one before, until the guard is dropped.
    pub fn register<V: ByteCount>(
        self,
        read: impl Fn() -> V + Send + Sync + 'static,
    ) -> CallbackGuard {
        self.register_cell(move || Some(read().bytes()))
    }
}

impl<U: FloatUnit> CallbackGauge<'_, U> {
    /// Has the value read by a function, in place of the one before, until the guard is dropped. A value that a gauge of
    /// this unit would reject gives no sample.
    pub fn register(self, read: impl Fn() -> f64 + Send + Sync + 'static) -> CallbackGuard {
        self.register_cell(move || {
            Some(read())
                .filter(|value| U::accepts(*value))
                .map(CellValue::into_cell)
        })
    }
}

/// Keeps a callback registered until it is dropped.
#[must_use = "dropping the guard unregisters the callback; `detach` keeps it"]
pub struct CallbackGuard {
    place: OwnedPlace,
    at: Key,
    number: u64,
}

impl CallbackGuard {
    /// Keeps the callback registered for as long as the registry lives, or until another one replaces it.
    pub fn detach(self) {
        // The open label values stay referred to for good; the registry must not.
        self.place
            .place()
            .store()
            .inspect(|store| store.retain_page(self.at.0));
        let mut guard = self;
        guard.number = 0;
    }
}

impl Drop for CallbackGuard {
    fn drop(&mut self) {
        if let Some(store) = self.place.place().store() {
            // Its own statement, so that the callback is dropped when the lock is free again.
            let callback = store.tables().side.unregister(self.at, self.number);
            drop(callback);
        }
    }
}

impl fmt::Debug for CallbackGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackGuard")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

thread_local! {
    static CALLING: Cell<bool> = const { Cell::new(false) };
}

/// Calls every callback of a store, with no lock held: where it is registered, its number, its value.
pub(crate) fn call_all(store: &Store) -> Vec<(Key, u64, Option<u64>)> {
    // A callback that reads all metrics would call itself for ever.
    if CALLING.replace(true) {
        return Vec::new();
    }
    let callbacks = store.tables().side.callbacks();
    let values = callbacks
        .into_iter()
        .map(|(at, number, callback)| (at, number, call(&callback)))
        .collect();
    CALLING.set(false);
    values
}

fn call(callback: &Callback) -> Option<u64> {
    catch_unwind(AssertUnwindSafe(|| callback())).unwrap_or_else(|panic| {
        // Dropping what a panic carries may panic again.
        mem::forget(panic);
        None
    })
}

//! Callbacks: gauges and counters whose values are read from a function at each scrape.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::place::{OwnedPlace, Place};
use crate::store::{Key, Store, Table};
use crate::units::{
    ByteCount, Bytes, CellValue, Dimensionless, FloatUnit, GaugeValue, Seconds, UnitType,
    is_gauge_value, is_increase,
};

/// A gauge that is read from a function at each scrape. Without a function it has no sample.
///
/// The function runs on the scraping thread, which waits for it. If it panics or returns `None`, that scrape has no sample. A
/// [value that cannot be recorded](crate::units) gives no sample either, and is counted as rejected. The function may record
/// other metrics and read their values, but other callbacks have no value for it. A function that stays registered must not
/// own the registry (a recorder, a clone of `Metrics`), or the two keep each other alive.
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

/// A counter that is read from a function at each scrape, such as a count kept by the kernel or a library. Without a
/// function it has no sample.
///
/// The notes on [`CallbackGauge`] apply. The function must never return less than before: a lower value is exposed, and
/// Prometheus reads it as a counter reset.
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

macro_rules! handle {
    ($handle:ident) => {
        impl<'a, U: UnitType> $handle<'a, U> {
            #[doc(hidden)]
            #[inline]
            pub const fn new(place: Place<'a>) -> Self {
                Self {
                    place,
                    unit: PhantomData,
                }
            }
        }
    };
}
handle!(CallbackCounter);
handle!(CallbackGauge);

/// Defines the two ways to register a callback with a handle of one unit. `$into_cell` converts a value to 64
/// bits, or returns `None` if it cannot be recorded.
macro_rules! registers {
    ([$($unit:tt)*] $handle:ty, [$($read:tt)*] $value:ty, $into_cell:expr) => {
        impl<$($unit)*> $handle {
            /// Registers a function that returns the value at each scrape, until the guard is dropped. It
            /// replaces the previous function.
            pub fn register<$($read)*>(
                self,
                read: impl Fn() -> $value + Send + Sync + 'static,
            ) -> CallbackGuard {
                self.register_optional(move || Some(read()))
            }

            /// Like `register`, with a function that may return `None`: then there is no sample.
            pub fn register_optional<$($read)*>(
                self,
                read: impl Fn() -> Option<$value> + Send + Sync + 'static,
            ) -> CallbackGuard {
                register(self.place, move || match read().map($into_cell) {
                    Some(Some(cell)) => Reading::Cell(cell),
                    Some(None) => Reading::Rejected,
                    None => Reading::Nothing,
                })
            }
        }
    };
}

registers!([] CallbackCounter<'_, Dimensionless>, [] u64, Some);
registers!([] CallbackCounter<'_, Seconds>, [] Duration, |read| Some(read.into_cell()));
registers!([] CallbackCounter<'_, Bytes>, [V: ByteCount] V, |read| Some(read.bytes()));
registers!([U: FloatUnit] CallbackCounter<'_, U>, [] f64, |read| {
    is_increase(read).then(|| read.into_cell())
});
registers!([] CallbackGauge<'_, Dimensionless>, [V: GaugeValue] V, |read| {
    let read = read.value();
    is_gauge_value::<Dimensionless>(read).then(|| read.into_cell())
});
registers!([] CallbackGauge<'_, Seconds>, [] Duration, |read| Some(read.into_cell()));
registers!([] CallbackGauge<'_, Bytes>, [V: ByteCount] V, |read| Some(read.bytes()));
registers!([U: FloatUnit] CallbackGauge<'_, U>, [] f64, |read| {
    is_gauge_value::<U>(read).then(|| read.into_cell())
});

/// A function that returns the value of a cell.
type Callback = Arc<dyn Fn() -> Reading + Send + Sync>;

/// The result of a callback.
#[derive(Debug, Clone, Copy)]
enum Reading {
    /// The 64 bits of a value.
    Cell(u64),
    /// A value that cannot be recorded.
    Rejected,
    /// No value at this scrape.
    Nothing,
}

/// The registered callbacks.
#[derive(Default)]
pub(crate) struct Callbacks {
    callbacks: Table<Registered>,
    registrations: u64,
}

/// A registered callback.
struct Registered {
    /// Its number, which is never used again.
    number: u64,
    callback: Callback,
    /// Its value at the latest read.
    value: Option<u64>,
}

impl Callbacks {
    /// Registers a callback. Returns its number, and the replaced callback, which must be dropped without the lock.
    #[must_use]
    fn register(&mut self, at: Key, callback: Callback) -> (u64, Option<Callback>) {
        self.registrations += 1;
        let registered = Registered {
            number: self.registrations,
            callback,
            value: None,
        };
        let replaced = self.callbacks.insert(at, registered);
        (
            self.registrations,
            replaced.map(|replaced| replaced.callback),
        )
    }

    /// Removes a callback unless it was replaced. The result must be dropped without the lock.
    #[must_use]
    fn unregister(&mut self, at: Key, number: u64) -> Option<Callback> {
        if self.callbacks.get(&at)?.number != number {
            return None;
        }
        self.callbacks.remove(&at).map(|removed| removed.callback)
    }

    /// Returns all callbacks, which must be called without the lock.
    fn all(&self) -> Vec<(Key, u64, Callback)> {
        let mut all = Vec::new();
        for (at, registered) in &self.callbacks {
            all.push((*at, registered.number, Arc::clone(&registered.callback)));
        }
        all
    }

    /// Sets the values for a read to the results of [`call_all`]. Callbacks without a result have no value.
    pub(crate) fn set_values(&mut self, values: Vec<(Key, u64, u64)>) {
        for registered in self.callbacks.values_mut() {
            registered.value = None;
        }
        for (at, number, value) in values {
            // Since the call, this key may have got another callback: a replacement, or one for a new label value in the same slot.
            if let Some(registered) = self.callbacks.get_mut(&at)
                && registered.number == number
            {
                registered.value = Some(value);
            }
        }
    }

    /// Returns the value of a series at the latest read.
    pub(crate) fn value(&self, at: Key) -> Option<u64> {
        self.callbacks.get(&at)?.value
    }
}

/// Registers a function that returns the 64 bits of a value.
fn register(
    place: Place<'_>,
    callback: impl Fn() -> Reading + Send + Sync + 'static,
) -> CallbackGuard {
    let at = (place.slab(), place.series());
    let number = place.store().map_or(0, |store| {
        let (number, replaced) = store.tables().callbacks.register(at, Arc::new(callback));
        drop(replaced);
        store.visible.show(at.0);
        number
    });
    CallbackGuard {
        place: place.to_owned(),
        at,
        number,
    }
}

/// Keeps a callback registered until dropped.
#[must_use = "dropping the guard unregisters the callback; `detach` keeps it"]
pub struct CallbackGuard {
    place: OwnedPlace,
    at: Key,
    number: u64,
}

impl CallbackGuard {
    /// Keeps the callback registered until the registry is dropped or another callback replaces it.
    pub fn detach(self) {
        // The open label values stay in use forever, but the registry must not be kept alive.
        self.place
            .place()
            .store()
            .inspect(|store| store.retain_slab(self.at.0));
        let mut guard = self;
        guard.number = 0;
    }
}

impl Drop for CallbackGuard {
    fn drop(&mut self) {
        if let Some(store) = self.place.place().store() {
            // A separate statement, so that the callback is dropped after the lock is released.
            let callback = store.tables().callbacks.unregister(self.at, self.number);
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

/// Calls every callback of a store without holding a lock. Returns for each where it is registered, its
/// number and its value. Counts values that cannot be recorded.
pub(crate) fn call_all(store: &Arc<Store>) -> Vec<(Key, u64, u64)> {
    // A callback that reads all metrics would otherwise call itself endlessly.
    if CALLING.replace(true) {
        return Vec::new();
    }
    let callbacks = store.tables().callbacks.all();
    let mut values = Vec::with_capacity(callbacks.len());
    for (at, number, callback) in callbacks {
        match call(callback) {
            Reading::Cell(cell) => values.push((at, number, cell)),
            Reading::Rejected => store.reject(at.0),
            Reading::Nothing => {}
        }
    }
    CALLING.set(false);
    values
}

/// Calls a callback. Returns no reading if it panics, or if dropping it does: it may have been unregistered
/// in the meantime, and then this is the last reference to it.
fn call(callback: Callback) -> Reading {
    catch_unwind(AssertUnwindSafe(move || callback())).unwrap_or_else(|panic| {
        // Dropping the panic's payload may panic again.
        mem::forget(panic);
        Reading::Nothing
    })
}

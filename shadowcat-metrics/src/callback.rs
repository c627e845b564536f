//! Callbacks: values that are asked for when they are scraped.

/// A handle that a function is registered with.
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

/// The two ways to register with a handle of one unit. `$into_cell` makes the 64 bits of what was read, or nothing.
macro_rules! registers {
    ([$($unit:tt)*] $handle:ty, [$($read:tt)*] $value:ty, $into_cell:expr, $invalid:literal) => {
        impl<$($unit)*> $handle {
            /// Has the value read by a function, in place of the one before, until the guard is dropped.
            #[doc = $invalid]
            pub fn register<$($read)*>(
                self,
                read: impl Fn() -> $value + Send + Sync + 'static,
            ) -> CallbackGuard {
                self.register_optional(move || Some(read()))
            }

            /// The same with a function that may have nothing to tell: then there is no sample.
            pub fn register_optional<$($read)*>(
                self,
                read: impl Fn() -> Option<$value> + Send + Sync + 'static,
            ) -> CallbackGuard {
                callback::register(self.place, move || read().and_then($into_cell))
            }
        }
    };
}

mod counter;
mod gauge;

use std::cell::Cell;
use std::fmt;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::place::{OwnedPlace, Place};
use crate::store::Store;
use crate::store::side::{Callback, Key};

pub use counter::CallbackCounter;
pub use gauge::CallbackGauge;

/// Registers a function that gives the 64 bits of a value.
fn register(
    place: Place<'_>,
    callback: impl Fn() -> Option<u64> + Send + Sync + 'static,
) -> CallbackGuard {
    let at = (place.page(), place.series());
    let number = place.store().map_or(0, |store| {
        let (number, replaced) = store.tables().side.register(at, Arc::new(callback));
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
        .map(|(at, number, callback)| (at, number, call(callback)))
        .collect();
    CALLING.set(false);
    values
}

/// What a callback gives; nothing if it panics, or what it holds does when it is dropped: it may have been unregistered
/// meanwhile, and then this is the last reference to it.
fn call(callback: Callback) -> Option<u64> {
    catch_unwind(AssertUnwindSafe(move || callback())).unwrap_or_else(|panic| {
        // Dropping what a panic carries may panic again.
        mem::forget(panic);
        None
    })
}

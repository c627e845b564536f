//! Values outside cells: facts of info metrics, and callbacks.

use std::collections::HashMap;
use std::sync::Arc;

/// A page, and a series in it.
pub(crate) type Key = (u32, usize);

/// The facts of one series, in the order of the schema.
pub(crate) type Facts = Arc<[Box<str>]>;

/// A function that returns the value of a cell.
pub(crate) type Callback = Arc<dyn Fn() -> Reading + Send + Sync>;

/// The result of a callback.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reading {
    /// The 64 bits of a value.
    Cell(u64),
    /// A value that cannot be recorded.
    Rejected,
    /// No value at this scrape.
    Nothing,
}

/// Facts and callbacks, by page and series.
#[derive(Default)]
pub(crate) struct SideTables {
    facts: HashMap<Key, Facts>,
    callbacks: HashMap<Key, (u64, Callback)>,
    registrations: u64,
}

impl SideTables {
    pub(crate) fn set_facts(&mut self, at: Key, facts: Facts) {
        self.facts.insert(at, facts);
    }

    pub(crate) fn facts(&self, at: Key) -> Option<&Facts> {
        self.facts.get(&at)
    }

    pub(super) fn forget_facts(&mut self, page: u32) {
        self.facts.retain(|at, _| at.0 != page);
    }

    /// Registers a callback. Returns its number, and the replaced callback, which must be dropped without the lock.
    #[must_use]
    pub(crate) fn register(&mut self, at: Key, callback: Callback) -> (u64, Option<Callback>) {
        self.registrations += 1;
        let replaced = self.callbacks.insert(at, (self.registrations, callback));
        (self.registrations, replaced.map(|(_, callback)| callback))
    }

    /// Removes a callback unless it was replaced. The result must be dropped without the lock.
    #[must_use]
    pub(crate) fn unregister(&mut self, at: Key, number: u64) -> Option<Callback> {
        self.callback_number(at)
            .filter(|registered| *registered == number)?;
        self.callbacks.remove(&at).map(|(_, callback)| callback)
    }

    /// Returns the number of the callback of a series.
    pub(crate) fn callback_number(&self, at: Key) -> Option<u64> {
        self.callbacks.get(&at).map(|(number, _)| *number)
    }

    /// Returns all callbacks, which must be called without the lock.
    pub(crate) fn callbacks(&self) -> Vec<(Key, u64, Callback)> {
        self.callbacks
            .iter()
            .map(|(at, (number, callback))| (*at, *number, Arc::clone(callback)))
            .collect()
    }
}

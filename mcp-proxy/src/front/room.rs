//! Room for new connections: at the limit, the connection that has been idle for the longest time is closed.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::front::half_close::Exchanges;

/// The open connections of a front. Clones share them.
#[derive(Debug, Clone, Default)]
pub(super) struct Room(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Orders events: the next number of a connection, and of the time when one became idle.
    clock: AtomicU64,
    /// Whether a client waits although no connection was idle. The next connection that becomes idle is closed.
    is_wanted: AtomicBool,
    connections: Mutex<HashMap<u64, Exchanges>>,
}

/// The place of an open connection.
#[derive(Debug)]
pub(super) struct Place {
    number: u64,
    room: Room,
}

impl Room {
    /// Adds a connection until the returned value is dropped.
    pub(super) fn enter(&self, exchanges: &Exchanges) -> Place {
        self.0.is_wanted.store(false, Ordering::SeqCst);
        let number = self.now();
        self.connections().insert(number, exchanges.clone());
        Place {
            number,
            room: self.clone(),
        }
    }

    /// Closes the connection that has been idle for the longest time. If there is none, the next one that becomes idle is closed.
    pub(super) fn make(&self) {
        // Set before the search, so that no connection that becomes idle meanwhile is missed.
        self.0.is_wanted.store(true, Ordering::SeqCst);
        let connections = self.connections();
        let idle = connections.values().filter_map(|exchanges| {
            let since = exchanges.idle_since()?;
            Some((since, exchanges))
        });
        if let Some((_, oldest)) = idle.min_by_key(|(since, _)| *since) {
            self.0.is_wanted.store(false, Ordering::SeqCst);
            oldest.close_when_idle();
        }
    }

    /// Returns whether the connection that has just become idle must be closed.
    pub(super) fn is_wanted(&self) -> bool {
        self.0.is_wanted.swap(false, Ordering::SeqCst)
    }

    /// Returns the next number.
    pub(super) fn now(&self) -> u64 {
        self.0.clock.fetch_add(1, Ordering::Relaxed)
    }

    fn connections(&self) -> MutexGuard<'_, HashMap<u64, Exchanges>> {
        let connections = self.0.connections.lock();
        connections.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.connections().remove(&self.number);
    }
}

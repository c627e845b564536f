//! Which blocks the calling thread has, one for each store it has recorded in, and what becomes of them when it ends.

use std::cell::{Cell, RefCell};
use std::sync::{Arc, Weak};

use super::Store;
use super::cells::{Lease, forget_current};
use crate::sync::per_thread;

/// A thread's block of one store.
struct Owned {
    store: Weak<Store>,
    lease: Lease,
}

/// A thread's blocks. When the thread ends they go back to their stores, with the counts in them.
struct Table(Vec<Owned>);

per_thread! {
    static TABLE: RefCell<Table> = RefCell::new(Table(Vec::new()));
}

impl Drop for Table {
    fn drop(&mut self) {
        // From here on the thread records in the shared block, for another thread may own this one.
        forget_current();
        for owned in self.0.drain(..) {
            if let Some(store) = owned.store.upgrade() {
                store.blocks.release(&owned.lease);
            }
        }
    }
}

impl Table {
    /// Makes the thread's block of a store the current one. False if it can have none.
    fn enter(&mut self, store: &Arc<Store>) -> bool {
        let has = |owned: &&Owned| owned.store.as_ptr() == Arc::as_ptr(store);
        if let Some(owned) = self.0.iter().find(has) {
            owned.lease.make_current();
            return true;
        }
        let Some(lease) = store.blocks.acquire() else {
            return false;
        };
        lease.make_current();
        self.0.retain(|owned| owned.store.strong_count() > 0);
        self.0.push(Owned {
            store: Arc::downgrade(store),
            lease,
        });
        true
    }
}

per_thread! {
    /// Whether the thread is making room for a record. It has no destructor, so it can be reached from an allocator.
    static IN_COLD_PATH: Cell<bool> = Cell::new(false);
}

/// The thread is making room for a record until this is dropped.
pub(super) struct ColdPath(());

impl Drop for ColdPath {
    fn drop(&mut self) {
        let _ = IN_COLD_PATH.try_with(|inside| inside.set(false));
    }
}

/// Lets the thread make room for a record. None if it is doing so already: making room allocates, and a global allocator
/// that records would need room for that again, without end.
pub(super) fn enter_cold_path() -> Option<ColdPath> {
    let inside = IN_COLD_PATH.try_with(|inside| inside.replace(true));
    (!inside.unwrap_or(false)).then(|| ColdPath(()))
}

/// Finds or makes the calling thread's block and makes it the current one. False if the thread has none: because too
/// many threads have one, or because this one is ending.
pub(super) fn enter(store: &Arc<Store>) -> bool {
    // Nothing that the table does records, but if it did, the shared block would take it.
    let entered = TABLE.try_with(|table| {
        table
            .try_borrow_mut()
            .is_ok_and(|mut table| table.enter(store))
    });
    entered.unwrap_or(false)
}

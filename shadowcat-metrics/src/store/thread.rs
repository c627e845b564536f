//! The calling thread's blocks, one for each store, and their release when the thread ends.

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

/// A thread's blocks. When the thread ends, they are returned to their stores with their counts.
struct Table(Vec<Owned>);

per_thread! {
    static TABLE: RefCell<Table> = RefCell::new(Table(Vec::new()));
}

impl Drop for Table {
    fn drop(&mut self) {
        // From here on, the thread records in the shared block, because another thread may own this one.
        forget_current();
        for owned in self.0.drain(..) {
            if let Some(store) = owned.store.upgrade() {
                store.blocks.release(&owned.lease);
            }
        }
    }
}

impl Table {
    /// Makes the thread's block of a store the current one. Returns false if it cannot have one.
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
    /// Whether the thread is allocating space for a record. It has no destructor, so it can be used in an allocator.
    static IN_COLD_PATH: Cell<bool> = Cell::new(false);
}

/// Marks the thread as allocating space for a record until this is dropped.
pub(super) struct ColdPath(());

impl Drop for ColdPath {
    fn drop(&mut self) {
        let _ = IN_COLD_PATH.try_with(|inside| inside.set(false));
    }
}

/// Marks the thread as allocating space for a record. Returns `None` if it already is: the allocation may call a global
/// allocator that records, which would recurse forever.
pub(super) fn enter_cold_path() -> Option<ColdPath> {
    let inside = IN_COLD_PATH.try_with(|inside| inside.replace(true));
    (!inside.unwrap_or(false)).then(|| ColdPath(()))
}

/// Finds or creates the calling thread's block and makes it the current one. Returns false if the thread has none, because too
/// many threads have one or because this one is ending.
pub(super) fn enter(store: &Arc<Store>) -> bool {
    // Nothing in the table records; if it did, it would use the shared block.
    let entered = TABLE.try_with(|table| {
        table
            .try_borrow_mut()
            .is_ok_and(|mut table| table.enter(store))
    });
    entered.unwrap_or(false)
}

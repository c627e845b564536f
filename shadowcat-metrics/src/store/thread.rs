//! Which blocks the calling thread has, one for each store it has recorded in, and what becomes of them when it ends.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use super::Store;
use super::cells::forget_current;
use crate::sync::per_thread;

/// A thread's block of one store.
struct Owned {
    store: Weak<Store>,
    block: usize,
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
                store.blocks.release(owned.block);
            }
        }
    }
}

impl Table {
    fn block_of(&mut self, store: &Arc<Store>) -> Option<usize> {
        if let Some(owned) = self
            .0
            .iter()
            .find(|owned| owned.store.as_ptr() == Arc::as_ptr(store))
        {
            return Some(owned.block);
        }
        let block = store.blocks.acquire()?;
        self.0.retain(|owned| owned.store.strong_count() > 0);
        self.0.push(Owned {
            store: Arc::downgrade(store),
            block,
        });
        Some(block)
    }
}

/// Finds or makes the calling thread's block and makes it the current one. False if the thread has none: because too
/// many threads have one, or because this one is ending.
pub(super) fn enter(store: &Arc<Store>) -> bool {
    let block = TABLE.try_with(|table| {
        // Not free only if the allocator itself records.
        let mut table = table.try_borrow_mut().ok()?;
        table.block_of(store)
    });
    let Ok(Some(block)) = block else { return false };
    store.blocks.make_current(block);
    true
}

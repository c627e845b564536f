//! What records go through: a store, with what it takes to find the calling thread's block beside it.

use std::sync::Arc;

use super::blocks::{Block, Which, current};
use crate::store::Store;

/// What no blocks are: what is disabled has it.
const NONE: Which = Which {
    number: u64::MAX,
    pages: 0,
};

/// A reference to a store, or to none. It says itself which blocks the store has, so that a record need not look into the
/// store.
#[derive(Clone)]
pub(crate) struct Owner {
    which: Which,
    store: Option<Arc<Store>>,
}

impl Owner {
    pub(crate) fn of(store: Arc<Store>) -> Self {
        Self {
            which: store.blocks.which(),
            store: Some(store),
        }
    }

    /// No store: what is recorded through it is not recorded.
    pub(crate) const fn none() -> Self {
        Self {
            which: NONE,
            store: None,
        }
    }

    #[inline]
    pub(crate) const fn store(&self) -> Option<&Arc<Store>> {
        self.store.as_ref()
    }

    /// Tells stores apart: equal for references to the same store, and for references to none.
    #[inline]
    pub(crate) const fn number(&self) -> u64 {
        self.which.number
    }

    /// The block of the calling thread, if it is one of those that the thread used last.
    #[inline]
    pub(crate) fn current(&self) -> Option<Block<'_>> {
        // SAFETY: `which` is that of the blocks of `store`, which lives for as long as `self` and never gets other blocks; or it
        // is `NONE`, whose number is not the address of allocated memory.
        unsafe { current(self.which) }
    }
}

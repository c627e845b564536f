//! A reference to a store, with the data to find the calling thread's block quickly.

use std::sync::Arc;

use super::blocks::{Block, BlocksId, current};
use crate::store::Store;

/// Identity of a disabled registry's blocks.
const NONE: BlocksId = BlocksId {
    number: u64::MAX,
    slabs: 0,
};

/// A reference to a store, or to none. It contains the identity of the store's blocks, so that a record need not access the
/// store.
#[derive(Clone)]
pub(crate) struct Owner {
    id: BlocksId,
    store: Option<Arc<Store>>,
}

impl Owner {
    pub(crate) fn of(store: Arc<Store>) -> Self {
        Self {
            id: store.blocks.id(),
            store: Some(store),
        }
    }

    /// Creates a reference to no store. Records through it are dropped.
    pub(crate) const fn none() -> Self {
        Self {
            id: NONE,
            store: None,
        }
    }

    #[inline]
    pub(crate) const fn store(&self) -> Option<&Arc<Store>> {
        self.store.as_ref()
    }

    /// Returns a number that is equal for references to the same store, and for references to none.
    #[inline]
    pub(crate) const fn number(&self) -> u64 {
        self.id.number
    }

    /// Returns the calling thread's block, if it was used recently.
    #[inline]
    pub(crate) fn current(&self) -> Option<Block<'_>> {
        // SAFETY: `id` is the identity of the blocks of `store`, which lives as long as `self` and never gets other blocks; or
        // it is `NONE`, whose number is not the address of allocated memory.
        unsafe { current(self.id) }
    }

    /// Returns the calling thread's block, if it was used recently, and the store, whose presence then needs no check.
    #[inline]
    pub(crate) fn current_with_store(&self) -> Option<(Block<'_>, &Arc<Store>)> {
        let block = self.current()?;
        // SAFETY: only `none` creates an owner without a store. Its `id` is `NONE`, for which `current` finds no block.
        let store = unsafe { self.store.as_ref().unwrap_unchecked() };
        Some((block, store))
    }
}

//! A reference to a store, with the data to find the calling thread's block quickly.

use std::sync::Arc;

use super::blocks::{BlocksId, Sizes, with_current};
use super::{Run, Spot};
use crate::store::Store;

/// Identity of a disabled registry's blocks.
const NONE: BlocksId = BlocksId {
    number: u64::MAX,
    sizes: Sizes { fixed: 0, slabs: 0 },
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

    /// Calls a function with the calling thread's cells at a spot. Returns the store, whose presence needs no check; `None` if
    /// the thread does not remember its block, or if the function returned `None`.
    #[inline]
    pub(crate) fn with_cells(
        &self,
        spot: Spot,
        run: impl FnOnce(Run<'_>) -> Option<()>,
    ) -> Option<&Arc<Store>> {
        // SAFETY: `id` is the identity of the blocks of `store`, which lives as long as `self` and never gets other blocks; or
        // it is `NONE`, whose number is not the address of allocated memory.
        unsafe { with_current(&self.id, spot, run) }?;
        // SAFETY: only `none` creates an owner without a store. Its `id` is `NONE`, for which no thread has a block.
        Some(unsafe { self.store.as_ref().unwrap_unchecked() })
    }
}

//! Cells, and who may write them: pages of atomics, and blocks of pages that each belong to a thread.
//!
//! This is the only module with `unsafe` code. It rests on two facts:
//!
//! 1. *A page lives as long as its slot.* A [`PageSlot`](page::PageSlot) goes from null to a page once and frees that page only when it
//!    is dropped itself. A page's size is written before the page is published, and never changes.
//! 2. *A block lives as long as its [`Blocks`].* A thread remembers its block by address, together with the number of
//!    the `Blocks` it belongs to. Numbers are never used twice, `Blocks` never lets go of a block before it is dropped,
//!    and an address is followed only on behalf of a `&Blocks` with the same number, or of an [`Owner`] that keeps them
//!    alive.
//!
//! A process may hold several copies of this library, as a host and its plugins do; each copy has its own thread-locals.
//! Numbers are addresses of memory that is never freed, so they are unique over all copies, and a registry may be used by
//! the code of a copy that did not make it. That both copies lay out these types alike is left to whoever passes the
//! registry between them.
//!
//! Cells are atomics and every access is checked against the size of the page, so wrong numbers do no harm. That only
//! one thread writes the cells of a thread's block makes counts right; memory safety does not depend on it.

#![allow(
    unsafe_code,
    reason = "pages are reached through raw pointers; each block has its proof"
)]

mod blocks;
mod owner;
mod page;

pub(crate) use blocks::{Block, BlockList, Blocks, Lease, forget_current, view};
pub(crate) use owner::Owner;

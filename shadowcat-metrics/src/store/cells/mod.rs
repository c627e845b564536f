//! Cells and the rules for writing them: slabs of atomics, and blocks of slabs that each belong to a thread.
//!
//! This is the only module with `unsafe` code. It relies on two facts:
//!
//! 1. *A slab lives as long as its slot.* The pointer of a [`SlabSlot`](slab::SlabSlot) changes once, from none to a slab, which
//!    is freed only when the slot is dropped. A slab's size is written before the slab is published, and never changes.
//! 2. *A block lives as long as its [`Blocks`].* A thread remembers its block by address, together with the number of its
//!    `Blocks`. Numbers are never reused, a `Blocks` keeps all its blocks until it is dropped, and an address is only dereferenced
//!    for a `&Blocks` with the same number, or for an [`Owner`] that keeps it alive.
//!
//! A process may contain several copies of this library, in a host and its plugins; each copy has its own thread-locals.
//! Numbers are addresses of memory that is never freed, so they are unique over all copies, and one copy's code may use a
//! registry of another. Whoever passes a registry between copies must ensure that both use the same layout of these types.
//!
//! Cells are atomics, and every access is checked against the size of the slab, so wrong numbers are memory-safe. Correct
//! counts require that only one thread writes the cells of a thread's block; memory safety does not.

#![allow(
    unsafe_code,
    reason = "slabs are reached through raw pointers; each block has its proof"
)]

mod blocks;
mod owner;
mod slab;

pub(crate) use blocks::{Block, BlockList, BlockSlabs, Blocks, Lease, forget_current};
pub(crate) use owner::Owner;
pub(crate) use slab::{HEADER, SlabSlots};

//! Cells and the rules for writing them: slabs of atomics, and blocks of fixed cells and slabs that each belong to a thread.
//!
//! This is the only module with `unsafe` code. It relies on two facts:
//!
//! 1. *A slab lives as long as its slot.* The pointer of a [`SlabSlot`](slab::SlabSlot) changes once, from none to a slab, which
//!    is freed only when the slot is dropped. A slab's size is written before the slab is published, and never changes.
//! 2. *A block lives as long as its [`Blocks`].* A thread remembers the addresses of its block and of the block's parts, which
//!    never change, together with the number of its `Blocks`. Numbers are never reused, a `Blocks` keeps all its blocks until it
//!    is dropped, and an address is only dereferenced for a `&Blocks` with the same number, or for an [`Owner`] that keeps it
//!    alive.
//!
//! A process may contain several copies of this library, in a host and its plugins; each copy has its own thread-locals.
//! Numbers are addresses of memory that is never freed, so they are unique over all copies, and one copy's code may use a
//! registry of another. Whoever passes a registry between copies must ensure that both use the same layout of these types.
//!
//! Cells are atomics, and every access is checked against the number of cells, so wrong numbers are memory-safe. Correct
//! counts require that only one thread writes the cells of a thread's block; memory safety does not.

#![allow(
    unsafe_code,
    reason = "cells are reached through raw pointers; each unsafe block has its proof"
)]

mod blocks;
mod fixed;
mod owner;
mod slab;

use crate::sync::AtomicU64;

pub(crate) use blocks::{Block, BlockList, Blocks, Lease, Sizes, forget_current};
pub(crate) use owner::Owner;
pub(crate) use slab::{HEADER, SlabSlots};

/// Where the cells of a slab are in each block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) slab: u32,
    /// The position of its first cell among the fixed cells of the block, or 0 if it is in a slab.
    pub(crate) fixed: u32,
}

/// The cells at a spot of a block.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    all: &'a [AtomicU64],
    first: usize,
}

impl<'a> Run<'a> {
    #[inline]
    const fn of_slab(all: &'a [AtomicU64]) -> Self {
        Self { all, first: 0 }
    }

    #[inline]
    const fn fixed(all: &'a [AtomicU64], first: u32) -> Self {
        let first = first as usize;
        Self { all, first }
    }

    #[inline]
    pub(crate) fn get(self, cell: usize) -> Option<&'a AtomicU64> {
        self.all.get(self.first.wrapping_add(cell))
    }

    /// Returns this number of cells from the first one on; none if they are in a slab that is not open.
    pub(crate) fn first(self, count: usize) -> &'a [AtomicU64] {
        let end = self.first.saturating_add(count);
        self.all.get(self.first..end).unwrap_or_default()
    }
}

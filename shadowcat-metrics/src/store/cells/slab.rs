//! Slabs of cells, and the slots for them.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::{ptr, slice};

use crate::sync::{AtomicPtr, AtomicU64};

/// A cache line. Two writing threads must not share one.
#[repr(C, align(64))]
struct Line([AtomicU64; CELLS_PER_LINE]);

const CELLS_PER_LINE: usize = 8;

/// Header cell: the slab's capacity, in cells.
const CAPACITY: usize = 0;
/// Header cell: the number of usable cells; the capacity, or 0 while the slab's label values are retired.
const OPEN: usize = 1;
/// Number of header cells.
pub(crate) const HEADER: usize = 2;

/// The slots of a block, at a fixed address.
pub(crate) struct SlabSlots {
    slots: Box<[SlabSlot]>,
    /// Dropped after the slots, which may point to it.
    _empty: EmptySlab,
}

impl SlabSlots {
    pub(crate) fn new(slabs: usize) -> Self {
        let empty = allocate(0);
        let mut slots = Vec::with_capacity(slabs);
        for _ in 0..slabs {
            slots.push(SlabSlot(AtomicPtr::new(empty)));
        }
        Self {
            slots: slots.into_boxed_slice(),
            _empty: EmptySlab(AtomicPtr::new(empty)),
        }
    }

    #[inline]
    pub(super) fn all(&self) -> &[SlabSlot] {
        &self.slots
    }
}

/// The slab of all slots of a block that have no slab of their own. It has no cells, so that a record needs no check of its own
/// for a missing slab.
struct EmptySlab(AtomicPtr<Line>);

impl Drop for EmptySlab {
    fn drop(&mut self) {
        // SAFETY: it was returned by `allocate`. The slots that pointed to it were dropped before, and are reached only through
        // their `SlabSlots`.
        unsafe { free(self.0.load(Acquire)) };
    }
}

/// A place for one slab, which is allocated when it is first needed. Until then, it has the block's empty slab.
pub(crate) struct SlabSlot(AtomicPtr<Line>);

impl SlabSlot {
    /// Returns the slab's cells; empty while it is not open.
    #[inline]
    pub(super) fn cells(&self) -> &[AtomicU64] {
        let slab = self.0.load(Acquire);
        // SAFETY: the slab lives as long as `self` (fact 1). It was published with release, or is the empty one, which is older than
        // `self`.
        let open = unsafe { &*slab }.0[OPEN].load(Relaxed);
        // SAFETY: `OPEN` is the slab's capacity or 0, and the allocation has space for the header and that many cells in lines
        // without padding. The pointer was derived from the whole allocation. The cells were initialized by `allocate`, and are
        // only accessed through shared references.
        unsafe { slice::from_raw_parts(slab.cast::<AtomicU64>().add(HEADER), open_len(open)) }
    }

    /// Opens the slab, and allocates it with this number of cells if necessary.
    pub(super) fn open(&self, cells: usize) -> &[AtomicU64] {
        let mut slab = self.0.load(Acquire);
        // SAFETY: as in `cells`.
        let is_empty = unsafe { &*slab }.0[CAPACITY].load(Relaxed) == 0;
        if is_empty && cells > 0 {
            let made = allocate(cells);
            slab = match self.0.compare_exchange(slab, made, AcqRel, Acquire) {
                Ok(_) => made,
                Err(first) => {
                    // SAFETY: `made` was returned by `allocate`, and no other thread has seen it.
                    unsafe { free(made) };
                    first
                }
            };
        }
        // SAFETY: as in `cells`, or it was created right here.
        let header = unsafe { &*slab };
        header.0[OPEN].store(header.0[CAPACITY].load(Relaxed), Relaxed);
        self.cells()
    }

    /// Zeroes all cells and closes the slab. A concurrent record would be lost.
    pub(super) fn retire(&self) {
        for cell in self.cells() {
            cell.store(0, Relaxed);
        }
        // SAFETY: as in `cells`.
        unsafe { &*self.0.load(Acquire) }.0[OPEN].store(0, Relaxed);
    }
}

impl Drop for SlabSlot {
    fn drop(&mut self) {
        let slab = self.0.load(Acquire);
        // SAFETY: the slab lives as long as `self` (fact 1).
        if unsafe { &*slab }.0[CAPACITY].load(Relaxed) > 0 {
            // SAFETY: a slab with cells was returned by `allocate`, and belongs to one slot; `&mut self` proves that no reference
            // to it exists.
            unsafe { free(slab) };
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it was a `usize` when the slab was made"
)]
const fn open_len(cell: u64) -> usize {
    cell as usize
}

/// Allocates a slab with its header and with zeroed cells.
fn allocate(cells: usize) -> *mut Line {
    let lines = cells.saturating_add(HEADER).div_ceil(CELLS_PER_LINE);
    let mut slab = Vec::with_capacity(lines);
    for _ in 0..lines {
        slab.push(Line(std::array::from_fn(|_| AtomicU64::new(0))));
    }
    slab[0].0[CAPACITY].store(cells as u64, Relaxed);
    Box::into_raw(slab.into_boxed_slice()).cast()
}

/// Frees a slab.
///
/// # Safety
///
/// `slab` was returned by [`allocate`], was not freed before, and is not used again.
unsafe fn free(slab: *mut Line) {
    // SAFETY: the caller guarantees that the slab is live and owned.
    let capacity = open_len(unsafe { &(*slab).0 }[CAPACITY].load(Relaxed));
    let lines = capacity.saturating_add(HEADER).div_ceil(CELLS_PER_LINE);
    // SAFETY: `allocate` created a box with this number of lines, because the capacity never changes.
    drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(slab, lines)) });
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_slot_has_cells_while_its_slab_is_open() {
        let slots = SlabSlots::new(2);
        let [slot, other] = slots.all() else {
            panic!("there are two slots");
        };
        assert!(slot.cells().is_empty());
        slot.retire();
        assert!(slot.open(0).is_empty());

        let cells = slot.open(3);
        cells[2].store(7, Relaxed);
        assert_eq!(slot.open(3)[2].load(Relaxed), 7);
        assert_eq!(slot.cells().len(), 3);
        assert!(other.cells().is_empty());

        slot.retire();
        assert!(slot.cells().is_empty());
        assert_eq!(slot.open(3)[2].load(Relaxed), 0);
    }
}

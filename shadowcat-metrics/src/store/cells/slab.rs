//! Slabs of cells, and the slots for them.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::{ptr, slice};

use crate::sync::{AtomicPtr, AtomicU64, AtomicUsize};

/// A cache line. Two writing threads must not share one.
#[repr(C, align(64))]
pub(super) struct Line([AtomicU64; Self::CELLS]);

impl Line {
    pub(super) const CELLS: usize = 8;

    pub(super) fn zeroed() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

/// Number of cells before those of the slab: one with its capacity, in cells.
pub(crate) const HEADER: usize = 1;

/// The slots of a block, at a fixed address.
pub(crate) struct SlabSlots(Box<[SlabSlot]>);

impl SlabSlots {
    pub(crate) fn new(slabs: usize) -> Self {
        let mut slots = Vec::with_capacity(slabs);
        for _ in 0..slabs {
            slots.push(SlabSlot {
                open: AtomicUsize::new(0),
                slab: AtomicPtr::new(NONE),
            });
        }
        Self(slots.into_boxed_slice())
    }

    #[inline]
    pub(crate) fn slots(&self) -> Slots<'_> {
        Slots(&self.0)
    }
}

/// A slot for each slab.
#[derive(Clone, Copy)]
pub(crate) struct Slots<'a>(&'a [SlabSlot]);

impl<'a> Slots<'a> {
    #[inline]
    pub(super) const fn new(slots: &'a [SlabSlot]) -> Self {
        Self(slots)
    }

    pub(super) const fn as_ptr(self) -> *const SlabSlot {
        self.0.as_ptr()
    }

    /// Returns the cells of a slab; empty if it is not open.
    #[inline]
    pub(crate) fn cells(self, slab: u32) -> &'a [AtomicU64] {
        match self.0.get(slab as usize) {
            Some(slot) => slot.cells(),
            None => &[],
        }
    }

    /// Opens a slab with this number of cells.
    pub(crate) fn open(self, slab: u32, cells: usize) {
        if let Some(slot) = self.0.get(slab as usize) {
            slot.open(cells);
        }
    }

    /// Zeroes and closes a slab. No thread may record in it any more.
    pub(super) fn retire(self, slab: u32) {
        if let Some(slot) = self.0.get(slab as usize) {
            slot.retire();
        }
    }
}

/// The pointer of a slot without a slab.
const NONE: *mut Line = ptr::null_mut();

/// A place for one slab, which is allocated when it is first needed.
///
/// The number of cells is here and not in the slab, so that a record reads only one cache line of the slab: that of its cell.
pub(crate) struct SlabSlot {
    /// The number of usable cells: the slab's capacity, or 0 while it has none or its label values are retired.
    open: AtomicUsize,
    slab: AtomicPtr<Line>,
}

impl SlabSlot {
    /// Returns the slab's cells; empty while it is not open.
    #[inline]
    pub(super) fn cells(&self) -> &[AtomicU64] {
        let open = self.open.load(Acquire);
        let slab = self.slab.load(Relaxed);
        if open == 0 {
            return &[];
        }
        // SAFETY: `open` is not 0, so it is the capacity of a slab that was published before (see `open`), and `slab` points to it.
        // The slab lives as long as `self` (fact 1). Its allocation has space for the header and that many cells in lines without
        // padding, and the pointer was derived from the whole allocation. The cells were initialized by `allocate`, and are only
        // accessed through shared references.
        unsafe { slice::from_raw_parts(slab.cast::<AtomicU64>().add(HEADER), open) }
    }

    /// Opens the slab, and allocates it with this number of cells if necessary.
    pub(super) fn open(&self, cells: usize) -> &[AtomicU64] {
        let mut slab = self.slab.load(Acquire);
        if slab == NONE && cells > 0 {
            let made = allocate(cells);
            slab = match self.slab.compare_exchange(slab, made, AcqRel, Acquire) {
                Ok(_) => made,
                Err(first) => {
                    // SAFETY: `made` was returned by `allocate`, and no other thread has seen it.
                    unsafe { free(made) };
                    first
                }
            };
        }
        if slab != NONE {
            // SAFETY: the slab lives as long as `self` (fact 1). It was published with release, or created right here.
            let capacity = unsafe { capacity(slab) };
            // Publishes the slab to readers of `open`, also if another thread allocated it.
            self.open.store(capacity, Release);
        }
        self.cells()
    }

    /// Zeroes all cells and closes the slab. A concurrent record would be lost.
    pub(super) fn retire(&self) {
        for cell in self.cells() {
            cell.store(0, Relaxed);
        }
        self.open.store(0, Release);
    }
}

impl Drop for SlabSlot {
    fn drop(&mut self) {
        let slab = self.slab.load(Acquire);
        if slab != NONE {
            // SAFETY: the slab was returned by `allocate`, and belongs to one slot; `&mut self` proves that no reference to it
            // exists.
            unsafe { free(slab) };
        }
    }
}

/// Allocates a slab with its header and with zeroed cells.
fn allocate(cells: usize) -> *mut Line {
    let lines = cells.saturating_add(HEADER).div_ceil(Line::CELLS);
    let mut slab = Vec::with_capacity(lines);
    for _ in 0..lines {
        slab.push(Line::zeroed());
    }
    slab[0].0[0].store(cells as u64, Relaxed);
    Box::into_raw(slab.into_boxed_slice()).cast()
}

/// Returns the number of cells that a slab was allocated with.
///
/// # Safety
///
/// `slab` was returned by [`allocate`], and was not freed.
#[expect(
    clippy::cast_possible_truncation,
    reason = "it was a `usize` when the slab was made"
)]
unsafe fn capacity(slab: *mut Line) -> usize {
    // SAFETY: the caller guarantees that the slab is live.
    unsafe { &*slab }.0[0].load(Relaxed) as usize
}

/// Frees a slab.
///
/// # Safety
///
/// `slab` was returned by [`allocate`], was not freed before, and is not used again.
unsafe fn free(slab: *mut Line) {
    // SAFETY: the caller guarantees that the slab is live and owned.
    let capacity = unsafe { capacity(slab) };
    let lines = capacity.saturating_add(HEADER).div_ceil(Line::CELLS);
    // SAFETY: `allocate` created a box with this number of lines, because the capacity never changes.
    drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(slab, lines)) });
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_slot_has_cells_while_its_slab_is_open() {
        let slots = SlabSlots::new(2);
        let [slot, other] = slots.slots().0 else {
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

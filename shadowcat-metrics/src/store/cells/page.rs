//! Pages of cells, and the slots for them.

use std::ptr::{self, NonNull};
use std::slice;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use crate::sync::{AtomicPtr, AtomicU64};

/// A cache line. Two writing threads must not share one.
#[repr(C, align(64))]
struct Line([AtomicU64; CELLS_PER_LINE]);

const CELLS_PER_LINE: usize = 8;

/// Header cell: the page's capacity, in cells.
const CAPACITY: usize = 0;
/// Header cell: the number of usable cells; the capacity, or 0 while the page's label values are retired.
const OPEN: usize = 1;
/// Number of header cells.
const HEADER: usize = 2;

/// A place for one page, which is allocated when it is first needed.
pub(crate) struct PageSlot(AtomicPtr<Line>);

impl PageSlot {
    pub(super) fn empty() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// Returns the page's cells; empty while it is not open.
    #[inline]
    pub(super) fn cells(&self) -> &[AtomicU64] {
        let Some(page) = NonNull::new(self.0.load(Acquire)) else {
            return &[];
        };
        // SAFETY: a page that is not null lives as long as `self` (fact 1), and was published with release.
        let open = unsafe { page.as_ref() }.0[OPEN].load(Relaxed);
        // SAFETY: `OPEN` is the page's capacity or 0, and the allocation has space for the header and that many cells in lines
        // without padding. The pointer was derived from the whole allocation. The cells were initialized before the page was
        // published, and are only accessed through shared references.
        unsafe {
            slice::from_raw_parts(
                page.cast::<AtomicU64>().add(HEADER).as_ptr(),
                open_len(open),
            )
        }
    }

    /// Opens the page, and allocates it with this number of cells if necessary.
    pub(super) fn open(&self, cells: usize) -> &[AtomicU64] {
        let mut page = self.0.load(Acquire);
        if page.is_null() {
            let made = allocate(cells);
            page = match self
                .0
                .compare_exchange(ptr::null_mut(), made, AcqRel, Acquire)
            {
                Ok(_) => made,
                Err(first) => {
                    // SAFETY: `made` was returned by `allocate`, and no other thread has seen it.
                    unsafe { free(made) };
                    first
                }
            };
        }
        // SAFETY: not null, so it lives as long as `self` (fact 1), and it was published with release or created right here.
        let header = unsafe { &(*page).0 };
        header[OPEN].store(header[CAPACITY].load(Relaxed), Relaxed);
        self.cells()
    }

    /// Zeroes all cells and closes the page. A concurrent record would be lost.
    pub(super) fn retire(&self) {
        for cell in self.cells() {
            cell.store(0, Relaxed);
        }
        if let Some(page) = NonNull::new(self.0.load(Acquire)) {
            // SAFETY: as in `cells`.
            unsafe { page.as_ref() }.0[OPEN].store(0, Relaxed);
        }
    }
}

impl Drop for PageSlot {
    fn drop(&mut self) {
        let page = self.0.load(Acquire);
        if !page.is_null() {
            // SAFETY: a slot's page was returned by `allocate`; `&mut self` proves that no reference to it exists.
            unsafe { free(page) };
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it was a `usize` when the page was made"
)]
const fn open_len(cell: u64) -> usize {
    cell as usize
}

/// Allocates a page with its header and with zeroed cells.
fn allocate(cells: usize) -> *mut Line {
    let lines = cells.saturating_add(HEADER).div_ceil(CELLS_PER_LINE);
    let page: Box<[Line]> = (0..lines)
        .map(|_| Line(std::array::from_fn(|_| AtomicU64::new(0))))
        .collect();
    page[0].0[CAPACITY].store(cells as u64, Relaxed);
    Box::into_raw(page).cast()
}

/// Frees a page.
///
/// # Safety
///
/// `page` was returned by [`allocate`], was not freed before, and is not used again.
unsafe fn free(page: *mut Line) {
    // SAFETY: the caller guarantees that the page is live and owned.
    let capacity = open_len(unsafe { &(*page).0 }[CAPACITY].load(Relaxed));
    let lines = capacity.saturating_add(HEADER).div_ceil(CELLS_PER_LINE);
    // SAFETY: `allocate` created a box with this number of lines, because the capacity never changes.
    drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(page, lines)) });
}

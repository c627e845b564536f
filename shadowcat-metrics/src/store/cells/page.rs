//! Pages of cells, and the slots that hold them.

use std::ptr::{self, NonNull};
use std::slice;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use crate::sync::{AtomicPtr, AtomicU64};

/// A cache line: what two threads that write must not share.
#[repr(C, align(64))]
struct Line([AtomicU64; CELLS_PER_LINE]);

const CELLS_PER_LINE: usize = 8;

/// Header cell: how many cells the page has room for.
const CAPACITY: usize = 0;
/// Header cell: how many cells may be used; the capacity, or 0 while the page's label values are retired.
const OPEN: usize = 1;
/// Cells in front of those that count.
const HEADER: usize = 2;

/// Room for one page, which is made when it is first needed.
pub(crate) struct PageSlot(AtomicPtr<Line>);

impl PageSlot {
    pub(super) fn empty() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// The page's cells, or nothing while it is not open.
    #[inline]
    pub(super) fn cells(&self) -> &[AtomicU64] {
        let Some(page) = NonNull::new(self.0.load(Acquire)) else {
            return &[];
        };
        // SAFETY: a page that is not null is alive for as long as `self` (fact 1), and was published with release.
        let open = unsafe { page.as_ref() }.0[OPEN].load(Relaxed);
        // SAFETY: `OPEN` holds the page's capacity or 0, and the allocation has room for the header and that many cells
        // in lines without padding between them. The pointer came from the whole allocation. The cells were initialised
        // before the page was published, and are only reached through shared references.
        unsafe {
            slice::from_raw_parts(
                page.cast::<AtomicU64>().add(HEADER).as_ptr(),
                open_len(open),
            )
        }
    }

    /// Opens the page for use, making it with so many cells if there is none.
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
                    // SAFETY: `made` comes from `allocate` and no one else has seen it.
                    unsafe { free(made) };
                    first
                }
            };
        }
        // SAFETY: not null, so alive as long as `self` (fact 1), and published with release or made right here.
        let header = unsafe { &(*page).0 };
        header[OPEN].store(header[CAPACITY].load(Relaxed), Relaxed);
        self.cells()
    }

    /// Sets all cells back to zero and closes the page. No one may be recording in it, or counts are lost.
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
            // SAFETY: a slot's page comes from `allocate`; `&mut self` shows that no reference into it is left.
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

/// Makes a page with its header written and its cells at zero.
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
/// `page` comes from [`allocate`], was not freed before, and is not used again.
unsafe fn free(page: *mut Line) {
    // SAFETY: the caller says that the page is alive and ours.
    let capacity = open_len(unsafe { &(*page).0 }[CAPACITY].load(Relaxed));
    let lines = capacity.saturating_add(HEADER).div_ceil(CELLS_PER_LINE);
    // SAFETY: `allocate` made a box of so many lines, because the capacity never changes.
    drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(page, lines)) });
}

//! Cells, and who may write them: pages of atomics, blocks of pages, and the block that belongs to the calling thread.
//!
//! This is the only module with `unsafe` code. It rests on two facts:
//!
//! 1. *A page lives as long as its slot.* A [`PageSlot`] goes from null to a page once and frees that page only when it
//!    is dropped itself. A page's size is written before the page is published, and never changes.
//! 2. *A block lives as long as its [`Blocks`].* A thread remembers its block by address, together with the number of
//!    the `Blocks` it belongs to. Numbers are never used twice, `Blocks` never lets go of a block before it is dropped,
//!    and an address is followed only on behalf of a `&Blocks` with the same number, which is therefore alive.
//!
//! Cells are atomics and every access is checked against the size of the page, so wrong numbers do no harm. That only one
//! thread writes the cells of a thread's block makes counts right; memory safety does not depend on it.

#![allow(unsafe_code)]

use std::cell::Cell;
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64 as Numbers, Ordering::Relaxed};

use crate::sync::{AtomicPtr, AtomicU64, AtomicUsize, Mutex, lock, per_thread};
use std::sync::atomic::Ordering::{AcqRel, Acquire};

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
    fn empty() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// The page's cells, or nothing while it is not open.
    #[inline]
    fn cells(&self) -> &[AtomicU64] {
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
    fn open(&self, cells: usize) -> &[AtomicU64] {
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
    fn retire(&self) {
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

/// A slot for each page of a schema: what one thread, or all surplus threads together, write.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a>(&'a [PageSlot]);

impl<'a> Block<'a> {
    /// The cells of a page, or nothing if it is not open.
    #[inline]
    pub(crate) fn cells(self, page: u32) -> &'a [AtomicU64] {
        match self.0.get(page as usize) {
            Some(slot) => slot.cells(),
            None => &[],
        }
    }

    /// Opens a page of so many cells.
    pub(crate) fn open(self, page: u32, cells: usize) -> &'a [AtomicU64] {
        self.0
            .get(page as usize)
            .map_or(&[], |slot| slot.open(cells))
    }

    /// Zeroes and closes a page that no one records in any more.
    pub(crate) fn retire(self, page: u32) {
        if let Some(slot) = self.0.get(page as usize) {
            slot.retire();
        }
    }
}

/// The pages of a block, which never moves.
pub(crate) type BlockPages = Arc<[PageSlot]>;

/// A block in the order in which they were made; for readers.
pub(crate) type BlockList = Arc<Vec<BlockPages>>;

/// All blocks of a store, and which of them no thread owns.
pub(crate) struct Blocks {
    number: u64,
    pages: usize,
    most: usize,
    shared: BlockPages,
    list: Mutex<List>,
    /// How many more threads can have a block, so that a surplus thread need not lock to find that out.
    available: AtomicUsize,
}

struct List {
    /// Only ever replaced by a longer list that begins with the same blocks.
    all: BlockList,
    free: Vec<usize>,
}

#[derive(Clone, Copy)]
struct Current {
    number: u64,
    pages: *const [PageSlot],
}

const NO_BLOCK: Current = Current {
    number: 0,
    pages: ptr::slice_from_raw_parts(ptr::null(), 0),
};

per_thread! {
    /// The block that this thread last used. It has no destructor, so it can be read at any time.
    static CURRENT: Cell<Current> = Cell::new(NO_BLOCK);
}

impl Blocks {
    pub(crate) fn new(pages: u32, most: usize) -> Self {
        // 64 bits: at one a nanosecond, they last for centuries.
        static NEXT: Numbers = Numbers::new(1);
        let pages = pages as usize;
        Self {
            number: NEXT.fetch_add(1, Relaxed),
            pages,
            most,
            shared: block(pages),
            list: Mutex::new(List {
                all: Arc::default(),
                free: Vec::new(),
            }),
            available: AtomicUsize::new(most),
        }
    }

    /// The block of the calling thread, if it is the one that the thread last used.
    #[inline]
    pub(crate) fn current(&self) -> Option<Block<'_>> {
        let current = CURRENT.try_with(Cell::get).unwrap_or(NO_BLOCK);
        if current.number == self.number {
            // SAFETY: `make_current` wrote this number with the address of a block that is on `self.list`, where it stays
            // until `self` is dropped (fact 2). It is shared by reference only.
            Some(Block(unsafe { &*current.pages }))
        } else {
            None
        }
    }

    /// The block that threads without one write, with atomic read-modify-write operations.
    #[inline]
    pub(crate) fn shared(&self) -> Block<'_> {
        Block(&self.shared)
    }

    /// Makes a block the one that the calling thread last used.
    pub(crate) fn make_current(&self, index: usize) {
        let pages = lock(&self.list).all.get(index).map(Arc::as_ptr);
        if let Some(pages) = pages {
            // An error means that the thread is ending; it then goes on with the shared block.
            let _ = CURRENT.try_with(|current| {
                current.set(Current {
                    number: self.number,
                    pages,
                })
            });
        }
    }

    /// Gives the calling thread a block of its own: its position, or none if too many threads have one.
    pub(crate) fn acquire(&self) -> Option<usize> {
        if self.available.load(Relaxed) == 0 {
            return None;
        }
        let mut list = lock(&self.list);
        let index = match list.free.pop() {
            Some(index) => index,
            None if list.all.len() < self.most => {
                let mut longer = Vec::with_capacity(list.all.len() + 1);
                longer.extend(list.all.iter().cloned());
                longer.push(block(self.pages));
                list.all = Arc::new(longer);
                list.all.len() - 1
            }
            None => return None,
        };
        self.count_available(&list);
        Some(index)
    }

    /// Takes back a thread's block, with its counts. The lock hands what the thread wrote over to the next one.
    pub(crate) fn release(&self, index: usize) {
        let mut list = lock(&self.list);
        list.free.push(index);
        self.count_available(&list);
    }

    fn count_available(&self, list: &List) {
        self.available
            .store(self.most - list.all.len() + list.free.len(), Relaxed);
    }

    /// The blocks of all threads that there ever were.
    pub(crate) fn all(&self) -> BlockList {
        Arc::clone(&lock(&self.list).all)
    }
}

fn block(pages: usize) -> BlockPages {
    (0..pages).map(|_| PageSlot::empty()).collect()
}

/// Forgets the block that the calling thread last used, because the thread is ending.
pub(crate) fn forget_current() {
    let _ = CURRENT.try_with(|current| current.set(NO_BLOCK));
}

/// The block behind a list entry.
pub(crate) fn view(pages: &BlockPages) -> Block<'_> {
    Block(pages)
}

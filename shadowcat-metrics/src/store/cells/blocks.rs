//! Blocks of pages, which thread has which, and the blocks that the calling thread used last.

use std::ptr;
use std::slice;
// Not those of `loom`: only one thread uses them.
use std::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::sync::atomic::{AtomicPtr, AtomicU64 as StdAtomicU64, compiler_fence};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use super::page::PageSlot;
use crate::sync::{AtomicU64, AtomicUsize, Mutex, lock, per_thread};

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

/// Blocks in the order in which they were made; for readers.
pub(crate) type BlockList = Arc<Vec<BlockPages>>;

/// Which blocks are meant: their number, and how many pages each of them has.
#[derive(Clone, Copy)]
pub(super) struct Which {
    pub(super) number: u64,
    pub(super) pages: usize,
}

/// All blocks of a store, and which of them no thread owns.
pub(crate) struct Blocks {
    which: Which,
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

/// A block of the calling thread, with the number of the `Blocks` it belongs to.
///
/// A signal handler on the same thread may read or replace it at any point. It never sees one block's number with another's
/// pages: the number is zero while they differ, and readers read the pages first.
struct Current {
    number: StdAtomicU64,
    pages: AtomicPtr<PageSlot>,
}

/// The number of no blocks.
const NO_NUMBER: u64 = 0;

impl Current {
    const fn none() -> Self {
        Self {
            number: StdAtomicU64::new(NO_NUMBER),
            pages: AtomicPtr::new(ptr::null_mut()),
        }
    }

    #[inline]
    fn pages(&self, number: u64) -> Option<*const PageSlot> {
        let pages = self.pages.load(Relaxed);
        compiler_fence(AcqRel);
        (self.number.load(Relaxed) == number).then_some(pages.cast_const())
    }

    fn set(&self, number: u64, pages: *const PageSlot) {
        self.number.store(NO_NUMBER, Relaxed);
        compiler_fence(AcqRel);
        self.pages.store(pages.cast_mut(), Relaxed);
        compiler_fence(AcqRel);
        self.number.store(number, Relaxed);
    }
}

/// How many registries a thread can record in by turns without a search. Those made one after the other never share a place.
const PLACES: usize = 8;

per_thread! {
    /// The blocks that this thread used last, by their numbers. It has no destructor, so it can be read at any time.
    static CURRENT: [Current; PLACES] = [const { Current::none() }; PLACES];
}

/// Where the blocks with a number are in [`CURRENT`].
#[inline]
const fn place(number: u64) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "only low bits are used")]
    let number = number as usize / NUMBER_STEP;
    number % PLACES
}

impl Blocks {
    pub(crate) fn new(pages: u32, most: usize) -> Self {
        let pages = pages as usize;
        Self {
            which: Which {
                number: unique_number(),
                pages,
            },
            most,
            shared: block(pages),
            list: Mutex::new(List {
                all: Arc::default(),
                free: Vec::new(),
            }),
            available: AtomicUsize::new(most),
        }
    }

    /// The block of the calling thread, if it is one of those that the thread used last.
    #[inline]
    pub(crate) fn current(&self) -> Option<Block<'_>> {
        // SAFETY: these are the `Blocks` that are meant.
        unsafe { current(self.which) }
    }

    pub(super) const fn which(&self) -> Which {
        self.which
    }

    /// The block that threads without one write, with atomic read-modify-write operations.
    #[inline]
    pub(crate) fn shared(&self) -> Block<'_> {
        Block(&self.shared)
    }

    /// Gives the calling thread a block of its own, unless too many threads have one.
    pub(crate) fn acquire(&self) -> Option<Lease> {
        if self.available.load(Relaxed) == 0 {
            return None;
        }
        let mut list = lock(&self.list);
        let index = match list.free.pop() {
            Some(index) => index,
            None if list.all.len() < self.most => {
                let mut longer = Vec::with_capacity(list.all.len() + 1);
                longer.extend(list.all.iter().cloned());
                longer.push(block(self.which.pages));
                list.all = Arc::new(longer);
                list.all.len() - 1
            }
            None => return None,
        };
        self.count_available(&list);
        Some(Lease {
            number: self.which.number,
            pages: list.all.get(index)?.as_ptr(),
            index,
        })
    }

    /// Takes back a thread's block, with its counts. The lock hands what the thread wrote over to the next one.
    pub(crate) fn release(&self, lease: &Lease) {
        let mut list = lock(&self.list);
        list.free.push(lease.index);
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

/// The distance of two numbers, so that a number's place in [`CURRENT`] in bytes is some of its bits.
const NUMBER_STEP: usize = size_of::<Current>();

/// A number that no other `Blocks` of the process have, had or will have: the address of memory that is never freed. A
/// counter would do for one copy of this library, but a host and a plugin may each have their own, and hand registries to
/// each other.
fn unique_number() -> u64 {
    type Step = [u8; NUMBER_STEP];
    static MEMORY: StdMutex<&[Step]> = StdMutex::new(&[]);
    let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    if memory.is_empty() {
        *memory = Box::leak(Box::new([[0; NUMBER_STEP]; 64]));
    }
    let number = memory.as_ptr().addr() as u64;
    *memory = memory.get(1..).unwrap_or_default();
    number
}

/// The calling thread's block of those that are meant, if it is one of the blocks that the thread used last.
///
/// # Safety
/// `which` is that of `Blocks` which live for as long as `'a`, or its number is that of none.
#[inline]
pub(super) unsafe fn current<'a>(which: Which) -> Option<Block<'a>> {
    let pages = CURRENT.try_with(|current| current[place(which.number)].pages(which.number));
    let pages = pages.ok().flatten()?;
    // SAFETY: a number and an address are only ever put together in `acquire`, where the block at this address is on the
    // list of the `Blocks` with this number, and has as many pages as all of theirs. It stays on the list for as long
    // as they live (fact 2), which the caller vouches for, and is reached through shared references only. `Current` keeps
    // number and address together. `NO_NUMBER` is no one's, and numbers are unique over all copies of this library in the
    // process.
    Some(Block(unsafe { slice::from_raw_parts(pages, which.pages) }))
}

/// A block that belongs to the calling thread, until it gives it back.
pub(crate) struct Lease {
    number: u64,
    pages: *const PageSlot,
    index: usize,
}

impl Lease {
    /// Puts it among the blocks that the calling thread used last.
    pub(crate) fn make_current(&self) {
        // Only `loom` has an end of the thread after which this fails.
        let _ =
            CURRENT.try_with(|current| current[place(self.number)].set(self.number, self.pages));
    }
}

/// Forgets the blocks that the calling thread used last.
pub(crate) fn forget_current() {
    let _ = CURRENT.try_with(|current| {
        for current in current {
            current.set(NO_NUMBER, ptr::null());
        }
    });
}

fn block(pages: usize) -> BlockPages {
    (0..pages).map(|_| PageSlot::empty()).collect()
}

/// The block behind a list entry.
pub(crate) fn view(pages: &BlockPages) -> Block<'_> {
    Block(pages)
}

//! Blocks of slabs, their assignment to threads, and the recently used blocks of the calling thread.

use std::ptr;
use std::slice;
// The standard atomics, not those of `loom`, because only one thread uses them.
use std::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::sync::atomic::{AtomicPtr, AtomicU64 as StdAtomicU64, compiler_fence};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use super::slab::{SlabSlot, SlabSlots};
use crate::sync::{AtomicU64, AtomicUsize, Mutex, lock, per_thread};

/// A slot for each slab of a schema, which one thread or all threads without a block write.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a>(&'a [SlabSlot]);

impl<'a> Block<'a> {
    /// Returns the cells of a slab; empty if it is not open.
    #[inline]
    pub(crate) fn cells(self, slab: u32) -> &'a [AtomicU64] {
        match self.0.get(slab as usize) {
            Some(slot) => slot.cells(),
            None => &[],
        }
    }

    /// Opens a slab with this number of cells.
    pub(crate) fn open(self, slab: u32, cells: usize) -> &'a [AtomicU64] {
        self.0
            .get(slab as usize)
            .map_or(&[], |slot| slot.open(cells))
    }

    /// Zeroes and closes a slab. No thread may record in it any more.
    pub(crate) fn retire(self, slab: u32) {
        if let Some(slot) = self.0.get(slab as usize) {
            slot.retire();
        }
    }
}

/// The slabs of a block, at a fixed address.
pub(crate) type BlockSlabs = Arc<SlabSlots>;

/// All blocks in the order of their creation, for readers.
pub(crate) type BlockList = Arc<Vec<BlockSlabs>>;

/// Identity of a `Blocks`: its number, and the number of slabs in each block.
#[derive(Clone, Copy)]
pub(super) struct BlocksId {
    pub(super) number: u64,
    pub(super) slabs: usize,
}

/// All blocks of a store, and those that no thread owns.
pub(crate) struct Blocks {
    id: BlocksId,
    most: usize,
    shared: SlabSlots,
    list: Mutex<List>,
    /// Number of threads that can still get a block, so that a thread without one need not lock to check.
    available: AtomicUsize,
}

struct List {
    /// Only replaced by a longer list that starts with the same blocks.
    all: BlockList,
    free: Vec<usize>,
}

/// A block of the calling thread, with the number of its `Blocks`.
///
/// A signal handler on the same thread may read or replace it at any time. It never sees one block's number with another
/// block's slabs: the number is zero while they differ, and readers read the slabs first.
struct Current {
    number: StdAtomicU64,
    slabs: AtomicPtr<SlabSlot>,
}

/// Number of an empty entry.
const NO_NUMBER: u64 = 0;

impl Current {
    const fn none() -> Self {
        Self {
            number: StdAtomicU64::new(NO_NUMBER),
            slabs: AtomicPtr::new(ptr::null_mut()),
        }
    }

    #[inline]
    fn slabs(&self, number: u64) -> Option<*const SlabSlot> {
        let slabs = self.slabs.load(Relaxed);
        compiler_fence(AcqRel);
        (self.number.load(Relaxed) == number).then_some(slabs.cast_const())
    }

    fn set(&self, number: u64, slabs: *const SlabSlot) {
        self.number.store(NO_NUMBER, Relaxed);
        compiler_fence(AcqRel);
        self.slabs.store(slabs.cast_mut(), Relaxed);
        compiler_fence(AcqRel);
        self.number.store(number, Relaxed);
    }
}

/// Number of registries that a thread can alternate between without a search. Registries created one after another have
/// different places.
const PLACES: usize = 8;

per_thread! {
    /// The recently used blocks of this thread, by their numbers. It has no destructor, so it can be read at any time.
    static CURRENT: [Current; PLACES] = [const { Current::none() }; PLACES];
}

/// Returns the place of blocks with a number in [`CURRENT`].
#[inline]
const fn place(number: u64) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "only low bits are used")]
    let number = number as usize / NUMBER_STEP;
    number % PLACES
}

impl Blocks {
    pub(crate) fn new(slabs: u32, most: usize) -> Self {
        let slabs = slabs as usize;
        Self {
            id: BlocksId {
                number: unique_number(),
                slabs,
            },
            most,
            shared: SlabSlots::new(slabs),
            list: Mutex::new(List {
                all: Arc::default(),
                free: Vec::new(),
            }),
            available: AtomicUsize::new(most),
        }
    }

    /// Returns the calling thread's block, if it was used recently.
    #[inline]
    pub(crate) fn current(&self) -> Option<Block<'_>> {
        // SAFETY: `self.id` is the identity of `self`, which outlives the result.
        unsafe { current(self.id) }
    }

    pub(super) const fn id(&self) -> BlocksId {
        self.id
    }

    /// Returns the block for threads without their own, which they write with atomic read-modify-write operations.
    #[inline]
    pub(crate) fn shared(&self) -> Block<'_> {
        self.shared.block()
    }

    /// Assigns a block to the calling thread. Returns `None` if too many threads have one.
    pub(crate) fn acquire(&self) -> Option<Lease> {
        if self.available.load(Relaxed) == 0 {
            return None;
        }
        let mut list = lock(&self.list);
        let index = match list.free.pop() {
            Some(index) => index,
            None if list.all.len() < self.most => {
                let mut longer = Vec::with_capacity(list.all.len() + 1);
                for slabs in list.all.iter() {
                    longer.push(Arc::clone(slabs));
                }
                longer.push(Arc::new(SlabSlots::new(self.id.slabs)));
                list.all = Arc::new(longer);
                list.all.len() - 1
            }
            None => return None,
        };
        self.count_available(&list);
        Some(Lease {
            number: self.id.number,
            slabs: list.all.get(index)?.all().as_ptr(),
            index,
        })
    }

    /// Takes back a thread's block with its counts. The lock makes the thread's writes visible to the next owner.
    pub(crate) fn release(&self, lease: &Lease) {
        let mut list = lock(&self.list);
        list.free.push(lease.index);
        self.count_available(&list);
    }

    /// Locks what a thread without a block waits for.
    #[cfg(all(test, not(loom)))]
    pub(crate) fn lock_list(&self) -> impl Drop {
        lock(&self.list)
    }

    fn count_available(&self, list: &List) {
        self.available
            .store(self.most - list.all.len() + list.free.len(), Relaxed);
    }

    /// Returns the blocks of all threads, including ended ones.
    pub(crate) fn all(&self) -> BlockList {
        Arc::clone(&lock(&self.list).all)
    }
}

/// The step between two numbers. It makes a number's place in [`CURRENT`], in bytes, a part of its bits.
const NUMBER_STEP: usize = size_of::<Current>();

/// Returns a number that no other `Blocks` of the process ever has: the address of memory that is never freed. A counter would
/// only work for one copy of this library, but a host and a plugin may each have their own copy and pass registries to each
/// other.
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

/// Returns the calling thread's block of a `Blocks`, if it was used recently.
///
/// # Safety
///
/// `id` is the identity of a `Blocks` that lives at least as long as `'a`, or has a number that belongs to none.
#[inline]
pub(super) unsafe fn current<'a>(id: BlocksId) -> Option<Block<'a>> {
    let slabs = CURRENT.try_with(|current| current[place(id.number)].slabs(id.number));
    let slabs = slabs.ok().flatten()?;
    // SAFETY: only `acquire` combines a number with an address; there, the block at this address is on the list of the `Blocks`
    // with this number, and has as many slabs as all its blocks. It stays on the list as long as the `Blocks` lives (fact 2),
    // which the caller guarantees, and is only accessed through shared references. `Current` keeps number and address together.
    // `NO_NUMBER` belongs to no `Blocks`, and numbers are unique over all copies of this library in the process.
    Some(Block(unsafe { slice::from_raw_parts(slabs, id.slabs) }))
}

/// A block that belongs to the calling thread until it is released.
pub(crate) struct Lease {
    number: u64,
    slabs: *const SlabSlot,
    index: usize,
}

impl Lease {
    /// Makes it one of the calling thread's recently used blocks.
    pub(crate) fn make_current(&self) {
        // Fails only under `loom`, after the end of the thread.
        let _ =
            CURRENT.try_with(|current| current[place(self.number)].set(self.number, self.slabs));
    }
}

/// Clears the calling thread's recently used blocks.
pub(crate) fn forget_current() {
    let _ = CURRENT.try_with(|current| {
        for current in current {
            current.set(NO_NUMBER, ptr::null());
        }
    });
}

impl SlabSlots {
    #[inline]
    pub(crate) fn block(&self) -> Block<'_> {
        Block(self.all())
    }
}

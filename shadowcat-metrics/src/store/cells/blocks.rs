//! Blocks of cells, their assignment to threads, and the blocks that the calling thread remembers.

use std::ptr;
use std::slice;
// The standard atomics, not those of `loom`, because only one thread uses them.
use std::sync::atomic::Ordering::{AcqRel, Relaxed};
use std::sync::atomic::{AtomicPtr, AtomicU64 as StdAtomicU64, compiler_fence};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use super::fixed::FixedCells;
use super::slab::{SlabSlot, SlabSlots, Slots};
use super::{Run, Spot};
use crate::sync::{AtomicU64, AtomicUsize, Mutex, lock, per_thread};

/// The cells that one thread or all threads without a block write.
pub(crate) struct Block {
    fixed: FixedCells,
    slabs: SlabSlots,
}

impl Block {
    fn new(sizes: Sizes) -> Self {
        Self {
            fixed: FixedCells::new(sizes.fixed),
            slabs: SlabSlots::new(sizes.slabs),
        }
    }

    /// Returns the cells at a spot; none if they are in a slab that is not open.
    #[inline]
    pub(crate) fn cells(&self, spot: Spot) -> Run<'_> {
        match spot.fixed {
            0 => Run::of_slab(self.slabs.slots().cells(spot.slab)),
            first => Run::fixed(self.fixed.all(), first),
        }
    }

    /// Opens a slab with this number of cells.
    pub(crate) fn open(&self, slab: u32, cells: usize) {
        self.slabs.slots().open(slab, cells);
    }

    /// Zeroes and closes a slab. No thread may record in it any more.
    pub(crate) fn retire(&self, slab: u32) {
        self.slabs.slots().retire(slab);
    }
}

/// All blocks in the order of their creation, for readers.
pub(crate) type BlockList = Arc<Vec<Arc<Block>>>;

/// The size of each block of a store.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    /// Number of fixed cells, with the unused one at position 0.
    pub(crate) fixed: usize,
    /// Number of slabs.
    pub(crate) slabs: usize,
}

/// Identity of a `Blocks`: its number, and the size of each block.
#[derive(Clone, Copy)]
pub(super) struct BlocksId {
    pub(super) number: u64,
    pub(super) sizes: Sizes,
}

/// All blocks of a store, and those that no thread owns.
pub(crate) struct Blocks {
    id: BlocksId,
    most: usize,
    shared: Block,
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
/// A signal handler on the same thread may read or replace it at any time. No reader combines one block's number with another
/// block's address: the number is zero while they differ, readers read the number first, and the block of a living `Blocks` is
/// not replaced, except when the thread ends. So the address that a reader finds after the number of its own, living `Blocks`
/// is that of its block.
struct Current {
    number: StdAtomicU64,
    block: AtomicPtr<Block>,
    /// The fixed cells and slots of the block, so that a record need not load their addresses from it.
    fixed: AtomicPtr<AtomicU64>,
    slots: AtomicPtr<SlabSlot>,
}

/// Number of an empty entry.
const NO_NUMBER: u64 = 0;

impl Current {
    const fn none() -> Self {
        Self {
            number: StdAtomicU64::new(NO_NUMBER),
            block: AtomicPtr::new(ptr::null_mut()),
            fixed: AtomicPtr::new(ptr::null_mut()),
            slots: AtomicPtr::new(ptr::null_mut()),
        }
    }

    /// Returns one of the addresses, if it belongs to the `Blocks` with this number.
    ///
    /// The block is then on the list of this `Blocks` and has its sizes: only `acquire` combines a number with addresses, and
    /// the entry keeps them together (see [`Current`]). It stays on the list as long as the `Blocks` lives (fact 2). `NO_NUMBER`
    /// belongs to no `Blocks`, and numbers are unique over all copies of this library in the process.
    #[inline]
    fn address<T>(&self, number: u64, address: &AtomicPtr<T>) -> Option<*const T> {
        let found = self.number.load(Relaxed);
        compiler_fence(AcqRel);
        // Loaded before the comparison, because the entry's own address then need not be computed.
        let address = address.load(Relaxed);
        (found == number).then_some(address.cast_const())
    }

    fn set(&self, number: u64, addresses: Addresses) {
        self.number.store(NO_NUMBER, Relaxed);
        compiler_fence(AcqRel);
        self.block.store(addresses.block.cast_mut(), Relaxed);
        self.fixed.store(addresses.fixed.cast_mut(), Relaxed);
        self.slots.store(addresses.slots.cast_mut(), Relaxed);
        compiler_fence(AcqRel);
        self.number.store(number, Relaxed);
    }
}

/// The addresses of a block and of its parts.
#[derive(Clone, Copy)]
struct Addresses {
    block: *const Block,
    fixed: *const AtomicU64,
    slots: *const SlabSlot,
}

impl Addresses {
    const NONE: Self = Self {
        block: ptr::null(),
        fixed: ptr::null(),
        slots: ptr::null(),
    };

    fn of(block: &Block) -> Self {
        Self {
            block,
            fixed: block.fixed.all().as_ptr(),
            slots: block.slabs.slots().as_ptr(),
        }
    }
}

/// Number of registries that a thread can alternate between without a search. Registries created one after another have
/// different places.
const PLACES: usize = 8;

per_thread! {
    /// The blocks that this thread remembers, by their numbers. It has no destructor, so it can be read at any time.
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
    pub(crate) fn new(sizes: Sizes, most: usize) -> Self {
        Self {
            id: BlocksId {
                number: unique_number(),
                sizes,
            },
            most,
            shared: Block::new(sizes),
            list: Mutex::new(List {
                all: Arc::default(),
                free: Vec::new(),
            }),
            available: AtomicUsize::new(most),
        }
    }

    /// Returns the calling thread's block, if the thread remembers it.
    pub(crate) fn current(&self) -> Option<&Block> {
        let number = self.id.number;
        let block = CURRENT.try_with(|current| {
            let current = &current[place(number)];
            current.address(number, &current.block)
        });
        // SAFETY: `self` has this number, so the block lives as long as `self` (see `address`). It is only accessed through
        // shared references.
        Some(unsafe { &*block.ok().flatten()? })
    }

    pub(super) const fn id(&self) -> BlocksId {
        self.id
    }

    /// Returns a number that no other `Blocks` of the process ever has.
    pub(crate) const fn number(&self) -> u64 {
        self.id.number
    }

    /// Returns the block for threads without their own, which they write with atomic read-modify-write operations.
    #[inline]
    pub(crate) const fn shared(&self) -> &Block {
        &self.shared
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
                for block in list.all.iter() {
                    longer.push(Arc::clone(block));
                }
                longer.push(Arc::new(Block::new(self.id.sizes)));
                list.all = Arc::new(longer);
                list.all.len() - 1
            }
            None => return None,
        };
        self.count_available(&list);
        Some(Lease {
            number: self.id.number,
            addresses: Addresses::of(list.all.get(index)?),
            index,
        })
    }

    /// Returns the block of a thread's lease, if it is of this `Blocks`.
    pub(crate) fn leased(&self, lease: &Lease) -> Option<&Block> {
        let is_own = lease.number == self.id.number;
        // SAFETY: `acquire` of this `Blocks` made the lease, so the block is on its list and lives as long as `self` (fact 2).
        // It is only accessed through shared references.
        is_own.then(|| unsafe { &*lease.addresses.block })
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
    // The first number of a chunk has the first place, so that numbers in a row have different places across chunks, too.
    #[repr(align(256))]
    struct Chunk([Step; 8 * PLACES]);
    static MEMORY: StdMutex<&[Step]> = StdMutex::new(&[]);
    const { assert!(align_of::<Chunk>().is_multiple_of(PLACES * NUMBER_STEP)) };
    let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    if memory.is_empty() {
        *memory = &Box::leak(Box::new(Chunk([[0; NUMBER_STEP]; 8 * PLACES]))).0;
    }
    let number = memory.as_ptr().addr() as u64;
    *memory = memory.get(1..).unwrap_or_default();
    number
}

/// Calls a function with the calling thread's cells at a spot in a `Blocks`, and returns its result. Returns `None` if the thread
/// does not remember its block.
///
/// # Safety
///
/// `id` is the identity of a `Blocks` that lives during the call, or has a number that belongs to none.
#[inline]
pub(super) unsafe fn with_current<R>(
    id: &BlocksId,
    spot: Spot,
    run: impl FnOnce(Run<'_>) -> Option<R>,
) -> Option<R> {
    let result = CURRENT.try_with(|current| {
        let current = &current[place(id.number)];
        // In both arms, the block lives as long as the `Blocks` (see `address`), which the caller guarantees, and its parts live
        // as long as the block. They are only accessed through shared references.
        match spot.fixed {
            0 => {
                let slots = current.address(id.number, &current.slots)?;
                // SAFETY: see above; the block has this number of slots.
                let slots = Slots::new(unsafe { slice::from_raw_parts(slots, id.sizes.slabs) });
                run(Run::of_slab(slots.cells(spot.slab)))
            }
            first => {
                let fixed = current.address(id.number, &current.fixed)?;
                // SAFETY: see above; the block has at least this number of fixed cells.
                let fixed = unsafe { slice::from_raw_parts(fixed, id.sizes.fixed) };
                run(Run::fixed(fixed, first))
            }
        }
    });
    // Fails only under `loom`, after the end of the thread.
    result.ok().flatten()
}

/// A block that belongs to the calling thread until it is released.
pub(crate) struct Lease {
    number: u64,
    addresses: Addresses,
    index: usize,
}

impl Lease {
    /// Makes the calling thread remember the block, unless the block of another living `Blocks` has its place.
    pub(crate) fn make_current(&self, is_alive: impl Fn(u64) -> bool) {
        // Fails only under `loom`, after the end of the thread.
        let _ = CURRENT.try_with(|current| {
            let current = &current[place(self.number)];
            if !is_alive(current.number.load(Relaxed)) {
                current.set(self.number, self.addresses);
            }
        });
    }
}

/// Makes the calling thread forget its blocks.
pub(crate) fn forget_current() {
    let _ = CURRENT.try_with(|current| {
        for current in current {
            current.set(NO_NUMBER, Addresses::NONE);
        }
    });
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Other tests may take numbers, too, so a window may have gaps.
    #[test]
    fn places_follow_each_other() {
        let numbers: Vec<_> = (0..50 * PLACES).map(|_| unique_number()).collect();
        let follows = |pair: &[u64]| (place(pair[0]) + 1) % PLACES == place(pair[1]);
        let in_order = numbers.windows(2).filter(|pair| follows(pair)).count();
        assert!(in_order > 45 * PLACES, "{in_order}");
        assert_eq!(numbers.iter().collect::<HashSet<_>>().len(), numbers.len());
    }
}

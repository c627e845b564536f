//! Storage of one registry's values, and the path from a record to its cell.
//!
//! A record in a cell that the thread has used before consists of: finding this thread's block (one comparison), the slab if the
//! cell is not a fixed one, the cell, a load and a store. Everything else is cold: a thread's first record, a slab's first record,
//! and threads without a block.

pub(crate) mod cells;
pub(crate) mod exemplars;
pub(crate) mod intern;
mod recent_values;
mod retire;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::{Arc, Weak};

use crate::callback::Callbacks;
use crate::clock::unix_seconds;
use crate::info::FactTable;
use crate::registry::Options;
use crate::schema::{Schema, Storage};
use crate::sync::{AtomicU64, Mutex, MutexGuard, lock, per_thread};

use cells::{Block, Blocks, Lease, Owner, Run, Spot, forget_current};
use exemplars::ExemplarSlots;
use intern::Interners;
use retire::References;

/// The values of one registry.
pub(crate) struct Store {
    pub(crate) schema: &'static Schema,
    /// Creation time, in seconds since 1970.
    pub(crate) created: f64,
    /// Whether OpenMetrics pages have `_created` lines by default.
    pub(crate) created_lines: bool,
    pub(crate) blocks: Blocks,
    /// Slabs with open labels that are exposed. All other slabs are always exposed.
    pub(crate) visible: Visible,
    pub(crate) exemplars: ExemplarSlots,
    references: References,
    tables: Mutex<Tables>,
}

/// Data outside the recording path.
pub(crate) struct Tables {
    pub(crate) interners: Interners,
    pub(crate) facts: FactTable,
    pub(crate) callbacks: Callbacks,
}

/// A slab, and a series in it.
pub(crate) type Key = (u32, usize);

/// Values of series.
pub(crate) type Table<V> = BTreeMap<Key, V>;

impl Store {
    pub(crate) fn new(schema: &'static Schema, options: Options) -> Arc<Self> {
        let created = unix_seconds();
        Arc::new(Self {
            schema,
            created,
            created_lines: options.created_lines,
            blocks: Blocks::new(schema.block_sizes(), options.max_thread_blocks),
            visible: Visible::new(schema.slabs()),
            exemplars: ExemplarSlots::new(schema),
            references: References::new(schema),
            tables: Mutex::new(Tables {
                interners: Interners::new(schema, created),
                facts: FactTable::default(),
                callbacks: Callbacks::default(),
            }),
        })
    }

    /// Locks the data outside the recording path. While it is locked, no user code may run, and no handle may be dropped.
    pub(crate) fn tables(&self) -> MutexGuard<'_, Tables> {
        lock(&self.tables)
    }

    /// Changes a cell that the thread has not used before, or that it shares with other threads.
    #[cold]
    #[inline(never)]
    pub(crate) fn change_first(self: &Arc<Self>, spot: Spot, cell: usize, change: impl Change) {
        let Some(_entered) = enter_cold_path() else {
            // The library allocates here, and a global allocator may record that, if the record itself allocates nothing.
            if let Some(cell) = self.blocks.shared().cells(spot).get(cell) {
                change_shared(cell, change);
            }
            return;
        };
        let own = self.blocks.current().or_else(|| enter_block(self));
        if let Some(cell) = own.and_then(|own| self.open(own, spot).get(cell)) {
            change_alone(cell, change);
            return;
        }
        if let Some(cell) = self.open(self.blocks.shared(), spot).get(cell) {
            change_shared(cell, change);
        }
    }

    /// Adds an amount that may take a thread's cell beyond [`HIGHEST_OWN`]. Then it goes to the cell that all threads share.
    pub(crate) fn add_large(self: &Arc<Self>, spot: Spot, cell: usize, amount: u64) {
        let own = || self.blocks.current()?.cells(spot).get(cell);
        if own().is_none() {
            // Opens the slab.
            self.change_first(spot, cell, Increase(0));
        }
        if let Some(own) = own() {
            let fits = |sum: &u64| *sum <= HIGHEST_OWN;
            // Atomic, because a signal handler may interrupt it with another addition.
            let added =
                own.fetch_update(Relaxed, Relaxed, |own| own.checked_add(amount).filter(fits));
            if added.is_ok() {
                return;
            }
        }
        let entered = enter_cold_path();
        let shared = self.blocks.shared();
        let cells = match entered {
            Some(_) => self.open(shared, spot),
            None => shared.cells(spot),
        };
        if let Some(cell) = cells.get(cell) {
            change_shared(cell, Increase(amount));
        }
    }

    /// Sets a cell that all threads share.
    #[inline]
    pub(crate) fn set(&self, spot: Spot, cell: usize, value: u64) {
        match self.blocks.shared().cells(spot).get(cell) {
            Some(cell) => cell.store(value, Relaxed),
            None => self.set_first(spot, cell, value),
        }
    }

    #[cold]
    #[inline(never)]
    fn set_first(&self, spot: Spot, cell: usize, value: u64) {
        let Some(_entered) = enter_cold_path() else {
            return;
        };
        if let Some(cell) = self.open(self.blocks.shared(), spot).get(cell) {
            cell.store(value, Relaxed);
        }
    }

    /// Opens every visible slab that the calling thread can record in, and the slots for its exemplars.
    ///
    /// A slab of a metric's own open label becomes visible with its first record, so this record still allocates. Opening all
    /// slabs of existing label values here would show series that were never recorded. A thread that gets no block here, because
    /// too many threads have one, gets it with a later record, once another thread has ended. That record takes a lock and
    /// allocates.
    pub(crate) fn prepare_thread(self: &Arc<Self>) {
        let Some(_entered) = enter_cold_path() else {
            return;
        };
        let block = enter_block(self);
        // While the lock is held, no visible slab can be retired.
        let _tables = self.tables();
        let shared = self.blocks.shared();
        for family in self.schema.families {
            // Large amounts may go to the shared block.
            let own = match family.kind.spec().storage {
                Storage::PerThread => block,
                Storage::Shared => None,
                Storage::Callback | Storage::Text | Storage::Derived => continue,
            };
            let open = |slab| {
                let spot = family.spot(slab);
                if let Some(own) = own {
                    self.open(own, spot);
                }
                self.open(shared, spot);
                self.exemplars.open(slab);
            };
            let end = family.end_slab();
            if family.open_labels().next().is_none() {
                open(family.first_slab);
                continue;
            }
            let mut next = family.first_slab;
            while let Some(slab) = self.visible.next(next, end) {
                open(slab);
                next = slab + 1;
            }
        }
    }

    /// Returns the cells at a spot, and opens their slab if necessary.
    fn open<'b>(&self, block: &'b Block, spot: Spot) -> Run<'b> {
        let known = block.cells(spot);
        if known.get(0).is_none()
            && let Some(family) = self.schema.family_of(spot.slab)
        {
            self.visible.show(spot.slab);
            block.open(spot.slab, family.cells());
        }
        block.cells(spot)
    }

    /// Counts an invalid value as rejected.
    #[cold]
    #[inline(never)]
    pub(crate) fn reject(self: &Arc<Self>, slab: u32) {
        if let Some(family) = self.schema.family_of(slab)
            && let Some(index) = family.rejected_index
        {
            self.increment_own(self.schema.rejected_family, index);
        }
    }

    /// Increments a series of one of the library's own counters. `family` is the counter's position in the schema's families.
    fn increment_own(self: &Arc<Self>, family: Option<u32>, series: u32) {
        if let Some(family) = family
            && let Some(family) = self.schema.families.get(family as usize)
        {
            let spot = family.spot(family.first_slab);
            self.change_first(spot, series as usize, Increase(1));
        }
    }

    /// Marks the slabs of a recorder's open label values as visible, so that their series start at zero.
    pub(crate) fn show(&self, families: &[u32], slab: u32) {
        for family in families {
            if let Some(family) = self.schema.families.get(*family as usize) {
                self.visible.show(family.first_slab.wrapping_add(slab));
            }
        }
    }
}

impl Owner {
    /// Changes one cell of the calling thread.
    #[inline]
    pub(crate) fn change(&self, spot: Spot, cell: usize, change: impl Change) {
        let changed = self.with_cells(spot, |cells| {
            change_alone(cells.get(cell)?, change);
            Some(())
        });
        if changed.is_none()
            && let Some(store) = self.store()
        {
            store.change_first(spot, cell, change);
        }
    }

    /// Changes two cells of the calling thread in one run of cells: a histogram's bucket and its sum. Returns the store, or `None`
    /// if it cannot, because the thread has not used them before or has no block.
    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    pub(crate) fn change_both(
        &self,
        spot: Spot,
        (bucket, sum): (usize, usize),
        add: impl Change,
    ) -> Option<&Arc<Store>> {
        self.with_cells(spot, |cells| {
            let (bucket, sum) = (cells.get(bucket)?, cells.get(sum)?);
            change_alone(bucket, Increase(1));
            change_alone(sum, add);
            Some(())
        })
    }
}

/// Amounts from this one on are added with [`Store::add_large`]. Smaller ones need no check, so that the compiler can make the
/// addition a single instruction, which a signal handler cannot interrupt between load and store.
pub(crate) const LARGE: u64 = 1 << 40;

/// Maximum sum of a thread's cell after adding a large amount. The range above it is for amounts below [`LARGE`].
const HIGHEST_OWN: u64 = 1 << 56;

/// A change of a cell.
pub(crate) trait Change: Copy {
    /// Returns the new value of a cell that only one thread writes.
    fn apply(self, cell: u64) -> u64;

    /// Returns the new value of a cell that all threads share.
    fn apply_shared(self, cell: u64) -> u64 {
        self.apply(cell)
    }
}

/// Adds an integer to a cell that only goes up. The sum over all cells ends at `u64::MAX`: a thread's own cell has room for
/// 2^24 amounts below [`LARGE`], and shared cells and readers saturate.
#[derive(Clone, Copy)]
pub(crate) struct Increase(pub(crate) u64);

impl Change for Increase {
    #[inline]
    fn apply(self, cell: u64) -> u64 {
        cell.wrapping_add(self.0)
    }

    fn apply_shared(self, cell: u64) -> u64 {
        cell.saturating_add(self.0)
    }
}

/// Adds to an integer that goes up and down, in two's complement. It wraps, so that equal additions and subtractions cancel.
#[derive(Clone, Copy)]
pub(crate) struct Move(pub(crate) u64);

impl Change for Move {
    #[inline]
    fn apply(self, cell: u64) -> u64 {
        cell.wrapping_add(self.0)
    }
}

/// Adds to a float.
#[derive(Clone, Copy)]
pub(crate) struct AddFloat(pub(crate) f64);

impl Change for AddFloat {
    #[inline]
    fn apply(self, cell: u64) -> u64 {
        (f64::from_bits(cell) + self.0).to_bits()
    }
}

/// Changes a cell that only this thread writes, so that no change is lost between the load and the store.
#[inline]
fn change_alone(cell: &AtomicU64, change: impl Change) {
    cell.store(change.apply(cell.load(Relaxed)), Relaxed);
}

fn change_shared(cell: &AtomicU64, change: impl Change) {
    let mut before = cell.load(Acquire);
    while let Err(now) =
        cell.compare_exchange_weak(before, change.apply_shared(before), AcqRel, Acquire)
    {
        before = now;
    }
}

/// A thread's block of one store.
struct OwnedBlock {
    store: Weak<Store>,
    lease: Lease,
}

impl OwnedBlock {
    fn is_alive(&self) -> bool {
        self.store.strong_count() > 0
    }
}

/// A thread's blocks by the numbers of their stores. When the thread ends, they are returned to their stores with their counts.
struct ThreadBlocks(BTreeMap<u64, OwnedBlock>);

per_thread! {
    static THREAD_BLOCKS: RefCell<ThreadBlocks> = RefCell::new(ThreadBlocks(BTreeMap::new()));
}

impl Drop for ThreadBlocks {
    fn drop(&mut self) {
        // From here on, the thread records in the shared block, because another thread may own this one.
        forget_current();
        for owned in self.0.values() {
            if let Some(store) = owned.store.upgrade() {
                store.blocks.release(&owned.lease);
            }
        }
    }
}

impl ThreadBlocks {
    /// Returns the thread's block of a store, and makes the thread remember it if possible. Returns `None` if the thread cannot
    /// have one.
    fn enter<'s>(&mut self, store: &'s Arc<Store>) -> Option<&'s Block> {
        let number = store.blocks.number();
        if !self.0.contains_key(&number) {
            let lease = store.blocks.acquire()?;
            self.0.retain(|_, owned| owned.is_alive());
            let store = Arc::downgrade(store);
            self.0.insert(number, OwnedBlock { store, lease });
        }
        let lease = &self.0.get(&number)?.lease;
        lease.make_current(|number| self.0.get(&number).is_some_and(OwnedBlock::is_alive));
        store.blocks.leased(lease)
    }
}

per_thread! {
    /// Whether the thread is allocating space for a record or its exemplar. It has no destructor, so it can be used in an
    /// allocator.
    static IN_COLD_PATH: Cell<bool> = Cell::new(false);
}

/// Marks the thread as allocating space for a record or its exemplar until this is dropped.
struct ColdPath(());

impl Drop for ColdPath {
    fn drop(&mut self) {
        let _ = IN_COLD_PATH.try_with(|inside| inside.set(false));
    }
}

/// Marks the thread as allocating space for a record or its exemplar. Returns `None` if it already is: the allocation may call
/// a global allocator that records, which would recurse forever.
fn enter_cold_path() -> Option<ColdPath> {
    let inside = IN_COLD_PATH.try_with(|inside| inside.replace(true));
    (!inside.unwrap_or(false)).then(|| ColdPath(()))
}

/// Finds or creates the calling thread's block. Returns `None` if the thread has none, because too many threads have one or
/// because this one is ending.
fn enter_block(store: &Arc<Store>) -> Option<&Block> {
    // Nothing in the table records; if it did, it would use the shared block.
    let entered = THREAD_BLOCKS.try_with(|table| table.try_borrow_mut().ok()?.enter(store));
    entered.ok().flatten()
}

/// The set of exposed slabs, with one bit per slab. Slabs of families without open labels are always exposed and have no bit.
pub(crate) struct Visible(Vec<AtomicU64>);

const BITS: u32 = u64::BITS;

impl Visible {
    fn new(slabs: u32) -> Self {
        let count = slabs.div_ceil(BITS);
        let mut words = Vec::with_capacity(count as usize);
        for _ in 0..count {
            words.push(AtomicU64::new(0));
        }
        Self(words)
    }

    pub(crate) fn show(&self, slab: u32) {
        if let Some(word) = self.0.get((slab / BITS) as usize) {
            word.fetch_or(1 << (slab % BITS), AcqRel);
        }
    }

    fn hide(&self, slab: u32) {
        if let Some(word) = self.0.get((slab / BITS) as usize) {
            word.fetch_and(!(1 << (slab % BITS)), AcqRel);
        }
    }

    /// Returns whether a slab is exposed.
    pub(crate) fn shows(&self, slab: u32) -> bool {
        self.0
            .get((slab / BITS) as usize)
            .is_some_and(|word| word.load(Acquire) >> (slab % BITS) & 1 == 1)
    }

    /// Returns the first exposed slab from `from` to before `end`. Skips empty ranges 64 slabs at a time.
    pub(crate) fn next(&self, from: u32, end: u32) -> Option<u32> {
        let mut slab = from;
        while slab < end {
            let word = self.0.get((slab / BITS) as usize)?.load(Acquire) >> (slab % BITS);
            if word != 0 {
                let found = slab + word.trailing_zeros();
                return (found < end).then_some(found);
            }
            slab = (slab / BITS + 1) * BITS;
        }
        None
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;
    use std::time::Duration;

    mod shop {
        crate::metrics!("tests/shop.toml");
    }

    use shop::Metrics;
    use shop::labels::Shelf;

    /// A prepared thread takes no lock for its first records: all locks are held while it records.
    #[test]
    fn a_prepared_thread_takes_no_lock() {
        let metrics = &Metrics::new();
        let cart = &metrics.cart();
        let (prepared, is_prepared) = channel();
        let (locked, is_locked) = channel();
        let (recorded, is_recorded) = channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                metrics.prepare_thread();
                prepared.send(()).unwrap();
                is_locked.recv().unwrap();
                cart.added(Shelf::Food).inc();
                cart.open().inc();
                cart.wait().observe(Duration::from_millis(5));
                recorded.send(()).unwrap();
            });
            is_prepared.recv().unwrap();
            let store = metrics.store().unwrap();
            let locks = (store.tables(), store.blocks.lock_list());
            locked.send(()).unwrap();
            let result = is_recorded.recv_timeout(Duration::from_secs(60));
            // Released before the assertion, so that a thread that waits for them ends.
            drop(locks);
            assert!(result.is_ok(), "the thread waits for a lock");
        });
        assert_eq!(metrics.snapshot().cart().added(Shelf::Food), 1);
    }

    /// A signal handler may record while the interrupted code finds its block, so this block must stay where it is.
    #[test]
    fn a_block_keeps_its_place_until_its_registry_is_dropped() {
        let mut all: Vec<_> = (0..100).map(|_| Metrics::new()).collect();
        let is_current = |metrics: &Metrics| metrics.store().unwrap().blocks.current().is_some();
        for round in 1..3 {
            for metrics in &all {
                metrics.cart().added(Shelf::Food).inc();
                assert_eq!(metrics.snapshot().cart().added(Shelf::Food), round);
            }
        }
        let current = all.iter().position(is_current).unwrap();
        let other = all
            .iter()
            .rposition(|metrics| !is_current(metrics))
            .unwrap();
        all[other].cart().added(Shelf::Food).inc();
        assert!(is_current(&all[current]) && !is_current(&all[other]));
        let kept = all.swap_remove(other);
        all.clear();
        kept.cart().added(Shelf::Food).inc();
        assert!(is_current(&kept));
        assert_eq!(kept.snapshot().cart().added(Shelf::Food), 4);
    }

    #[test]
    fn no_two_families_share_fixed_cells() {
        mod all_kinds {
            crate::metrics!("tests/metrics.toml");
        }
        let metrics = all_kinds::Metrics::new();
        let schema = metrics.store().unwrap().schema;
        let mut users = vec![0; schema.block_sizes().fixed];
        for family in schema.families.iter().filter(|family| family.fixed > 0) {
            let first = family.fixed as usize;
            for users in &mut users[first..first + family.cells()] {
                *users += 1;
            }
        }
        assert!(users.len() > 10, "no family has fixed cells");
        // Position 0 stands for no position.
        assert_eq!(users[0], 0);
        assert_eq!(users[1..], vec![1; users.len() - 1]);
    }
}

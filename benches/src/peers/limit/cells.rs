//! A lower bound for the rows that record: a prototype of the simplest design with a copy of the cells for each thread. A record
//! compares the registry's number with the one that the thread used last, and changes a cell of an array. There are no slabs, open
//! labels, places for further registries, or labels.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// The cells of one registry.
pub struct Limit {
    number: u64,
    cells: usize,
    blocks: Mutex<Vec<Block>>,
}

/// A thread's cells in a registry, which are never freed.
#[derive(Clone, Copy)]
struct Block {
    number: u64,
    cells: &'static [AtomicU64],
}

thread_local! {
    static CURRENT: Cell<Block> = const { Cell::new(Block { number: 0, cells: &[] }) };
    static ALL: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

impl Limit {
    pub fn new(cells: usize) -> Self {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        Self {
            number: NUMBERS.fetch_add(1, Relaxed),
            cells,
            blocks: Mutex::default(),
        }
    }

    /// Returns the registry's number.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// Adds to a cell, modulo 2^64.
    #[inline]
    pub fn add(&self, cell: usize, amount: u64) {
        let block = CURRENT.get();
        if block.number == self.number
            && let Some(cell) = block.cells.get(cell)
        {
            increase(cell, amount);
        } else {
            self.add_first(cell, amount);
        }
    }

    /// Increments a histogram's bucket and adds to its sum.
    #[inline]
    pub fn observe(&self, bucket: usize, sum: usize, value: u64) {
        let block = CURRENT.get();
        if block.number == self.number
            && let (Some(bucket), Some(sum)) = (block.cells.get(bucket), block.cells.get(sum))
        {
            increase(bucket, 1);
            increase(sum, value);
        } else {
            self.add_first(bucket, 1);
            self.add_first(sum, value);
        }
    }

    /// Adds to a cell after another registry was used.
    #[cold]
    #[inline(never)]
    fn add_first(&self, cell: usize, amount: u64) {
        let mut own = ALL.take();
        let known = own.iter().find(|block| block.number == self.number);
        let block = known.copied().unwrap_or_else(|| {
            let cells = (0..self.cells).map(|_| AtomicU64::new(0));
            let block = Block {
                number: self.number,
                cells: cells.collect::<Vec<_>>().leak(),
            };
            let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
            blocks.push(block);
            own.push(block);
            block
        });
        ALL.set(own);
        CURRENT.set(block);
        if let Some(cell) = block.cells.get(cell) {
            increase(cell, amount);
        }
    }

    /// Returns the sum of a cell over all threads.
    pub fn sum(&self, cell: usize) -> u64 {
        let blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.iter().fold(0, |sum, block| {
            sum.wrapping_add(block.cells[cell].load(Relaxed))
        })
    }
}

#[inline]
fn increase(cell: &AtomicU64, amount: u64) {
    cell.store(cell.load(Relaxed).wrapping_add(amount), Relaxed);
}

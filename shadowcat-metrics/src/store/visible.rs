//! One bit per page: whether it is exposed. Pages of families without open labels are always exposed and have no bit.

use std::sync::atomic::Ordering::{AcqRel, Acquire};

use crate::sync::AtomicU64;

/// The set of exposed pages.
pub(crate) struct Visible(Box<[AtomicU64]>);

const BITS: u32 = u64::BITS;

impl Visible {
    pub(super) fn new(pages: u32) -> Self {
        Self(
            (0..pages.div_ceil(BITS))
                .map(|_| AtomicU64::new(0))
                .collect(),
        )
    }

    pub(crate) fn show(&self, page: u32) {
        if let Some(word) = self.0.get((page / BITS) as usize) {
            word.fetch_or(1 << (page % BITS), AcqRel);
        }
    }

    pub(super) fn hide(&self, page: u32) {
        if let Some(word) = self.0.get((page / BITS) as usize) {
            word.fetch_and(!(1 << (page % BITS)), AcqRel);
        }
    }

    /// Returns whether a page is exposed.
    pub(crate) fn shows(&self, page: u32) -> bool {
        self.0
            .get((page / BITS) as usize)
            .is_some_and(|word| word.load(Acquire) >> (page % BITS) & 1 == 1)
    }

    /// Returns the first exposed page from `from` to before `end`. Skips empty ranges 64 pages at a time.
    pub(crate) fn next(&self, from: u32, end: u32) -> Option<u32> {
        let mut page = from;
        while page < end {
            let word = self.0.get((page / BITS) as usize)?.load(Acquire) >> (page % BITS);
            if word != 0 {
                let found = page + word.trailing_zeros();
                return (found < end).then_some(found);
            }
            page = (page / BITS + 1) * BITS;
        }
        None
    }
}

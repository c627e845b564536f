//! Cells at fixed positions, which need no slots.

use std::slice;

use super::slab::Line;
use crate::sync::AtomicU64;

/// The fixed cells of a block, at a fixed address and in cache lines of their own.
pub(super) struct FixedCells(Box<[Line]>);

impl FixedCells {
    /// Creates at least this number of cells, which are zero.
    pub(super) fn new(cells: usize) -> Self {
        let lines = cells.div_ceil(Line::CELLS);
        let mut all = Vec::with_capacity(lines);
        for _ in 0..lines {
            all.push(Line::zeroed());
        }
        Self(all.into_boxed_slice())
    }

    #[inline]
    pub(super) const fn all(&self) -> &[AtomicU64] {
        let cells = self.0.len() * Line::CELLS;
        // SAFETY: a line consists of this many cells, without padding. The pointer was derived from all lines, and the result
        // borrows `self`.
        unsafe { slice::from_raw_parts(self.0.as_ptr().cast(), cells) }
    }
}

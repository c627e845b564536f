//! Cells summed over the blocks of all threads.

use std::sync::atomic::Ordering::Relaxed;

use crate::schema::{Encoding, Family};
use crate::sync::AtomicU64;

/// What adds the cells of one block's page to the sums so far.
pub(super) type Add = fn(sums: &mut [u64], cells: &[AtomicU64], family: &Family);

/// What adds the cells of a family.
pub(super) const fn adder(family: &Family) -> Add {
    match family.encoding {
        Encoding::Unsigned | Encoding::Nanoseconds => add_counts,
        Encoding::Signed => add_levels,
        Encoding::Float => add_floats,
    }
}

/// Counts, and histograms whose sum is an integer.
fn add_counts(sums: &mut [u64], cells: &[AtomicU64], _: &Family) {
    for (sum, cell) in sums.iter_mut().zip(cells) {
        *sum = sum.saturating_add(cell.load(Relaxed));
    }
}

fn add_levels(sums: &mut [u64], cells: &[AtomicU64], _: &Family) {
    for (sum, cell) in sums.iter_mut().zip(cells) {
        *sum = sum.wrapping_add(cell.load(Relaxed));
    }
}

/// Floats, which of a histogram are only the sums.
fn add_floats(sums: &mut [u64], cells: &[AtomicU64], family: &Family) {
    let width = family.cells_per_series();
    for (sums, cells) in sums.chunks_exact_mut(width).zip(cells.chunks_exact(width)) {
        let ([counts @ .., sum], [buckets @ .., cell]) = (sums, cells) else {
            continue;
        };
        add_counts(counts, buckets, family);
        *sum = Encoding::Float.sum(*sum, cell.load(Relaxed));
    }
}

//! The cells of a native histogram: the pieces of which its native and classic buckets consist, and the table that finds the
//! cell of a value.

use super::descriptors::Scale;
use crate::model::{Boundary, Native};

const NANOS_PER_SECOND: u32 = 1_000_000_000;

/// Bits below a float's exponent.
const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;

/// Most slots of a table.
const MOST_SLOTS: usize = 4096;

/// The cells of a native histogram. A cell ends at a boundary between native buckets or at a classic bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Cells {
    /// Prometheus' number of the resolution.
    pub schema: i8,
    /// Highest value of the bucket with zero.
    pub zero_threshold: f64,
    /// Number of the first native bucket above the threshold.
    pub first: i32,
    /// Highest value of each cell but the last, as an integer that sorts like the values.
    pub keys: Vec<u64>,
    /// The classic bucket of each cell.
    pub classic: Vec<u8>,
    /// The native bucket of each cell: 0 is the one with zero, 1 the first one above the threshold.
    pub native: Vec<u16>,
    /// The table.
    pub lookup: Lookup,
}

/// A table from the first bits of a value as a float to the first cell that it can be in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// Number of bits after those that select a slot.
    pub shift: u32,
    /// The first bits of the values in slot 0, which also has all smaller ones.
    pub base: u64,
    /// The first cell of each slot. The last slot also has all larger values.
    pub slots: Vec<u16>,
    /// The first halving step of the search: a power of two that is more than half the number of keys in the fullest slot.
    pub widest: usize,
}

impl Cells {
    /// Computes the cells of a native histogram with some classic bounds.
    #[must_use]
    pub fn of(native: &Native, bounds: &[f64], scale: Scale) -> Self {
        let schema = native.schema();
        let (first, last) = native.range();
        let (mut boundaries, mut ends) = (Vec::new(), Vec::new());
        for index in first..=last {
            boundaries.push(boundary_key(Boundary::of(schema, index), scale));
        }
        for bound in bounds {
            ends.push(bound_key(*bound, scale));
        }
        let mut keys = [boundaries.as_slice(), &ends].concat();
        keys.sort_unstable();
        keys.dedup();
        // Above the last boundary, values count in the last bucket.
        let most = boundaries.len() - 1;
        let (mut classic, mut native_buckets) = (Vec::new(), Vec::new());
        for cell in 0..=keys.len() {
            // A value in a cell is above the end of the cell before it, and above no further key.
            let passed = |ends: &[u64]| match cell.checked_sub(1) {
                Some(before) => ends.partition_point(|key| *key <= keys[before]),
                None => 0,
            };
            classic.push(u8::try_from(passed(&ends)).unwrap_or(u8::MAX));
            let native = passed(&boundaries).min(most);
            native_buckets.push(u16::try_from(native).unwrap_or(u16::MAX));
        }
        Self {
            schema,
            zero_threshold: native.zero_threshold(),
            first: first + 1,
            classic,
            native: native_buckets,
            lookup: Lookup::of(&keys, scale),
            keys,
        }
    }
}

impl Lookup {
    /// Creates a table whose slots have at most one key each or, if it would be too large, few.
    fn of(keys: &[u64], scale: Scale) -> Self {
        let mut best = Self::with_bits(keys, scale, 0);
        for bits in 1..=10 {
            let table = Self::with_bits(keys, scale, bits);
            if table.slots.len() <= MOST_SLOTS && table.widest < best.widest {
                best = table;
            }
        }
        best
    }

    /// Creates a table whose slots are selected by the exponent and this number of bits of the mantissa.
    fn with_bits(keys: &[u64], scale: Scale, bits: u32) -> Self {
        let shift = MANTISSA_BITS - bits;
        let mut slots = Vec::new();
        for key in keys {
            slots.push(float_bits(*key, scale) >> shift);
        }
        let positive = slots.iter().find(|slot| **slot > 0);
        let base = positive.map_or(0, |slot| slot - 1);
        let highest = slots.last().map_or(0, |slot| slot.saturating_sub(base));
        let count =
            usize::try_from(highest).map_or(usize::MAX, |highest| highest.saturating_add(2));
        if count > MOST_SLOTS {
            return Self {
                shift,
                base,
                slots: vec![0; MOST_SLOTS + 1],
                widest: usize::MAX,
            };
        }
        let mut first = vec![0; count];
        let mut fullest = 0;
        let mut below = 0;
        for (slot, first) in first.iter_mut().enumerate() {
            *first = below;
            while let Some(key) = slots.get(below)
                && usize::try_from(key.saturating_sub(base)) == Ok(slot)
            {
                below += 1;
            }
            fullest = fullest.max(below - *first);
        }
        // As many halving steps as the number of keys has bits.
        let widest = fullest.checked_ilog2().map_or(0, |steps| 1_usize << steps);
        // The search of the last slots starts so early that it does not go beyond the last key.
        let last = keys.len().saturating_sub((2 * widest).saturating_sub(1));
        let mut slots = Vec::new();
        for first in first {
            slots.push(u16::try_from(first.min(last)).unwrap_or(u16::MAX));
        }
        Self {
            shift,
            base,
            slots,
            widest,
        }
    }
}

/// Returns the highest value that is not above a boundary.
fn boundary_key(boundary: Boundary, scale: Scale) -> u64 {
    match scale {
        Scale::Nanoseconds => boundary.floor_of(NANOS_PER_SECOND),
        Scale::Integers => boundary.floor_of(1),
        Scale::Floats => boundary.to_bits(),
    }
}

/// Returns a classic bound as the runtime's `BucketTable` has it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a bound suits its unit"
)]
fn bound_key(bound: f64, scale: Scale) -> u64 {
    match scale {
        Scale::Nanoseconds => (bound * f64::from(NANOS_PER_SECOND)).round() as u64,
        Scale::Integers => bound as u64,
        Scale::Floats => bound.to_bits(),
    }
}

/// Returns the bits of a key as a float.
fn float_bits(key: u64, scale: Scale) -> u64 {
    match scale {
        Scale::Nanoseconds | Scale::Integers => (key as f64).to_bits(),
        Scale::Floats => key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATENCY: Native = Native {
        factor: 1.1,
        from: 0.0001,
        to: 60.0,
    };

    /// Finds a cell as the runtime does.
    fn find(cells: &Cells, key: u64, scale: Scale) -> usize {
        let Lookup {
            shift,
            base,
            slots,
            widest,
        } = &cells.lookup;
        let slot = (float_bits(key, scale) >> shift).saturating_sub(*base);
        let slot = usize::try_from(slot).unwrap_or(usize::MAX);
        let mut cell = usize::from(slots[slot.min(slots.len() - 1)]);
        let mut step = *widest;
        while step > 0 {
            let probe = cell + step - 1;
            if cells.keys.get(probe).is_some_and(|end| *end < key) {
                cell += step;
            }
            step /= 2;
        }
        cell
    }

    fn check_all_ends(cells: &Cells, scale: Scale) {
        let ends = cells.keys.iter();
        let near = ends.flat_map(|end| [end.saturating_sub(1), *end, end + 1]);
        for key in near.chain([0, 1, u64::MAX >> 12]) {
            let expected = cells.keys.partition_point(|end| *end < key);
            assert_eq!(find(cells, key, scale), expected, "{key}");
        }
    }

    #[test]
    fn a_cell_is_found_with_one_comparison() {
        let bounds: Vec<_> = (0..20)
            .map(|power| 0.0001 * f64::from(1 << power))
            .collect();
        let cells = Cells::of(&LATENCY, &bounds, Scale::Nanoseconds);
        assert_eq!(
            (cells.schema, cells.first, cells.keys.len()),
            (3, -106, 176)
        );
        assert!(cells.lookup.widest <= 2, "{:?}", cells.lookup);
        check_all_ends(&cells, Scale::Nanoseconds);
        let only = Cells::of(&LATENCY, &[1.0], Scale::Nanoseconds);
        assert_eq!((only.lookup.widest, only.lookup.slots.len()), (1, 314));
        check_all_ends(&only, Scale::Nanoseconds);
    }

    #[test]
    fn every_scale_and_bound_is_found() {
        let range = |factor, from, to| Native { factor, from, to };
        let dense: Vec<_> = (0..250).map(|step| 1.0 + f64::from(step) / 1e6).collect();
        let cases = [
            (range(1.01, 1.0, 16.0), vec![4.0], Scale::Floats),
            (range(1.1, 1e-300, 1e-290), vec![0.0, 1e300], Scale::Floats),
            (range(1.1, 0.5, 2.0), dense.clone(), Scale::Floats),
            (range(1.1, 0.5, 2.0), dense, Scale::Nanoseconds),
            (
                range(1.02, 1.0, 100.0),
                vec![0.0, 1.0, 50.0, 1e15],
                Scale::Integers,
            ),
            (range(100_000.0, 1.0, 1e12), vec![10.0], Scale::Integers),
            (range(2.0, 1e-9, 1e-3), vec![0.0, 1e9], Scale::Nanoseconds),
        ];
        for (native, bounds, scale) in cases {
            let cells = Cells::of(&native, &bounds, scale);
            assert!(cells.lookup.slots.len() <= MOST_SLOTS, "{native:?}");
            check_all_ends(&cells, scale);
        }
    }

    #[test]
    fn cells_belong_to_a_native_and_a_classic_bucket() {
        let native = Native {
            factor: 2.0,
            from: 2.0,
            to: 16.0,
        };
        let cells = Cells::of(&native, &[1.0, 4.0, 5.0, 100.0], Scale::Integers);
        assert_eq!(cells.keys, [1, 2, 4, 5, 8, 16, 100]);
        assert_eq!(cells.classic, [0, 1, 1, 2, 3, 3, 3, 4]);
        // Zero up to 2, then up to 4, 8 and 16, and everything above 16.
        assert_eq!(cells.native, [0, 0, 1, 2, 2, 3, 3, 3]);
        assert_eq!((cells.first, cells.zero_threshold), (2, 2.0));
    }

    #[test]
    fn buckets_without_an_integer_are_left_out() {
        let native = Native {
            factor: 1.1,
            from: 1.0,
            to: 4.0,
        };
        let cells = Cells::of(&native, &[2.0], Scale::Integers);
        assert_eq!(cells.keys, [1, 2, 3, 4]);
        // 2 is the 8th boundary after 1, 3 lies below the 13th, and 4 is the 16th.
        assert_eq!(cells.native, [0, 8, 13, 16, 16]);
    }
}

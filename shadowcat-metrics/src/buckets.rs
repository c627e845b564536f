//! Bucket arithmetic: which bucket a value falls into, found through an exponent table made when the schema is compiled.
//!
//! Generated code declares a static for each bucket set and unit. The number of bounds is inferred:
//!
//! ```
//! use shadowcat_metrics::private as p;
//!
//! // `Duration` observations (unit seconds): bounds in seconds, compared as whole nanoseconds.
//! static LATENCY: p::Buckets =
//!     p::Buckets::new(const { &p::BucketTable::nanoseconds([0.001, 0.01]) }, &["0.001", "0.01"]);
//! // Integer observations (unit bytes).
//! static SIZE: p::Buckets = p::Buckets::new(const { &p::BucketTable::integers([64.0]) }, &["64.0"]);
//! // `f64` observations (no unit, and every other unit).
//! static SCORE: p::Buckets = p::Buckets::new(const { &p::BucketTable::floats([0.5]) }, &["0.5"]);
//!
//! assert_eq!(LATENCY.bounds().len(), 2);
//! ```
//!
//! A value and the bounds become integer keys of one order: nanoseconds, the integers themselves, or the bits of a
//! positive float. A key's octave (its length in bits, or a float's exponent) gives the first bucket that it can fall
//! into; from there a fixed number of halving steps, without a branch on the value, gives the bucket. `le` is inclusive.

use crate::native::Native;

/// Octaves of a table: a 64-bit key has 0 to 64 significant bits.
const OCTAVES: usize = 65;

/// Bits below a float's exponent.
const MANTISSA_BITS: u32 = f64::MANTISSA_DIGITS - 1;

const NANOS_PER_SECOND: f64 = 1e9;

/// The classic buckets of a histogram: its upper bounds, prepared for lookup. Generated code creates them.
#[derive(Debug, Clone, Copy)]
pub struct Buckets {
    bounds: &'static [f64],
    keys: &'static [u64],
    octaves: &'static [u8; OCTAVES],
    widest: usize,
    base: u64,
    le: &'static [&'static str],
    native: Option<&'static Native>,
}

/// The lookup table of [`Buckets`], computed when the schema is compiled.
#[derive(Debug)]
pub struct BucketTable<const N: usize> {
    bounds: [f64; N],
    /// The bounds as integers that sort like the values.
    keys: [u64; N],
    /// For each octave, the number of keys below its smallest value, or fewer at the end.
    octaves: [u8; OCTAVES],
    /// The first halving step: a power of two that is more than half the number of keys in the fullest
    /// octave. 0 if no octave has any.
    widest: usize,
    /// For floats, the exponent of octave 1; everything below it is octave 0.
    base: u64,
}

impl<const N: usize> BucketTable<N> {
    /// Creates a table from bounds in seconds, for values in nanoseconds.
    #[must_use]
    pub const fn nanoseconds(bounds: [f64; N]) -> Self {
        let mut keys = [0; N];
        let mut i = 0;
        while i < N {
            keys[i] = saturating_u64(bounds[i] * NANOS_PER_SECOND + 0.5);
            i += 1;
        }
        Self::with_integer_keys(bounds, keys)
    }

    /// Creates a table for integer values.
    #[must_use]
    pub const fn integers(bounds: [f64; N]) -> Self {
        let mut keys = [0; N];
        let mut i = 0;
        while i < N {
            keys[i] = saturating_u64(bounds[i]);
            i += 1;
        }
        Self::with_integer_keys(bounds, keys)
    }

    /// Creates a table for `f64` values. Negative bounds count as zero.
    #[must_use]
    pub const fn floats(bounds: [f64; N]) -> Self {
        let mut keys = [0; N];
        let mut i = 0;
        while i < N {
            keys[i] = float_key(bounds[i]);
            i += 1;
        }
        // Octave 1 holds the first positive bound, so that a bound of zero does not use up the table.
        let mut first = 0;
        while first + 1 < N && keys[first] == 0 {
            first += 1;
        }
        let exponent = if N == 0 {
            0
        } else {
            keys[first] >> MANTISSA_BITS
        };
        let mut table = Self {
            bounds,
            keys,
            octaves: [0; OCTAVES],
            widest: 0,
            base: exponent,
        };
        let mut octave = 0;
        while octave < OCTAVES {
            let least = if octave == 0 {
                0
            } else {
                exponent.saturating_add(octave as u64 - 1) << MANTISSA_BITS
            };
            let greatest = if octave == OCTAVES - 1 {
                u64::MAX
            } else {
                (exponent.saturating_add(octave as u64) << MANTISSA_BITS).saturating_sub(1)
            };
            table.fill(octave, least, greatest);
            octave += 1;
        }
        table.start_inside();
        table
    }

    const fn with_integer_keys(bounds: [f64; N], keys: [u64; N]) -> Self {
        let mut table = Self {
            bounds,
            keys,
            octaves: [0; OCTAVES],
            widest: 0,
            base: 0,
        };
        let mut octave = 0;
        while octave < OCTAVES {
            let least = if octave == 0 { 0 } else { 1 << (octave - 1) };
            let greatest = if octave == 0 {
                0
            } else {
                u64::MAX >> (OCTAVES - 1 - octave)
            };
            table.fill(octave, least, greatest);
            octave += 1;
        }
        table.start_inside();
        table
    }

    /// Lets the search of the last octaves start so early that it does not go beyond the last key. The lookup checks for the
    /// end, and would do so with a branch that depends on the value.
    const fn start_inside(&mut self) {
        let last = truncate_u8(N.saturating_sub((2 * self.widest).saturating_sub(1)));
        let mut octave = 0;
        while octave < OCTAVES {
            if self.octaves[octave] > last {
                self.octaves[octave] = last;
            }
            octave += 1;
        }
    }

    /// Fills in the octave with the keys from `least` to `greatest`.
    const fn fill(&mut self, octave: usize, least: u64, greatest: u64) {
        let mut below = 0;
        let mut inside = 0;
        let mut i = 0;
        while i < N {
            if self.keys[i] < least {
                below += 1;
            } else if self.keys[i] < greatest {
                inside += 1;
            }
            i += 1;
        }
        const { assert!(N <= u8::MAX as usize, "a histogram has at most 255 bounds") }
        self.octaves[octave] = truncate_u8(below);
        // A search over `inside` keys takes as many halving steps as `inside` has bits.
        while self.widest * 2 <= inside && inside > 0 {
            self.widest = if self.widest == 0 { 1 } else { self.widest * 2 };
        }
    }
}

impl Buckets {
    /// Prepares a table for lookup. `le` has the bounds as values of the label `le`.
    #[doc(hidden)]
    #[must_use]
    pub const fn new<const N: usize>(
        table: &'static BucketTable<N>,
        le: &'static [&'static str],
    ) -> Self {
        Self {
            bounds: &table.bounds,
            keys: &table.keys,
            octaves: &table.octaves,
            widest: table.widest,
            base: table.base,
            le,
            native: None,
        }
    }

    /// Adds native buckets. Values are then counted in cells of which native and classic buckets consist.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_native(mut self, native: &'static Native) -> Self {
        self.native = Some(native);
        self
    }

    /// Returns the cells of the native buckets, if there are any.
    #[doc(hidden)]
    #[must_use]
    pub const fn native(&self) -> Option<&'static Native> {
        self.native
    }

    /// Returns the label `le` of each bucket, including `+Inf`.
    pub(crate) fn le(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.le.iter().copied().chain(["+Inf"])
    }

    /// Returns the number of values of a series as classic buckets: one per bound, one for `+Inf`, and the sum.
    pub(crate) const fn cells(&self) -> usize {
        self.bounds.len() + 2
    }

    /// Returns the number of cells per series.
    pub(crate) const fn stored_cells(&self) -> usize {
        match self.native {
            Some(native) => native.cells(),
            None => self.cells(),
        }
    }

    /// Returns the upper bounds in increasing order, in the base unit, without `+Inf`.
    #[must_use]
    pub const fn bounds(&self) -> &'static [f64] {
        self.bounds
    }

    /// Like [`of_integer`](Self::of_integer), for values below 2^63. With a one bit appended, a value is never zero, and the
    /// position of its highest bit is the number of the value's significant bits.
    #[inline]
    pub(crate) const fn of_small(&self, value: u64) -> usize {
        self.find(value, (value << 1 | 1).ilog2() as usize)
    }

    /// Returns the bucket of an integer value. The number of bounds means `+Inf`.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub const fn of_integer(&self, value: u64) -> usize {
        self.find(value, (u64::BITS - value.leading_zeros()) as usize)
    }

    /// Returns the bucket of a float. The number of bounds means `+Inf`. The result for NaN is unspecified.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub const fn of_float(&self, value: f64) -> usize {
        let key = float_key(value);
        // Octave 0 is everything below `base`; the last octave is everything above the others.
        let octave = ((key >> MANTISSA_BITS) + 1).saturating_sub(self.base);
        #[expect(clippy::cast_possible_truncation, reason = "at most 64")]
        let octave = if octave < OCTAVES as u64 {
            octave as usize
        } else {
            OCTAVES - 1
        };
        self.find(key, octave)
    }

    #[inline]
    const fn find(&self, key: u64, octave: usize) -> usize {
        search(self.keys, self.octaves[octave] as usize, self.widest, key)
    }
}

/// Returns the number of keys below `key`, given a start that is not above it, and the first halving step.
#[inline]
pub(crate) const fn search(keys: &[u64], start: usize, widest: usize, key: u64) -> usize {
    let mut bucket = start;
    let mut step = widest;
    while step > 0 {
        let probe = bucket + step - 1;
        // All keys after the start's octave or slot are at least `key`, so a step never goes too far, and it reaches the end
        // only if there are fewer keys than steps.
        if probe < keys.len() {
            // Not a branch: the processor could not predict it.
            bucket += step * (keys[probe] < key) as usize;
        }
        step /= 2;
    }
    bucket
}

/// Returns the bits of a float. For positive floats, they sort like the values.
#[inline]
pub(crate) const fn float_key(value: f64) -> u64 {
    if value > 0.0 { value.to_bits() } else { 0 }
}

/// Casts from float to integer saturate, and drop the fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "both are meant"
)]
const fn saturating_u64(value: f64) -> u64 {
    value as u64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "it counts the bounds, and there are at most 255"
)]
const fn truncate_u8(value: usize) -> u8 {
    value as u8
}

#[cfg(test)]
mod tests;

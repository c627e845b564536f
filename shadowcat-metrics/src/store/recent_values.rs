//! A cache of the open label values that the calling thread used recently, so that using them again takes no lock.
//!
//! A value that is not found here is looked up in the store. The cache has weak references, so it neither keeps a value alive
//! nor returns a retired one. Its size is limited.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use super::Store;
use super::intern::Interned;
use crate::sync::{Handle, WeakHandle, per_thread};

/// Number of places in a set. Further values evict each other, so the length of a search is limited.
const WAYS: usize = 4;

/// Initial number of sets.
const MIN_SETS: usize = 4;
/// Maximum number of sets: 16 KiB, and 64 KiB with the allocations of retired values.
const MAX_SETS: usize = 256;

/// Values by their hashes. Grows when a set is full, up to [`MAX_SETS`].
struct RecentValues {
    /// Random, so that nobody can choose values that evict each other.
    keys: [u64; 2],
    sets: Vec<Set>,
}

/// Hashes and values are in separate arrays, so that a search compares all hashes without a branch.
#[derive(Default)]
struct Set {
    hashes: [u64; WAYS],
    values: [WeakHandle<Interned>; WAYS],
}

per_thread! {
    static RECENT: RefCell<RecentValues> = RefCell::new(RecentValues { keys: [0; 2], sets: Vec::new() });
}

impl Store {
    /// Returns a handle to an open label's value, if the calling thread used it recently and it still exists.
    #[inline]
    pub(crate) fn recall(self: &Arc<Self>, label: u32, text: &[u8]) -> Option<Handle<Interned>> {
        let recalled = RECENT.try_with(|recent| {
            let recent = recent.try_borrow().ok()?;
            let value = recent.find(Arc::as_ptr(self), label, text)?;
            value.is(self, label, text).then_some(value)
        });
        recalled.ok().flatten()
    }

    /// Adds a value to the cache.
    pub(crate) fn remember(value: &Handle<Interned>) {
        // A thread that is ending caches nothing.
        let _ = RECENT.try_with(|recent| {
            if let Ok(mut recent) = recent.try_borrow_mut() {
                recent.insert(value);
            }
        });
    }
}

impl RecentValues {
    /// Returns a handle to the value with the same hash, if it is not retired.
    #[inline]
    fn find(&self, store: *const Store, label: u32, text: &[u8]) -> Option<Handle<Interned>> {
        let hash = hash(self.keys, store, label, text);
        let set = self.sets.get(position(self.sets.len(), hash))?;
        let mut way = WAYS;
        for (at, known) in set.hashes.iter().enumerate() {
            way = if *known == hash { at } else { way };
        }
        set.values.get(way)?.upgrade()
    }

    fn insert(&mut self, value: &Handle<Interned>) {
        if self.sets.is_empty() {
            let random = RandomState::new();
            self.keys = [random.hash_one(0), random.hash_one(1)];
            self.sets = empty_sets(MIN_SETS);
        }
        let hash = hash(self.keys, value.store(), value.label, value.text.as_bytes());
        let mut value = Handle::downgrade(value);
        while let Err(rejected) = self.put(hash, value) {
            value = rejected;
            self.grow();
        }
    }

    /// Puts a value into its set. Returns it if the set is full and the number of sets can grow.
    fn put(&mut self, hash: u64, value: WeakHandle<Interned>) -> Result<(), WeakHandle<Interned>> {
        let sets = self.sets.len();
        let Some(set) = self.sets.get_mut(position(sets, hash)) else {
            return Ok(());
        };
        // A hash is at most once in a set, because `find` looks at one way only.
        let known = set.hashes.iter().position(|known| *known == hash);
        let mut ways = set.values.iter();
        let way = match known.or_else(|| ways.position(|value| value.strong_count() == 0)) {
            Some(way) => way,
            None if sets < MAX_SETS => return Err(value),
            // Bits that differ between the values of one set.
            None => (hash >> 62) as usize % WAYS,
        };
        set.hashes[way] = hash;
        set.values[way] = value;
        Ok(())
    }

    /// Doubles the number of sets, and drops retired values.
    fn grow(&mut self) {
        let larger = empty_sets(2 * self.sets.len());
        for set in std::mem::replace(&mut self.sets, larger) {
            for (hash, value) in set.hashes.into_iter().zip(set.values) {
                if value.strong_count() > 0 {
                    // Half of a set always fits into a set.
                    let _ = self.put(hash, value);
                }
            }
        }
    }
}

fn empty_sets(count: usize) -> Vec<Set> {
    let mut sets = Vec::with_capacity(count);
    for _ in 0..count {
        sets.push(Set::default());
    }
    sets
}

/// Returns the index of a hash's set. The number of sets is a power of two.
#[inline]
const fn position(sets: usize, hash: u64) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "only low bits are used")]
    let hash = hash as usize;
    hash & sets.saturating_sub(1)
}

/// Returns a fast hash, which spreads values well unless they are chosen with knowledge of the keys.
#[inline]
fn hash([one, other]: [u64; 2], store: *const Store, label: u32, text: &[u8]) -> u64 {
    let which = (store.addr() as u64) ^ u64::from(label) << 48 ^ (text.len() as u64) << 56;
    // The first product depends only on the length of the text, so the processor can compute it before it has loaded the text.
    let mut state = fold(one ^ which, other);
    let mut rest = text;
    while rest.len() > 16
        && let Some((words, after)) = rest.split_first_chunk::<16>()
    {
        let words = u128::from_le_bytes(*words);
        #[expect(clippy::cast_possible_truncation, reason = "the halves are wanted")]
        let (low, high) = (words as u64, (words >> 64) as u64);
        state = fold(state ^ low, other ^ high);
        rest = after;
    }
    // Up to 16 bytes are two words that may overlap. The length distinguishes texts with the same words.
    let (low, high) = match (rest.first_chunk(), rest.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => match (rest.first_chunk(), rest.last_chunk(), rest) {
            (Some(first), Some(last), _) => (
                u32::from_le_bytes(*first).into(),
                u32::from_le_bytes(*last).into(),
            ),
            (_, _, [first, .., last]) => (
                u64::from(*first) | u64::from(rest[rest.len() / 2]) << 8,
                u64::from(*last),
            ),
            (_, _, [only]) => (u64::from(*only), 0),
            (_, _, []) => (0, 0),
        },
    };
    fold(state ^ low, other ^ high)
}

/// Multiplies, and combines both halves of the product.
#[inline]
const fn fold(one: u64, other: u64) -> u64 {
    let product = one as u128 * other as u128;
    #[expect(clippy::cast_possible_truncation, reason = "the halves are wanted")]
    let (low, high) = (product as u64, (product >> 64) as u64);
    low ^ high
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const EMPTY: RecentValues = RecentValues {
        keys: [0; 2],
        sets: Vec::new(),
    };

    fn values(count: u32) -> Vec<Handle<Interned>> {
        let value = |number| Handle::new(Interned::nowhere(0, &format!("value {number}")));
        (0..count).map(value).collect()
    }

    fn knows(recent: &RecentValues, value: &Interned) -> bool {
        let found = recent.find(value.store(), value.label, value.text.as_bytes());
        found.is_some_and(|found| found.text == value.text)
    }

    #[test]
    fn values_are_found_until_they_are_dropped() {
        let mut recent = EMPTY;
        let mut values = values(100);
        assert!(!knows(&recent, &values[0]));
        for value in &values {
            recent.insert(value);
            recent.insert(value);
        }
        assert!(values.iter().all(|value| knows(&recent, value)));
        let gone = Interned::nowhere(0, &values.swap_remove(50).text);
        assert!(!knows(&recent, &gone));
        assert!(values.iter().all(|value| knows(&recent, value)));
    }

    /// The ways of retired values are used again, in any order.
    #[test]
    fn returning_values_are_found() {
        let mut recent = EMPTY;
        for round in 0..100 {
            let values = values(16);
            for value in values.iter().cycle().skip(7 * round).take(9) {
                recent.insert(value);
                assert!(knows(&recent, value), "{}", value.text);
            }
        }
    }

    #[test]
    fn the_sets_are_bounded_and_the_last_value_is_in_one() {
        let mut recent = EMPTY;
        let values = values(5_000);
        for value in &values {
            recent.insert(value);
            assert!(knows(&recent, value) && recent.sets.len() <= MAX_SETS);
        }
        let known = values.iter().filter(|value| knows(&recent, value)).count();
        assert!(known > MAX_SETS * WAYS / 2, "{known}");
        drop(values);
        assert!(
            recent
                .sets
                .iter()
                .flat_map(|set| &set.values)
                .all(|value| value.upgrade().is_none())
        );
    }

    #[test]
    fn hashes_differ_in_every_byte_and_length() {
        let keys = [0x1234_5678_9abc_def1, 0x0fed_cba9_8765_4321];
        let store = std::ptr::null();
        let mut hashes = HashSet::new();
        let mut texts = 0;
        for len in 0..=40 {
            for at in 0..len {
                for byte in 1..=4 {
                    let mut text = vec![0; len];
                    text[at] = byte;
                    hashes.insert(hash(keys, store, 0, &text));
                    texts += 1;
                }
            }
        }
        assert_eq!(hashes.len(), texts);
        assert_ne!(hash(keys, store, 0, b"same"), hash(keys, store, 1, b"same"));
    }
}

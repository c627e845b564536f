//! The open label values that the calling thread has lately asked for, so that asking again takes no lock.
//!
//! This is only a cache: a value that is not found here is asked for at the store. It refers to values weakly, and
//! neither keeps one alive nor gives out one that was retired. Its size is bounded, whatever the values are.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use super::Store;
use super::intern::Interned;
use crate::sync::{Handle, WeakHandle, per_thread};

/// How many places a value may be in. More values than that push each other out, so no one can make a search longer.
const WAYS: usize = 4;

/// Places that a thread has at first.
const LEAST: usize = 16;
/// Places that a thread has at most: 16 KiB, and 64 with the allocations of values that are gone.
const MOST: usize = 1024;

/// Values by their hashes, in sets of [`WAYS`]. Grows when a set is full, up to [`MOST`].
struct Lately {
    /// Random, so that no one can choose values that push each other out.
    keys: [u64; 2],
    places: Vec<Place>,
}

#[derive(Default)]
struct Place {
    hash: u64,
    value: WeakHandle<Interned>,
}

per_thread! {
    static LATELY: RefCell<Lately> = RefCell::new(Lately { keys: [0; 2], places: Vec::new() });
}

impl Store {
    /// A handle to an open label's value, if the calling thread has asked for it lately and there still is one.
    #[inline]
    pub(crate) fn recall(self: &Arc<Self>, label: u32, text: &[u8]) -> Option<Handle<Interned>> {
        let recalled = LATELY.try_with(|lately| {
            let lately = lately.try_borrow().ok()?;
            lately.find(label, text, |value| value.is(self, label, text))
        });
        recalled.ok().flatten()
    }

    /// Remembers a value for the next time that the calling thread asks for it.
    pub(crate) fn remember(value: &Handle<Interned>) {
        // A thread that is ending remembers nothing.
        let _ = LATELY.try_with(|lately| {
            if let Ok(mut lately) = lately.try_borrow_mut() {
                lately.insert(value);
            }
        });
    }
}

impl Lately {
    /// A handle to a value that is the right one, and not gone.
    #[inline]
    fn find(
        &self,
        label: u32,
        text: &[u8],
        is_right: impl Fn(&Interned) -> bool,
    ) -> Option<Handle<Interned>> {
        let hash = hash(self.keys, label, text);
        let start = first(self.places.len(), hash);
        let set = self.places.get(start..start + WAYS)?;
        set.iter().find_map(|place| {
            if place.hash != hash {
                return None;
            }
            // A value of another store may have the same hash; its handle is given back at once.
            place.value.upgrade().filter(|value| is_right(value))
        })
    }

    fn insert(&mut self, value: &Handle<Interned>) {
        if self.places.is_empty() {
            let random = RandomState::new();
            self.keys = [random.hash_one(0), random.hash_one(1)];
            self.places.resize_with(LEAST, Place::default);
        }
        let mut place = Place {
            hash: hash(self.keys, value.label, value.text.as_bytes()),
            value: Handle::downgrade(value),
        };
        while let Err(rejected) = self.put(place) {
            place = rejected;
            self.grow();
        }
    }

    /// Puts a value into its set. Gives it back if the set is full and can be made roomier.
    fn put(&mut self, place: Place) -> Result<(), Place> {
        let places = self.places.len();
        let start = first(places, place.hash);
        let set = &mut self.places[start..start + WAYS];
        let vacant = |known: &Place| known.hash == place.hash || known.value.strong_count() == 0;
        let at = match set.iter().position(vacant) {
            Some(at) => at,
            None if places < MOST => return Err(place),
            // Bits that the values of one set do not have in common.
            None => (place.hash >> 62) as usize % WAYS,
        };
        set[at] = place;
        Ok(())
    }

    /// Doubles the places, and forgets the values that are gone.
    fn grow(&mut self) {
        let mut larger = Vec::new();
        larger.resize_with(2 * self.places.len(), Place::default);
        for place in std::mem::replace(&mut self.places, larger) {
            if place.value.strong_count() > 0 {
                // Half of a set that was not overfull fits into a set.
                let _ = self.put(place);
            }
        }
    }
}

/// Where a hash's set starts, among a power of two of places.
#[inline]
const fn first(places: usize, hash: u64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "only low bits are looked at"
    )]
    let hash = hash as usize;
    hash & places.saturating_sub(1) & !(WAYS - 1)
}

/// A fast hash, good enough to spread values that are chosen without knowledge of the keys.
#[inline]
fn hash([one, other]: [u64; 2], label: u32, text: &[u8]) -> u64 {
    let mut state = one;
    let mut rest = text;
    while let Some((word, behind)) = rest.split_first_chunk() {
        state = fold(state ^ u64::from_le_bytes(*word), other);
        rest = behind;
    }
    // Up to seven bytes: the halves may overlap.
    let tail = match (rest.first_chunk(), rest.last_chunk(), rest) {
        (Some(first), Some(last), _) => {
            u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32
        }
        (_, _, [first, .., last]) => {
            u64::from(*first) | u64::from(rest[rest.len() / 2]) << 8 | u64::from(*last) << 16
        }
        (_, _, [only]) => u64::from(*only),
        (_, _, []) => 0,
    };
    // Behind the last word, because in front it could make up for a difference in the first.
    let which = u64::from(label) << 32 | text.len() as u64;
    fold(fold(state ^ tail, other) ^ which, one | 1)
}

/// Both halves of the product, as one.
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

    const EMPTY: Lately = Lately {
        keys: [0; 2],
        places: Vec::new(),
    };

    fn values(count: u32) -> Vec<Handle<Interned>> {
        let value = |number| Handle::new(Interned::nowhere(0, &format!("value {number}")));
        (0..count).map(value).collect()
    }

    fn knows(lately: &Lately, value: &Interned) -> bool {
        let is_right = |found: &Interned| found.text == value.text;
        let found = lately.find(value.label, value.text.as_bytes(), is_right);
        found.is_some()
    }

    #[test]
    fn what_was_inserted_is_found_until_it_is_gone() {
        let mut lately = EMPTY;
        let mut values = values(100);
        assert!(!knows(&lately, &values[0]));
        for value in &values {
            lately.insert(value);
            lately.insert(value);
        }
        assert!(values.iter().all(|value| knows(&lately, value)));
        let gone = Interned::nowhere(0, &values.swap_remove(50).text);
        assert!(!knows(&lately, &gone));
        assert!(values.iter().all(|value| knows(&lately, value)));
    }

    #[test]
    fn the_places_are_bounded_and_the_last_value_has_one() {
        let mut lately = EMPTY;
        let values = values(5_000);
        for value in &values {
            lately.insert(value);
            assert!(knows(&lately, value) && lately.places.len() <= MOST);
        }
        let known = values.iter().filter(|value| knows(&lately, value)).count();
        assert!(known > MOST / 2, "{known}");
        drop(values);
        assert!(
            lately
                .places
                .iter()
                .all(|place| place.value.upgrade().is_none())
        );
    }

    #[test]
    fn hashes_differ_in_every_byte_and_length() {
        let keys = [0x1234_5678_9abc_def1, 0x0fed_cba9_8765_4321];
        let mut hashes = HashSet::new();
        let mut texts = 0;
        for len in 0..=40 {
            for at in 0..len {
                for byte in 1..=4 {
                    let mut text = vec![0; len];
                    text[at] = byte;
                    hashes.insert(hash(keys, 0, &text));
                    texts += 1;
                }
            }
        }
        assert_eq!(hashes.len(), texts);
        assert_ne!(hash(keys, 0, b"same"), hash(keys, 1, b"same"));
    }
}

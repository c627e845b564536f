//! A handle to one value of an open label.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;

use crate::registry::Registry;
use crate::store::Store;
use crate::store::intern::Interned;
use crate::sync::Handle;

/// Maximum length of a value, in bytes. Longer ones are cut.
const MAX_LENGTH: usize = 128;

/// Marks the end of a value that was cut.
const CUT: &str = "…";

/// One value of an open label, interned in a registry. Its series live until the last clone is dropped.
#[derive(Clone)]
pub struct OpenValue {
    interned: Handle<Interned>,
    /// Number of the registry that interned it.
    owner: u64,
    slot: u32,
    slots: u32,
}

impl OpenValue {
    #[inline]
    pub(crate) fn new(registry: &Registry, label: u32, value: &OsStr) -> Self {
        let known = registry.store().and_then(|store| {
            let text = value.as_encoded_bytes();
            (text.len() <= MAX_LENGTH).then(|| store.recall(label, text))?
        });
        match known {
            Some(interned) => Self::of(registry, interned),
            None => Self::of_text(registry, label, &cut(value)),
        }
    }

    #[inline(never)]
    fn of_text(registry: &Registry, label: u32, text: &str) -> Self {
        let Some(store) = registry.store() else {
            return Self::of(registry, Handle::new(Interned::nowhere(label, text)));
        };
        let interned = store.intern(label, text);
        // A value that overflowed is interned again, so that it is counted as overflowed again.
        if *interned.text == *text {
            Store::remember(&interned);
        }
        Self::of(registry, interned)
    }

    #[inline]
    fn of(registry: &Registry, interned: Handle<Interned>) -> Self {
        Self {
            owner: registry.owner().number(),
            slot: interned.slot,
            slots: interned.slots,
            interned,
        }
    }

    /// Returns the exposed value: cut if it was too long, or the overflow value if it overflowed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.interned.text
    }

    /// Returns the same value interned in a registry, if it belongs to another one.
    #[must_use]
    pub fn in_registry(&self, registry: &Registry) -> Self {
        if self.is_of(registry) || !registry.is_enabled() {
            self.clone()
        } else {
            Self::of_text(registry, self.label(), self.as_str())
        }
    }

    /// Returns the label's index among the schema's open labels.
    pub(crate) fn label(&self) -> u32 {
        self.interned.label
    }

    #[inline]
    pub(crate) fn is_of(&self, registry: &Registry) -> bool {
        self.owner == registry.owner().number()
    }

    /// Returns a family's slab after adding this label's value to the labels before it, if the registry interned it.
    #[inline]
    pub(crate) fn own_slab(&self, registry: &Registry, slab: u32) -> Option<u32> {
        let is_own = self.is_of(registry);
        is_own.then(|| slab.wrapping_mul(self.slots).wrapping_add(self.slot))
    }

    /// Like [`own_slab`](Self::own_slab) for any value. Also returns the registry, so that the caller does not have to save it
    /// in a register.
    #[cold]
    #[inline(never)]
    pub(crate) fn foreign_slab<'r>(
        &self,
        registry: &'r Registry,
        slab: u32,
    ) -> (&'r Registry, u32) {
        let slab = slab
            .wrapping_mul(slots(registry, self.label()))
            .wrapping_add(self.foreign_slot(registry));
        (registry, slab)
    }

    /// Like [`own_slab`](Self::own_slab) for any value of an optional label with `slots` slots, the last of which is for no value.
    /// Prometheus treats an empty value as a missing label.
    #[inline]
    pub(crate) fn optional_slab(
        value: Option<&Self>,
        registry: &Registry,
        slab: u32,
        slots: u32,
    ) -> u32 {
        let slot = match value {
            Some(value) if value.is_of(registry) && !value.as_str().is_empty() => value.slot,
            Some(value) if !value.as_str().is_empty() => value.foreign_slot(registry),
            Some(_) | None => slots.wrapping_sub(1),
        };
        slab.wrapping_mul(slots).wrapping_add(slot)
    }

    /// This registry does not count references to the value, so it keeps the value forever.
    #[cold]
    fn foreign_slot(&self, registry: &Registry) -> u32 {
        registry
            .store()
            .map_or(0, |store| store.pin(self.label(), self.as_str()))
    }
}

#[inline]
fn slots(registry: &Registry, label: u32) -> u32 {
    let label = registry.schema().open_labels.get(label as usize);
    label
        .and_then(|label| label.open())
        .map_or(0, |label| label.slots)
}

impl fmt::Debug for OpenValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenValue").field(&self.as_str()).finish()
    }
}

/// Converts a value to text of limited length. Invalid UTF-8 becomes U+FFFD, and a cut is marked.
pub(crate) fn cut(value: &OsStr) -> Cow<'_, str> {
    // Only a prefix can matter, however long the value is: replacing invalid UTF-8 never shortens it.
    let bytes = value.as_encoded_bytes();
    let text = String::from_utf8_lossy(bytes.get(..2 * MAX_LENGTH).unwrap_or(bytes));
    if text.len() <= MAX_LENGTH {
        return text;
    }
    let mut end = MAX_LENGTH - CUT.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(format!("{}{CUT}", &text[..end]))
}

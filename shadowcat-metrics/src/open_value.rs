//! A handle to one value of an open label.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::sync::{Arc, Weak};

use crate::layout::OpenLabel;
use crate::registry::Registry;
use crate::store::Store;
use crate::store::intern::Keep;

/// Longest value that is kept whole, in bytes.
const LONGEST: usize = 128;

/// Ends a value that was cut.
const CUT: &str = "…";

/// One value of an open label, interned in a registry. Its series live until the last clone is dropped.
pub struct OpenValue {
    /// Empty if the registry is disabled.
    store: Weak<Store>,
    text: Arc<str>,
    label: u32,
    slot: u32,
    slots: u32,
}

impl OpenValue {
    pub(crate) fn new(registry: &Registry, label: u32, value: &OsStr) -> Self {
        Self::of_text(registry, label, &cut(value))
    }

    fn of_text(registry: &Registry, label: u32, text: &str) -> Self {
        let Some(store) = registry.store() else {
            return Self {
                store: Weak::new(),
                text: text.into(),
                label,
                slot: 0,
                slots: 0,
            };
        };
        let (slot, text) = store.intern(label, text, Keep::Counted);
        Self {
            store: Arc::downgrade(store),
            text,
            label,
            slot,
            slots: slots(registry, label),
        }
    }

    /// The value as exposed: cut if it was too long, the overflow value if there was no room.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same value in a registry, which may be another one than it was made in.
    #[must_use]
    pub fn in_registry(&self, registry: &Registry) -> Self {
        if self.is_of(registry) {
            self.clone()
        } else {
            Self::of_text(registry, self.label, &self.text)
        }
    }

    /// The label's position among the schema's open labels.
    pub(crate) const fn label(&self) -> u32 {
        self.label
    }

    #[inline]
    pub(crate) fn is_of(&self, registry: &Registry) -> bool {
        registry
            .store()
            .is_none_or(|store| Arc::as_ptr(store) == self.store.as_ptr())
    }

    /// A family's page, which takes this label's value into account beside those before it.
    #[inline]
    pub(crate) fn page(&self, registry: &Registry, page: u32) -> u32 {
        if self.is_of(registry) {
            page.wrapping_mul(self.slots).wrapping_add(self.slot)
        } else {
            self.foreign_page(registry, page)
        }
    }

    /// The value is not counted in this registry and may be new to it, so it is kept there for good.
    #[cold]
    fn foreign_page(&self, registry: &Registry, page: u32) -> u32 {
        let Some(store) = registry.store() else {
            return 0;
        };
        let (slot, _) = store.intern(self.label, &self.text, Keep::Pinned);
        page.wrapping_mul(slots(registry, self.label))
            .wrapping_add(slot)
    }
}

fn slots(registry: &Registry, label: u32) -> u32 {
    let label = registry.schema().open_labels.get(label as usize);
    label
        .and_then(|label| label.open())
        .map_or(0, OpenLabel::slots)
}

impl Clone for OpenValue {
    fn clone(&self) -> Self {
        if let Some(store) = self.store.upgrade() {
            store.retain(self.label, self.slot);
        }
        Self {
            store: Weak::clone(&self.store),
            text: Arc::clone(&self.text),
            ..*self
        }
    }
}

impl Drop for OpenValue {
    fn drop(&mut self) {
        if let Some(store) = self.store.upgrade() {
            store.release(self.label, self.slot);
        }
    }
}

impl fmt::Debug for OpenValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenValue").field(&self.as_str()).finish()
    }
}

/// A value as text of bounded length. What is not UTF-8 becomes U+FFFD, what is too long is cut, visibly.
pub(crate) fn cut(value: &OsStr) -> Cow<'_, str> {
    // No more is looked at than can matter, however long the value is. Replacing what is not UTF-8 never shortens it.
    let bytes = value.as_encoded_bytes();
    let text = String::from_utf8_lossy(bytes.get(..2 * LONGEST).unwrap_or(bytes));
    if text.len() <= LONGEST {
        return text;
    }
    let mut end = LONGEST - CUT.len();
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(format!("{}{CUT}", &text[..end]))
}

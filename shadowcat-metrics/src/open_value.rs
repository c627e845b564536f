//! A handle to one value of an open label.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;

use crate::layout::OpenLabel;
use crate::registry::Registry;
use crate::store::Store;
use crate::store::intern::Interned;
use crate::sync::Handle;

/// Longest value that is kept whole, in bytes.
const LONGEST: usize = 128;

/// Ends a value that was cut.
const CUT: &str = "…";

/// One value of an open label, interned in a registry. Its series live until the last clone is dropped.
#[derive(Clone)]
pub struct OpenValue {
    interned: Handle<Interned>,
    /// The number of the registry's owner.
    owner: u64,
    slot: u32,
    slots: u32,
}

impl OpenValue {
    #[inline]
    pub(crate) fn new(registry: &Registry, label: u32, value: &OsStr) -> Self {
        let known = registry.store().and_then(|store| {
            let text = value.as_encoded_bytes();
            (text.len() <= LONGEST).then(|| store.recall(label, text))?
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
        // What got the overflow value is asked for again, so that it is counted again.
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
            slots: slots(registry, interned.label),
            interned,
        }
    }

    /// The value as exposed: cut if it was too long, the overflow value if there was no room.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.interned.text
    }

    /// The same value in a registry, which may be another one than it was made in.
    #[must_use]
    pub fn in_registry(&self, registry: &Registry) -> Self {
        if self.is_of(registry) || !registry.is_enabled() {
            self.clone()
        } else {
            Self::of_text(registry, self.label(), self.as_str())
        }
    }

    /// The label's position among the schema's open labels.
    pub(crate) fn label(&self) -> u32 {
        self.interned.label
    }

    #[inline]
    pub(crate) fn is_of(&self, registry: &Registry) -> bool {
        self.owner == registry.owner().number()
    }

    /// A family's page, which takes this label's value into account beside those before it.
    #[inline]
    pub(crate) fn page(&self, registry: &Registry, page: u32) -> u32 {
        if self.is_of(registry) {
            page.wrapping_mul(self.slots).wrapping_add(self.slot)
        } else {
            page.wrapping_mul(slots(registry, self.label()))
                .wrapping_add(self.foreign_slot(registry))
        }
    }

    /// The same where the label is optional and so has `slots`, of which the last is that of no value. In Prometheus, an empty
    /// value is none.
    #[inline]
    pub(crate) fn optional_page(
        value: Option<&Self>,
        registry: &Registry,
        page: u32,
        slots: u32,
    ) -> u32 {
        let slot = match value {
            Some(value) if value.is_of(registry) && !value.as_str().is_empty() => value.slot,
            Some(value) if !value.as_str().is_empty() => value.foreign_slot(registry),
            Some(_) | None => slots.wrapping_sub(1),
        };
        page.wrapping_mul(slots).wrapping_add(slot)
    }

    /// The value is not counted in this registry and may be new to it, so it is kept there for good.
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
        .map_or(0, OpenLabel::slots)
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

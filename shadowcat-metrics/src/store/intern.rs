//! Open label values: their slots, and handles to them. [`retire`](super::retire) handles slots without references.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use super::Store;
use crate::clock::unix_seconds;
use crate::schema::OpenLabel;
use crate::schema::Schema;
use crate::sync::{Handle, WeakHandle};

/// The shared part of all handles to a value: one reference to its slot until the last handle is dropped.
pub(crate) struct Interned {
    store: Weak<Store>,
    /// The value, cut if it was too long, or the overflow value.
    pub(crate) text: Arc<str>,
    /// Index of the label among the schema's open labels.
    pub(crate) label: u32,
    pub(crate) slot: u32,
    /// Number of slots of the label.
    pub(crate) slots: u32,
}

impl Interned {
    /// Creates a value without a slot, such as for a disabled registry.
    pub(crate) fn nowhere(label: u32, text: &str) -> Self {
        Self {
            store: Weak::new(),
            text: text.into(),
            label,
            slot: u32::MAX,
            slots: 0,
        }
    }

    /// Returns whether it is this value of this store.
    #[inline]
    pub(super) fn is(&self, store: &Arc<Store>, label: u32, text: &[u8]) -> bool {
        self.label == label
            && self.store.as_ptr() == Arc::as_ptr(store)
            && is_same(self.text.as_bytes(), text)
    }

    pub(super) fn store(&self) -> *const Store {
        self.store.as_ptr()
    }
}

/// Compares two texts, without a call if they have 8 to 16 bytes.
#[inline]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let ends = |text: &[u8]| Some((*text.first_chunk::<8>()?, *text.last_chunk::<8>()?));
    one.len() == other.len()
        && match (ends(one), ends(other)) {
            (Some(of_one), Some(of_other)) if one.len() <= 16 => of_one == of_other,
            _ => one == other,
        }
}

impl Drop for Interned {
    fn drop(&mut self) {
        if let Some(store) = self.store.upgrade() {
            store.release(self.label, self.slot);
        }
    }
}

/// The values of every open label, by its index in the schema.
pub(crate) struct Interners(Vec<Interner>);

/// The values of one open label.
pub(super) struct Interner {
    label: OpenLabel,
    slots: HashMap<Arc<str>, u32>,
    /// Values by slot. Grows with new values, up to the label's limit.
    values: Vec<Option<Value>>,
    free: Vec<u32>,
    overflow: Value,
}

/// The value in a slot.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) text: Arc<str>,
    /// Creation time, in seconds since 1970.
    pub(crate) created: f64,
    /// Whether the value stays as long as the store lives.
    pinned: bool,
    /// The shared part of its handles, while there are any.
    handle: WeakHandle<Interned>,
}

impl Interners {
    pub(super) fn new(schema: &Schema, created: f64) -> Self {
        let mut labels = Vec::with_capacity(schema.open_labels.len());
        for label in schema.open_labels.iter().filter_map(|label| label.open()) {
            labels.push(Interner {
                label,
                slots: HashMap::new(),
                values: Vec::new(),
                free: Vec::new(),
                overflow: Value {
                    text: label.overflow.into(),
                    created,
                    pinned: true,
                    handle: WeakHandle::new(),
                },
            });
        }
        Self(labels)
    }

    /// Returns the values of a label.
    pub(super) fn label_mut(&mut self, label: u32) -> Option<&mut Interner> {
        self.0.get_mut(label as usize)
    }

    /// Returns the value in a slot, if there is one.
    pub(crate) fn value(&self, label: u32, slot: u32) -> Option<&Value> {
        self.0.get(label as usize)?.value(slot)
    }

    /// Returns every label's values and slots, to copy them.
    pub(crate) fn slots(&self) -> impl Iterator<Item = HashMap<Arc<str>, u32>> {
        self.0.iter().map(|interner| {
            let mut slots = interner.slots.clone();
            slots.insert(Arc::clone(&interner.overflow.text), interner.label.max);
            slots
        })
    }
}

impl Interner {
    fn value(&self, slot: u32) -> Option<&Value> {
        if slot == self.label.max {
            Some(&self.overflow)
        } else {
            self.values.get(slot as usize)?.as_ref()
        }
    }

    fn value_mut(&mut self, slot: u32) -> Option<&mut Value> {
        if slot == self.label.max {
            Some(&mut self.overflow)
        } else {
            self.values.get_mut(slot as usize)?.as_mut()
        }
    }

    /// Returns the slot of a value, an existing or a new one; `None` if no slot is free.
    fn slot(&mut self, text: &str) -> Option<u32> {
        if text == self.label.overflow {
            return Some(self.label.max);
        }
        if let Some(slot) = self.slots.get(text) {
            return Some(*slot);
        }
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => u32::try_from(self.values.len())
                .ok()
                .filter(|slot| *slot < self.label.max)?,
        };
        let text: Arc<str> = text.into();
        let value = Value {
            text: Arc::clone(&text),
            created: unix_seconds(),
            pinned: false,
            handle: WeakHandle::new(),
        };
        match self.values.get_mut(slot as usize) {
            Some(place) => *place = Some(value),
            None => self.values.push(Some(value)),
        }
        self.slots.insert(text, slot);
        Some(slot)
    }

    /// Removes the value from a slot, so that a new value can get it. Returns false if there was none.
    pub(super) fn vacate(&mut self, slot: u32) -> bool {
        let value = self.values.get_mut(slot as usize).and_then(Option::take);
        if let Some(value) = &value {
            self.slots.remove(&value.text);
            self.free.push(slot);
        }
        value.is_some()
    }
}

impl Store {
    /// Returns a handle to an open label's value. If no slot is free, counts an overflow and returns the overflow value.
    pub(crate) fn intern(self: &Arc<Self>, label: u32, text: &str) -> Handle<Interned> {
        let mut tables = self.tables();
        let Some(interner) = tables.interners.label_mut(label) else {
            return Handle::new(Interned::nowhere(label, text));
        };
        let own = interner.slot(text);
        let slot = own.unwrap_or(interner.label.max);
        let open = interner.label;
        let handle = interner
            .value_mut(slot)
            .map(|value| self.handle(open, slot, value));
        drop(tables);
        if own.is_none() {
            self.increment_own(self.schema.overflow_family, label);
        }
        handle.unwrap_or_else(|| Handle::new(Interned::nowhere(label, text)))
    }

    /// Creates another handle to a value.
    fn handle(
        self: &Arc<Self>,
        label: OpenLabel,
        slot: u32,
        value: &mut Value,
    ) -> Handle<Interned> {
        value.handle.upgrade().unwrap_or_else(|| {
            self.retain(label.index, slot);
            let handle = Handle::new(Interned {
                store: Arc::downgrade(self),
                text: Arc::clone(&value.text),
                label: label.index,
                slot,
                slots: label.slots,
            });
            value.handle = Handle::downgrade(&handle);
            handle
        })
    }

    /// Returns the slot of a value, and keeps the value as long as the store lives.
    pub(crate) fn pin(self: &Arc<Self>, label: u32, text: &str) -> u32 {
        let handle = self.intern(label, text);
        let mut tables = self.tables();
        let interner = tables.interners.label_mut(label);
        if let Some(value) = interner.and_then(|interner| interner.value_mut(handle.slot))
            && !value.pinned
        {
            value.pinned = true;
            self.retain(label, handle.slot);
        }
        drop(tables);
        handle.slot
    }
}

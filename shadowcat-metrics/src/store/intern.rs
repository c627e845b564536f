//! Open label values: which string holds which slot, who still refers to it, and what happens when no one does.
//!
//! A slot's references are counted without a lock: all handles to its value together are one, which they share, and
//! guards have their own. Whoever drops the last one takes the lock, and retires the slot if there is still no
//! reference: its pages are zeroed and hidden, and the next new value gets it. A scrape holds the same lock, so that it
//! sees a slot before or after, and never gives one value's counts to another. All writers have dropped their handles by
//! then (release) and the one who retires has seen that (acquire): no record is lost or late.

use std::collections::HashMap;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::{Arc, Weak};

use super::{Store, increment, unix_seconds};
use crate::layout::OpenLabel;
use crate::schema::Schema;
use crate::sync::{AtomicUsize, Handle, WeakHandle};

/// What all handles to a value share: one reference to its slot, until the last of them is dropped.
pub(crate) struct Interned {
    store: Weak<Store>,
    /// The value, cut if it was too long, or the overflow value.
    pub(crate) text: Arc<str>,
    /// The label's position among the schema's open labels.
    pub(crate) label: u32,
    pub(crate) slot: u32,
}

impl Interned {
    /// A value that has no slot, such as that of a registry that is disabled.
    pub(crate) fn nowhere(label: u32, text: &str) -> Self {
        Self {
            store: Weak::new(),
            text: text.into(),
            label,
            slot: u32::MAX,
        }
    }

    /// Whether it is this value, in this store.
    #[inline]
    pub(super) fn is(&self, store: &Arc<Store>, label: u32, text: &[u8]) -> bool {
        self.label == label
            && self.store.as_ptr() == Arc::as_ptr(store)
            && self.text.as_bytes() == text
    }
}

impl Drop for Interned {
    fn drop(&mut self) {
        if let Some(store) = self.store.upgrade() {
            store.release(self.label, self.slot);
        }
    }
}

/// How many references to each slot there are, by label and slot.
pub(super) struct References(Box<[Box<[AtomicUsize]>]>);

impl References {
    pub(super) fn new(schema: &Schema) -> Self {
        let slots = |label: OpenLabel| (0..label.max).map(|_| AtomicUsize::new(0)).collect();
        Self(
            schema
                .open_labels
                .iter()
                .filter_map(|label| label.open())
                .map(slots)
                .collect(),
        )
    }

    /// None for the overflow value, which is never retired.
    fn of(&self, label: u32, slot: u32) -> Option<&AtomicUsize> {
        self.0.get(label as usize)?.get(slot as usize)
    }
}

/// The values of every open label, by its position in the schema.
pub(crate) struct Interners {
    labels: Box<[Interner]>,
    /// Goes up with every new value of any label.
    incarnations: u64,
}

/// The values of one open label.
pub(crate) struct Interner {
    label: OpenLabel,
    slots: HashMap<Arc<str>, u32>,
    /// By slot. Grows as values come, up to the label's bound.
    values: Vec<Option<Value>>,
    free: Vec<u32>,
    overflow: Value,
}

/// The value that a slot stands for.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) text: Arc<str>,
    /// Greater than that of every value before it; 0 for the overflow value.
    pub(crate) incarnation: u64,
    /// When it came, in seconds since 1970.
    pub(crate) created: f64,
    /// Kept for as long as the store lives.
    pinned: bool,
    /// What its handles share, while there are any.
    handle: WeakHandle<Interned>,
}

impl Interners {
    pub(super) fn new(schema: &Schema, created: f64) -> Self {
        let interner = |label: OpenLabel| Interner {
            label,
            slots: HashMap::new(),
            values: Vec::new(),
            free: Vec::new(),
            overflow: Value {
                text: label.overflow.into(),
                incarnation: 0,
                created,
                pinned: true,
                handle: WeakHandle::new(),
            },
        };
        let labels = schema
            .open_labels
            .iter()
            .filter_map(|label| label.open())
            .map(interner)
            .collect();
        Self {
            labels,
            incarnations: 0,
        }
    }

    /// The value in a slot, if there is one.
    pub(crate) fn value(&self, label: u32, slot: u32) -> Option<&Value> {
        self.labels.get(label as usize)?.value(slot)
    }

    /// Every label with its values, to copy them.
    pub(crate) fn slots(&self) -> impl Iterator<Item = HashMap<Arc<str>, u32>> {
        self.labels.iter().map(|interner| {
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

    /// The slot of a value: its own, a new one, or none if there is no room.
    fn slot(&mut self, text: &str, incarnations: &mut u64) -> Option<u32> {
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
        *incarnations += 1;
        let text: Arc<str> = text.into();
        let value = Value {
            text: Arc::clone(&text),
            incarnation: *incarnations,
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
}

impl Store {
    /// A handle to an open label's value, or to the overflow value if there is no room, which is counted.
    pub(crate) fn intern(self: &Arc<Self>, label: u32, text: &str) -> Handle<Interned> {
        let mut tables = self.tables();
        let Interners {
            labels,
            incarnations,
        } = &mut tables.interners;
        let Some(interner) = labels.get_mut(label as usize) else {
            return Handle::new(Interned::nowhere(label, text));
        };
        let own = interner.slot(text, incarnations);
        let slot = own.unwrap_or(interner.label.max);
        let handle = interner
            .value_mut(slot)
            .map(|value| self.handle(label, slot, value));
        drop(tables);
        if own.is_none() {
            self.count_overflow(label);
        }
        handle.unwrap_or_else(|| Handle::new(Interned::nowhere(label, text)))
    }

    /// One more handle to a value.
    fn handle(self: &Arc<Self>, label: u32, slot: u32, value: &mut Value) -> Handle<Interned> {
        value.handle.upgrade().unwrap_or_else(|| {
            self.retain(label, slot);
            let handle = Handle::new(Interned {
                store: Arc::downgrade(self),
                text: Arc::clone(&value.text),
                label,
                slot,
            });
            value.handle = Handle::downgrade(&handle);
            handle
        })
    }

    /// The slot of a value that is kept for as long as the store lives.
    pub(crate) fn pin(self: &Arc<Self>, label: u32, text: &str) -> u32 {
        let handle = self.intern(label, text);
        let mut tables = self.tables();
        let interner = tables.interners.labels.get_mut(label as usize);
        if let Some(value) = interner.and_then(|interner| interner.value_mut(handle.slot))
            && !value.pinned
        {
            value.pinned = true;
            self.retain(label, handle.slot);
        }
        drop(tables);
        handle.slot
    }

    fn count_overflow(self: &Arc<Self>, label: u32) {
        if let Some(own) = self
            .schema
            .overflow_family
            .and_then(|family| self.schema.families.get(family as usize))
        {
            self.change_first(own.first_page, label as usize, increment);
        }
    }

    /// Adds a reference to a slot that has one already.
    pub(crate) fn retain(&self, label: u32, slot: u32) {
        if let Some(references) = self.references.of(label, slot) {
            references.fetch_add(1, Relaxed);
        }
    }

    /// Drops a reference, and retires the slot if it was the last.
    pub(crate) fn release(&self, label: u32, slot: u32) {
        if let Some(references) = self.references.of(label, slot)
            && references.fetch_sub(1, AcqRel) == 1
        {
            self.retire(label, slot);
        }
    }

    #[cold]
    fn retire(&self, label: u32, slot: u32) {
        let mut tables = self.tables();
        let in_use = self
            .references
            .of(label, slot)
            .is_none_or(|references| references.load(Acquire) != 0);
        let Some(interner) = tables.interners.labels.get_mut(label as usize) else {
            return;
        };
        // The value may have been asked for again, or retired by someone else and even replaced, before we got the lock.
        if in_use {
            return;
        }
        let Some(value) = interner
            .values
            .get_mut(slot as usize)
            .and_then(Option::take)
        else {
            return;
        };
        interner.slots.remove(&value.text);
        interner.free.push(slot);
        let blocks = self.blocks.all();
        for family in self
            .schema
            .families
            .iter()
            .filter(|family| family.open_labels().any(|open| open.index == label))
        {
            let end = family.first_page.saturating_add(family.pages());
            let mut next = family.first_page;
            while let Some(page) = self.visible.next(next, end) {
                next = page + 1;
                if family
                    .slots(page)
                    .any(|(open, at)| open.index == label && at == slot)
                {
                    self.visible.hide(page);
                    tables.side.forget_facts(page);
                    for block in blocks
                        .iter()
                        .map(super::cells::view)
                        .chain([self.blocks.shared()])
                    {
                        block.retire(page);
                    }
                }
            }
        }
    }

    /// Adds a reference to every slot that a page stands for.
    pub(crate) fn retain_page(&self, page: u32) {
        if let Some(family) = self.schema.family_of(page) {
            family
                .slots(page)
                .for_each(|(label, slot)| self.retain(label.index, slot));
        }
    }

    /// Drops a reference to every slot that a page stands for.
    pub(crate) fn release_page(&self, page: u32) {
        if let Some(family) = self.schema.family_of(page) {
            family
                .slots(page)
                .for_each(|(label, slot)| self.release(label.index, slot));
        }
    }
}

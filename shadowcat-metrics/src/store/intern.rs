//! Open label values: which string holds which slot, who still refers to it, and what happens when no one does.
//!
//! A slot's references are counted without a lock. Whoever drops the last one takes the lock, and retires the slot if
//! there is still no reference: its pages are zeroed and hidden, and the next new value gets it. A scrape holds the same
//! lock, so that it sees a slot before or after, and never gives one value's counts to another. All writers have
//! dropped their handles by then (release) and the one who retires has seen that (acquire): no record is lost or late.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use super::{Store, increment, unix_seconds};
use crate::layout::OpenLabel;
use crate::schema::Schema;
use crate::sync::AtomicUsize;

/// How many handles refer to each slot, by label and slot.
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

    /// The slot of a value: its own, a new one, or none if there is no room.
    fn slot(&mut self, text: &str, incarnations: &mut u64) -> Option<(u32, Arc<str>)> {
        if text == self.label.overflow {
            return Some((self.label.max, Arc::clone(&self.overflow.text)));
        }
        if let Some((text, slot)) = self.slots.get_key_value(text) {
            return Some((*slot, Arc::clone(text)));
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
        };
        match self.values.get_mut(slot as usize) {
            Some(place) => *place = Some(value),
            None => self.values.push(Some(value)),
        }
        self.slots.insert(Arc::clone(&text), slot);
        Some((slot, text))
    }
}

/// Whether a handle is counted, or kept for as long as the store lives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    Counted,
    Pinned,
}

impl Store {
    /// The slot of an open label's value, with one reference to it, and the text it stands for.
    pub(crate) fn intern(self: &Arc<Self>, label: u32, text: &str, keep: Keep) -> (u32, Arc<str>) {
        let mut tables = self.tables();
        let Interners {
            labels,
            incarnations,
        } = &mut tables.interners;
        let Some(interner) = labels.get_mut(label as usize) else {
            return (u32::MAX, text.into());
        };
        if let Some((slot, text)) = interner.slot(text, incarnations) {
            if let Some(value) = interner
                .values
                .get_mut(slot as usize)
                .and_then(Option::as_mut)
                && (keep == Keep::Counted || !value.pinned)
            {
                value.pinned |= keep == Keep::Pinned;
                self.retain(label, slot);
            }
            return (slot, text);
        }
        let overflow = (interner.label.max, Arc::clone(&interner.overflow.text));
        drop(tables);
        if let Some(own) = self
            .schema
            .overflow_family
            .and_then(|family| self.schema.families.get(family as usize))
        {
            self.change_first(own.first_page, label as usize, increment);
        }
        overflow
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

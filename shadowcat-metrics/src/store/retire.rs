//! Who still refers to the slot of an open label's value, and what happens when no one does.
//!
//! A slot's references are counted without a lock: all handles to its value together are one, which they share, and
//! guards have their own. Whoever drops the last one takes the lock, and retires the slot if there is still no
//! reference: its pages are zeroed and hidden, and the next new value gets it. A scrape holds the same lock, so that it
//! sees a slot before or after, and never gives one value's counts to another. All writers have dropped their handles by
//! then (release) and the one who retires has seen that (acquire): no record is lost or late.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use super::Store;
use super::cells::view;
use crate::layout::OpenLabel;
use crate::schema::Schema;
use crate::sync::AtomicUsize;

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

impl Store {
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
        // It may have been asked for again, or retired by someone else and even replaced, before we got the lock.
        let mut interner = tables.interners.label_mut(label).filter(|_| !in_use);
        if !interner
            .as_mut()
            .is_some_and(|interner| interner.vacate(slot))
        {
            return;
        }
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
                    for block in blocks.iter().map(view).chain([self.blocks.shared()]) {
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

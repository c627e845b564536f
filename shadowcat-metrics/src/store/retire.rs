//! References to the slots of open label values, and retirement of slots without references.
//!
//! A slot's references are counted without a lock: all handles to its value share one reference, and each guard has its own.
//! Whoever drops the last reference takes the lock, and retires the slot if there is still no reference: its slabs are zeroed
//! and hidden, and the next new value gets it. A scrape holds the same lock, so it sees a slot either before or after, and
//! never shows one value's counts under another. All writers have dropped their handles by then (release), and the retiring
//! thread has seen that (acquire): no record is lost or late.

use std::sync::OnceLock;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};

use super::{Store, Table};
use crate::schema::Schema;
use crate::sync::AtomicUsize;

/// Number of references to each slot, by label and slot.
pub(super) struct References(Vec<Counts>);

/// The counts of one label. A label's limit may be far higher than its number of values, so counts are allocated when they are
/// needed, in runs of doubling size: slots are assigned from 0.
struct Counts {
    slots: u32,
    runs: [OnceLock<Vec<AtomicUsize>>; RUNS],
}

/// Number of slots in the first run.
const FIRST_RUN: u32 = 64;
/// Number of runs with a count for every `u32`.
const RUNS: usize = (u32::BITS - FIRST_RUN.ilog2() + 1) as usize;

impl Counts {
    /// Returns `None` for the overflow value, which is never retired.
    fn of(&self, slot: u32) -> Option<&AtomicUsize> {
        if slot >= self.slots {
            return None;
        }
        // Run 0 starts at slot 0. Each other run has as many slots as all runs before it.
        let run = (slot / FIRST_RUN).checked_ilog2().map_or(0, |log| log + 1);
        let first = if run == 0 { 0 } else { FIRST_RUN << (run - 1) };
        let len = if run == 0 { FIRST_RUN } else { first };
        let run = self.runs.get(run as usize)?;
        let run = run.get_or_init(|| {
            let mut counts = Vec::with_capacity(len as usize);
            for _ in 0..len {
                counts.push(AtomicUsize::new(0));
            }
            counts
        });
        run.get((slot - first) as usize)
    }
}

impl References {
    pub(super) fn new(schema: &Schema) -> Self {
        let mut labels = Vec::with_capacity(schema.open_labels.len());
        for label in schema.open_labels.iter().filter_map(|label| label.open()) {
            labels.push(Counts {
                slots: label.max,
                runs: [const { OnceLock::new() }; RUNS],
            });
        }
        Self(labels)
    }

    fn of(&self, label: u32, slot: u32) -> Option<&AtomicUsize> {
        self.0.get(label as usize)?.of(slot)
    }
}

impl Store {
    /// Adds a reference to a slot that already has one, or that is being assigned while the tables are locked.
    pub(crate) fn retain(&self, label: u32, slot: u32) {
        if let Some(references) = self.references.of(label, slot) {
            references.fetch_add(1, Relaxed);
        }
    }

    /// Drops a reference, and retires the slot if it was the last one.
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
        // Before we got the lock, the value may have been used again, or retired by another thread and even replaced.
        let mut interner = tables.interners.label_mut(label).filter(|_| !in_use);
        if !interner
            .as_mut()
            .is_some_and(|interner| interner.vacate(slot))
        {
            return;
        }
        let blocks = self.blocks.all();
        let families = self.schema.families.iter();
        for slabs in families.flat_map(|family| family.slabs_with(label, slot)) {
            let mut next = slabs.start;
            while let Some(slab) = self.visible.next(next, slabs.end) {
                next = slab + 1;
                self.visible.hide(slab);
                remove_slab(&mut tables.facts, slab);
                self.exemplars.forget(slab);
                for block in blocks.iter() {
                    block.retire(slab);
                }
                self.blocks.shared().retire(slab);
            }
        }
    }

    /// Adds a reference to the slots of a slab's open label values.
    pub(crate) fn retain_slab(&self, slab: u32) {
        if let Some(family) = self.schema.family_of(slab) {
            for (label, slot) in family.slots(slab) {
                self.retain(label.index, slot);
            }
        }
    }

    /// Drops a reference to the slots of a slab's open label values.
    pub(crate) fn release_slab(&self, slab: u32) {
        if let Some(family) = self.schema.family_of(slab) {
            for (label, slot) in family.slots(slab) {
                self.release(label.index, slot);
            }
        }
    }
}

/// Removes the values of a slab's series.
fn remove_slab<V>(table: &mut Table<V>, slab: u32) {
    while let Some((at, _)) = table.range((slab, 0)..=(slab, usize::MAX)).next() {
        let at = *at;
        table.remove(&at);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    mod optional {
        crate::metrics!("tests/optional_labels.toml");
    }

    #[test]
    fn the_slabs_of_a_value_are_found_without_looking_at_others() {
        let metrics = optional::Metrics::new();
        let schema = metrics.store().expect("it is enabled").schema;
        let mut several = 0;
        for family in schema.families {
            several += usize::from(family.open_labels().count() > 1);
            for label in 0..3 {
                for slot in 0..4 {
                    let found: Vec<_> = family.slabs_with(label, slot).flatten().collect();
                    let all = family.first_slab..family.end_slab();
                    let has = |slab: &u32| {
                        let mut slots = family.slots(*slab);
                        slots.any(|(open, at)| (open.index, at) == (label, slot))
                    };
                    let slots = family.open_labels().find(|open| open.index == label);
                    if slots.is_none_or(|open| slot < open.slots) {
                        assert_eq!(
                            found,
                            all.filter(has).collect::<Vec<_>>(),
                            "{}",
                            family.name
                        );
                    }
                }
            }
        }
        assert!(several > 0, "no family has several open labels");
    }

    #[test]
    fn each_slot_has_one_count_and_only_used_runs_are_made() {
        let counts = |slots| Counts {
            slots,
            runs: [const { OnceLock::new() }; RUNS],
        };
        let few = counts(1000);
        for slot in 0..1000 {
            few.of(slot)
                .expect("it is a slot")
                .fetch_add(slot as usize, Relaxed);
        }
        for slot in 0..1000 {
            let count = few.of(slot).map(|count| count.load(Relaxed));
            assert_eq!(count, Some(slot as usize));
        }
        assert!(few.of(1000).is_none());
        let many = counts(u32::MAX);
        assert!(many.of(0).is_some() && many.of(u32::MAX).is_none());
        let made = many.runs.iter().filter(|run| run.get().is_some()).count();
        assert_eq!(made, 1);
        // The last run is not allocated here, because of its size.
        let last = (u32::MAX - 1) / FIRST_RUN;
        assert_eq!(last.ilog2() as usize + 1, RUNS - 1);
    }
}

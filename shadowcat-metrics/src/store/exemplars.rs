//! The latest sampled trace of each series and bucket, for metrics with `exemplars = true`. All threads share these slots.
//!
//! Each scrape begins an epoch, and a slot is written at most once in an epoch: by the first record after a scrape. Later records
//! only compare two numbers. If two threads write a slot at the same time, one of them gives up. A scrape that reads a slot while
//! it is written shows no exemplar.

use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::clock::unix_seconds;
use crate::exemplar::current;
use crate::schema::Schema;
use crate::store::cells::{HEADER, SlabSlots};
use crate::store::enter_cold_path;
use crate::sync::{AtomicU64, fence};

/// The slots of a store.
pub(crate) struct ExemplarSlots {
    schema: &'static Schema,
    /// Number of scrapes so far, plus one. Slots that were never written have epoch 0.
    epoch: AtomicU64,
    /// The slots of each slab, opened with its first exemplar or for a prepared thread. No slabs if no family has exemplars. Each
    /// value of a series has a slot at the same position, so that a record need not compute another one; the slot of a
    /// histogram's sum stays empty.
    slabs: SlabSlots,
}

/// One exemplar. Fills a cache line, so that writers of different slots do not slow each other down:
///
/// - epoch: first, because a record then finds its address with one instruction less
/// - sequence number: odd while a thread writes, and otherwise even. 0 before the first exemplar.
/// - trace id, its higher half first
/// - span id
/// - the observed value or the amount that was added, in the family's encoding
/// - seconds since 1970, as the bits of a float
/// - an unused cell
pub(crate) type Slot = [AtomicU64; SLOT];

/// Number of cells of a slot, which is also that of a cache line.
const SLOT: usize = 8;

/// Number of cells before the first slot, so that slots begin with a cache line.
const START: usize = SLOT - HEADER;

/// The contents of a slot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Exemplar {
    /// The trace id, its higher half first.
    pub(crate) trace: [u64; 2],
    pub(crate) span: u64,
    /// The observed value or the amount that was added, in the family's encoding.
    pub(crate) value: u64,
    /// Seconds since 1970.
    pub(crate) time: f64,
}

/// Writes an exemplar, unless another thread writes one.
fn write(slot: &Slot, epoch_now: u64, value_now: u64) {
    let current = current();
    let [epoch, sequence, high, low, span, value, time, _] = slot;
    let before = sequence.load(Relaxed);
    if before % 2 == 1
        || sequence
            .compare_exchange(before, before + 1, Acquire, Relaxed)
            .is_err()
    {
        return;
    }
    // A reader that sees one of the values below also sees the odd sequence number.
    fence(Release);
    epoch.store(epoch_now, Relaxed);
    for (cell, half) in [high, low].into_iter().zip(current.trace) {
        cell.store(half, Relaxed);
    }
    span.store(current.span, Relaxed);
    value.store(value_now, Relaxed);
    time.store(unix_seconds().to_bits(), Relaxed);
    sequence.store(before + 2, Release);
}

/// Reads the exemplar of a slot, if there is one and no thread writes it.
pub(crate) fn read([_, sequence, high, low, span, value, time, _]: &Slot) -> Option<Exemplar> {
    let before = sequence.load(Acquire);
    if before == 0 || before % 2 == 1 {
        return None;
    }
    let exemplar = Exemplar {
        trace: [high.load(Relaxed), low.load(Relaxed)],
        span: span.load(Relaxed),
        value: value.load(Relaxed),
        time: f64::from_bits(time.load(Relaxed)),
    };
    fence(Acquire);
    (sequence.load(Relaxed) == before).then_some(exemplar)
}

impl ExemplarSlots {
    pub(super) fn new(schema: &'static Schema) -> Self {
        let has_any = schema.families.iter().any(|family| family.exemplars);
        let slabs = if has_any { schema.slabs() } else { 0 };
        Self {
            schema,
            epoch: AtomicU64::new(1),
            slabs: SlabSlots::new(slabs as usize),
        }
    }

    /// Offers the calling thread's trace as the exemplar of a slot in a slab.
    #[inline]
    pub(crate) fn offer(&self, (slab, slot): (u32, usize), value: u64) {
        let cells = self.slabs.slots().cells(slab);
        // One check for a slab without exemplars and for the position.
        match cells.get(START + SLOT * slot) {
            Some(epoch) if epoch.load(Relaxed) == self.epoch.load(Relaxed) => {}
            Some(_) | None => self.replace((slab, slot), value),
        }
    }

    /// Replaces the exemplar of a slot.
    #[cold]
    #[inline(never)]
    fn replace(&self, (slab, slot): (u32, usize), value: u64) {
        if self.slots(slab).is_empty() {
            let Some(_entered) = enter_cold_path() else {
                return;
            };
            self.open(slab);
        }
        if let Some(slot) = self.slots(slab).get(slot) {
            write(slot, self.epoch.load(Relaxed), value);
        }
    }

    /// Opens the slots of a slab, if its family has exemplars.
    pub(super) fn open(&self, slab: u32) {
        if let Some(family) = self.schema.family_of(slab)
            && family.exemplars
        {
            let slots = family.series.saturating_mul(family.cells_per_series());
            let cells = slots.saturating_mul(SLOT).saturating_add(START);
            self.slabs.slots().open(slab, cells);
        }
    }

    /// Returns the slots of a slab. Empty before they are opened.
    pub(crate) fn slots(&self, slab: u32) -> &[Slot] {
        let cells = self.slabs.slots().cells(slab);
        cells.get(START..).unwrap_or_default().as_chunks().0
    }

    /// Lets the next record of each slot replace its exemplar.
    pub(crate) fn begin_epoch(&self) {
        self.epoch.fetch_add(1, Relaxed);
    }

    /// Removes the exemplars of a slab that is no longer recorded in.
    pub(super) fn forget(&self, slab: u32) {
        for [epoch, sequence, ..] in self.slots(slab) {
            epoch.store(0, Relaxed);
            sequence.store(0, Relaxed);
        }
    }
}

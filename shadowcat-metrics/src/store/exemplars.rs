//! The latest sampled trace of each series and bucket, for metrics with `exemplars = true`. All threads share these slots.
//!
//! Each scrape begins an epoch, and a slot is written at most once in an epoch: by the first record after a scrape. Later records
//! only compare two numbers. If two threads write a slot at the same time, one of them gives up. A scrape that reads a slot while
//! it is written shows no exemplar.

use std::sync::OnceLock;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::clock::unix_seconds;
use crate::exemplar::current;
use crate::schema::Schema;
use crate::sync::{AtomicU64, fence};

/// The slots of a store.
pub(crate) struct ExemplarSlots {
    schema: &'static Schema,
    /// Number of scrapes so far, plus one. Slots that were never written have epoch 0.
    epoch: AtomicU64,
    /// The slots of each page, created with its first exemplar. Empty if no family has exemplars. Each value of a series has a slot
    /// at the same position, so that a record need not compute another one; the slot of a histogram's sum stays empty.
    pages: Box<[OnceLock<Box<[Slot]>>]>,
}

/// One exemplar. Fills a cache line, so that writers of different slots do not slow each other down.
#[derive(Debug)]
#[repr(align(64))]
pub(crate) struct Slot {
    /// Odd while a thread writes, and otherwise even. 0 before the first exemplar.
    sequence: AtomicU64,
    epoch: AtomicU64,
    trace: [AtomicU64; 2],
    span: AtomicU64,
    /// The observed value or the amount that was added, in the family's encoding.
    value: AtomicU64,
    /// Seconds since 1970, as the bits of a float.
    time: AtomicU64,
}

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

impl Slot {
    fn empty() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            sequence: zero(),
            epoch: zero(),
            trace: [zero(), zero()],
            span: zero(),
            value: zero(),
            time: zero(),
        }
    }

    /// Writes an exemplar, unless another thread writes one.
    #[cold]
    #[inline(never)]
    fn write(&self, epoch: u64, value: u64) {
        let current = current();
        let before = self.sequence.load(Relaxed);
        if before % 2 == 1
            || self
                .sequence
                .compare_exchange(before, before + 1, Acquire, Relaxed)
                .is_err()
        {
            return;
        }
        // A reader that sees one of the values below also sees the odd sequence number.
        fence(Release);
        self.epoch.store(epoch, Relaxed);
        for (cell, half) in self.trace.iter().zip(current.trace) {
            cell.store(half, Relaxed);
        }
        self.span.store(current.span, Relaxed);
        self.value.store(value, Relaxed);
        self.time.store(unix_seconds().to_bits(), Relaxed);
        self.sequence.store(before + 2, Release);
    }

    /// Reads the exemplar, if there is one and no thread writes it.
    pub(crate) fn read(&self) -> Option<Exemplar> {
        let before = self.sequence.load(Acquire);
        if before == 0 || before % 2 == 1 {
            return None;
        }
        let [high, low] = &self.trace;
        let exemplar = Exemplar {
            trace: [high.load(Relaxed), low.load(Relaxed)],
            span: self.span.load(Relaxed),
            value: self.value.load(Relaxed),
            time: f64::from_bits(self.time.load(Relaxed)),
        };
        fence(Acquire);
        (self.sequence.load(Relaxed) == before).then_some(exemplar)
    }
}

impl ExemplarSlots {
    pub(super) fn new(schema: &'static Schema) -> Self {
        let has_any = schema.families.iter().any(|family| family.exemplars);
        let pages = if has_any { schema.pages() } else { 0 };
        let slots = Self {
            schema,
            epoch: AtomicU64::new(1),
            pages: (0..pages).map(|_| OnceLock::new()).collect(),
        };
        // `loom` does not know that `OnceLock` publishes its contents.
        if cfg!(loom) {
            for page in 0..pages {
                slots.open(page);
            }
        }
        slots
    }

    /// Offers the calling thread's trace as the exemplar of a slot in a page.
    #[inline]
    pub(crate) fn offer(&self, (page, slot): (u32, usize), value: u64) {
        match self.pages.get(page as usize).and_then(OnceLock::get) {
            Some(slots) => self.offer_in(slots, slot, value),
            None => self.offer_first(page, slot, value),
        }
    }

    #[inline]
    fn offer_in(&self, slots: &[Slot], slot: usize, value: u64) {
        if let Some(slot) = slots.get(slot) {
            let epoch = self.epoch.load(Relaxed);
            if slot.epoch.load(Relaxed) != epoch {
                slot.write(epoch, value);
            }
        }
    }

    /// Like [`offer`](Self::offer), for a page that had no exemplar before.
    #[cold]
    #[inline(never)]
    fn offer_first(&self, page: u32, slot: usize, value: u64) {
        self.offer_in(self.open(page), slot, value);
    }

    fn open(&self, page: u32) -> &[Slot] {
        let family = self.schema.family_of(page);
        match (self.pages.get(page as usize), family) {
            (Some(slots), Some(family)) if family.exemplars => slots.get_or_init(|| {
                (0..family.series.saturating_mul(family.cells_per_series()))
                    .map(|_| Slot::empty())
                    .collect()
            }),
            (Some(_) | None, Some(_) | None) => &[],
        }
    }

    /// Returns the slots of a page. Empty before its first exemplar.
    pub(crate) fn slots(&self, page: u32) -> &[Slot] {
        match self.pages.get(page as usize).and_then(OnceLock::get) {
            Some(slots) => slots,
            None => &[],
        }
    }

    /// Lets the next record of each slot replace its exemplar.
    pub(crate) fn begin_epoch(&self) {
        if !self.pages.is_empty() {
            self.epoch.fetch_add(1, Relaxed);
        }
    }

    /// Removes the exemplars of a page that is no longer recorded in.
    pub(super) fn forget(&self, page: u32) {
        for slot in self.slots(page) {
            slot.epoch.store(0, Relaxed);
            slot.sequence.store(0, Relaxed);
        }
    }
}

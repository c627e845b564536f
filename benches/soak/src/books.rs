//! What was recorded, counted by other means: each thread counts in variables of its own, and adds them up when it ends.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use crate::soaked::Metrics;
use crate::soaked::labels::Lane;

/// Open label value of what there is no room for.
pub const OVERFLOW: &str = "__other__";

/// What one thread did, or all of them, to one registry in one lane.
#[derive(Debug, Default)]
pub struct Page {
    done: AtomicU64,
    read: AtomicU64,
    in_hand: AtomicI64,
    observed: AtomicU64,
    nanos: AtomicU64,
}

/// What one thread did in one lane, until it ends.
#[derive(Debug, Default, Clone, Copy)]
pub struct Sheet {
    /// Counted.
    pub done: u64,
    /// Bytes counted.
    pub read: u64,
    /// Moved up or down.
    pub in_hand: i64,
    /// Observed.
    pub observed: u64,
    /// Sum of what was observed.
    pub nanos: u64,
}

/// The books of one registry.
#[derive(Debug, Default)]
pub struct Book {
    lanes: [Page; 3],
    /// Calls of open label values that there was no room for.
    overflow: AtomicU64,
}

/// All books.
#[derive(Debug, Default)]
pub struct Books {
    registries: [Book; 2],
    threads: AtomicU64,
    values: AtomicU64,
}

impl Books {
    /// Enters what a thread has done to each registry in each lane.
    pub fn enter(&self, sheets: &[[Sheet; 3]; 2]) {
        for (book, sheets) in self.registries.iter().zip(sheets) {
            for (page, sheet) in book.lanes.iter().zip(sheets) {
                page.done.fetch_add(sheet.done, Relaxed);
                page.read.fetch_add(sheet.read, Relaxed);
                page.in_hand.fetch_add(sheet.in_hand, Relaxed);
                page.observed.fetch_add(sheet.observed, Relaxed);
                page.nanos.fetch_add(sheet.nanos, Relaxed);
            }
        }
        self.threads.fetch_add(1, Relaxed);
    }

    /// Notes that an open label value came and went.
    pub fn note_value(&self) {
        self.values.fetch_add(1, Relaxed);
    }

    /// Notes calls in a registry by an open label value that there was no room for.
    pub fn note_overflow(&self, registry: usize, calls: u64) {
        self.registries[registry].overflow.fetch_add(calls, Relaxed);
    }

    /// How many open label values came and went.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.values.load(Relaxed)
    }

    /// The books of both registries; all threads must have ended.
    #[must_use]
    pub const fn closed(&self) -> &[Book; 2] {
        &self.registries
    }

    /// How many threads there were, and how many records they made.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        let pages = self.registries.iter().flat_map(|book| &book.lanes);
        let records = pages
            .map(|page| page.done.load(Relaxed) * 3 + page.observed.load(Relaxed))
            .sum();
        (self.threads.load(Relaxed), records)
    }
}

impl Book {
    /// Compares a registry with what was done to it.
    ///
    /// # Errors
    /// Says which count is wrong.
    pub fn compare(&self, registry: &Metrics) -> Result<(), String> {
        let snapshot = registry.snapshot();
        for (lane, page) in Lane::ALL.into_iter().zip(&self.lanes) {
            let work = snapshot.work(lane);
            let duration = work.duration();
            same("done", lane, page.done.load(Relaxed), work.done())?;
            same("read", lane, page.read.load(Relaxed), work.read())?;
            same("in_hand", lane, page.in_hand.load(Relaxed), work.in_hand())?;
            same(
                "duration, count",
                lane,
                page.observed.load(Relaxed),
                duration.count(),
            )?;
            let nanos = u64::try_from(duration.sum().as_nanos()).unwrap_or(u64::MAX);
            same("duration, sum", lane, page.nanos.load(Relaxed), nanos)?;
        }
        let recorded = self.overflow.load(Relaxed);
        let counted = snapshot.upstream(OVERFLOW).calls();
        if recorded == counted {
            Ok(())
        } else {
            Err(format!(
                "calls of `{OVERFLOW}`: {recorded} recorded, {counted} counted"
            ))
        }
    }
}

fn same<T: Copy + PartialEq + std::fmt::Display>(
    what: &str,
    lane: Lane,
    recorded: T,
    counted: T,
) -> Result<(), String> {
    if recorded == counted {
        Ok(())
    } else {
        Err(format!(
            "{what} in lane {lane}: {recorded} recorded, {counted} counted"
        ))
    }
}

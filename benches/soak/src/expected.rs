//! The expected values, counted independently: each thread counts in local variables, and adds them up when it ends.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use crate::soaked::Metrics;
use crate::soaked::labels::Lane;

/// Overflow value of the open label.
pub const OVERFLOW: &str = "__other__";

/// Totals for one registry in one lane.
#[derive(Debug, Default)]
pub struct LaneTotals {
    done: AtomicU64,
    read: AtomicU64,
    in_hand: AtomicI64,
    observed: AtomicU64,
    nanos: AtomicU64,
}

/// Counts of one thread in one lane.
#[derive(Debug, Default, Clone, Copy)]
pub struct LaneCounts {
    /// Number of increments.
    pub done: u64,
    /// Number of bytes.
    pub read: u64,
    /// Net change of the up-down counter.
    pub in_hand: i64,
    /// Number of observations.
    pub observed: u64,
    /// Sum of the observations.
    pub nanos: u64,
}

/// Totals for one registry.
#[derive(Debug, Default)]
pub struct RegistryCounts {
    lanes: [LaneTotals; 3],
    /// Calls with open label values that overflowed.
    overflow: AtomicU64,
}

/// Totals for both registries.
#[derive(Debug, Default)]
pub struct Expected {
    registries: [RegistryCounts; 2],
    threads: AtomicU64,
    values: AtomicU64,
}

impl Expected {
    /// Adds a thread's counts, by registry and lane.
    pub fn add_thread(&self, counts: &[[LaneCounts; 3]; 2]) {
        for (registry, counts) in self.registries.iter().zip(counts) {
            for (totals, lane_counts) in registry.lanes.iter().zip(counts) {
                totals.done.fetch_add(lane_counts.done, Relaxed);
                totals.read.fetch_add(lane_counts.read, Relaxed);
                totals.in_hand.fetch_add(lane_counts.in_hand, Relaxed);
                totals.observed.fetch_add(lane_counts.observed, Relaxed);
                totals.nanos.fetch_add(lane_counts.nanos, Relaxed);
            }
        }
        self.threads.fetch_add(1, Relaxed);
    }

    /// Counts an open label value that was created and dropped.
    pub fn add_value(&self) {
        self.values.fetch_add(1, Relaxed);
    }

    /// Counts calls with an open label value that overflowed.
    pub fn add_overflow(&self, registry: usize, calls: u64) {
        self.registries[registry].overflow.fetch_add(calls, Relaxed);
    }

    /// Returns the number of open label values that were created and dropped.
    #[must_use]
    pub fn values(&self) -> u64 {
        self.values.load(Relaxed)
    }

    /// Returns the totals of both registries. All threads must have ended.
    #[must_use]
    pub const fn registries(&self) -> &[RegistryCounts; 2] {
        &self.registries
    }

    /// Returns the number of threads and of their records.
    #[must_use]
    pub fn totals(&self) -> (u64, u64) {
        let lanes = self.registries.iter().flat_map(|registry| &registry.lanes);
        let records = lanes
            .map(|totals| totals.done.load(Relaxed) * 3 + totals.observed.load(Relaxed))
            .sum();
        (self.threads.load(Relaxed), records)
    }
}

impl RegistryCounts {
    /// Compares a registry with its totals.
    ///
    /// # Errors
    /// If a count is wrong.
    pub fn compare(&self, registry: &Metrics) -> Result<(), String> {
        let snapshot = registry.snapshot();
        for (lane, totals) in Lane::ALL.into_iter().zip(&self.lanes) {
            let work = snapshot.work(lane);
            let duration = work.duration();
            same("done", lane, totals.done.load(Relaxed), work.done())?;
            same("read", lane, totals.read.load(Relaxed), work.read())?;
            same(
                "in_hand",
                lane,
                totals.in_hand.load(Relaxed),
                work.in_hand(),
            )?;
            same(
                "duration, count",
                lane,
                totals.observed.load(Relaxed),
                duration.count(),
            )?;
            let nanos = u64::try_from(duration.sum().as_nanos()).unwrap_or(u64::MAX);
            same("duration, sum", lane, totals.nanos.load(Relaxed), nanos)?;
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

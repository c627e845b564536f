//! Open label values that come, are recorded in, and go; more than there is room for at times.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use crate::books::{Books, OVERFLOW};
use crate::soaked::Metrics;

/// How many values are alive at once at most, by each of the threads that do this.
const ALIVE: usize = 48;

/// How many records are made with each value.
const RECORDS: u64 = 20;

/// Lets values come and go until it is told to stop. While a value is alive and its own, its count is exact.
///
/// # Panics
/// If a value's count is not what was recorded.
pub fn come_and_go(number: usize, registries: &[Metrics; 2], books: &Books, stop: &AtomicBool) {
    let mut alive = Vec::new();
    let mut next = 0_u64;
    while !stop.load(Relaxed) {
        let name = format!("server-{number}-{next}");
        let chosen = usize::from(next.is_multiple_of(2));
        let registry = &registries[chosen];
        let server = registry.server(&name);
        let upstream = registry.upstream(&server);
        for _ in 0..RECORDS {
            upstream.calls().inc();
            upstream
                .latency()
                .observe(Duration::from_micros(next % 5_000));
        }
        if server.as_str() == name {
            let counted = registry.snapshot().upstream(&name).calls();
            assert_eq!(counted, RECORDS, "{name}: recorded and counted");
        } else {
            assert_eq!(server.as_str(), OVERFLOW, "the only other name it can get");
            books.note_overflow(chosen, RECORDS);
        }
        books.note_value();
        alive.push((server, upstream));
        // Now a few are kept, now many, so that there is room at times and none at others.
        let keep = usize::try_from(next / 100).unwrap_or_default() % ALIVE;
        alive.drain(..alive.len().saturating_sub(keep));
        next += 1;
    }
}

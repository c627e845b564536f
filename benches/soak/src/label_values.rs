//! Creates, records and drops open label values, sometimes more than fit.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use crate::expected::{Expected, OVERFLOW};
use crate::soaked::Metrics;

/// Maximum number of live values of each churning thread.
const ALIVE: usize = 48;

/// Number of records with each value.
const RECORDS: u64 = 20;

/// Creates and drops values until `stop` is set. The count of a live value that did not overflow must be exact.
///
/// # Panics
/// If a value's count differs from its records.
pub fn churn(number: usize, registries: &[Metrics; 2], expected: &Expected, stop: &AtomicBool) {
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
            expected.add_overflow(chosen, RECORDS);
        }
        expected.add_value();
        alive.push((server, upstream));
        // Keeps sometimes few values and sometimes many, so that they fit at some times and overflow at others.
        let keep = usize::try_from(next / 100).unwrap_or_default() % ALIVE;
        alive.drain(..alive.len().saturating_sub(keep));
        next += 1;
    }
}

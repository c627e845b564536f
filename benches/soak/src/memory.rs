//! Checks that memory does not grow.

use std::time::{Duration, Instant};

use shadowcat_metrics_measure::memory::resident;

/// The share of the run after which everything has been allocated.
const WARM_UP: f64 = 0.3;

/// Tolerance for the allocator's own overhead.
const TOLERANCE: u64 = 4 << 20;

/// The process's memory over time.
#[derive(Debug)]
pub struct Memory {
    start: Instant,
    duration: Duration,
    after_warm_up: u64,
    highest: u64,
}

impl Memory {
    /// Watches a run of this duration.
    #[must_use]
    pub fn new(duration: Duration) -> Self {
        Self {
            start: Instant::now(),
            duration,
            after_warm_up: 0,
            highest: 0,
        }
    }

    /// Records the current memory.
    pub fn sample(&mut self) {
        let now = resident().unwrap_or_default();
        if self.start.elapsed() < self.duration.mul_f64(WARM_UP) {
            self.after_warm_up = self.after_warm_up.max(now);
        }
        self.highest = self.highest.max(now);
    }

    /// Returns a summary.
    ///
    /// # Errors
    /// If memory has grown after the first part.
    pub fn check(&self) -> Result<String, String> {
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let text = format!(
            "{:.1} MiB after warm-up, {:.1} MiB at most",
            mib(self.after_warm_up),
            mib(self.highest)
        );
        if self.highest > self.after_warm_up + TOLERANCE {
            Err(format!("memory grows: {text}"))
        } else {
            Ok(text)
        }
    }
}

//! Checks that memory does not grow.

use std::time::{Duration, Instant};

use shadowcat_metrics_measure::memory::resident;

/// The share of the run after which everything has been allocated.
const WARM: f64 = 0.3;

/// Tolerance for the allocator's own overhead.
const SLACK: u64 = 4 << 20;

/// The process's memory over time.
#[derive(Debug)]
pub struct Memory {
    start: Instant,
    whole: Duration,
    warm: u64,
    most: u64,
}

impl Memory {
    /// Watches a run of this duration.
    #[must_use]
    pub fn new(whole: Duration) -> Self {
        Self {
            start: Instant::now(),
            whole,
            warm: 0,
            most: 0,
        }
    }

    /// Records the current memory.
    pub fn look(&mut self) {
        let now = resident().unwrap_or_default();
        if self.start.elapsed() < self.whole.mul_f64(WARM) {
            self.warm = self.warm.max(now);
        }
        self.most = self.most.max(now);
    }

    /// Returns a summary.
    ///
    /// # Errors
    /// If memory has grown after the first part.
    pub fn verdict(&self) -> Result<String, String> {
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let text = format!(
            "{:.1} MiB after warm-up, {:.1} MiB at most",
            mib(self.warm),
            mib(self.most)
        );
        if self.most > self.warm + SLACK {
            Err(format!("memory grows: {text}"))
        } else {
            Ok(text)
        }
    }
}

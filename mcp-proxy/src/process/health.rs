//! The health of a child process: which state follows which, and where that is recorded.

use std::sync::{Mutex, PoisonError};

use shadowcat_metrics::ProcessRecorder;
use shadowcat_metrics::labels::Health;
use tracing::debug;

/// The state that a child is in. The schema's label is the program's own enum, so that the two cannot differ.
#[derive(Debug)]
pub struct HealthState {
    recorder: ProcessRecorder,
    now: Mutex<Option<Health>>,
}

impl HealthState {
    /// Of a child that is about to be spawned.
    #[must_use]
    pub fn new(recorder: ProcessRecorder) -> Self {
        Self {
            recorder,
            now: Mutex::new(None),
        }
    }

    /// Moves on to `next`, unless what has happened since rules that out: a child that is stopping does not become
    /// running because a reply of its comes late.
    pub fn advance(&self, next: Health) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if follows(*now, next) {
            debug!(from = ?*now, to = %next, "health");
            *now = Some(next);
            // Under the lock, so that the last state recorded is the last one entered.
            self.recorder.health().set(next);
        }
    }
}

/// True if `next` may come after `now`.
const fn follows(now: Option<Health>, next: Health) -> bool {
    match next {
        Health::Starting => now.is_none(),
        Health::Running => matches!(now, Some(Health::Starting)),
        Health::Stopping => matches!(now, Some(Health::Starting | Health::Running)),
        Health::Terminated => matches!(now, Some(Health::Stopping)),
        Health::Failed => !matches!(now, Some(Health::Terminated | Health::Failed)),
    }
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics::Metrics;

    use super::*;

    #[test]
    fn states_follow_in_order_and_are_recorded() {
        let metrics = Metrics::new();
        let server = metrics.server("files");
        let health = HealthState::new(metrics.process(&server));
        let recorded = || metrics.snapshot().process("files").health();
        assert_eq!(recorded(), None);

        for state in [Health::Starting, Health::Running, Health::Stopping] {
            health.advance(state);
            assert_eq!(recorded(), Some(state));
        }
        health.advance(Health::Running);
        assert_eq!(
            recorded(),
            Some(Health::Stopping),
            "a late reply changes nothing"
        );
        health.advance(Health::Terminated);
        health.advance(Health::Failed);
        assert_eq!(recorded(), Some(Health::Terminated), "an end is final");
    }
}

//! How long to wait before a server is reached anew. Without chance in it, so that runs can be repeated.

use std::time::Duration;

/// When to wait longer, and when to give up.
#[derive(Debug, Clone, Copy)]
pub struct BackoffPolicy {
    /// The first wait.
    pub first: Duration,
    /// The longest wait; each is twice the one before, up to this.
    pub longest: Duration,
    /// A connection that lasted this long counts as stable: the waits begin anew.
    pub stable_after: Duration,
    /// Most attempts in a row without a stable connection between them.
    pub most_restarts: u32,
}

impl Default for BackoffPolicy {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(100),
            longest: Duration::from_secs(30),
            stable_after: Duration::from_secs(10),
            most_restarts: 8,
        }
    }
}

/// Where in the waits a server is.
#[derive(Debug, Clone)]
pub struct Backoff {
    policy: BackoffPolicy,
    restarts_in_a_row: u32,
}

impl Backoff {
    /// At the beginning.
    #[must_use]
    pub fn new(policy: BackoffPolicy) -> Self {
        Self {
            policy,
            restarts_in_a_row: 0,
        }
    }

    /// How long to wait after a connection that lasted for `ran`, or none if it is time to give up.
    pub fn next(&mut self, ran: Duration) -> Option<Duration> {
        if ran >= self.policy.stable_after {
            self.restarts_in_a_row = 0;
        }
        if self.restarts_in_a_row == self.policy.most_restarts {
            return None;
        }
        let doubled = 1_u32
            .checked_shl(self.restarts_in_a_row)
            .unwrap_or(u32::MAX);
        self.restarts_in_a_row += 1;
        Some(
            self.policy
                .first
                .saturating_mul(doubled)
                .min(self.policy.longest),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: BackoffPolicy = BackoffPolicy {
        first: Duration::from_millis(100),
        longest: Duration::from_secs(1),
        stable_after: Duration::from_secs(10),
        most_restarts: 6,
    };

    fn waits(backoff: &mut Backoff) -> Vec<u128> {
        std::iter::from_fn(|| backoff.next(Duration::ZERO))
            .map(|wait| wait.as_millis())
            .collect()
    }

    #[test]
    fn waits_double_up_to_the_longest_and_then_end() {
        assert_eq!(
            waits(&mut Backoff::new(POLICY)),
            [100, 200, 400, 800, 1000, 1000]
        );
    }

    #[test]
    fn a_stable_run_begins_anew() {
        let mut backoff = Backoff::new(POLICY);
        waits(&mut backoff);
        assert_eq!(backoff.next(Duration::from_secs(9)), None);
        assert_eq!(
            backoff.next(Duration::from_secs(10)),
            Some(Duration::from_millis(100))
        );
        assert_eq!(
            backoff.next(Duration::ZERO),
            Some(Duration::from_millis(200))
        );
    }

    #[test]
    fn many_restarts_do_not_overflow() {
        let mut backoff = Backoff::new(BackoffPolicy {
            most_restarts: 100,
            ..POLICY
        });
        assert_eq!(waits(&mut backoff).last(), Some(&1000));
    }
}

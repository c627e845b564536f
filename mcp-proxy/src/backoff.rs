//! How long to wait before a server is reached, or a stream is opened, again.

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

/// When to wait longer, and when to give up.
#[derive(Debug, Clone, Copy)]
pub struct ReconnectPolicy {
    /// The first wait, unless the server names another with `retry:`.
    pub first: Duration,
    /// The longest wait, also of those that the server names. Each is twice the one before, up to this.
    pub longest: Duration,
    /// Most attempts in a row of which none brought an event.
    pub most_attempts: u32,
}

impl Default for ReconnectPolicy {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            most_attempts: 6,
        }
    }
}

/// Where in the waits a stream is.
#[derive(Debug, Clone)]
pub struct Reconnects {
    policy: ReconnectPolicy,
    retry: Option<Duration>,
    attempts: u32,
}

impl Reconnects {
    /// At the beginning.
    #[must_use]
    pub const fn new(policy: ReconnectPolicy) -> Self {
        Self {
            policy,
            retry: None,
            attempts: 0,
        }
    }

    /// The server wants this to be the first wait.
    pub fn set_retry(&mut self, retry: Duration) {
        self.retry = Some(retry);
    }

    /// The stream goes on, so the waits begin anew.
    pub fn restart(&mut self) {
        self.attempts = 0;
    }

    /// How long to wait instead of giving up: the longest, and then the waits begin anew.
    pub fn wait_anew(&mut self) -> Duration {
        self.restart();
        self.policy.longest
    }

    /// How long a stream must have been open for its end to be no failure, though it brought nothing.
    #[must_use]
    pub const fn stable_after(&self) -> Duration {
        self.policy.longest
    }

    /// How long to wait now, or none if it is time to give up. Up to a quarter is chance, so that the clients of a
    /// server that was restarted do not all come back at once.
    pub fn next_wait(&mut self) -> Option<Duration> {
        if self.attempts >= self.policy.most_attempts {
            return None;
        }
        let doubled = 1_u32.checked_shl(self.attempts).unwrap_or(u32::MAX);
        self.attempts += 1;
        let first = self.retry.unwrap_or(self.policy.first);
        let wait = first.saturating_mul(doubled).min(self.policy.longest);
        Some(wait + wait.mul_f64(fastrand::f64() / 4.0))
    }
}

#[cfg(test)]
mod backoff_tests {
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

#[cfg(test)]
mod reconnect_tests {
    use super::*;

    const POLICY: ReconnectPolicy = ReconnectPolicy {
        first: Duration::from_millis(100),
        longest: Duration::from_secs(1),
        most_attempts: 6,
    };

    fn check(reconnects: &mut Reconnects, expected: &[u64]) {
        for expected in expected {
            let expected = Duration::from_millis(*expected);
            let wait = reconnects.next_wait().expect("not given up");
            assert!(
                wait >= expected && wait <= expected * 5 / 4,
                "{wait:?}, not {expected:?}"
            );
        }
    }

    #[test]
    fn waits_double_up_to_the_longest_and_then_end() {
        let mut reconnects = Reconnects::new(POLICY);
        check(&mut reconnects, &[100, 200, 400, 800, 1000, 1000]);
        assert_eq!(reconnects.next_wait(), None);
        reconnects.restart();
        check(&mut reconnects, &[100, 200]);
    }

    #[test]
    fn the_server_names_the_first_wait_within_bounds() {
        let mut reconnects = Reconnects::new(POLICY);
        reconnects.set_retry(Duration::from_millis(300));
        check(&mut reconnects, &[300, 600, 1000]);
        reconnects.set_retry(Duration::MAX);
        check(&mut reconnects, &[1000]);
        reconnects.set_retry(Duration::ZERO);
        check(&mut reconnects, &[0]);
    }
}

//! How long to wait before a stream is opened again.

use std::time::Duration;

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
mod tests {
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

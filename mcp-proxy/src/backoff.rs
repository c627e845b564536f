//! How long to wait before a server is reached, or a stream is opened, again.

use std::time::Duration;

/// When to wait longer, and when to give up.
#[derive(Debug, Clone, Copy)]
pub struct BackoffPolicy {
    /// The first wait, unless the server names another.
    pub first: Duration,
    /// The longest wait; each is twice the one before, up to this.
    pub longest: Duration,
    /// A connection that lasted this long counts as stable: the waits begin again.
    pub stable_after: Duration,
    /// Most attempts in a row without success.
    pub most_attempts: u32,
    /// Whether up to a quarter is added by chance, so that the clients of a server that was restarted do not all come back
    /// at once.
    pub jitter: bool,
}

impl BackoffPolicy {
    /// For child processes and connections.
    pub const SERVERS: Self = Self {
        first: Duration::from_millis(100),
        longest: Duration::from_secs(30),
        stable_after: Duration::from_secs(10),
        most_attempts: 8,
        jitter: false,
    };

    /// For event streams.
    pub const STREAMS: Self = Self {
        first: Duration::from_millis(500),
        longest: Duration::from_secs(30),
        stable_after: Duration::from_secs(30),
        most_attempts: 6,
        jitter: true,
    };
}

/// How often an attempt was made, and how long the next wait is.
#[derive(Debug, Clone)]
pub struct Backoff {
    policy: BackoffPolicy,
    /// The first wait that the server has named.
    named: Option<Duration>,
    /// Attempts since the waits began.
    attempts: u32,
    /// Attempts since one succeeded.
    failures: u32,
}

impl Backoff {
    /// At the beginning.
    #[must_use]
    pub const fn new(policy: BackoffPolicy) -> Self {
        Self {
            policy,
            named: None,
            attempts: 0,
            failures: 0,
        }
    }

    /// The server wants this to be the first wait.
    pub const fn set_first(&mut self, first: Duration) {
        self.named = Some(first);
    }

    /// A connection is over that lasted for `ran`: the waits begin again if that was long.
    pub fn lasted(&mut self, ran: Duration) {
        if ran >= self.policy.stable_after {
            self.restart();
        }
    }

    /// An attempt succeeded. A server that has named a wait is asked again after that wait, and after no longer one.
    pub const fn succeeded(&mut self) {
        self.failures = 0;
        if self.named.is_some() {
            self.attempts = 0;
        }
    }

    /// The waits begin again.
    pub const fn restart(&mut self) {
        self.attempts = 0;
        self.failures = 0;
    }

    /// How long to wait instead of giving up: the longest, and then the waits begin again.
    pub const fn wait_again(&mut self) -> Duration {
        self.restart();
        self.policy.longest
    }

    /// How long to wait now; none if it is time to give up.
    pub fn next_wait(&mut self) -> Option<Duration> {
        if self.failures >= self.policy.most_attempts {
            return None;
        }
        let doubled = 1_u32.checked_shl(self.attempts).unwrap_or(u32::MAX);
        self.attempts = self.attempts.saturating_add(1);
        self.failures += 1;
        let first = self.named.unwrap_or(self.policy.first);
        let wait = first.saturating_mul(doubled).min(self.policy.longest);
        let chance = if self.policy.jitter {
            fastrand::f64() / 4.0
        } else {
            0.0
        };
        Some(wait + wait.mul_f64(chance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: BackoffPolicy = BackoffPolicy {
        first: Duration::from_millis(100),
        longest: Duration::from_secs(1),
        stable_after: Duration::from_secs(10),
        most_attempts: 6,
        jitter: false,
    };

    fn waits(backoff: &mut Backoff) -> Vec<u128> {
        std::iter::from_fn(|| backoff.next_wait())
            .map(|wait| wait.as_millis())
            .collect()
    }

    #[test]
    fn waits_double_up_to_the_longest_and_then_end() {
        let mut backoff = Backoff::new(POLICY);
        assert_eq!(waits(&mut backoff), [100, 200, 400, 800, 1000, 1000]);
        backoff.lasted(Duration::from_secs(9));
        assert_eq!(backoff.next_wait(), None);
        backoff.lasted(Duration::from_secs(10));
        assert_eq!(backoff.next_wait(), Some(Duration::from_millis(100)));
        assert_eq!(backoff.next_wait(), Some(Duration::from_millis(200)));
    }

    #[test]
    fn many_attempts_do_not_overflow() {
        let mut backoff = Backoff::new(BackoffPolicy {
            most_attempts: 100,
            ..POLICY
        });
        assert_eq!(waits(&mut backoff).last(), Some(&1000));
    }

    #[test]
    fn the_server_names_the_first_wait_within_bounds() {
        let mut backoff = Backoff::new(POLICY);
        backoff.set_first(Duration::from_millis(300));
        assert_eq!(waits(&mut backoff), [300, 600, 1000, 1000, 1000, 1000]);
        for (named, expected) in [(Duration::MAX, 1000), (Duration::ZERO, 0)] {
            let mut backoff = Backoff::new(POLICY);
            backoff.set_first(named);
            assert_eq!(waits(&mut backoff), [expected; 6]);
        }
    }

    #[test]
    fn who_succeeds_is_never_given_up_and_waits_as_the_server_says() {
        let mut backoff = Backoff::new(POLICY);
        let mut waits = Vec::new();
        for _ in 0..8 {
            waits.extend(backoff.next_wait());
            backoff.succeeded();
        }
        assert_eq!(waits.len(), 8);
        assert_eq!(waits.last(), Some(&POLICY.longest), "nobody named a wait");
        backoff.set_first(Duration::from_millis(5));
        backoff.succeeded();
        for _ in 0..8 {
            assert_eq!(backoff.next_wait(), Some(Duration::from_millis(5)));
            backoff.succeeded();
        }
    }

    #[test]
    fn chance_adds_up_to_a_quarter() {
        let mut backoff = Backoff::new(BackoffPolicy {
            jitter: true,
            ..POLICY
        });
        let wait = backoff.next_wait().expect("a wait");
        assert!(
            wait >= POLICY.first && wait <= POLICY.first * 5 / 4,
            "{wait:?}"
        );
    }
}

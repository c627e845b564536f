//! Delays between attempts to reach a server or reopen a stream.

use std::time::Duration;

/// Delays between attempts, and when to give up.
#[derive(Debug, Clone, Copy)]
pub struct BackoffPolicy {
    /// The first delay, unless the server sends another.
    pub first: Duration,
    /// The longest delay. Each delay is twice the one before, up to this.
    pub longest: Duration,
    /// A connection that lasted this long was stable: the delays start over.
    pub stable_after: Duration,
    /// Maximum number of consecutive failed attempts.
    pub most_attempts: u32,
    /// Whether to add up to a quarter at random, so that the clients of a restarted server do not all come
    /// back at once.
    pub jitter: bool,
}

impl BackoffPolicy {
    /// The policy for child processes and connections.
    pub const SERVERS: Self = Self {
        first: Duration::from_millis(100),
        longest: Duration::from_secs(30),
        stable_after: Duration::from_secs(10),
        most_attempts: 8,
        jitter: false,
    };

    /// The policy for event streams.
    pub const STREAMS: Self = Self {
        first: Duration::from_millis(500),
        longest: Duration::from_secs(30),
        stable_after: Duration::from_secs(30),
        most_attempts: 6,
        jitter: true,
    };
}

/// The shortest first delay that a server may ask for. Without it, a server that asks for no delay and ends each stream at once
/// would make the proxy reopen streams all the time.
const SHORTEST_NAMED: Duration = Duration::from_millis(5);

/// The attempts so far, and the delay before the next.
#[derive(Debug, Clone)]
pub struct Backoff {
    policy: BackoffPolicy,
    /// The first delay that the server sent.
    named: Option<Duration>,
    /// Attempts since the delays started over.
    attempts: u32,
    /// Attempts since the last success.
    failures: u32,
}

impl Backoff {
    /// Creates the state before the first attempt.
    #[must_use]
    pub const fn new(policy: BackoffPolicy) -> Self {
        Self {
            policy,
            named: None,
            attempts: 0,
            failures: 0,
        }
    }

    /// Sets the first delay, on the server's request. A delay of less than five milliseconds becomes five milliseconds.
    pub fn set_first(&mut self, first: Duration) {
        self.named = Some(first.max(SHORTEST_NAMED));
    }

    /// Records that a connection ended after `ran`. The delays start over if it was stable.
    pub fn lasted(&mut self, ran: Duration) {
        if ran >= self.policy.stable_after {
            self.restart();
        }
    }

    /// Records a success. If the server sent a delay, the next attempt waits for exactly that long.
    pub const fn succeeded(&mut self) {
        self.failures = 0;
        if self.named.is_some() {
            self.attempts = 0;
        }
    }

    /// Starts the delays over.
    pub const fn restart(&mut self) {
        self.attempts = 0;
        self.failures = 0;
    }

    /// Returns the longest delay instead of giving up, and starts the delays over.
    pub const fn wait_again(&mut self) -> Duration {
        self.restart();
        self.policy.longest
    }

    /// Returns the next delay, or `None` if it is time to give up.
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
    fn delays_double_up_to_the_longest_and_then_end() {
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
    fn the_server_sets_the_first_delay_within_bounds() {
        let mut backoff = Backoff::new(POLICY);
        backoff.set_first(Duration::from_millis(300));
        assert_eq!(waits(&mut backoff), [300, 600, 1000, 1000, 1000, 1000]);
        for (named, expected) in [
            (Duration::MAX, [1000; 6]),
            (Duration::ZERO, [5, 10, 20, 40, 80, 160]),
        ] {
            let mut backoff = Backoff::new(POLICY);
            backoff.set_first(named);
            assert_eq!(waits(&mut backoff), expected);
        }
    }

    #[test]
    fn successful_attempts_keep_the_delay_of_the_server() {
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
    fn jitter_adds_up_to_a_quarter() {
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

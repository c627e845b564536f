//! The clock that timers read.
//!
//! With the feature `fast-clock` it is the processor's own counter where `quanta` finds it invariant (about 10 ns a
//! reading), and the operating system's monotonic clock elsewhere and without the feature (about 25 ns). The counter is
//! calibrated once in a process, for at most 0.2 seconds.

use std::time::Duration;

/// A moment that a timer starts at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment(Reading);

impl Moment {
    #[inline]
    pub(crate) fn now() -> Self {
        Self(read())
    }

    /// How long ago it was; zero if the clock went back.
    #[inline]
    pub(crate) fn elapsed(self) -> Duration {
        since(self.0)
    }
}

#[cfg(feature = "fast-clock")]
use fast::{Reading, read, since};
#[cfg(not(feature = "fast-clock"))]
use standard::{Reading, read, since};

/// Has the clock calibrated before it is needed.
pub(crate) fn prepare() {
    read();
}

#[cfg(feature = "fast-clock")]
mod fast {
    use std::sync::OnceLock;
    use std::time::Duration;

    /// Ticks of the counter.
    pub(super) type Reading = u64;

    static CLOCK: OnceLock<quanta::Clock> = OnceLock::new();

    #[inline]
    fn clock() -> &'static quanta::Clock {
        CLOCK.get_or_init(quanta::Clock::new)
    }

    #[inline]
    pub(super) fn read() -> Reading {
        clock().raw()
    }

    #[inline]
    pub(super) fn since(start: Reading) -> Duration {
        let clock = clock();
        clock.delta(start, clock.raw())
    }
}

#[cfg(not(feature = "fast-clock"))]
mod standard {
    use std::time::{Duration, Instant};

    pub(super) type Reading = Instant;

    #[inline]
    pub(super) fn read() -> Reading {
        Instant::now()
    }

    #[inline]
    pub(super) fn since(start: Reading) -> Duration {
        start.elapsed()
    }
}

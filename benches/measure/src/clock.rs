//! Clocks for measurements.
//!
//! A thread's processor time excludes other programs on the machine, and is nearly the same in each run. It also excludes the
//! time that a thread sleeps while another thread holds a lock. This favors libraries that lock, and only those.

#![allow(unsafe_code, reason = "the system's clocks are asked by `libc`")]

use std::time::{Duration, Instant};

use clap::ValueEnum;

/// A kind of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Clock {
    /// Processor time of the thread.
    Cpu,
    /// Wall-clock time. With more threads than cores, it is divided by the number of threads per core.
    Wall,
}

impl Clock {
    /// Returns the time that the calling thread needs for `what`.
    pub fn time(self, what: impl FnOnce()) -> Duration {
        match self {
            Self::Cpu => {
                let start = thread_time();
                what();
                thread_time().saturating_sub(start)
            }
            Self::Wall => {
                let start = Instant::now();
                what();
                start.elapsed()
            }
        }
    }

    /// Returns the divisor for a time measured with this many concurrent threads, in addition to their number of operations.
    #[must_use]
    pub fn share(self, threads: usize, cores: usize) -> f64 {
        match self {
            Self::Cpu => 1.0,
            Self::Wall => (threads as f64 / cores as f64).max(1.0),
        }
    }
}

/// Returns the processor time of all child processes that have ended.
///
/// # Panics
/// On a system that does not count it.
#[must_use]
pub fn children_time() -> Duration {
    // SAFETY: a `rusage` consists of integers, for which zero is valid.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: `usage` is a valid place to write a `rusage` to.
    let result = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage) };
    assert_eq!(result, 0, "the arguments are valid");
    let part = |time: libc::timeval| {
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        let micros = u64::try_from(time.tv_usec).unwrap_or_default();
        Duration::from_secs(seconds) + Duration::from_micros(micros)
    };
    part(usage.ru_utime) + part(usage.ru_stime)
}

fn thread_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid place to write a `timespec` to.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    assert_eq!(
        result, 0,
        "every supported system has a clock of the thread's processor time"
    );
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(seconds, nanos)
}

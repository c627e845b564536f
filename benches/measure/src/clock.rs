//! What time is taken with.
//!
//! A thread's own processor time leaves out what other programs on the machine take, and is nearly the same from run to
//! run. It also leaves out the time that a thread sleeps while another one holds a lock. That flatters contestants that
//! lock, and no other.

#![allow(unsafe_code, reason = "the system's clocks are asked by `libc`")]

use std::time::{Duration, Instant};

use clap::ValueEnum;

/// A kind of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Clock {
    /// Processor time of the thread.
    Cpu,
    /// Time on the wall. With more threads than cores it is divided by how many threads share a core.
    Wall,
}

impl Clock {
    /// How long it takes the calling thread to do something.
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

    /// What the time of so many threads at once is divided by, beside their number of operations.
    #[must_use]
    pub fn share(self, threads: usize, cores: usize) -> f64 {
        match self {
            Self::Cpu => 1.0,
            Self::Wall => (threads as f64 / cores as f64).max(1.0),
        }
    }
}

/// Processor time of all programs that this one has started and seen the end of.
///
/// # Panics
/// Only on a system that does not count it.
#[must_use]
pub fn children_time() -> Duration {
    // SAFETY: a `rusage` is plain numbers, for which zero is a value.
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

//! One process as the kernel accounts for it, read once for all metrics of a scrape.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A reading is good for this long. The metrics of one scrape are read within it, so the kernel is asked once for all.
const GOOD_FOR: Duration = Duration::from_millis(100);

/// What the kernel says of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Processor time used, for itself and in the kernel.
    pub cpu: Duration,
    /// Memory in RAM, in bytes.
    pub resident: u64,
    /// Memory that it has addresses for, in bytes.
    pub virtual_: u64,
    /// File descriptors that are open; none if that is not for this program to know.
    pub open_fds: Option<u64>,
    /// Most file descriptors that may be open.
    pub max_fds: Option<u64>,
    /// Threads.
    pub threads: u64,
    /// When it was started, since the Unix epoch.
    pub started: Option<Duration>,
}

/// Reads a process, but not more often than makes sense.
#[derive(Debug)]
pub struct Sampler {
    pid: u32,
    last: Mutex<Option<(Instant, Option<Reading>)>>,
}

impl Sampler {
    /// Of the process with this id.
    #[must_use]
    pub const fn new(pid: u32) -> Self {
        Self {
            pid,
            last: Mutex::new(None),
        }
    }

    /// The process now; none if it is gone, or if the kernel does not tell.
    #[must_use]
    pub fn read(&self) -> Option<Reading> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, reading)) = *last
            && at.elapsed() < GOOD_FOR
        {
            return reading;
        }
        let reading = read(self.pid);
        *last = Some((Instant::now(), reading));
        reading
    }
}

#[cfg(target_os = "linux")]
fn read(pid: u32) -> Option<Reading> {
    use procfs::WithCurrentSystemInfo;
    use procfs::process::{LimitValue, Process};

    let process = Process::new(pid.try_into().ok()?).ok()?;
    let stat = process.stat().ok()?;
    let ticks = |ticks: u64| Duration::from_secs(ticks).checked_div(ticks_per_second());
    let max_fds = process
        .limits()
        .ok()
        .and_then(|limits| match limits.max_open_files.soft_limit {
            LimitValue::Value(most) => Some(most),
            LimitValue::Unlimited => None,
        });
    let booted = procfs::boot_time_secs().ok().map(Duration::from_secs);
    Some(Reading {
        cpu: ticks(stat.utime + stat.stime)?,
        resident: stat.rss_bytes().get(),
        virtual_: stat.vsize,
        open_fds: process
            .fd_count()
            .ok()
            .and_then(|count| count.try_into().ok()),
        max_fds,
        threads: stat.num_threads.try_into().ok()?,
        started: booted
            .zip(ticks(stat.starttime))
            .map(|(booted, after)| booted + after),
    })
}

#[cfg(target_os = "linux")]
fn ticks_per_second() -> u32 {
    // The kernel's own unit is 100 on every system that Rust runs on; more than 32 bits it cannot be.
    procfs::ticks_per_second().try_into().unwrap_or(100)
}

#[cfg(not(target_os = "linux"))]
const fn read(_: u32) -> Option<Reading> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_read() {
        let reading = Sampler::new(std::process::id())
            .read()
            .expect("it is alive");
        assert!(reading.resident > 100_000 && reading.virtual_ >= reading.resident);
        assert!(reading.open_fds >= Some(3) && reading.max_fds >= reading.open_fds);
        let now = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .expect("it is later");
        let age = now.abs_diff(reading.started.expect("it was started"));
        assert!(age < Duration::from_secs(3600), "{age:?}");
    }

    #[test]
    fn a_process_that_is_not_there_is_not_read() {
        // The kernel gives out no ids that high.
        assert_eq!(Sampler::new(u32::MAX / 4).read(), None);
    }
}

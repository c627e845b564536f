//! Resource usage of processes, read at each scrape.
//!
//! The metrics of the program's own process are in a schema file of this crate, `schemas/process.toml`, under the names that
//! Prometheus client libraries use. Include it in your schema, and register it:
//!
//! ```
//! mod metrics {
//!     shadowcat_metrics::metrics!("tests/ready.toml"); // include = ["../schemas/process.toml"]
//! }
//! use metrics::Metrics;
//! use shadowcat_metrics::{Format, process};
//!
//! # fn main() -> Result<(), process::MissingGroup> {
//! let metrics = Metrics::new();
//! process::register(&metrics)?;
//! # if cfg!(target_os = "linux") {
//! assert!(metrics.encode(Format::PrometheusText).contains("process_cpu_seconds_total "));
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! Only Linux is supported so far. On other systems, the metrics have no samples.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::callback::{CallbackCounter, CallbackGauge};
use crate::ready::Group;
pub use crate::ready::MissingGroup;
use crate::registry::Registry;
use crate::schema::Encoding;
use crate::units::{Bytes, Dimensionless, Seconds};

/// Maximum age of a reading that is reused. It covers all metrics of one scrape, so a scrape reads the kernel's statistics once.
const MAX_AGE: Duration = Duration::from_millis(100);

/// A process's resource usage, as reported by the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// Processor time in user and kernel mode.
    pub cpu: Duration,
    /// Resident memory, in bytes.
    pub resident: u64,
    /// Virtual memory, in bytes.
    pub virtual_: u64,
    /// Number of open file descriptors, or `None` without permission to read it.
    pub open_fds: Option<u64>,
    /// Maximum number of open file descriptors.
    pub max_fds: Option<u64>,
    /// Number of threads.
    pub threads: u64,
    /// Start time since the Unix epoch.
    pub started: Option<Duration>,
}

/// Reads a process's resource usage, at a limited rate.
#[derive(Debug)]
pub struct Sampler {
    /// `None` for the process that reads, which may be a fork of the one that created the sampler.
    pid: Option<u32>,
    last: Mutex<Option<(Instant, Option<Reading>)>>,
}

impl Sampler {
    /// Creates the sampler of the process with this id.
    #[must_use]
    pub const fn new(pid: u32) -> Self {
        Self {
            pid: Some(pid),
            last: Mutex::new(None),
        }
    }

    /// Creates the sampler of the process that reads it. After a fork, this is the child.
    const fn own() -> Self {
        Self {
            pid: None,
            last: Mutex::new(None),
        }
    }

    /// Returns the current usage, or `None` if the process is gone or the kernel does not report it.
    #[must_use]
    pub fn read(&self) -> Option<Reading> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, reading)) = *last
            && at.elapsed() < MAX_AGE
        {
            return reading;
        }
        let reading = read(self.pid.unwrap_or_else(std::process::id));
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
    // The kernel's tick rate is 100 on every supported system, and always fits in 32 bits.
    procfs::ticks_per_second().try_into().unwrap_or(100)
}

#[cfg(not(target_os = "linux"))]
const fn read(_: u32) -> Option<Reading> {
    None
}

/// Returns one number of a reading.
type Part = fn(Reading) -> Option<u64>;

/// Registers the program's own process, which is then read at every scrape. Metrics of `schemas/process.toml` that the
/// schema lacks, or declares differently, are skipped.
///
/// # Errors
///
/// If the schema declares none of these metrics.
pub fn register(registry: &Registry) -> Result<(), MissingGroup> {
    let sampler = Arc::new(Sampler::own());
    let read = |of: Part| {
        let sampler = Arc::clone(&sampler);
        move || sampler.read().and_then(of)
    };
    let read_time = |of: fn(Reading) -> Option<Duration>| {
        let sampler = Arc::clone(&sampler);
        move || sampler.read().and_then(of)
    };
    let mut group = Group::of(registry);
    let seconds = Encoding::Nanoseconds;
    if let Some(place) = group.counter("process_cpu_seconds_total", seconds) {
        CallbackCounter::<Seconds>::new(place)
            .register_optional(read_time(|reading| Some(reading.cpu)))
            .detach();
    }
    if let Some(place) = group.gauge("process_start_time_seconds", seconds) {
        CallbackGauge::<Seconds>::new(place)
            .register_optional(read_time(|reading| reading.started))
            .detach();
    }
    let sizes: [(_, Part); 2] = [
        ("process_resident_memory_bytes", |reading| {
            Some(reading.resident)
        }),
        ("process_virtual_memory_bytes", |reading| {
            Some(reading.virtual_)
        }),
    ];
    for (name, of) in sizes {
        if let Some(place) = group.gauge(name, Encoding::Unsigned) {
            CallbackGauge::<Bytes>::new(place)
                .register_optional(read(of))
                .detach();
        }
    }
    let numbers: [(_, Part); 3] = [
        ("process_open_fds", |reading| reading.open_fds),
        ("process_max_fds", |reading| reading.max_fds),
        ("process_threads", |reading| Some(reading.threads)),
    ];
    for (name, of) in numbers {
        if let Some(place) = group.gauge(name, Encoding::Float) {
            CallbackGauge::<Dimensionless>::new(place)
                .register_optional(read(of))
                .detach();
        }
    }
    group.finish("process.toml")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_read() {
        let reading = Sampler::own().read().expect("it is alive");
        assert!(reading.resident > 100_000 && reading.virtual_ >= reading.resident);
        assert!(reading.open_fds >= Some(3) && reading.max_fds >= reading.open_fds);
        let now = std::time::SystemTime::UNIX_EPOCH
            .elapsed()
            .expect("it is later");
        let age = now.abs_diff(reading.started.expect("it was started"));
        assert!(age < Duration::from_secs(3600), "{age:?}");
    }

    #[test]
    fn a_missing_process_is_not_read() {
        // The kernel does not assign ids that high.
        assert_eq!(Sampler::new(u32::MAX / 4).read(), None);
    }
}

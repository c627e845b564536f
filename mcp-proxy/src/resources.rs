//! Resource usage of processes and of the runtime, read at each scrape: the groups `proxy` and `tokio`.

mod children;

pub use children::{Children, CountedChild, ServerChildren};

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use shadowcat_metrics::shadowcat::Metrics;
use tokio::runtime::{Handle, RuntimeMetrics};
use tokio_metrics::TaskMonitor;

/// How long a reading is reused. All metrics of one scrape are read within this time, so the kernel is asked
/// once.
const GOOD_FOR: Duration = Duration::from_millis(100);

/// A process's resource usage, as reported by the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    pid: u32,
    last: Mutex<Option<(Instant, Option<Reading>)>>,
}

impl Sampler {
    /// Creates the sampler of the process with this id.
    #[must_use]
    pub const fn new(pid: u32) -> Self {
        Self {
            pid,
            last: Mutex::new(None),
        }
    }

    /// Returns the current usage, or `None` if the process is gone or the kernel does not report it.
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
    // The kernel's tick rate is 100 on every supported system, and always fits in 32 bits.
    procfs::ticks_per_second().try_into().unwrap_or(100)
}

#[cfg(not(target_os = "linux"))]
const fn read(_: u32) -> Option<Reading> {
    None
}

/// Registers the proxy's own process, which is then read at every scrape.
pub fn register(metrics: &Metrics) {
    let sampler = Arc::new(Sampler::new(std::process::id()));
    let proxy = metrics.proxy();
    let guards = [
        proxy
            .cpu()
            .register_optional(value(&sampler, |reading| Some(reading.cpu))),
        proxy
            .resident_memory()
            .register_optional(value(&sampler, |reading| Some(reading.resident))),
        proxy
            .virtual_memory()
            .register_optional(value(&sampler, |reading| Some(reading.virtual_))),
        proxy
            .open_fds()
            .register_optional(value(&sampler, |reading| reading.open_fds)),
        proxy
            .max_fds()
            .register_optional(value(&sampler, |reading| reading.max_fds)),
        proxy
            .threads()
            .register_optional(value(&sampler, |reading| Some(reading.threads))),
        proxy
            .start_time()
            .register_optional(value(&sampler, |reading| reading.started)),
    ];
    for guard in guards {
        guard.detach();
    }
}

/// Returns a callback that reads one value of the process.
fn value<T>(
    sampler: &Arc<Sampler>,
    of: fn(Reading) -> Option<T>,
) -> impl Fn() -> Option<T> + Send + Sync + 'static
where
    T: 'static,
{
    let sampler = Arc::clone(sampler);
    move || sampler.read().and_then(of)
}

/// Monitors the tasks that do the proxy's work. Clones share the monitor.
#[derive(Debug, Clone)]
pub struct Runtime {
    sessions: TaskMonitor,
}

impl Runtime {
    /// Registers the current runtime, which is then read at every scrape.
    ///
    /// # Panics
    ///
    /// If it is not called on a tokio runtime.
    #[must_use]
    pub fn register(metrics: &Metrics) -> Self {
        let runtime = Handle::current().metrics();
        let sessions = TaskMonitor::new();
        let tokio = metrics.tokio();
        let workers = runtime.num_workers();
        let guards = [
            tokio.workers().register(move || workers),
            tokio.alive_tasks().register({
                let runtime = runtime.clone();
                move || runtime.num_alive_tasks()
            }),
            tokio.queue_depth().register({
                let runtime = runtime.clone();
                move || runtime.global_queue_depth()
            }),
            tokio.busy().register({
                let runtime = runtime.clone();
                move || busy(&runtime)
            }),
            tokio.utilization().register({
                let utilization = Utilization::new(&runtime);
                move || utilization.read(busy(&runtime))
            }),
            tokio.polls().register({
                let sessions = sessions.clone();
                move || sessions.cumulative().total_poll_count
            }),
            tokio.poll_duration().register({
                let sessions = sessions.clone();
                move || sessions.cumulative().total_poll_duration
            }),
        ];
        for guard in guards {
            guard.detach();
        }
        Self { sessions }
    }

    /// Wraps a future, so that its polls are counted.
    pub fn watch<F: Future>(&self, session: F) -> impl Future<Output = F::Output> + use<F> {
        self.sessions.instrument(session)
    }
}

/// Returns the total busy time of all workers.
fn busy(runtime: &RuntimeMetrics) -> Duration {
    (0..runtime.num_workers())
        .map(|worker| runtime.worker_total_busy_duration(worker))
        .sum()
}

/// The share of time that workers were busy between two readings.
struct Utilization {
    workers: f64,
    last: Mutex<(Instant, Duration, f64)>,
}

/// Shortest interval between readings; an earlier one returns the previous value, so that two scrapers do not
/// distort each other's share.
const SHORTEST: Duration = Duration::from_millis(500);

impl Utilization {
    fn new(runtime: &RuntimeMetrics) -> Arc<Self> {
        Arc::new(Self {
            workers: runtime.num_workers() as f64,
            last: Mutex::new((Instant::now(), busy(runtime), 0.0)),
        })
    }

    fn read(&self, busy: Duration) -> f64 {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, before, _) = *last;
        let elapsed = at.elapsed();
        if elapsed >= SHORTEST {
            let worked = busy.saturating_sub(before).as_secs_f64();
            // A worker's busy time is added when it parks, so it may belong to an earlier interval.
            let share = (worked / (elapsed.as_secs_f64() * self.workers)).clamp(0.0, 1.0);
            *last = (Instant::now(), busy, share);
        }
        last.2
    }
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
    fn a_missing_process_is_not_read() {
        // The kernel does not assign ids that high.
        assert_eq!(Sampler::new(u32::MAX / 4).read(), None);
    }
}

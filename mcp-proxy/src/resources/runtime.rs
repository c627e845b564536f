//! The tokio runtime: the group `tokio`. Only what it tells in its stable interface, so no build flag is needed.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use shadowcat_metrics::Metrics;
use tokio::runtime::{Handle, RuntimeMetrics};
use tokio_metrics::TaskMonitor;

/// Watches the tasks that are the proxy's real work. Clones watch the same.
#[derive(Debug, Clone)]
pub struct Runtime {
    sessions: TaskMonitor,
}

impl Runtime {
    /// Has the runtime that this is called on read at every scrape, for as long as there are metrics.
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

    /// The same future, whose polls are counted.
    pub fn watch<F: Future>(&self, session: F) -> impl Future<Output = F::Output> + use<F> {
        self.sessions.instrument(session)
    }
}

/// What all workers were busy for.
fn busy(runtime: &RuntimeMetrics) -> Duration {
    (0..runtime.num_workers())
        .map(|worker| runtime.worker_total_busy_duration(worker))
        .sum()
}

/// The share of time that workers were busy, from one reading to the next.
struct Utilization {
    workers: f64,
    last: Mutex<(Instant, Duration, f64)>,
}

/// Readings closer together than this give what the earlier one gave: two scrapers must not spoil each other's share.
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
            // A worker's time is added when it parks, and may then be of longer ago.
            let share = (worked / (elapsed.as_secs_f64() * self.workers)).clamp(0.0, 1.0);
            *last = (Instant::now(), busy, share);
        }
        last.2
    }
}

//! Resource usage of processes and of the runtime, read at each scrape: the groups `proxy` and `tokio`.

mod children;

pub use children::{Children, CountedChild, ServerChildren};

use std::future::Future;

use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::{process, runtime};
use tokio_metrics::TaskMonitor;
use tracing::warn;

/// Monitors the tasks that do the proxy's work. Clones share the monitor.
#[derive(Debug, Clone)]
pub struct Runtime {
    sessions: TaskMonitor,
}

impl Runtime {
    /// Registers the program's process and the current runtime, which are then read at every scrape.
    ///
    /// # Panics
    ///
    /// If it is not called on a tokio runtime.
    #[must_use]
    pub fn register(metrics: &Metrics) -> Self {
        for registered in [process::register(metrics), runtime::register(metrics)] {
            if let Err(missing) = registered {
                warn!("{missing}");
            }
        }
        let sessions = TaskMonitor::new();
        let tokio = metrics.tokio();
        let guards = [
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

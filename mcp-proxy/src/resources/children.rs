//! Resource usage of the proxy's children for each server: the group `child`.
//!
//! Several sessions may each have a child of the same server. They share one series, so their values are
//! summed.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use shadowcat_metrics::CallbackGuard;
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::Server;

use crate::process::child::ServerHealth;
use crate::process::pipes::ServerPipes;
use shadowcat_metrics::process::{Reading, Sampler};

/// The children of all servers. Clones share them.
#[derive(Debug, Clone)]
pub struct Children {
    metrics: Metrics,
    servers: Arc<Mutex<HashMap<String, Known>>>,
}

/// State of a server that outlasts its children, because its processor time is a counter and must not go
/// down.
#[derive(Debug, Default)]
struct Known {
    alive: Arc<Mutex<Alive>>,
    shared: Weak<Shared>,
}

/// The children of one server. Its series are exposed while one of these handles, or a child, exists.
#[derive(Debug, Clone)]
pub struct ServerChildren(Arc<Shared>);

/// Counts one child among its server's until it is dropped.
#[derive(Debug)]
pub struct CountedChild {
    sampler: Arc<Child>,
    server: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    alive: Arc<Mutex<Alive>>,
    health: Arc<ServerHealth>,
    pipes: ServerPipes,
    _callbacks: [CallbackGuard; 7],
}

#[derive(Debug, Default)]
struct Alive {
    children: Vec<Arc<Child>>,
    /// Last reading of the processor time of all children that are gone, or `None` if none is gone.
    cpu_of_gone: Option<Duration>,
}

#[derive(Debug)]
struct Child {
    sampler: Sampler,
    cpu: Mutex<Duration>,
}

impl Children {
    /// Creates an empty set.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        Self {
            metrics: metrics.clone(),
            servers: Arc::default(),
        }
    }

    /// Returns the children of one server.
    #[must_use]
    pub fn of(&self, server: &Server) -> ServerChildren {
        let mut servers = self.servers.lock();
        let known = servers.entry(server.to_string()).or_default();
        if let Some(shared) = known.shared.upgrade() {
            return ServerChildren(shared);
        }
        let shared = Shared::register(&self.metrics, server, Arc::clone(&known.alive));
        let shared = Arc::new(shared);
        known.shared = Arc::downgrade(&shared);
        ServerChildren(shared)
    }
}

impl ServerChildren {
    /// Returns their combined health.
    #[must_use]
    pub fn health(&self) -> Arc<ServerHealth> {
        Arc::clone(&self.0.health)
    }

    /// Returns their pipes.
    #[must_use]
    pub fn pipes(&self) -> &ServerPipes {
        &self.0.pipes
    }

    /// Adds the newly started child with this process id.
    #[must_use]
    pub fn count(&self, pid: u32) -> CountedChild {
        let child = Arc::new(Child {
            sampler: Sampler::new(pid),
            cpu: Mutex::default(),
        });
        self.0.alive.lock().children.push(Arc::clone(&child));
        CountedChild {
            sampler: child,
            server: Arc::clone(&self.0),
        }
    }
}

impl Drop for CountedChild {
    fn drop(&mut self) {
        let mut alive = self.server.alive.lock();
        alive
            .children
            .retain(|child| !Arc::ptr_eq(child, &self.sampler));
        let cpu = *self.sampler.cpu.lock();
        *alive.cpu_of_gone.get_or_insert_default() += cpu;
    }
}

impl Shared {
    fn register(metrics: &Metrics, server: &Server, alive: Arc<Mutex<Alive>>) -> Self {
        let child = metrics.child(server);
        let resident = sum(&alive, |reading| Some(reading.resident));
        let virtual_ = sum(&alive, |reading| Some(reading.virtual_));
        let open_fds = sum(&alive, |reading| reading.open_fds);
        let max_fds = sum(&alive, |reading| reading.max_fds);
        let threads = sum(&alive, |reading| Some(reading.threads));
        let started = read(&alive, |alive| {
            let started = alive.readings().filter_map(|reading| reading.started);
            started.max()
        });
        let callbacks = [
            child.cpu().register_optional(read(&alive, Alive::cpu)),
            child.resident_memory().register_optional(resident),
            child.virtual_memory().register_optional(virtual_),
            child.open_fds().register_optional(open_fds),
            child.max_fds().register_optional(max_fds),
            child.threads().register_optional(threads),
            child.start_time().register_optional(started),
        ];
        Self {
            alive,
            health: Arc::new(ServerHealth::new(metrics.process(server))),
            pipes: ServerPipes::new(&metrics.stdio(server)),
            _callbacks: callbacks,
        }
    }
}

impl Alive {
    fn readings(&self) -> impl Iterator<Item = Reading> {
        self.children
            .iter()
            .filter_map(|child| child.sampler.read())
    }

    /// Returns the total processor time. It never goes down: a child that is no longer readable keeps its
    /// last value.
    fn cpu(&self) -> Option<Duration> {
        let of_alive = self.children.iter().map(|child| child.cpu());
        of_alive
            .chain(self.cpu_of_gone)
            .reduce(Duration::saturating_add)
    }
}

impl Child {
    fn cpu(&self) -> Duration {
        let mut seen = self.cpu.lock();
        if let Some(reading) = self.sampler.read() {
            *seen = reading.cpu.max(*seen);
        }
        *seen
    }
}

/// Returns a callback that sums one value over all children, and gives `None` if no child reports it.
fn sum(
    alive: &Arc<Mutex<Alive>>,
    of: fn(Reading) -> Option<u64>,
) -> impl Fn() -> Option<u64> + Send + Sync + 'static {
    read(alive, move |alive| {
        alive.readings().filter_map(of).reduce(u64::saturating_add)
    })
}

/// Returns a callback that reads a value of the children.
fn read<T: 'static>(
    alive: &Arc<Mutex<Alive>>,
    of: impl Fn(&Alive) -> Option<T> + Send + Sync + 'static,
) -> impl Fn() -> Option<T> + Send + Sync + 'static {
    let alive = Arc::clone(alive);
    move || of(&alive.lock())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn children_of_one_server_are_summed_and_its_series_go_with_them() {
        let metrics = Metrics::new();
        let children = Children::new(&metrics);
        let files = metrics.server("files");
        let of_files = children.of(&files);
        let threads = || metrics.snapshot().child("files").threads();
        assert_eq!(threads(), None);

        let this = of_files.count(std::process::id());
        let one = threads().expect("this process has threads");
        let again = children.of(&files).count(std::process::id());
        assert!(threads() >= Some(one + 1.0), "two of them");
        let cpu = metrics.snapshot().child("files").cpu();
        assert!(cpu.is_some());

        drop((this, again));
        assert_eq!(threads(), None);
        assert_eq!(metrics.snapshot().child("files").resident_memory(), None);
        assert!(
            metrics.snapshot().child("files").cpu() >= cpu,
            "it never goes down"
        );
        drop((of_files, files));
        assert_eq!(metrics.snapshot().child("files").cpu(), None);

        let files = metrics.server("files");
        let _again = children.of(&files);
        assert!(
            metrics.snapshot().child("files").cpu() >= cpu,
            "neither when the server is back"
        );
    }
}

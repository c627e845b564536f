//! A library with metrics of its own. Its schema has its own namespace, so its names never clash with those of an
//! application. The application passes a `Metrics` in, and decides whether and where it is exposed; without one,
//! `Metrics::disabled()` records nothing.

/// The recorders generated from this crate's `metrics.toml`.
pub mod metrics {
    shadowcat_metrics::metrics!("metrics.toml");
}

use metrics::{ConnectionsRecorder, Metrics};

/// A pool of connections.
#[derive(Debug)]
pub struct Pool {
    idle: Vec<Connection>,
    recorder: ConnectionsRecorder,
}

/// A connection.
#[derive(Debug)]
pub struct Connection;

impl Pool {
    /// Creates an empty pool that records to `metrics`.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        Self {
            idle: Vec::new(),
            recorder: metrics.connections(),
        }
    }

    /// Returns an idle connection, or opens one.
    pub fn take(&mut self) -> Connection {
        if let Some(connection) = self.idle.pop() {
            self.recorder.idle().dec();
            return connection;
        }
        self.recorder.opened().inc();
        Connection
    }

    /// Puts a connection back for later use.
    pub fn put_back(&mut self, connection: Connection) {
        self.idle.push(connection);
        self.recorder.idle().inc();
    }
}

//! The program's own part of telemetry: it makes the one [`Metrics`], says what is running, serves `/metrics`, and sets
//! up the log. All else gets the metrics handed down.

use std::io;
use std::io::IsTerminal;
use std::net::SocketAddr;

use shadowcat_metrics::exporter::Server;
use shadowcat_metrics::labels::Profile;
use shadowcat_metrics::{Metrics, exporter};
use tracing::warn;
use tracing_subscriber::EnvFilter;

use crate::cli::MetricsAddress;
use mcp_proxy::resources;
use mcp_proxy::resources::Runtime;

/// An address to serve on cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("cannot serve {what} on {address}: {error}; {advice}")]
pub(crate) struct BindError {
    what: &'static str,
    address: SocketAddr,
    error: io::Error,
    advice: &'static str,
}

impl BindError {
    /// That of the metrics.
    pub(crate) const fn of_metrics(address: SocketAddr, error: io::Error) -> Self {
        Self {
            what: "metrics",
            address,
            error,
            advice: "use --metrics 127.0.0.1:0 for a free port, or --metrics off",
        }
    }

    /// That of the servers.
    pub(crate) const fn of_front(address: SocketAddr, error: io::Error) -> Self {
        Self {
            what: "clients",
            address,
            error,
            advice: "use --listen 127.0.0.1:0 for a free port",
        }
    }
}

/// The program's metrics, and the server that exposes them.
#[derive(Debug)]
pub(crate) struct Telemetry {
    metrics: Metrics,
    runtime: Runtime,
    server: Option<Server>,
}

impl Telemetry {
    /// Records, and serves what is recorded at `address`, or at the default one.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound.
    pub(crate) async fn start(address: Option<MetricsAddress>) -> Result<Self, BindError> {
        let metrics = Metrics::new();
        let profile = if cfg!(debug_assertions) {
            Profile::Debug
        } else {
            Profile::Release
        };
        metrics
            .build()
            .info()
            .set([env!("CARGO_PKG_VERSION"), profile.as_str()]);
        resources::register(&metrics);
        let runtime = Runtime::register(&metrics);
        let server = match address.unwrap_or(DEFAULT) {
            MetricsAddress::Off => None,
            MetricsAddress::At(address) => {
                let server = exporter::serve(&metrics, address).await;
                Some(server.map_err(|error| BindError::of_metrics(address, error))?)
            }
        };
        Ok(Self {
            metrics,
            runtime,
            server,
        })
    }

    /// Like [`start`](Self::start), but does not fail for a default that somebody else has taken: then it takes a free
    /// port. A user who has named no address did not ask for the session to depend on one.
    ///
    /// # Errors
    ///
    /// If the address that the user named cannot be bound.
    pub(crate) async fn start_lenient(address: Option<MetricsAddress>) -> Result<Self, BindError> {
        match (Self::start(address).await, address) {
            (Err(taken), None) => {
                warn!("{taken}");
                Self::start(Some(MetricsAddress::At(([127, 0, 0, 1], 0).into()))).await
            }
            (started, _) => started,
        }
    }

    /// The metrics, to be handed down.
    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The runtime, to watch sessions with.
    pub(crate) const fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Says on standard error where the metrics are.
    pub(crate) fn announce(&self) {
        match &self.server {
            Some(server) => eprintln!("metrics: http://{}{}", server.local_addr(), exporter::PATH),
            None => eprintln!("metrics: not served"),
        }
    }

    /// Stops serving. A scrape that is under way gets its answer.
    pub(crate) async fn stop(self) {
        if let Some(server) = self.server {
            server.shutdown().await;
        }
    }
}

/// Where metrics are served unless the user says otherwise.
const DEFAULT: MetricsAddress = MetricsAddress::At(exporter::DEFAULT_ADDRESS);

/// Logs to standard error, because standard output may belong to the protocol. `RUST_LOG` goes before `default`.
pub(crate) fn log_to_stderr(default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
}

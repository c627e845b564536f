//! The program's telemetry: creates the one [`Metrics`], describes the build, serves `/metrics`, pushes over OTLP and sets up
//! the log. Everything else is passed the metrics.

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::Duration;

use shadowcat_metrics::exporter::Server;
use shadowcat_metrics::otlp::{Push, Pusher};
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::Profile;
use shadowcat_metrics::{Options, exporter};
use tracing::warn;
use tracing_subscriber::EnvFilter;

use crate::cli;
use crate::cli::MetricsAddress;
use crate::run::Failure;
use mcp_proxy::resources::Runtime;
use mcp_proxy::spans;

/// An address that cannot be bound.
#[derive(Debug, thiserror::Error)]
#[error("cannot serve {what} on {address}: {error}; {advice}")]
pub(crate) struct BindError {
    pub(crate) what: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) error: io::Error,
    pub(crate) advice: &'static str,
}

/// The program's metrics, with the server and the pusher that export them.
#[derive(Debug)]
pub(crate) struct Telemetry {
    pub(crate) metrics: Metrics,
    /// Measures the runtime and the tasks of sessions.
    pub(crate) runtime: Runtime,
    server: Option<Server>,
    pusher: Pusher,
}

impl Telemetry {
    /// Starts recording, serves the metrics at the address of `options` or at the default address, and pushes them if the
    /// environment names a receiver.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound, or variables of the environment are wrong.
    pub(crate) async fn start(options: cli::Metrics, log: &Log) -> Result<Self, Failure> {
        let metrics =
            Metrics::with_options(Options::default().created_lines(options.created_lines));
        let dropped = Arc::clone(&log.dropped);
        metrics
            .log()
            .dropped_lines()
            .register(move || dropped.load(Ordering::Relaxed))
            .detach();
        let profile = if cfg!(debug_assertions) {
            Profile::Debug
        } else {
            Profile::Release
        };
        metrics
            .build()
            .info()
            .set([env!("CARGO_PKG_VERSION"), profile.as_str()]);
        let runtime = Runtime::register(&metrics);
        let server = match options.address.unwrap_or(DEFAULT) {
            MetricsAddress::Off => None,
            MetricsAddress::At(address) => {
                let server = exporter::serve(&metrics, address).await;
                Some(server.map_err(|error| BindError {
                    what: "metrics",
                    address,
                    error,
                    advice: "use --metrics 127.0.0.1:0 for a free port, or --metrics off",
                })?)
            }
        };
        #[cfg(all(feature = "heap-profile", target_os = "linux"))]
        if let Some(address) = options.heap_profile {
            crate::heap_profile::serve(address).await?;
        }
        spans::start().map_err(|error| Failure::Usage(error.to_string()))?;
        let pusher = push(&metrics)?;
        Ok(Self {
            metrics,
            runtime,
            server,
            pusher,
        })
    }

    /// Like [`start`](Self::start), but takes a free port if the user named no address and the default address is in use.
    ///
    /// # Errors
    ///
    /// If the address that the user named cannot be bound, or variables of the environment are wrong.
    pub(crate) async fn start_lenient(options: cli::Metrics, log: &Log) -> Result<Self, Failure> {
        match (Self::start(options, log).await, options.address) {
            (Err(Failure::Bind(taken)), None) => {
                warn!("{taken}");
                let free = cli::Metrics {
                    address: Some(MetricsAddress::At(([127, 0, 0, 1], 0).into())),
                    ..options
                };
                Self::start(free, log).await
            }
            (started, _) => started,
        }
    }

    /// Prints the address of the metrics on standard error.
    pub(crate) fn announce(&self) {
        match &self.server {
            Some(server) => eprintln!("metrics: http://{}{}", server.local_addr(), exporter::PATH),
            None => eprintln!("metrics: not served"),
        }
    }

    /// Exports the last spans, pushes the last values, and stops serving after answering the scrape that is in progress, if any.
    pub(crate) async fn stop(self) {
        let pusher = self.pusher;
        // A failure was logged by the function of `on_failure`.
        let last = tokio::task::spawn_blocking(|| {
            spans::shut_down();
            pusher.shutdown()
        });
        let _ = last.await;
        if let Some(server) = self.server {
            server.shutdown().await;
        }
    }
}

/// Starts pushing if the environment names a receiver.
fn push(metrics: &Metrics) -> Result<Pusher, Failure> {
    const ENDPOINTS: [&str; 2] = [
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
    ];
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let pusher = if ENDPOINTS.iter().any(is_set) {
        let push = Push::from_env(metrics).map_err(|error| Failure::Usage(error.to_string()))?;
        let push = push.on_failure(|failure| warn!("{failure}"));
        push.start()
            .map_err(|error| Failure::Usage(error.to_string()))?
    } else {
        Pusher::disabled()
    };
    pusher
        .register(metrics)
        .map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(pusher)
}

/// Default address of the metrics page.
const DEFAULT: MetricsAddress = MetricsAddress::At(exporter::DEFAULT_ADDRESS);

/// The log: lines on standard error, because standard output may belong to the protocol.
///
/// A dedicated thread writes them. While nobody reads standard error, that thread blocks; lines beyond the
/// queue's capacity are dropped and counted, so that nothing else blocks.
#[derive(Debug, Clone)]
pub(crate) struct Log {
    lines: SyncSender<Line>,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Line {
    Text(Vec<u8>),
    /// Dropped once all lines before it are written.
    Written(SyncSender<()>),
}

/// Capacity of the queue of unwritten lines.
const LOG_LINES: usize = 8192;

impl Log {
    /// Starts the log. `RUST_LOG` takes precedence over `default`.
    pub(crate) fn start(default: &str) -> Self {
        let (lines, waiting) = sync_channel(LOG_LINES);
        let log = Self {
            lines,
            dropped: Arc::default(),
        };
        std::thread::spawn(move || {
            for line in waiting {
                match line {
                    // There is no place to report that standard error is closed.
                    Line::Text(text) => drop(io::stderr().write_all(&text)),
                    Line::Written(signal) => drop(signal),
                }
            }
        });
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(move || writer.clone())
            .with_ansi(io::stderr().is_terminal())
            .init();
        log
    }

    /// Logs a last message, and waits up to `max_wait` until it and everything before it is written.
    pub(crate) fn finish(mut self, last: Option<&str>, max_wait: Duration) {
        if let Some(last) = last {
            // Writing to the log never fails.
            let _ = writeln!(self, "{last}");
        }
        let (signal, written) = sync_channel(0);
        if self.lines.try_send(Line::Written(signal)).is_ok() {
            // The error is the expected signal: the other end was dropped.
            let _ = written.recv_timeout(max_wait);
        }
    }
}

/// Each write is one line.
impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.lines.try_send(Line::Text(line.to_vec())).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

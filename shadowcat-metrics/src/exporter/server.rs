//! A stand-alone server for `/metrics`.
//!
//! A tokio runtime may lack timers or IO, and has no method to check for them. The first use of a missing driver panics, so the
//! server triggers this panic when it starts, catches it, and returns an error.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::listen::{self, Limits, WriteTimeout};
use super::{Exporter, PATH};

/// Size limit of a connection's buffer in bytes. It also limits a request's headers.
const BUFFER: usize = 16 * 1024;

const MAX_HEADERS: usize = 64;

const INDEX: &str = concat!(
    "<!DOCTYPE html><html lang=\"en\"><title>Metrics</title>",
    "<p><a href=\"metrics\">Metrics</a>, as text for Prometheus.</p></html>\n",
);

/// A server that runs until [`shutdown`](Self::shutdown) is called or it is dropped.
#[derive(Debug)]
#[must_use = "a server stops when it is dropped"]
pub struct Server {
    address: SocketAddr,
    /// Dropping this stops the server.
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    pub(super) fn start(listener: TcpListener, exporter: Exporter) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(run(listener, exporter, stopped));
        Ok(Self {
            address,
            stop,
            task,
        })
    }

    /// Returns the address that the server listens on, with the actual port if the requested port was 0.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting connections, and waits for pending responses up to the response timeout. Dropping the
    /// server does the same without waiting.
    pub async fn shutdown(self) {
        drop(self.stop);
        // Fails only if the runtime is shutting down, and with it the server.
        let _ = self.task.await;
    }
}

async fn run(listener: TcpListener, exporter: Exporter, stopped: oneshot::Receiver<()>) {
    let service = TowerToHyperService::new(routes(&exporter));
    let limits = Limits {
        max_connections: exporter.max_connections,
        header_timeout: exporter.header_timeout,
        write: WriteTimeout::Whole(exporter.response_timeout),
        buffer: BUFFER,
        max_headers: MAX_HEADERS,
        // A client may close its sending side after the request.
        half_close: true,
    };
    let stopped = async {
        let _ = stopped.await;
    };
    let connect = |stream| (stream, service.clone());
    let connections = listen::serve(listener, limits, connect, || {}, stopped).await;
    connections
        .finish(Instant::now() + exporter.response_timeout)
        .await;
}

fn routes(exporter: &Exporter) -> Router {
    let nowhere = async || {
        (
            StatusCode::NOT_FOUND,
            format!("The metrics are at {PATH}.\n"),
        )
    };
    exporter
        .router()
        .route("/", get(Html(INDEX)))
        .fallback(nowhere)
}

/// Returns an error if there is no runtime, or it has no timers.
pub(super) fn require_timers() -> io::Result<()> {
    if Handle::try_current().is_err() {
        return Err(io::Error::other(
            "the exporter must be started inside a tokio runtime",
        ));
    }
    catch_unwind(|| drop(sleep(Duration::ZERO))).map_err(|_| {
        io::Error::other(
            "the tokio runtime has no timers: call `enable_time` or `enable_all` on its builder",
        )
    })
}

/// Returns the result of the first IO operation, or an error if the runtime has none.
pub(super) async fn require_io<T>(io: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    let mut io = pin!(io);
    poll_fn(|context| {
        catch_unwind(AssertUnwindSafe(|| io.as_mut().poll(context))).unwrap_or_else(|_| {
            let error =
                "the tokio runtime has no IO: call `enable_io` or `enable_all` on its builder";
            Err(io::Error::other(error)).into()
        })
    })
    .await
}

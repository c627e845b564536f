//! A server of its own: accepting connections, serving them within limits, and stopping.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::deadline::Deadline;
use super::{Exporter, PATH};

/// How long to leave the operating system alone after it could not accept a connection, for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// The most that a connection buffers, which bounds a request's headers.
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
    /// The server stops when this is dropped.
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

    /// Where it listens; with the port that it got if any was asked for.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting connections and waits, for as long as a peer has to take an answer, for those that are being
    /// served. Dropping the server does the same without waiting.
    pub async fn shutdown(self) {
        drop(self.stop);
        // It can only fail if the runtime is being shut down, and then there is nothing left to stop.
        let _ = self.task.await;
    }
}

async fn run(listener: TcpListener, exporter: Exporter, mut stopped: oneshot::Receiver<()>) {
    let service = TowerToHyperService::new(routes(&exporter));
    let http = http(&exporter);
    let permits = exporter.max_connections.clamp(1, Semaphore::MAX_PERMITS);
    let permits = Arc::new(Semaphore::new(permits));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let (stream, permit) = select! {
            accepted = accept(&listener, &permits) => accepted,
            _ = &mut stopped => break,
        };
        let stream = TokioIo::new(Deadline::new(stream, exporter.response_timeout));
        let connection = graceful.watch(http.serve_connection(stream, service.clone()));
        connections.spawn(async move {
            // What goes wrong on a connection is the peer's doing, and the peer has been told if it could be.
            let _ = connection.await;
            drop(permit);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    // Those that are not done by then are cut off, as `connections` is dropped.
    let _ = timeout(exporter.response_timeout, graceful.shutdown()).await;
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

fn http(exporter: &Exporter) -> http1::Builder {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(exporter.header_timeout)
        .max_buf_size(BUFFER)
        .max_headers(MAX_HEADERS)
        // A client may close its own side once it has asked.
        .half_close(true);
    http
}

/// Waits until there is room for a connection, and then for one to come.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (TcpStream, Option<OwnedSemaphorePermit>) {
    // The semaphore is never closed, so there is a permit.
    let permit = Arc::clone(permits).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // The answer is written at once, so there is nothing to wait for and join.
                let _ = stream.set_nodelay(true);
                return (stream, permit);
            }
            Err(error) if is_peers(&error) => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

/// Whether the connection failed, rather than accepting it.
fn is_peers(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

//! Accepting connections, serving them within limits, and stopping.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::{Shared, answer};

/// How long to leave the operating system alone after it could not accept a connection, for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// The most that a connection buffers, which bounds a request's head.
const BUFFER: usize = 64 * 1024;

const MAX_HEADERS: usize = 100;

/// Serves until `stop`, and then drains.
pub(super) async fn run(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    let settings = &shared.settings;
    let permits = settings.max_connections.clamp(1, Semaphore::MAX_PERMITS);
    let permits = Arc::new(Semaphore::new(permits));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(settings.head_timeout)
        .max_buf_size(BUFFER)
        .max_headers(MAX_HEADERS);
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let (stream, permit) = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = stop.cancelled() => break,
        };
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(settings.write_timeout));
        let carried = AtomicBool::new(false);
        let shared = Arc::clone(&shared);
        let service = service_fn(move |request| {
            // One connection carries one exchange after the other, so this is exact.
            if carried.swap(true, Ordering::Relaxed) {
                shared.http.connections_reused().inc();
            } else {
                shared.http.connections_opened().inc();
            }
            let shared = Arc::clone(&shared);
            async move { Ok::<_, Infallible>(answer::answer(&shared, request).await) }
        });
        let connection =
            graceful.watch(http.serve_connection(TokioIo::new(Box::pin(stream)), service));
        connections.spawn(async move {
            if let Err(error) = connection.await {
                // The peer's doing, and the peer has been told if it could be.
                debug!(%error, "a connection ended early");
            }
            drop(permit);
        });
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    let deadline = Instant::now() + settings.drain;
    shared.registry.drain(deadline).await;
    // Sessions are over, so streams are; what is left are answers on their way. Those that are not taken by then are
    // cut off, as `connections` is dropped.
    let _ = timeout_at(deadline, graceful.shutdown()).await;
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
                // Each write is a whole answer or event, so there is nothing to wait for and join.
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

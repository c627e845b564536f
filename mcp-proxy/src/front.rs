//! The front: the side of the proxy that MCP clients connect to over HTTP.
//!
//! Clients of streamable HTTP talk to `/mcp`, clients of the older transport to `/sse`; each named server has the same
//! under `/NAME/`.
//!
//! What a session is, nobody here knows: each is handed to [`Accept`] as a [`Link`].

mod client;
mod registry;
mod request;
mod routes;
mod streams;

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{fmt, io};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use shadowcat_metrics::labels::{Side, Transport};
use shadowcat_metrics::{HttpRecorder, Metrics};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout_at};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::front::registry::Registry;
use crate::pool::Pools;
use crate::transport::{Edge, Link, MAX_MESSAGE};

/// A session that begins.
#[derive(Debug)]
pub struct Arrival {
    /// Its client.
    pub link: Link,
    /// What the client came over: `Http` or `Sse`.
    pub transport: Transport,
    /// The name of the server that the client wants, one of [`FrontSettings::routes`].
    pub route: Arc<str>,
}

/// Runs one session to its end.
pub type Accept =
    Arc<dyn Fn(Arrival) -> Pin<Box<dyn Future<Output = ()> + Send + 'static>> + Send + Sync>;

/// What the front allows its clients.
#[derive(Debug, Clone)]
pub struct FrontSettings {
    /// The names of the servers. The first is also at `/mcp` and `/sse`.
    pub routes: Vec<String>,
    /// Origins besides those of this machine that a browser's pages may come from, as `https://example.org`.
    pub allowed_origins: Vec<String>,
    /// Size limit of one message, in bytes.
    pub max_message: usize,
    /// Most connections at once; others wait to be accepted.
    pub max_connections: usize,
    /// Most sessions at once.
    pub max_sessions: usize,
    /// Most requests of one session that wait for their answers.
    pub max_requests: usize,
    /// Most events that a session remembers for streams that are not open.
    pub history_events: usize,
    /// Most bytes of such events.
    pub history_bytes: usize,
    /// A session without a request and without an open stream ends after this.
    pub idle: Duration,
    /// Time for a request's head, and between two requests of a connection.
    pub head_timeout: Duration,
    /// Time for a request's body, and for a session to take the message in it.
    pub body_timeout: Duration,
    /// Time for a client to take what is written to it.
    pub write_timeout: Duration,
    /// Longest silence of an event stream before a comment is sent.
    pub keep_alive: Duration,
    /// Time for answers that are under way when the front is shut down.
    pub drain: Duration,
}

impl Default for FrontSettings {
    fn default() -> Self {
        Self {
            routes: vec!["default".to_owned()],
            allowed_origins: Vec::new(),
            max_message: MAX_MESSAGE,
            max_connections: 1024,
            max_sessions: 256,
            max_requests: 64,
            history_events: 256,
            history_bytes: 1024 * 1024,
            idle: Duration::from_secs(30 * 60),
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            keep_alive: Duration::from_secs(15),
            drain: Duration::from_secs(35),
        }
    }
}

/// What all of the front's tasks share.
struct Shared {
    settings: FrontSettings,
    routes: Vec<Arc<str>>,
    /// Whether only this machine can reach the front; then requests must name this machine as their host.
    local_only: bool,
    http: HttpRecorder,
    /// Clients of streamable HTTP.
    streamable: Edge,
    /// Clients of the older transport.
    older: Edge,
    registry: Registry,
    accept: Accept,
}

/// A front that serves until [`shutdown`](Self::shutdown) is called, its token is cancelled or it is dropped.
#[must_use = "a front stops when it is dropped"]
pub struct Front {
    address: SocketAddr,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

/// Serves clients at `listener`. Each session is handed to `accept`. Cancelling `stop` is what [`Front::shutdown`] does,
/// without the waiting.
///
/// # Errors
///
/// If the listener does not know its own address.
pub fn serve(
    listener: TcpListener,
    settings: FrontSettings,
    metrics: &Metrics,
    pools: &Pools,
    accept: Accept,
    stop: &CancellationToken,
) -> io::Result<Front> {
    let address = listener.local_addr()?;
    let edge = |transport| {
        Edge::to_client(metrics, transport, pools.clone()).with_max_message(settings.max_message)
    };
    let shared = Arc::new(Shared {
        routes: settings
            .routes
            .iter()
            .map(|name| name.as_str().into())
            .collect(),
        local_only: address.ip().is_loopback(),
        http: metrics.http(Side::Client),
        streamable: edge(Transport::Http),
        older: edge(Transport::Sse),
        registry: Registry::new(settings.max_sessions),
        settings,
        accept,
    });
    let stop = stop.child_token();
    let task = tokio::spawn(run(listener, shared, stop.clone()));
    Ok(Front {
        address,
        stop,
        task: Some(task),
    })
}

impl Front {
    /// Where it listens; with the port that it got if any was asked for.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Accepts no more, lets the sessions come to their ends for as long as [`FrontSettings::drain`], and cuts off what
    /// is left then.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            // It can only fail if the runtime is being shut down, and then there is nothing left to stop.
            let _ = task.await;
        }
    }
}

impl Drop for Front {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl fmt::Debug for Front {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Front")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// How long to leave the operating system alone after it could not accept a connection, for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// The most that a connection buffers, which bounds a request's head.
const BUFFER: usize = 64 * 1024;

const MAX_HEADERS: usize = 100;

/// Serves until `stop`, and then drains.
async fn run(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
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
            async move { Ok::<_, Infallible>(routes::answer(&shared, request).await) }
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

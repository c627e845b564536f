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

use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use shadowcat_metrics::exporter::listen::{self, Limits, Patience};
use shadowcat_metrics::shadowcat::labels::{Limit, Side, Transport};
use shadowcat_metrics::shadowcat::{FrontRecorder, HttpRecorder, Metrics};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::warn;

use crate::front::registry::Registry;
use crate::pool::Pools;
use crate::transport::http::Metered;
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
    /// Hosts besides this machine that requests may name while only this machine can reach the front: what a reverse
    /// proxy in front of it is called. Each with a port, or without for any.
    pub allowed_hosts: Vec<String>,
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
            allowed_hosts: Vec::new(),
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
    limits: Reached,
    accept: Accept,
}

/// Limits that were reached: each time is counted, and the first is logged.
#[derive(Debug)]
struct Reached {
    recorder: FrontRecorder,
    logged: [AtomicBool; Limit::ALL.len()],
}

impl Reached {
    fn new(metrics: &Metrics) -> Self {
        Self {
            recorder: metrics.front(),
            logged: Default::default(),
        }
    }

    fn reached(&self, limit: Limit) {
        self.recorder.limits_reached(limit).inc();
        let logged = Limit::ALL.iter().zip(&self.logged);
        for (_, logged) in logged.filter(|(of, _)| **of == limit) {
            if !logged.swap(true, Ordering::Relaxed) {
                warn!(%limit, "a limit on what clients may take was reached; this is logged once");
            }
        }
    }
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
        limits: Reached::new(metrics),
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

/// The most that a connection buffers, which bounds a request's head.
const BUFFER: usize = 64 * 1024;

const MAX_HEADERS: usize = 100;

/// Serves until `stop`, and then drains.
async fn run(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    let settings = &shared.settings;
    let limits = Limits {
        max_connections: settings.max_connections,
        header_timeout: settings.head_timeout,
        write: Patience::Stalled(settings.write_timeout),
        buffer: BUFFER,
        max_headers: MAX_HEADERS,
        // A client that is gone must be seen to be gone, and it looks the same as one that has closed its own side.
        half_close: false,
    };
    let router = routes::router(Arc::clone(&shared));
    let service = || {
        let (shared, router) = (Arc::clone(&shared), router.clone());
        let carried = AtomicBool::new(false);
        service_fn(move |request: Request<Incoming>| {
            // One connection carries one exchange after the other, so this is exact.
            if carried.swap(true, Ordering::Relaxed) {
                shared.http.connections_reused().inc();
            } else {
                shared.http.connections_opened().inc();
            }
            let http = shared.http.clone();
            let request =
                request.map(|body| Body::new(Metered::received(body, shared.http.clone())));
            let answering = router.clone().oneshot(request);
            async move { Ok::<_, Infallible>(answering.await?.map(|body| Metered::sent(body, http))) }
        })
    };
    let full = || shared.limits.reached(Limit::Connections);
    let connections = listen::serve(listener, limits, service, full, stop.cancelled()).await;
    let deadline = Instant::now() + settings.drain;
    shared.registry.drain(deadline).await;
    // Sessions are over, so streams are; what is left are answers on their way.
    connections.finish(deadline).await;
}

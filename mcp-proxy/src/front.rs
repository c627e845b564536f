//! The front: the side of the proxy that MCP clients connect to over HTTP.
//!
//! Clients of streamable HTTP use `/mcp`, clients of the older transport `/sse`; each named server has the
//! same paths under `/NAME/`.
//!
//! This module does not know what a session is: it passes each one to [`Accept`] as a [`Link`].

mod client;
mod half_close;
mod keep_alive;
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
use shadowcat_metrics::exporter::listen::{self, GuardedBody, Limits, WriteTimeout};
use shadowcat_metrics::shadowcat::labels::{Limit, Side, Transport};
use shadowcat_metrics::shadowcat::{FrontRecorder, HttpRecorder, Metrics};
use shadowcat_metrics::{Instant, OwnedTrackGuard};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use tracing::warn;

pub use routes::is_this_machine;

use crate::descriptors;
use crate::front::half_close::{Exchanges, HalfOpen, RequestBody};
use crate::front::registry::Registry;
use crate::pool::Pools;
use crate::spans::SessionSpan;
use crate::transport::http::Metered;
use crate::transport::{Edge, Link, MAX_MESSAGE};

/// A session that a client has begun.
#[derive(Debug)]
pub struct NewSession {
    /// The link to its client.
    pub link: Link,
    /// The client's transport: `Http` or `Sse`.
    pub transport: Transport,
    /// The server that the client asked for, one of [`FrontSettings::routes`].
    pub route: Arc<str>,
    /// The span of the session.
    pub span: SessionSpan,
}

/// Runs one session to its end.
pub type Accept =
    Arc<dyn Fn(NewSession) -> Pin<Box<dyn Future<Output = ()> + Send + 'static>> + Send + Sync>;

/// The name in metrics of the server of a request that names no configured server.
const NO_SERVER: &str = "__none__";

/// Limits and permissions for clients.
#[derive(Debug, Clone)]
pub struct FrontSettings {
    /// The names of the servers. The first is also served at `/mcp` and `/sse`.
    pub routes: Vec<String>,
    /// Web origins that may connect in addition to those of this machine, such as `https://example.org`.
    pub allowed_origins: Vec<String>,
    /// Hosts that requests may name in addition to this machine if only this machine can reach the front: the
    /// public names of a reverse proxy. Each has a port, or none to allow any port.
    pub allowed_hosts: Vec<String>,
    /// Size limit of one message, in bytes.
    pub max_message: usize,
    /// Maximum number of open connections. When it is reached, a new one replaces the one that has waited longest for a request, or
    /// waits.
    pub max_connections: usize,
    /// Maximum number of open sessions. When it is reached, a new session replaces the stateless session that has been idle for
    /// the longest time, or is rejected.
    pub max_sessions: usize,
    /// Maximum number of unanswered requests in one session.
    pub max_requests: usize,
    /// Maximum number of events that a session keeps for closed streams.
    pub history_events: usize,
    /// Maximum size of those events, in bytes.
    pub history_bytes: usize,
    /// A session ends after this time without a request or an open stream.
    pub idle: Duration,
    /// Time limit for a request's head, and for the pause between two requests on a connection.
    pub head_timeout: Duration,
    /// Time limit for a request's body, and for the session to accept the message in it.
    pub body_timeout: Duration,
    /// Time limit for a client to read what is written to it.
    pub write_timeout: Duration,
    /// Longest silence on an event stream before a comment is sent.
    pub keep_alive: Duration,
    /// How long the response to a request without a session waits for the first message, whose kind decides the status and
    /// the media type. Then the response begins without it: as a stream, or for a client that accepts no streams and has
    /// closed its sending side, as a JSON body.
    pub first_message: Duration,
    /// Time limit for pending answers during shutdown.
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
            first_message: Duration::from_millis(500),
            drain: Duration::from_secs(35),
        }
    }
}

/// State that all tasks of the front share.
struct Shared {
    settings: FrontSettings,
    routes: Vec<Arc<Route>>,
    /// For requests that name no server.
    no_route: Arc<Route>,
    /// Whether only this machine can reach the front. If so, requests must name this machine as their host.
    local_only: bool,
    http: HttpRecorder,
    registry: Registry,
    limits: Reached,
    accept: Accept,
}

/// A server, as clients reach it.
#[derive(Debug)]
struct Route {
    name: Arc<str>,
    /// The edge to clients of streamable HTTP.
    streamable: Edge,
    /// The edge to clients of the older transport.
    older: Edge,
}

impl Shared {
    /// Returns the server that a path names: the first one at `/mcp`, or the one called `NAME` at `/NAME/mcp`.
    fn route(&self, path: &str) -> Option<&Arc<Route>> {
        match path.trim_start_matches('/').split_once('/') {
            None => self.routes.first(),
            Some((name, _)) => self.routes.iter().find(|route| *route.name == *name),
        }
    }

    /// Returns the server that a path names, or the one that stands for none.
    fn route_or_none(&self, path: &str) -> &Arc<Route> {
        self.route(path).unwrap_or(&self.no_route)
    }
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
        if !self.logged[limit as usize].swap(true, Ordering::Relaxed) {
            warn!(%limit, "a limit on what clients may use was reached; this is logged only once");
        }
    }
}

/// A connection of a client.
struct Connection {
    recorder: FrontRecorder,
    carried: AtomicBool,
    _open: OwnedTrackGuard,
}

impl Connection {
    fn open(recorder: &FrontRecorder) -> Self {
        Self {
            recorder: recorder.clone(),
            carried: AtomicBool::new(false),
            _open: recorder.connections().track_owned(),
        }
    }

    /// Records a request. A connection carries one at a time, so this is exact.
    fn carries(&self, http: &HttpRecorder) {
        if self.carried.swap(true, Ordering::Relaxed) {
            http.connections_reused().inc();
        } else {
            http.connections_opened().inc();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !*self.carried.get_mut() {
            self.recorder.empty_connections().inc();
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

/// Serves clients at `listener`, and passes each session to `accept`. Cancelling `stop` has the effect of
/// [`Front::shutdown`] without waiting for the end.
///
/// # Errors
///
/// If the listener's address cannot be read.
pub fn serve(
    listener: TcpListener,
    settings: FrontSettings,
    metrics: &Metrics,
    pools: &Pools,
    accept: Accept,
    stop: &CancellationToken,
) -> io::Result<Front> {
    let address = listener.local_addr()?;
    let route = |name: &str| {
        let server = metrics.server(name);
        let edge = |transport| {
            Edge::to_client(metrics, transport, &server, pools.clone())
                .with_max_message(settings.max_message)
        };
        Arc::new(Route {
            name: name.into(),
            streamable: edge(Transport::Http),
            older: edge(Transport::Sse),
        })
    };
    let shared = Arc::new(Shared {
        routes: settings.routes.iter().map(|name| route(name)).collect(),
        no_route: route(NO_SERVER),
        local_only: address.ip().is_loopback(),
        http: metrics.http(Side::Client),
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
    /// Returns the address that it listens on, with the actual port if the requested port was 0.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, waits up to [`FrontSettings::drain`] for sessions to end, and then aborts the rest.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            // Fails only if the runtime is shutting down, and then nothing is left to stop.
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

/// Size limit of a connection's buffer, in bytes. It also limits a request's head.
const BUFFER: usize = 64 * 1024;

const MAX_HEADERS: usize = 100;

/// Serves until `stop`, and then drains.
async fn run(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    let settings = &shared.settings;
    let limits = Limits {
        max_connections: descriptors::connections(settings.max_connections),
        header_timeout: settings.head_timeout,
        write: WriteTimeout::Stalled(settings.write_timeout),
        buffer: BUFFER,
        max_headers: MAX_HEADERS,
        // `HalfOpen` hides the end of input during an exchange. Otherwise the connection could not be read at all then.
        half_close: false,
    };
    let router = routes::router(Arc::clone(&shared));
    let connect = |stream: TcpStream| {
        let (shared, router) = (Arc::clone(&shared), router.clone());
        let exchanges = Exchanges::new();
        let connection = Connection::open(&shared.limits.recorder);
        let stream = HalfOpen::new(stream, exchanges.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            connection.carries(&shared.http);
            let running = exchanges.begin();
            let half_closed = exchanges.half_closed();
            let http = shared.http.clone();
            let mut request = request.map(|body| {
                let body = RequestBody::new(body, half_closed.clone());
                Body::new(Metered::received(body, shared.http.clone(), Instant::now()))
            });
            request.extensions_mut().insert(half_closed);
            request.extensions_mut().insert(exchanges.clone());
            let answering = router.clone().oneshot(request);
            async move {
                let answer = answering.await?.map(|body| GuardedBody {
                    body: Metered::sent(body, http),
                    guard: running,
                });
                Ok::<_, Infallible>(answer)
            }
        });
        (stream, service)
    };
    let full = || shared.limits.reached(Limit::Connections);
    let connections = listen::serve(listener, limits, connect, full, stop.cancelled()).await;
    let deadline = tokio::time::Instant::now() + settings.drain;
    shared.registry.drain(deadline).await;
    // Sessions are over, and so are their streams; only pending answers remain.
    connections.finish(deadline).await;
}

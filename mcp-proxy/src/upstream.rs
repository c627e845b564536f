//! Servers behind the proxy, over any transport: connecting to one, and ending the connection.

mod headers;
mod spec;

pub use headers::{HeaderError, HeaderSpec, Headers};
pub use spec::{Spec, Target};

use std::ffi::OsString;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use http::{HeaderMap, Uri};
use parking_lot::Mutex;
use shadowcat_metrics::shadowcat::labels::{Server, Transport};
use shadowcat_metrics::shadowcat::{Metrics, SseRecorder};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::{CancellationToken, DropGuard};
use tracing::{info, warn};
use url::Url;

use crate::backoff::{Backoff, BackoffPolicy};
use crate::pool::Pools;
use crate::process::ProcessManager;
use crate::process::child::{ManagedChild, ShutdownPolicy};
use crate::resources::Children;
use crate::spans::SessionSpan;
use crate::transport::client::{HttpClient, HttpSettings};
use crate::transport::driver::{Carrier, Driver};
use crate::transport::older::{Older, Opened};
use crate::transport::resume::Source;
use crate::transport::streamable::{HttpSession, Streamable};
use crate::transport::{Edge, Inbox, Incoming, Link, QUEUE};

/// A server, and everything that is needed to connect to it repeatedly.
#[derive(Debug)]
pub enum Upstream {
    /// A child process.
    Stdio(ProcessManager),
    /// A server reached over streamable HTTP.
    Http(RemoteServer),
    /// A server reached over the older HTTP transport with server-sent events.
    Sse(RemoteServer),
}

/// A connection to a server.
#[derive(Debug)]
pub struct Connection {
    /// Messages from and to the server.
    pub link: Link,
    /// The server at the other end.
    pub peer: Peer,
}

impl Connection {
    /// Cleans up after a server that exited or disconnected unexpectedly.
    pub async fn reap(self) {
        self.link.writer.abort();
        match self.peer {
            Peer::Child(child) => child.reap().await,
            Peer::Remote(remote) => drop(remote),
        }
    }
}

/// Why a server could not be started or reached.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The connection failed, or the server sent no valid answer.
    #[error("cannot reach {url}: {reason}")]
    Connect {
        /// The server's URL.
        url: String,
        /// The reason.
        reason: String,
    },
    /// The system could not start the program.
    #[error("cannot start {program:?}: {error}")]
    Spawn {
        /// The program.
        program: OsString,
        /// The system's error.
        error: std::io::Error,
    },
}

impl Upstream {
    /// Returns the transport that is used to reach it.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        match self {
            Self::Stdio(_) => Transport::Stdio,
            Self::Http(_) => Transport::Http,
            Self::Sse(_) => Transport::Sse,
        }
    }

    /// Connects to the server.
    ///
    /// # Errors
    ///
    /// If it cannot be reached.
    pub async fn start(&self) -> Result<Connection, StartError> {
        match self {
            Self::Stdio(manager) => manager.start(),
            Self::Http(server) => server.connect(),
            Self::Sse(server) => server.connect_older().await,
        }
    }

    /// Reconnects to the server after a connection has ended unexpectedly.
    ///
    /// # Errors
    ///
    /// If it cannot be reached.
    pub async fn restart(&self) -> Result<Connection, StartError> {
        match self {
            Self::Stdio(manager) => manager.restart(),
            Self::Http(_) | Self::Sse(_) => self.start().await,
        }
    }

    /// Sets the span of the session that uses the server.
    pub(crate) fn set_session(&mut self, session: SessionSpan) {
        session.reaches(self);
        match self {
            Self::Stdio(manager) => manager.session = session,
            Self::Http(_) | Self::Sse(_) => {}
        }
    }

    /// Returns the server's address, if it is not a child process.
    #[cfg_attr(
        not(feature = "otlp-traces"),
        expect(dead_code, reason = "only exported spans have this")
    )]
    pub(crate) const fn url(&self) -> Option<&Url> {
        match self {
            Self::Stdio(_) => None,
            Self::Http(server) | Self::Sse(server) => Some(&server.url),
        }
    }

    /// Returns the delays between attempts to reconnect.
    pub const fn backoff(&mut self) -> &mut Backoff {
        match self {
            Self::Stdio(manager) => &mut manager.backoff,
            Self::Http(server) | Self::Sse(server) => &mut server.backoff,
        }
    }
}

/// Creates an upstream for each session from the configured servers.
#[derive(Debug, Clone)]
pub struct Opener {
    metrics: Metrics,
    pools: Pools,
    children: Children,
    limits: Limits,
    backoff: BackoffPolicy,
    http: HttpSettings,
    headers: Headers,
}

impl Opener {
    /// Creates an opener with `limits` on each server.
    #[must_use]
    pub fn new(metrics: Metrics, pools: Pools, limits: Limits) -> Self {
        let children = Children::new(&metrics);
        Self {
            metrics,
            pools,
            children,
            limits,
            backoff: BackoffPolicy {
                most_attempts: limits.max_restarts,
                ..BackoffPolicy::SERVERS
            },
            http: HttpSettings::default(),
            headers: Headers::default(),
        }
    }

    /// Sets the delays between attempts to reconnect.
    #[must_use]
    pub fn with_backoff(self, backoff: BackoffPolicy) -> Self {
        Self { backoff, ..self }
    }

    /// Sets the headers for servers over HTTP.
    #[must_use]
    pub fn with_headers(self, headers: Headers) -> Self {
        Self { headers, ..self }
    }

    /// Sets the limits on HTTP exchanges.
    #[must_use]
    pub fn with_http(self, http: HttpSettings) -> Self {
        Self { http, ..self }
    }

    /// Creates the upstream for `spec` without connecting.
    ///
    /// Interns the server's name. The upstream holds it, so the server's series exist as long as its
    /// sessions.
    #[must_use]
    pub fn open(&self, spec: &Spec) -> Upstream {
        let server = self.metrics.server(&spec.name);
        let backoff = Backoff::new(self.backoff);
        match &spec.target {
            Target::Stdio(command) => {
                let edge = self.edge(Transport::Stdio, &server);
                let mut manager = ProcessManager::new(
                    &self.metrics,
                    server,
                    command.clone(),
                    edge,
                    &self.children,
                );
                manager.backoff = backoff;
                manager.shutdown = ShutdownPolicy {
                    after_end_of_input: self.limits.end_grace,
                    after_sigterm: self.limits.term_grace,
                };
                Upstream::Stdio(manager)
            }
            Target::Http(url) => Upstream::Http(self.remote(server, url, Transport::Http, backoff)),
            Target::Sse(url) => Upstream::Sse(self.remote(server, url, Transport::Sse, backoff)),
        }
    }

    fn remote(
        &self,
        server: Server,
        url: &Url,
        transport: Transport,
        backoff: Backoff,
    ) -> RemoteServer {
        let edge = self.edge(transport, &server);
        let headers = self.headers.of(server.as_ref());
        RemoteServer::new(&self.metrics, server, url, edge, self.http, backoff)
            .with_headers(headers)
    }

    fn edge(&self, transport: Transport, server: &Server) -> Edge {
        Edge::to_server(&self.metrics, transport, server, self.pools.clone())
            .with_max_message(self.limits.max_message)
    }
}

/// The server at the end of a connection.
#[derive(Debug)]
pub enum Peer {
    /// A child process, which the proxy has started and must stop.
    Child(Box<ManagedChild>),
    /// A remote server, which outlives the connection.
    Remote(Remote),
}

/// The proxy's end of a connection to a remote server.
#[derive(Debug)]
pub struct Remote {
    opened: Instant,
    /// How long the last messages in the link may take to be sent.
    flush_timeout: Duration,
    /// Stops the tasks of the link when dropped.
    _tasks: DropGuard,
}

impl Peer {
    /// Returns the time since the connection was made.
    #[must_use]
    pub fn age(&self) -> Duration {
        match self {
            Self::Child(child) => child.age(),
            Self::Remote(remote) => remote.opened.elapsed(),
        }
    }

    /// Waits until the server is gone. For a remote server this never returns: only the end of the link shows
    /// it.
    pub async fn gone(&mut self) {
        match self {
            Self::Child(child) => {
                child.exited().await;
            }
            Self::Remote(_) => std::future::pending().await,
        }
    }

    /// Ends the connection, after the link's `outgoing` was dropped.
    pub async fn shut_down(self, writer: &mut JoinHandle<()>) {
        match self {
            Self::Child(child) => {
                child.shut_down().await;
            }
            Self::Remote(remote) => {
                if timeout(remote.flush_timeout, writer).await.is_err() {
                    warn!("the server did not read its last messages");
                }
            }
        }
    }
}

/// A server at a URL, and the connections to it.
#[derive(Debug)]
pub struct RemoteServer {
    /// The delays between attempts to reconnect.
    pub backoff: Backoff,
    client: HttpClient,
    recorder: SseRecorder,
    server: Server,
    url: Url,
}

impl RemoteServer {
    /// Creates the server at `url`, with `edge` as the proxy's side.
    #[must_use]
    pub fn new(
        metrics: &Metrics,
        server: Server,
        url: &Url,
        edge: Edge,
        settings: HttpSettings,
        backoff: Backoff,
    ) -> Self {
        let mut url = url.clone();
        // The fragment is for the reader of the response and is not sent.
        url.set_fragment(None);
        Self {
            backoff,
            client: HttpClient::new(metrics, edge, &url, settings),
            recorder: metrics.sse(&server),
            server,
            url,
        }
    }

    /// Sets headers for every request.
    #[must_use]
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.client.headers = headers;
        self
    }

    /// Begins a session over streamable HTTP. Nothing is sent before the first message.
    ///
    /// # Errors
    ///
    /// If HTTP cannot request the URL.
    pub fn connect(&self) -> Result<Connection, StartError> {
        let uri = self.uri(&self.url)?;
        Ok(self.drive(|to_session, stop| Streamable {
            client: self.client.clone(),
            recorder: self.recorder.clone(),
            uri,
            session: HttpSession::default(),
            to_session,
            stop,
        }))
    }

    /// Begins a session over the older transport by opening its stream.
    ///
    /// # Errors
    ///
    /// If the stream cannot be opened, or its first event is invalid.
    pub async fn connect_older(&self) -> Result<Connection, StartError> {
        let source = Source {
            uri: self.uri(&self.url)?,
            headers: HeaderMap::new(),
        };
        let opened = Opened::open(&self.client, &self.recorder, &source, &self.url)
            .await
            .map_err(|reason| self.unreached(reason))?;
        let endpoint = self.uri(opened.endpoint())?;
        info!(server = %self.server, url = %self.url, "connected");
        Ok(self.drive(|to_session, stop| Older {
            client: self.client.clone(),
            recorder: self.recorder.clone(),
            source,
            url: self.url.clone(),
            endpoint,
            opened: Mutex::new(Some(opened)),
            to_session,
            stop,
        }))
    }

    /// Starts the task of a link.
    fn drive<C: Carrier>(
        &self,
        carrier: impl FnOnce(mpsc::Sender<Incoming>, CancellationToken) -> C,
    ) -> Connection {
        let (to_session, incoming) = mpsc::channel(QUEUE);
        let (outgoing, from_session) = mpsc::channel(QUEUE);
        let stop = CancellationToken::new();
        let driver = Driver {
            carrier: Arc::new(carrier(to_session.clone(), stop.clone())),
            edge: self.client.edge.clone(),
            to_session,
            most_in_flight: self.client.settings.most_in_flight,
            stop: stop.clone(),
        };
        let link = Link {
            incoming: Inbox::new(incoming),
            outgoing,
            writer: tokio::spawn(driver.run(from_session)),
        };
        let peer = Peer::Remote(Remote {
            opened: Instant::now(),
            flush_timeout: self.client.settings.control,
            _tasks: stop.drop_guard(),
        });
        Connection { link, peer }
    }

    fn uri(&self, url: &Url) -> Result<Uri, StartError> {
        url.as_str()
            .parse()
            .map_err(|error: http::uri::InvalidUri| self.unreached(error.to_string()))
    }

    fn unreached(&self, reason: String) -> StartError {
        StartError::Connect {
            url: self.url.to_string(),
            reason,
        }
    }
}

/// Longest time on the command line. A later point in time could be more than an `Instant` can represent.
const MAX_TIME: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Parses a time on the command line, such as `30s`. Times above a century are practically no limit, and become a century.
///
/// # Errors
///
/// If the text is not a time.
pub fn time(text: &str) -> Result<Duration, humantime::DurationError> {
    humantime::parse_duration(text).map(|time| time.min(MAX_TIME))
}

/// Limits on a server.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Size limit of one message, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = crate::transport::MAX_MESSAGE)]
    pub max_message: usize,
    /// Time a request may wait for its answer, before it is answered with an error
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = time)]
    pub answer_timeout: Duration,
    /// Time for pending answers after the client has sent its last message, or the proxy is stopped
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = time)]
    pub drain: Duration,
    /// Time a child has to exit after the end of its input, before SIGTERM
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = time)]
    pub end_grace: Duration,
    /// Time a child has to exit after SIGTERM, before SIGKILL
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = time)]
    pub term_grace: Duration,
    /// Maximum number of consecutive attempts to reconnect to a server before giving up
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    pub max_restarts: u32,
}

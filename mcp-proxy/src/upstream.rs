//! Servers behind the proxy, whatever transport reaches them: how to get a connection to one, and how to end it.

mod headers;
mod spec;

pub use headers::{HeaderError, HeaderSpec, Headers};
pub use spec::{Spec, Target};

use std::ffi::OsString;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::Args;
use http::{HeaderMap, Uri};
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
use crate::transport::client::{HttpClient, HttpSettings};
use crate::transport::driver::{Carrier, Driver};
use crate::transport::older::{Older, Opened};
use crate::transport::resume::Source;
use crate::transport::streamable::{HttpSession, Streamable};
use crate::transport::{Edge, Inbox, Incoming, Link, QUEUE};

/// A server, and all that is needed to reach it again and again.
#[derive(Debug)]
pub enum Upstream {
    /// Reached by starting it.
    Stdio(ProcessManager),
    /// Reached over streamable HTTP.
    Http(RemoteServer),
    /// Reached over the older HTTP with server-sent events.
    Sse(RemoteServer),
}

/// A server that was reached, and the link to it.
#[derive(Debug)]
pub struct Connection {
    /// Messages from and to the server.
    pub link: Link,
    /// What is at the other end.
    pub peer: Peer,
}

/// Why a server could not be reached.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no connection to be had, or no valid answer over it.
    #[error("cannot reach {url}: {reason}")]
    Connect {
        /// Where the server should be.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// The system did not start the program.
    #[error("cannot start {program:?}: {error}")]
    Spawn {
        /// What was to be started.
        program: OsString,
        /// What the system said.
        error: std::io::Error,
    },
}

impl Upstream {
    /// The transport that reaches it.
    #[must_use]
    pub const fn transport(&self) -> Transport {
        match self {
            Self::Stdio(_) => Transport::Stdio,
            Self::Http(_) => Transport::Http,
            Self::Sse(_) => Transport::Sse,
        }
    }

    /// Reaches the server.
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

    /// Reaches the server anew, after a connection has ended unasked.
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

    /// When to reach it anew, and when to give up.
    pub const fn backoff(&mut self) -> &mut Backoff {
        match self {
            Self::Stdio(manager) => &mut manager.backoff,
            Self::Http(server) | Self::Sse(server) => &mut server.backoff,
        }
    }
}

/// Makes upstreams of the servers that the user has named: one for each session.
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
    /// Of servers that may cost what `limits` say.
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

    /// The same with other waits before a server is reached anew.
    #[must_use]
    pub fn with_backoff(self, backoff: BackoffPolicy) -> Self {
        Self { backoff, ..self }
    }

    /// The same with header fields for servers over HTTP.
    #[must_use]
    pub fn with_headers(self, headers: Headers) -> Self {
        Self { headers, ..self }
    }

    /// The same with other limits on what is exchanged with servers over HTTP.
    #[must_use]
    pub fn with_http(self, http: HttpSettings) -> Self {
        Self { http, ..self }
    }

    /// The server `spec`, not reached yet.
    ///
    /// Its name is interned here and held by what is returned, so that its series live as long as its sessions.
    #[must_use]
    pub fn open(&self, spec: &Spec) -> Upstream {
        let server = self.metrics.server(&spec.name);
        let backoff = Backoff::new(self.backoff);
        match &spec.target {
            Target::Stdio(command) => {
                let edge = self.edge(Transport::Stdio);
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
        let edge = self.edge(transport);
        let headers = self.headers.of(server.as_ref());
        RemoteServer::new(&self.metrics, server, url, edge, self.http, backoff)
            .with_headers(headers)
    }

    fn edge(&self, transport: Transport) -> Edge {
        Edge::to_server(&self.metrics, transport, self.pools.clone())
            .with_max_message(self.limits.max_message)
    }
}

/// A server that was reached.
#[derive(Debug)]
pub enum Peer {
    /// A process that the proxy has started, and must end.
    Child(Box<ManagedChild>),
    /// A server somewhere else, which lives on.
    Remote(Remote),
}

/// The proxy's end of a connection to a server that it has not started.
#[derive(Debug)]
pub struct Remote {
    opened: Instant,
    /// How long what was put into the link may take to be sent at the end.
    patience: Duration,
    /// Stops the tasks of the link when this is dropped.
    _tasks: DropGuard,
}

impl Remote {
    /// Reached just now. The tasks of its link stop when `tasks` is cancelled, which dropping this does.
    #[must_use]
    pub fn new(tasks: CancellationToken, patience: Duration) -> Self {
        Self {
            opened: Instant::now(),
            patience,
            _tasks: tasks.drop_guard(),
        }
    }
}

impl Peer {
    /// How long ago it was reached.
    #[must_use]
    pub fn age(&self) -> Duration {
        match self {
            Self::Child(child) => child.age(),
            Self::Remote(remote) => remote.opened.elapsed(),
        }
    }

    /// Waits until it is gone. Of a server that is somewhere else nothing tells but the end of the link.
    pub async fn gone(&mut self) {
        match self {
            Self::Child(child) => {
                child.exited().await;
            }
            Self::Remote(_) => std::future::pending().await,
        }
    }

    /// It is gone, or has hung up, unasked: leaves nothing of it behind.
    pub async fn bury(self) {
        match self {
            Self::Child(child) => child.bury().await,
            Self::Remote(remote) => drop(remote),
        }
    }

    /// Ends the connection, whose link's `outgoing` was dropped just now.
    pub async fn shut_down(self, writer: &mut JoinHandle<()>) {
        match self {
            Self::Child(child) => {
                child.shut_down().await;
            }
            Self::Remote(remote) => {
                if timeout(remote.patience, writer).await.is_err() {
                    warn!("the server does not take its last messages");
                }
            }
        }
    }
}

/// A server at a URL, with the connections to it.
#[derive(Debug)]
pub struct RemoteServer {
    /// When to reach it anew, and when to give up.
    pub backoff: Backoff,
    client: HttpClient,
    recorder: SseRecorder,
    server: Server,
    url: Url,
}

impl RemoteServer {
    /// The server at `url`, which `edge` is the proxy's side of.
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
        // It is for whoever reads the answer, and not sent.
        url.set_fragment(None);
        Self {
            backoff,
            client: HttpClient::new(metrics, edge, &url, settings),
            recorder: metrics.sse(&server),
            server,
            url,
        }
    }

    /// The same with header fields for every request.
    #[must_use]
    pub fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.client.headers = headers;
        self
    }

    /// Begins a session over streamable HTTP. Nothing is sent before there is a message.
    ///
    /// # Errors
    ///
    /// If the URL is none that HTTP can ask for.
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

    /// Begins a session over the older transport, whose stream is opened first.
    ///
    /// # Errors
    ///
    /// If there is no stream to be had, or it does not begin as it must.
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
        let patience = self.client.settings.control;
        Connection {
            link,
            peer: Peer::Remote(Remote::new(stop, patience)),
        }
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

/// How much, how long, how often.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Size limit of one message, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = crate::transport::MAX_MESSAGE)]
    pub max_message: usize,
    /// Time a request may wait for its answer, before it is answered with an error
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = humantime::parse_duration)]
    pub answer_timeout: Duration,
    /// Time for answers under way when the client has no more to say, or the proxy is stopped
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = humantime::parse_duration)]
    pub drain: Duration,
    /// Time a child has to exit after the end of its input, before SIGTERM
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = humantime::parse_duration)]
    pub end_grace: Duration,
    /// Time a child has to exit after SIGTERM, before SIGKILL
    #[arg(long, value_name = "TIME", default_value = "3s", value_parser = humantime::parse_duration)]
    pub term_grace: Duration,
    /// Most attempts in a row to reach a server anew, before it is given up
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    pub max_restarts: u32,
}

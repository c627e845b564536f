//! The environment of a demo client: the proxy, a server behind it, and the network between them.

use std::ffi::OsString;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::{Reconnection, Transport};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::demo::books::Tally;
use crate::demo::client::{Client, ClientError};
use crate::demo::network::Relay;
use crate::demo::traffic::Persona;
use crate::demo::{MAX_MESSAGE, PIPE, server};
use mcp_proxy::front::{self, Accept, Front, FrontSettings};
use mcp_proxy::pool::Pools;
use mcp_proxy::process::Command;
use mcp_proxy::resources::Runtime;
use mcp_proxy::session::{Session, Settings};
use mcp_proxy::transport::{Edge, stdio};
use mcp_proxy::upstream::{Opener, Spec, Target};

/// State that all stages share.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    /// The metrics to record into.
    pub(crate) metrics: Metrics,
    /// The proxy's buffers.
    pub(crate) pools: Pools,
    /// Opens servers, configured as in the proxy.
    pub(crate) opener: Opener,
    /// Monitors sessions.
    pub(crate) runtime: Runtime,
    /// Program for child processes: this one.
    pub(crate) program: OsString,
}

/// The environment of one client.
#[derive(Debug)]
pub(crate) struct Stage {
    proxy: Proxy,
    /// The transport on both sides of the proxy.
    pub(crate) transport: Transport,
    server: Spec,
    network: Option<Network>,
}

/// The network between an HTTP client and its server.
#[derive(Debug)]
struct Network {
    front: Front,
    relay: Relay,
    server: Front,
    /// Receives a message at the end of each session.
    over: tokio::sync::Mutex<mpsc::UnboundedReceiver<()>>,
}

impl Stage {
    /// Sets the stage for one client.
    ///
    /// # Errors
    ///
    /// If no local port is free.
    pub(crate) async fn set(proxy: &Proxy, persona: &Persona) -> io::Result<Self> {
        let relayed = match persona.transport {
            Transport::Stdio => None,
            Transport::Http | Transport::Sse => {
                let server = serve_demo_server().await?;
                Some((Relay::to(server.local_addr()).await?, server))
            }
        };
        let address = relayed.as_ref().map(|(relay, _)| relay.address());
        let server = Spec {
            name: persona.server.to_owned(),
            target: proxy.target(persona, address),
        };
        let network = match relayed {
            None => None,
            Some((relay, behind)) => {
                let (front, over) = proxy.serve(&server).await?;
                let over = over.into();
                Some(Network {
                    front,
                    relay,
                    server: behind,
                    over,
                })
            }
        };
        Ok(Self {
            proxy: proxy.clone(),
            transport: persona.transport,
            server,
            network,
        })
    }

    /// Returns the relay with the network's faults, if there is a network.
    pub(crate) fn relay(&self) -> Option<&Relay> {
        self.network.as_ref().map(|network| &network.relay)
    }

    /// Returns how often the proxy has failed to reopen an event stream of the server.
    pub(crate) fn failed_reconnections(&self) -> u64 {
        let snapshot = self.proxy.metrics.snapshot();
        let streams = snapshot.sse(&self.server.name);
        streams.reconnections(Reconnection::Failed)
    }

    /// Connects a client, and returns it with a future for the end of its session.
    ///
    /// # Errors
    ///
    /// If the proxy refuses the connection.
    pub(crate) async fn connect(
        &self,
        tally: &Arc<Tally>,
    ) -> Result<(Client, impl Future<Output = ()> + use<'_>), ClientError> {
        let (client, session) = match &self.network {
            None => {
                let (near, far) = tokio::io::duplex(PIPE);
                let session = tokio::spawn(self.run_session(far));
                (Client::over_pipe(near, tally), Some(session))
            }
            Some(network) => {
                let endpoint = endpoint(network.front.local_addr(), &self.server.target);
                (Client::over_network(endpoint, tally).await?, None)
            }
        };
        let over = async move {
            match (session, &self.network) {
                (Some(session), _) => {
                    // A panic in the session shows in the metrics.
                    let _ = session.await;
                }
                (None, Some(network)) => {
                    network.over.lock().await.recv().await;
                }
                (None, None) => {}
            }
        };
        Ok((client, over))
    }

    /// Runs the session of a client at the other end of `stream`, as `mcp-proxy stdio` does.
    fn run_session(&self, stream: tokio::io::DuplexStream) -> impl Future<Output = ()> + use<> {
        let (reader, writer) = tokio::io::split(stream);
        let Proxy { metrics, pools, .. } = &self.proxy;
        let server = metrics.server(&self.server.name);
        let edge = Edge::to_client(metrics, Transport::Stdio, &server, pools.clone());
        let link = stdio::open(reader, writer, &edge.with_max_message(MAX_MESSAGE), None);
        let session = self.proxy.session(Transport::Stdio, &self.server);
        let session = self.proxy.runtime.watch(session.run(link));
        async move {
            session.await;
        }
    }

    /// Shuts everything down in order.
    pub(crate) async fn tear_down(self) {
        if let Some(network) = self.network {
            network.front.shutdown().await;
            network.server.shutdown().await;
        }
    }
}

impl Proxy {
    fn target(&self, persona: &Persona, relay: Option<SocketAddr>) -> Target {
        let url = |path: &str| {
            let relay = relay.expect("servers over HTTP are behind a relay");
            address_of(relay, path)
        };
        match persona.transport {
            Transport::Stdio => {
                let stubborn = persona.is_stubborn().then(|| OsString::from("--stubborn"));
                Target::Stdio(Command {
                    program: self.program.clone(),
                    args: std::iter::once("server".into()).chain(stubborn).collect(),
                })
            }
            Transport::Http => Target::Http(url("mcp")),
            Transport::Sse => Target::Sse(url("sse")),
        }
    }

    /// Creates a session that ends with its client. The demo's own stop signal goes to the clients, so that
    /// all their counts are complete.
    fn session(&self, transport: Transport, server: &Spec) -> Session {
        Session::new(
            &self.metrics,
            transport,
            self.opener.open(server),
            Settings::default(),
            CancellationToken::new(),
        )
    }

    /// Serves clients over HTTP, as `mcp-proxy serve` does.
    async fn serve(&self, server: &Spec) -> io::Result<(Front, mpsc::UnboundedReceiver<()>)> {
        let (is_over, over) = mpsc::unbounded_channel();
        let accept: Accept = {
            let (proxy, server) = (self.clone(), server.clone());
            Arc::new(move |arrival| {
                let session = proxy.session(arrival.transport, &server);
                let session = session.with_span(arrival.span);
                let session = proxy.runtime.watch(session.run(arrival.link));
                let is_over = is_over.clone();
                Box::pin(async move {
                    session.await;
                    let _ = is_over.send(());
                })
            })
        };
        let settings = FrontSettings {
            routes: vec![server.name.clone()],
            max_message: MAX_MESSAGE,
            ..FrontSettings::default()
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let stop = CancellationToken::new();
        let front = front::serve(
            listener,
            settings,
            &self.metrics,
            &self.pools,
            accept,
            &stop,
        )?;
        Ok((front, over))
    }
}

/// Serves the demo's MCP server over HTTP. It records nothing, because the proxy is measured.
async fn serve_demo_server() -> io::Result<Front> {
    let accept: Accept = Arc::new(|arrival| Box::pin(server::serve(arrival.link)));
    let metrics = Metrics::disabled();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let stop = CancellationToken::new();
    let settings = FrontSettings::default();
    front::serve(
        listener,
        settings,
        &metrics,
        &Pools::new(&metrics),
        accept,
        &stop,
    )
}

/// Returns the endpoint for connecting to a front's address.
fn endpoint(front: SocketAddr, like: &Target) -> Target {
    match like {
        Target::Http(_) => Target::Http(address_of(front, "mcp")),
        Target::Sse(_) => Target::Sse(address_of(front, "sse")),
        Target::Stdio(command) => Target::Stdio(command.clone()),
    }
}

fn address_of(host: SocketAddr, path: &str) -> Url {
    let url = format!("http://{host}/{path}");
    Url::parse(&url).expect("a socket address and a word make a URL")
}

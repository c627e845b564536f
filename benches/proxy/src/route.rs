//! A real path from a client through a proxy to a server: child processes, pipes, sockets on localhost.

use std::env::current_exe;
use std::ffi::OsString;
use std::sync::Arc;
use std::time::Duration;

use mcp_proxy::front::{self, Accept, Front, FrontSettings};
use mcp_proxy::pool::Pools;
use mcp_proxy::process::Command;
use mcp_proxy::session::{Session, Settings};
use mcp_proxy::transport::client::HttpSettings;
use mcp_proxy::transport::{Edge, stdio};
use mcp_proxy::upstream::{Connection, Limits, Opener, Peer, Spec, Target};
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::Transport;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::client::Client;
use crate::demo_server;

/// Limit of each wait. Under valgrind on a busy machine, connecting takes many seconds.
const PATIENCE: Duration = Duration::from_mins(5);

const LIMITS: Limits = Limits {
    max_message: 1024 * 1024,
    answer_timeout: PATIENCE,
    drain: Duration::from_secs(30),
    end_grace: Duration::from_secs(2),
    term_grace: Duration::from_secs(2),
    max_restarts: 0,
};

/// Size of the pipe between a client and the proxy, in bytes.
const PIPE: usize = 64 * 1024;

/// A connected client, and everything that it is connected through.
pub struct Route {
    /// The connected client.
    pub client: Client,
    behind: Behind,
}

/// What a client is connected through.
enum Behind {
    /// A session over pipes.
    Pipes(JoinHandle<()>),
    /// The proxy, the server, and the client's connection to the proxy.
    Network(Box<(Front, Front, Peer)>),
}

impl Route {
    /// Opens a path with the same transport on both sides of the proxy, which records into `metrics`.
    pub async fn open(transport: Transport, metrics: &Metrics) -> Result<Self, String> {
        let route = match transport {
            Transport::Stdio => Self::over_pipes(metrics),
            Transport::Http | Transport::Sse => Self::over_network(transport, metrics).await,
        };
        let mut route = route?;
        route.client.initialize().await?;
        Ok(route)
    }

    fn over_pipes(metrics: &Metrics) -> Result<Self, String> {
        let program = current_exe().map_err(|error| error.to_string())?;
        let server = Target::Stdio(Command {
            program: program.into(),
            args: vec![OsString::from("--serve")],
        });
        let (near, far) = tokio::io::duplex(PIPE);
        let pools = Pools::new(metrics);
        let name = metrics.server("server");
        let edge = Edge::to_client(metrics, Transport::Stdio, &name, pools.clone());
        let (reader, writer) = tokio::io::split(far);
        let session = session(metrics, &pools, Transport::Stdio, server);
        let link = stdio::open(reader, writer, &edge, None);
        let session = tokio::spawn(async { drop(session.run(link).await) });

        let silent = Metrics::disabled();
        let edge = Edge::to_client(&silent, Transport::Stdio, &name, Pools::new(&silent));
        let (reader, writer) = tokio::io::split(near);
        Ok(Self {
            client: Client::new(stdio::open(reader, writer, &edge, None)),
            behind: Behind::Pipes(session),
        })
    }

    async fn over_network(transport: Transport, metrics: &Metrics) -> Result<Self, String> {
        let silent = Metrics::disabled();
        let behind: Accept = Arc::new(|new| Box::pin(demo_server::serve(new.link)));
        let server = serve(&silent, behind).await?;
        let target = target(transport, &server)?;
        let accept: Accept = {
            let (metrics, pools) = (metrics.clone(), Pools::new(metrics));
            Arc::new(move |new| {
                let session = session(&metrics, &pools, transport, target.clone());
                Box::pin(async move {
                    session.run(new.link).await;
                })
            })
        };
        let proxy = serve(metrics, accept).await?;
        let upstream =
            opener(&silent, &Pools::new(&silent)).open(&spec(self::target(transport, &proxy)?));
        let Connection { link, peer } =
            upstream.start().await.map_err(|error| error.to_string())?;
        Ok(Self {
            client: Client::new(link),
            behind: Behind::Network(Box::new((proxy, server, peer))),
        })
    }

    /// Closes the connections, and waits until the proxy has ended.
    pub async fn close(self) -> Result<(), String> {
        drop(self.client);
        let ended = async {
            match self.behind {
                // Fails only if the session panicked.
                Behind::Pipes(session) => session.await.map_err(|error| error.to_string()),
                Behind::Network(network) => {
                    let (proxy, server, peer) = *network;
                    drop(peer);
                    proxy.shutdown().await;
                    server.shutdown().await;
                    Ok(())
                }
            }
        };
        let ended = timeout(PATIENCE, ended).await;
        ended.unwrap_or_else(|_| Err("the proxy does not end after its client".to_owned()))
    }
}

fn session(metrics: &Metrics, pools: &Pools, transport: Transport, server: Target) -> Session {
    let upstream = opener(metrics, pools).open(&spec(server));
    Session::new(
        metrics,
        transport,
        upstream,
        Settings::default(),
        CancellationToken::new(),
    )
}

fn opener(metrics: &Metrics, pools: &Pools) -> Opener {
    Opener::new(metrics.clone(), pools.clone(), LIMITS).with_http(HttpSettings {
        connect: PATIENCE,
        control: PATIENCE,
        body_idle: PATIENCE,
        ..HttpSettings::default()
    })
}

async fn serve(metrics: &Metrics, accept: Accept) -> Result<Front, String> {
    let bound = TcpListener::bind(("127.0.0.1", 0)).await;
    let listener = bound.map_err(|error| error.to_string())?;
    let settings = FrontSettings::default();
    let pools = Pools::new(metrics);
    front::serve(
        listener,
        settings,
        metrics,
        &pools,
        accept,
        &CancellationToken::new(),
    )
    .map_err(|error| error.to_string())
}

fn target(transport: Transport, front: &Front) -> Result<Target, String> {
    let url = |path| {
        let url = format!("http://{}/{path}", front.local_addr());
        Url::parse(&url).map_err(|error| error.to_string())
    };
    match transport {
        Transport::Http => url("mcp").map(Target::Http),
        Transport::Sse => url("sse").map(Target::Sse),
        Transport::Stdio => Err("pipes have no address".to_owned()),
    }
}

fn spec(target: Target) -> Spec {
    Spec {
        name: "server".to_owned(),
        target,
    }
}

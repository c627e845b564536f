//! A relay between the proxy and a server over HTTP, which makes of the network what the demo needs: connections that are
//! refused, and, by way of [`faulty`](super::faulty), streams that break off, events that come twice and slow bodies.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{Either, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

use crate::demo::faulty::{Faults, Faulty};

/// A relay. It ends when this is dropped.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    route: Arc<Route>,
    /// None while connections are refused.
    accepting: Mutex<Option<JoinHandle<()>>>,
}

/// What the connections of a relay share.
#[derive(Debug)]
struct Route {
    server: SocketAddr,
    client: Client<HttpConnector, Incoming>,
    faults: Arc<Faults>,
}

impl Relay {
    /// To the server at this address.
    ///
    /// # Errors
    ///
    /// If there is no port to be had.
    pub async fn to(server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let route = Arc::new(Route {
            server,
            client: Client::builder(TokioExecutor::new()).build_http(),
            faults: Arc::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&route)));
        Ok(Self {
            address,
            route,
            accepting: Some(accepting).into(),
        })
    }

    /// Where it is reached.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What goes wrong with bodies.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.route.faults
    }

    /// Cuts every connection, and refuses new ones.
    pub async fn refuse(&self) {
        if let Some(accepting) = self.accepting.lock().await.take() {
            accepting.abort();
            // The port is free once the task is gone.
            let _ = accepting.await;
        }
    }

    /// Accepts connections again.
    ///
    /// # Errors
    ///
    /// If somebody else has taken the port meanwhile.
    pub async fn accept(&self) -> io::Result<()> {
        let mut accepting = self.accepting.lock().await;
        if accepting.is_none() {
            let listener = TcpListener::bind(self.address).await?;
            *accepting = Some(tokio::spawn(accept(listener, Arc::clone(&self.route))));
        }
        Ok(())
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if let Some(accepting) = self.accepting.get_mut() {
            accepting.abort();
        }
    }
}

/// Serves connections until it is aborted, which cuts them all.
async fn accept(listener: TcpListener, route: Arc<Route>) {
    const PAUSE: Duration = Duration::from_millis(20);
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Too many files are open, most likely; others will be closed.
            sleep(PAUSE).await;
            continue;
        };
        let route = Arc::clone(&route);
        connections.spawn(async move {
            let relay = service_fn(move |request| Arc::clone(&route).relay(request));
            // What breaks off was meant to, or the proxy will see it for itself.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), relay)
                .await;
        });
    }
}

impl Route {
    async fn relay(
        self: Arc<Self>,
        mut request: Request<Incoming>,
    ) -> Result<Response<Either<Faulty, Empty<Bytes>>>, Infallible> {
        let path = request.uri().path_and_query();
        let path = path.map_or("/", |path| path.as_str());
        let target = format!("http://{}{path}", self.server).parse::<Uri>();
        let answer = match target {
            Ok(target) => {
                *request.uri_mut() = target;
                self.client.request(request).await.ok()
            }
            Err(_) => None,
        };
        let Some(answer) = answer else {
            let mut response = Response::new(Either::Right(Empty::new()));
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            return Ok(response);
        };
        Ok(Faulty::wrap(answer, &self.faults).map(Either::Left))
    }
}

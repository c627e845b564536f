//! A simulated faulty network between the proxy and a server.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{Either, Empty};
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use mcp_proxy::transport::http::LAST_EVENT_ID;
use parking_lot::Mutex;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Sleep, sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// A relay. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Relay {
    address: SocketAddr,
    route: Arc<Route>,
    /// `None` while connections are refused.
    accepting: tokio::sync::Mutex<Option<JoinHandle<()>>>,
}

/// State that the connections of a relay share.
#[derive(Debug)]
struct Route {
    server: SocketAddr,
    client: Client<HttpConnector, Incoming>,
    faults: Arc<Faults>,
}

impl Relay {
    /// Starts a relay to the server at this address.
    ///
    /// # Errors
    ///
    /// If no port is free.
    pub(crate) async fn to(server: SocketAddr) -> io::Result<Self> {
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

    /// Returns the address that it listens on.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the faults of bodies.
    pub(crate) fn faults(&self) -> &Faults {
        &self.route.faults
    }

    /// Closes every connection and refuses new ones.
    pub(crate) async fn refuse(&self) {
        if let Some(accepting) = self.accepting.lock().await.take() {
            accepting.abort();
            // The port is free once the task has ended.
            let _ = accepting.await;
        }
    }

    /// Accepts connections again.
    ///
    /// # Errors
    ///
    /// If another program has taken the port in the meantime.
    pub(crate) async fn accept(&self) -> io::Result<()> {
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

/// Serves connections until it is aborted, which closes them all.
async fn accept(listener: TcpListener, route: Arc<Route>) {
    const PAUSE: Duration = Duration::from_millis(20);
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let Ok((stream, _)) = listener.accept().await else {
            // Probably too many open files; some will be closed soon.
            sleep(PAUSE).await;
            continue;
        };
        let route = Arc::clone(&route);
        connections.spawn(async move {
            let relay = service_fn(move |request| Arc::clone(&route).relay(request));
            // Interruptions are intended, or the proxy will notice them itself.
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
                self.faults.replay_from_beginning(request.headers_mut());
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

/// Delay between the two halves of a slow chunk. It is well over the limit in the objective `forwarding`,
/// even if the first half is late.
const PAUSE: Duration = Duration::from_millis(300);

/// Chunks smaller than this, in bytes, are not answers and are never slowed down.
const SLOW_FROM: usize = 1000;

/// The active faults.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Number of streams to repeat from their beginning when they are resumed.
    replays: AtomicU64,
    slow: AtomicBool,
    /// Cancelled to interrupt the open streams.
    cut: Mutex<CancellationToken>,
}

impl Faults {
    /// Interrupts every open event stream.
    pub(crate) fn cut_streams(&self) {
        std::mem::take(&mut *self.cut.lock()).cancel();
    }

    /// Repeats the next resumed stream from its beginning, like a server that cannot tell which events have
    /// arrived.
    pub(crate) fn replay(&self) {
        self.replays.fetch_add(1, Ordering::Relaxed);
    }

    /// Turns slow answers on or off.
    pub(crate) fn slow_down(&self, slow: bool) {
        self.slow.store(slow, Ordering::Relaxed);
    }

    /// Changes a request to resume after an event into one for the whole stream, if a repetition is due.
    fn replay_from_beginning(&self, headers: &mut HeaderMap) {
        let Some(last) = headers.get_mut(LAST_EVENT_ID) else {
            return;
        };
        let one_less = |replays: u64| replays.checked_sub(1);
        let due = self
            .replays
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
        // The demo's servers use event ids of the form STREAM-EVENT.
        let stream = last.to_str().ok().and_then(|last| last.split_once('-'));
        if let (Ok(_), Some((stream, _))) = (due, stream)
            && let Ok(first) = HeaderValue::from_str(&format!("{stream}-0"))
        {
            *last = first;
        }
    }
}

/// A body with simulated faults.
#[derive(Debug)]
pub(crate) struct Faulty {
    body: Incoming,
    faults: Arc<Faults>,
    /// Ready when the body must be interrupted. `None` if the body is not a stream.
    cut: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    /// The second half of a delayed chunk.
    next: Option<Bytes>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Faulty {
    /// Wraps a response's body to apply `faults`.
    pub(crate) fn wrap(answer: Response<Incoming>, faults: &Arc<Faults>) -> Response<Self> {
        let kind = answer.headers().get(CONTENT_TYPE);
        let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let cut = is_stream.then(|| Box::pin(faults.cut.lock().clone().cancelled_owned()));
        answer.map(|body| Self {
            body,
            faults: Arc::clone(faults),
            cut,
            next: None,
            pause: None,
        })
    }
}

impl Body for Faulty {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        if let Some(cut) = &mut this.cut
            && cut.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())));
        }
        if let Some(pause) = &mut this.pause {
            ready!(pause.as_mut().poll(cx));
            this.pause = None;
        }
        if let Some(next) = this.next.take() {
            return Poll::Ready(Some(Ok(Frame::data(next))));
        }
        let mut frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        if let Some(Ok(frame)) = &mut frame
            && let Some(data) = frame.data_mut()
            && data.len() >= SLOW_FROM
            && this.faults.slow.load(Ordering::Relaxed)
        {
            this.next = Some(data.split_off(data.len() / 2));
            this.pause = Some(Box::pin(sleep(PAUSE)));
        }
        Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)))
    }
}

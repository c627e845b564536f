//! Accepts HTTP connections, serves them within limits, and stops. The proxy in this repository also uses it for its
//! clients.

use std::error::Error;
use std::io;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::header::{CONNECTION, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::select;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout_at};

use super::deadline::Deadline;
pub use super::deadline::WriteTimeout;
pub use super::guarded_body::GuardedBody;
use super::room::{Place, Room};

/// Pause after an error of the operating system, such as when file descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Limits on peers.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Maximum number of open connections; at least 1. When it is reached, a new one replaces the one that has waited longest for
    /// a request, or waits.
    pub max_connections: usize,
    /// Time limit for a request's headers, including the idle time of a kept-alive connection.
    pub header_timeout: Duration,
    /// Time limit for a peer to read the response.
    pub write: WriteTimeout,
    /// Size limit of a connection's buffer in bytes. It also limits a request's headers.
    pub buffer: usize,
    /// Maximum number of headers in a request.
    pub max_headers: usize,
    /// Whether to answer a peer that has closed its sending side.
    pub half_close: bool,
}

/// Connections that were open when a listener stopped accepting.
#[derive(Debug)]
pub struct Connections {
    graceful: GracefulShutdown,
    tasks: JoinSet<()>,
}

impl Connections {
    /// Waits until pending responses are sent, and closes the remaining connections at `deadline`.
    pub async fn finish(self, deadline: Instant) {
        let Self { graceful, tasks } = self;
        let _ = timeout_at(deadline, graceful.shutdown()).await;
        drop(tasks);
    }
}

/// Serves connections until `stop` ends. Calls `connect` for each connection to get its service and the stream to
/// read and write through, and `full` when an accepted connection has to wait because of the limit.
pub async fn serve<C, S, B>(
    listener: TcpListener,
    limits: Limits,
    mut connect: impl FnMut(TcpStream) -> (C, S),
    mut full: impl FnMut(),
    stop: impl Future<Output = ()>,
) -> Connections
where
    C: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Service<Request<Incoming>, Response = Response<B>> + Send + 'static,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut room = Room::new(limits.max_connections);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(limits.buffer)
        .max_headers(limits.max_headers)
        .half_close(limits.half_close);
    let graceful = GracefulShutdown::new();
    let mut tasks = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let (stream, place) = select! {
            accepted = accept(&listener, &mut room, &mut full) => accepted,
            () = &mut stop => break,
        };
        let (stream, service) = connect(stream);
        let stream = TokioIo::new(Deadline::new(stream, limits.write, place.clone()));
        let answering = place.clone();
        let service = service_fn(move |request| {
            let guard = answering.begin_answer();
            let answer = service.call(request);
            async move {
                let mut answer = answer.await?;
                // Otherwise a client that sends its next request early would never wait, and would keep its place.
                if guard.is_last() {
                    let close = HeaderValue::from_static("close");
                    answer.headers_mut().insert(CONNECTION, close);
                }
                Ok::<_, S::Error>(answer.map(|body| GuardedBody { body, guard }))
            }
        });
        let connection = graceful.watch(http.serve_connection(stream, service));
        tasks.spawn(async move {
            select! {
                biased;
                // The peer causes errors on its connection, and got a response if possible.
                _ = connection => {}
                () = place.evicted() => {}
            }
        });
        while tasks.try_join_next().is_some() {}
    }
    Connections { graceful, tasks }
}

/// Waits for a connection, and then for its place.
async fn accept(
    listener: &TcpListener,
    room: &mut Room,
    full: &mut impl FnMut(),
) -> (TcpStream, Place) {
    let stream = loop {
        match listener.accept().await {
            Ok((stream, _)) => break stream,
            Err(error) if is_connection_error(&error) => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    };
    // Each write is a whole response or event, so delaying small writes gains nothing.
    let _ = stream.set_nodelay(true);
    (stream, room.enter(full).await)
}

/// Returns whether only this connection failed, so that the next one may be accepted at once.
fn is_connection_error(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

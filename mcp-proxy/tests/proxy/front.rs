//! The front, as clients see it: loopback sockets with exact bytes, and sessions in this process.

mod bounds;
mod half_close;
mod notifications;
mod older;
mod outcomes;
mod refusals;
mod requests;
mod sessions;
mod stateless;
mod streams;
mod unusual;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use mcp_proxy::front::{self, Accept, Front, FrontSettings, NewSession};
use mcp_proxy::jsonrpc::{Id, Message, Notification, Request, Response};
use mcp_proxy::pool::Pools;
use mcp_proxy::transport::{Incoming, Link};
use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::Metrics;
use shadowcat_metrics::shadowcat::labels::{Operation, Pool, Server, Side, Status, Transport};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::demo_server;
use crate::support::posting;
use wire::Wire;

/// Time limit for every wait. Reaching it means that something hangs.
const TIMEOUT: Duration = Duration::from_secs(60);

const BOTH: &str = "application/json, text/event-stream";
const JSON: &str = "application/json";

/// A front and its metrics.
struct Tested {
    metrics: Metrics,
    front: Front,
    /// Keeps the series of the servers.
    _servers: [Server; 2],
}

impl Tested {
    async fn start(settings: FrontSettings, accept: Accept) -> Self {
        Self::with_metrics(Metrics::new(), settings, accept).await
    }

    async fn with_metrics(metrics: Metrics, settings: FrontSettings, accept: Accept) -> Self {
        let pools = Pools::new(&metrics);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let stop = CancellationToken::new();
        let front = front::serve(listener, settings, &metrics, &pools, accept, &stop);
        Self {
            _servers: ["default", "__none__"].map(|name| metrics.server(name)),
            metrics,
            front: front.expect("it listens"),
        }
    }

    /// Starts a front with the demo's server behind it.
    async fn serving(settings: FrontSettings) -> Self {
        Self::start(
            settings,
            Arc::new(|new| Box::pin(demo_server::serve(new.link))),
        )
        .await
    }

    /// Starts a front with the demo's server behind it, and opens a session over a new connection. Returns the session's ID.
    async fn with_session(settings: FrontSettings) -> (Self, Wire, String) {
        let tested = Self::serving(settings).await;
        let mut wire = tested.connect().await;
        let session = wire.initialize("/mcp").await;
        (tested, wire, session)
    }

    /// Starts a front that hands its sessions to the test, which plays the server.
    async fn holding(settings: FrontSettings) -> (Self, mpsc::UnboundedReceiver<Held>) {
        let (arrived, arrivals) = mpsc::unbounded_channel();
        let accept: Accept = Arc::new(move |new| {
            let (held, over) = oneshot::channel::<()>();
            let _ = arrived.send(Held {
                session: new,
                _held: held,
            });
            Box::pin(async move {
                let _ = over.await;
            })
        });
        (Self::start(settings, accept).await, arrivals)
    }

    async fn connect(&self) -> Wire {
        Wire::open(self.front.local_addr()).await
    }

    /// Opens the standing stream of a session.
    async fn listen(&self, session: &str) -> Wire {
        let mut wire = self.connect().await;
        assert_eq!(wire.listen(session, None).await.status, 200);
        wire
    }

    fn operations(&self, transport: Transport, operation: Operation, status: Status) -> u64 {
        let snapshot = self.metrics.snapshot();
        snapshot
            .transport(transport)
            .operations(Side::Client, operation, status)
    }

    /// Shuts down, and checks that nothing leaks.
    async fn finish(self) {
        let done = timeout(TIMEOUT, self.front.shutdown()).await;
        done.expect("it ends in time");
        let snapshot = self.metrics.snapshot();
        for pool in [Pool::Http, Pool::Json, Pool::Sse] {
            assert_eq!(snapshot.buffer_pool(pool).in_use(), 0, "{pool}");
        }
    }
}

/// A session in which the test plays the server. Dropping it ends the session.
struct Held {
    session: NewSession,
    /// Keeps the session open.
    _held: oneshot::Sender<()>,
}

impl Held {
    fn link(&mut self) -> &mut Link {
        &mut self.session.link
    }

    /// Returns the client's next message, or `None` at the end.
    async fn next(&mut self) -> Option<Message> {
        let next = timeout(TIMEOUT, self.link().incoming.next()).await;
        next.expect("in time").map(|incoming| match incoming {
            Incoming::Message(message) => message,
            other => panic!("{other:?}"),
        })
    }

    /// Returns the client's next message, which must be a request.
    async fn request(&mut self) -> Request {
        match self.next().await {
            Some(Message::Request(request)) => request,
            other => panic!("no request: {other:?}"),
        }
    }

    /// Answers the next request with `{}`, and returns its method.
    async fn answer(&mut self) -> String {
        let request = self.request().await;
        self.answer_to(request.id).await;
        request.method
    }

    /// Answers a request with `{}`.
    async fn answer_to(&mut self, id: impl Into<Id>) {
        let answer = Response::result(id.into(), &json!({}));
        self.say(Message::Response(answer)).await;
    }

    async fn say(&mut self, message: Message) {
        let sent = timeout(TIMEOUT, self.link().outgoing.send(message)).await;
        sent.expect("in time").expect("it is taken");
    }

    /// Sends a notification from the server.
    async fn notify(&mut self, number: u64) {
        let params = json!({ "number": number });
        self.notify_of("notifications/message", &params).await;
    }

    async fn notify_of(&mut self, method: &str, params: &Value) {
        let notification = Notification::new(method, params);
        self.say(Message::Notification(notification)).await;
    }
}

/// Opens a session in which the test plays the server, over a new connection. Returns the session's ID, too.
async fn begin(settings: FrontSettings) -> (Tested, Wire, Held, String) {
    let (tested, mut arrivals) = Tested::holding(settings).await;
    let mut wire = tested.connect().await;
    let (session, server) = tokio::join!(wire.initialize("/mcp"), async {
        let mut server = arrivals.recv().await.expect("a session");
        assert_eq!(server.answer().await, "initialize");
        server
    });
    (tested, wire, server, session)
}

/// Sends a ping in a session, answers it as the server, and checks the answer.
async fn assert_answered(wire: &mut Wire, server: &mut Held, session: &str, id: u64) {
    let (head, _) = tokio::join!(wire.post(session, JSON, ping(id)), server.answer());
    assert_eq!(wire.json(&head).await["id"], id);
}

/// Returns the header fields for posting a message in a session.
fn in_session(session: &str, accept: &str) -> String {
    format!("{}\nMcp-Session-Id: {session}", posting(accept))
}

/// The revision without sessions.
const STATELESS: &str = "2026-07-28";

/// Returns the header fields for posting a request that belongs to no session.
fn without_session(accept: &str, method: &str, name: Option<&str>) -> String {
    let posting = posting(accept);
    let name = name.map_or(String::new(), |name| format!("\nMcp-Name: {name}"));
    format!("{posting}\nMCP-Protocol-Version: {STATELESS}\nMcp-Method: {method}{name}")
}

/// Returns a request that belongs to no session.
fn ask_stateless(id: u64, method: &str, mut params: Value) -> String {
    params["_meta"] = json!({ "io.modelcontextprotocol/protocolVersion": STATELESS });
    ask(id, method, &params)
}

fn ask(id: u64, method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

fn ping(id: u64) -> String {
    ask(id, "ping", &json!({}))
}

fn initialize() -> String {
    ask(
        0,
        "initialize",
        &json!({ "protocolVersion": "2025-06-18", "capabilities": {} }),
    )
}

/// Waits until a condition is true.
async fn until(what: &str, mut is: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if is() {
            return;
        }
        sleep(Duration::from_millis(5)).await;
    }
    panic!("not in time: {what}");
}

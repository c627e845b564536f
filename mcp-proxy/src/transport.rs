//! Transports: how messages reach the proxy and leave it. The parts that all transports share are here.

pub mod client;
pub mod driver;
pub mod http;
pub mod lines;
pub mod older;
pub mod resume;
pub mod sse;
pub mod stateless;
pub mod stdio;
pub mod streamable;

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;
use shadowcat_metrics::shadowcat::labels::{
    Health, Operation, Outcome, Phase, Server, Side, Status, Transport,
};
use shadowcat_metrics::shadowcat::{Metrics, TransportRecorder};
use shadowcat_metrics::{Instant, OwnedTimer};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::arrival::{Arrival, ServerRecorders};
use crate::jsonrpc::{self, Id, Malformed, Message, Request};
use crate::notifications::Delivery;
use crate::pool::{PooledBuffer, Pools};
use crate::process::child::HealthState;
use crate::spans::SessionSpan;

/// Capacity of the queue between a transport and a session, in messages, for each direction. A full queue
/// stops the reader and, through the pipe's buffer, the peer. A peer can thus make the proxy hold at most
/// this many messages of the maximum size.
pub const QUEUE: usize = 16;

/// Default size limit of one message, in bytes.
pub const MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// The sender of messages to a peer. It fails when the peer no longer accepts them.
pub type Outgoing = mpsc::Sender<Message>;

/// One peer, as a session sees it: two bounded queues, and the tasks that move bytes.
#[derive(Debug)]
pub struct Link {
    /// Messages from the peer. It ends when the peer has sent its last message.
    pub incoming: Inbox,
    /// Messages to the peer.
    pub outgoing: Outgoing,
    /// Ends when `outgoing` is dropped and all its messages are written.
    pub writer: JoinHandle<()>,
}

/// Why a request will not be answered.
#[derive(Debug, Clone)]
pub struct NoAnswer {
    /// The reason, for the sender of the request.
    pub reason: String,
    /// The server's refusal, if it refused the request.
    pub refused: Option<Refused>,
    /// The request, if the server did not take it because it no longer knows the session.
    pub again: Option<Box<Request>>,
}

/// The answer of a server that refused a request with an HTTP status.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// The status.
    pub status: u16,
    /// The server's authentication challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub www_authenticate: Option<String>,
}

impl From<String> for NoAnswer {
    fn from(reason: String) -> Self {
        Self {
            reason,
            refused: None,
            again: None,
        }
    }
}

/// Input from a peer.
#[derive(Debug)]
pub enum Incoming {
    /// A message.
    Message(Message),
    /// Bytes that are not a message.
    Malformed(Malformed),
    /// A message beyond the size limit, which was skipped.
    TooLarge {
        /// The id of the message, if it was found in the beginning.
        id: Option<Id>,
        /// The size limit, in bytes.
        limit: usize,
    },
    /// A request will not be answered. Transports with one exchange per message can tell.
    Unanswered {
        /// The id of the request.
        id: Id,
        /// The reason.
        cause: NoAnswer,
    },
}

/// The receiving end of a link's queue. Its futures can be dropped at any time without losing a message.
#[derive(Debug)]
pub struct Inbox {
    incoming: mpsc::Receiver<Incoming>,
    held: Option<Incoming>,
}

impl Inbox {
    /// Wraps `incoming`.
    #[must_use]
    pub fn new(incoming: mpsc::Receiver<Incoming>) -> Self {
        Self {
            incoming,
            held: None,
        }
    }

    /// Waits for the next message without removing it. Returns `None` at the end.
    pub async fn peek(&mut self) -> Option<&Incoming> {
        if self.held.is_none() {
            self.held = self.incoming.recv().await;
        }
        self.held.as_ref()
    }

    /// Waits for the next message. Returns `None` at the end.
    pub async fn next(&mut self) -> Option<Incoming> {
        self.peek().await?;
        self.held.take()
    }

    /// Returns the next message, if one is ready.
    pub fn take(&mut self) -> Option<Incoming> {
        self.held.take().or_else(|| self.incoming.try_recv().ok())
    }

    /// Waits for the end. Never returns if there is another message first.
    pub async fn ended(&mut self) {
        if self.peek().await.is_some() {
            std::future::pending::<()>().await;
        }
    }
}

/// State that the tasks of one link share: settings, pools and recorders.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Whether the peer is a client or a server.
    pub side: Side,
    /// The peer's transport.
    pub transport: Transport,
    /// Size limit of one message, in bytes.
    pub max_message: usize,
    /// The buffer pools.
    pub pools: Pools,
    /// The recorder of this transport.
    pub recorder: TransportRecorder,
    /// The recorders of the server, for the messages that arrive here.
    pub server: Arc<ServerRecorders>,
    /// The span of the session that the messages belong to.
    pub session: SessionSpan,
}

impl Edge {
    /// Creates the edge to clients of `server`.
    #[must_use]
    pub fn to_client(
        metrics: &Metrics,
        transport: Transport,
        server: &Server,
        pools: Pools,
    ) -> Self {
        Self {
            side: Side::Client,
            transport,
            max_message: MAX_MESSAGE,
            pools,
            recorder: metrics.transport(transport),
            server: ServerRecorders::new(metrics, server),
            session: SessionSpan::default(),
        }
    }

    /// Creates the edge to `server`.
    #[must_use]
    pub fn to_server(
        metrics: &Metrics,
        transport: Transport,
        server: &Server,
        pools: Pools,
    ) -> Self {
        Self {
            side: Side::Server,
            ..Self::to_client(metrics, transport, server, pools)
        }
    }

    /// Returns the edge with another size limit.
    #[must_use]
    pub fn with_max_message(self, max_message: usize) -> Self {
        Self {
            max_message,
            ..self
        }
    }

    /// Returns the edge with the span of a session.
    #[must_use]
    pub fn with_session(self, session: SessionSpan) -> Self {
        Self { session, ..self }
    }

    /// Parses received bytes.
    #[must_use]
    pub fn read(&self, bytes: &[u8]) -> Incoming {
        self.read_or(bytes, Status::Malformed)
    }

    /// Parses the last bytes from a peer, which may have gone away in the middle of a message.
    #[must_use]
    pub fn read_last(&self, bytes: &[u8]) -> Incoming {
        self.read_or(bytes, Status::Failed)
    }

    /// Parses received bytes, and counts them with `unreadable` if they are not a message. Bytes that were cut off are not
    /// counted as parsed.
    fn read_or(&self, bytes: &[u8], unreadable: Status) -> Incoming {
        let begun = Instant::now();
        let parsed = Message::parse(bytes);
        let now = Instant::now();
        if parsed.is_ok() || matches!(unreadable, Status::Malformed) {
            self.recorder
                .phase_duration(Phase::Deserialize)
                .observe(now.since(begun));
        }
        match parsed {
            Ok(mut message) => {
                match &mut message {
                    Message::Request(request) => {
                        let arrival = Arrival::at(now, &self.server, self.transport, request);
                        arrival.join(&self.session);
                        request.arrival = Some(arrival);
                    }
                    Message::Notification(notification) => {
                        let recorder = &self.server.notifications;
                        notification.delivery =
                            Some(Delivery::expected(recorder, other(self.side)));
                    }
                    Message::Response(_) => {}
                }
                self.count(Operation::Receive, Status::Ok);
                self.recorder.message_size(self.side).observe(bytes.len());
                Incoming::Message(message)
            }
            Err(mut malformed) => {
                let batch = jsonrpc::messages_of(bytes);
                if batch.is_empty() {
                    self.unreadable(unreadable);
                } else {
                    malformed.ids = self.refuse_batch(&batch);
                }
                Incoming::Malformed(malformed)
            }
        }
    }

    /// Counts each message of a batch like a message that is refused by itself. Returns the ids of the requests and answers
    /// that a client waits for.
    fn refuse_batch(&self, batch: &[&RawValue]) -> Vec<Id> {
        let mut ids = Vec::new();
        for message in batch {
            let Ok(message) = Message::parse(message.get().as_bytes()) else {
                self.unreadable(Status::Malformed);
                continue;
            };
            self.count(Operation::Receive, Status::Malformed);
            match message {
                Message::Request(request) => {
                    Arrival::now(&self.server, self.transport, &request).end(Outcome::Rejected);
                    if self.side == Side::Client {
                        ids.push(request.id);
                    }
                }
                Message::Notification(_) => {
                    self.server.notifications.dropped(other(self.side)).inc();
                }
                Message::Response(response) if self.side == Side::Server => ids.extend(response.id),
                Message::Response(_) => {}
            }
        }
        ids
    }

    /// Counts received bytes that are not a message. A client waits for an answer, so it counts as a rejected
    /// request too; servers often print unrelated lines.
    pub fn unreadable(&self, status: Status) {
        self.count(Operation::Receive, status);
        match self.side {
            Side::Client => Arrival::reject_unreadable(&self.server, self.transport),
            Side::Server => {}
        }
    }

    /// Serializes a message, without a line break.
    #[must_use]
    pub fn write(&self, message: &Message) -> PooledBuffer {
        let mut bytes = self.pools.json.take();
        let serializing = self.recorder.phase_duration(Phase::Serialize).start_timer();
        message.write_to(&mut bytes);
        serializing.stop();
        bytes
    }

    /// Counts one operation on this edge.
    pub fn count(&self, operation: Operation, status: Status) {
        self.recorder.operations(self.side, operation, status).inc();
    }
}

/// Returns the side that messages from `side` go to.
const fn other(side: Side) -> Side {
    match side {
        Side::Client => Side::Server,
        Side::Server => Side::Client,
    }
}

/// Measures the connection to a new child, which succeeds with the child's first valid message. Dropping it earlier records a
/// failed connection.
#[derive(Debug)]
pub struct Connecting {
    edge: Edge,
    health: Arc<HealthState>,
    timer: Option<OwnedTimer>,
}

impl Connecting {
    /// Starts the timer.
    #[must_use]
    pub fn begin(edge: &Edge, health: Arc<HealthState>) -> Self {
        let timer = edge
            .recorder
            .phase_duration(Phase::Connect)
            .start_timer_owned();
        Self {
            edge: edge.clone(),
            health,
            timer: Some(timer),
        }
    }

    /// Records that the connection has succeeded.
    pub fn succeed(mut self) {
        if let Some(timer) = self.timer.take() {
            timer.stop();
            self.edge.count(Operation::Connect, Status::Ok);
            self.health.advance(Health::Running);
        }
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.take() {
            // A failed connection has no duration.
            timer.discard();
            self.edge.count(Operation::Connect, Status::Failed);
        }
    }
}

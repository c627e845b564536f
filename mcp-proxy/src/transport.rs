//! Transports: how messages reach the proxy and leave it. One module per transport; what they have in common is here.

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
use shadowcat_metrics::OwnedTimer;
use shadowcat_metrics::shadowcat::labels::{
    Health, Method, Operation, Outcome, Phase, Side, Status, Transport,
};
use shadowcat_metrics::shadowcat::{Metrics, RequestRecorder, TransportRecorder};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::arrival::Arrival;
use crate::jsonrpc::{Id, Malformed, Message};
use crate::pool::{PooledBuffer, Pools};
use crate::process::child::HealthState;
use crate::transport::stdio::FirstByte;

/// Messages that wait between a transport and a session, in each direction. A full queue stops the reading side, and
/// through the pipe's own buffer the peer; so what a peer can make the proxy hold is this many messages of the size limit.
pub const QUEUE: usize = 16;

/// Default size limit of one message, in bytes.
pub const MAX_MESSAGE: usize = 16 * 1024 * 1024;

/// What a peer is to get. It fails when the peer takes no more.
pub type Outgoing = mpsc::Sender<Message>;

/// One peer, as a session sees it: two bounded queues, with the tasks that move bytes behind them.
#[derive(Debug)]
pub struct Link {
    /// What the peer sends. It ends when the peer has no more to say.
    pub incoming: Inbox,
    /// What the peer is to get.
    pub outgoing: Outgoing,
    /// Ends when all that was put into `outgoing` is written, and `outgoing` is gone.
    pub writer: JoinHandle<()>,
}

/// Why no answer to a request will come.
#[derive(Debug, Clone)]
pub struct NoAnswer {
    /// What went wrong, for whoever asked.
    pub reason: String,
    /// What the server said, if it refused the request.
    pub refused: Option<Refused>,
}

/// The answer of a server that refused a request with an HTTP status.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// The status.
    pub status: u16,
    /// How the server wants to be told who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub www_authenticate: Option<String>,
}

impl From<String> for NoAnswer {
    fn from(reason: String) -> Self {
        Self {
            reason,
            refused: None,
        }
    }
}

/// What a peer sent.
#[derive(Debug)]
pub enum Incoming {
    /// A message.
    Message(Message),
    /// Something that is not a message.
    Malformed(Malformed),
    /// Something longer than a message may be; it was skipped.
    TooLarge {
        /// The id of the message, if its beginning told.
        id: Option<Id>,
        /// How long a message may be, in bytes.
        limit: usize,
    },
    /// No answer to a request will come: the transport knows that, for it is one that carries each exchange by itself.
    Unanswered {
        /// The id of the request.
        id: Id,
        /// Why not.
        cause: NoAnswer,
    },
}

/// The receiving end of a link's queue. Whoever looks at what comes next may stop at any time: nothing is lost.
#[derive(Debug)]
pub struct Inbox {
    incoming: mpsc::Receiver<Incoming>,
    held: Option<Incoming>,
}

impl Inbox {
    /// Of what `incoming` brings.
    #[must_use]
    pub fn new(incoming: mpsc::Receiver<Incoming>) -> Self {
        Self {
            incoming,
            held: None,
        }
    }

    /// What comes next, which stays here; none at the end.
    pub async fn peek(&mut self) -> Option<&Incoming> {
        if self.held.is_none() {
            self.held = self.incoming.recv().await;
        }
        self.held.as_ref()
    }

    /// What comes next; none at the end.
    pub async fn next(&mut self) -> Option<Incoming> {
        self.peek().await?;
        self.held.take()
    }

    /// What comes next, if it has come.
    pub fn take(&mut self) -> Option<Incoming> {
        self.held.take().or_else(|| self.incoming.try_recv().ok())
    }

    /// Waits until the peer has no more to say. Never comes to an end if there is something to say first.
    pub async fn ended(&mut self) {
        if self.peek().await.is_some() {
            std::future::pending::<()>().await;
        }
    }
}

/// What the tasks of one link share: settings, pools and recorders.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Which neighbour this is.
    pub side: Side,
    /// Size limit of one message, in bytes.
    pub max_message: usize,
    /// Where buffers come from.
    pub pools: Pools,
    /// What happens here is recorded with this.
    pub recorder: TransportRecorder,
    /// Requests that arrive here are recorded with this.
    pub requests: RequestRecorder,
    /// Watches for the first byte of answers, where the proxy is the side that asks.
    pub first_byte: Option<Arc<FirstByte>>,
}

impl Edge {
    /// The side that clients are on.
    #[must_use]
    pub fn to_client(metrics: &Metrics, transport: Transport, pools: Pools) -> Self {
        let recorder = metrics.transport(transport);
        Self {
            side: Side::Client,
            max_message: MAX_MESSAGE,
            pools,
            recorder,
            requests: metrics.request(transport),
            first_byte: None,
        }
    }

    /// The side that servers are on.
    #[must_use]
    pub fn to_server(metrics: &Metrics, transport: Transport, pools: Pools) -> Self {
        let recorder = metrics.transport(transport);
        let first_byte = Some(Arc::new(FirstByte::new(recorder.clone())));
        Self {
            side: Side::Server,
            max_message: MAX_MESSAGE,
            pools,
            recorder,
            requests: metrics.request(transport),
            first_byte,
        }
    }

    /// The same with another size limit.
    #[must_use]
    pub fn with_max_message(self, max_message: usize) -> Self {
        Self {
            max_message,
            ..self
        }
    }

    /// The same with a first-byte watch of its own, as every link needs.
    #[must_use]
    pub fn for_new_link(&self) -> Self {
        let first_byte = self
            .first_byte
            .as_ref()
            .map(|_| Arc::new(FirstByte::new(self.recorder.clone())));
        Self {
            first_byte,
            ..self.clone()
        }
    }

    /// Turns the bytes of what should be a message into one.
    #[must_use]
    pub fn read(&self, bytes: &[u8]) -> Incoming {
        let parsing = self
            .recorder
            .phase_duration(Phase::Deserialize)
            .start_timer();
        let parsed = Message::parse(bytes);
        parsing.stop();
        match parsed {
            Ok(mut message) => {
                if let Message::Request(request) = &mut message {
                    request.arrival = Some(Arrival::now(&self.requests, &request.method));
                }
                self.count(Operation::Receive, Status::Ok);
                self.recorder.message_size(self.side).observe(bytes.len());
                Incoming::Message(message)
            }
            Err(malformed) => {
                self.unreadable(Status::Malformed);
                Incoming::Malformed(malformed)
            }
        }
    }

    /// Counts something received that is no message. A client that sent it waits for an answer, so it counts as a request
    /// that was rejected; a server prints all sorts of things.
    pub fn unreadable(&self, status: Status) {
        self.count(Operation::Receive, status);
        match self.side {
            Side::Client => {
                let rejected = self.requests.completed(Method::Other, Outcome::Rejected);
                rejected.inc();
            }
            Side::Server => {}
        }
    }

    /// Turns a message into bytes, without a line break.
    #[must_use]
    pub fn write(&self, message: &Message) -> PooledBuffer {
        let mut bytes = self.pools.json.take();
        let serializing = self.recorder.phase_duration(Phase::Serialize).start_timer();
        message.write_to(&mut bytes);
        serializing.stop();
        bytes
    }

    /// Counts one operation on this side.
    pub fn count(&self, operation: Operation, status: Status) {
        self.recorder.operations(self.side, operation, status).inc();
    }
}

/// Waits for the first valid reply of a child that was just started. Whether it comes decides how the connecting ended.
#[derive(Debug)]
pub struct FirstReply {
    edge: Edge,
    health: Arc<HealthState>,
    connecting: Option<OwnedTimer>,
}

impl FirstReply {
    /// Begins to wait, now.
    #[must_use]
    pub fn expected(edge: &Edge, health: Arc<HealthState>) -> Self {
        let connecting = edge
            .recorder
            .phase_duration(Phase::Connect)
            .start_timer_owned();
        Self {
            edge: edge.clone(),
            health,
            connecting: Some(connecting),
        }
    }

    /// The reply has come.
    pub fn seen(mut self) {
        if let Some(connecting) = self.connecting.take() {
            connecting.stop();
            self.edge.count(Operation::Connect, Status::Ok);
            self.health.advance(Health::Running);
        }
    }
}

impl Drop for FirstReply {
    fn drop(&mut self) {
        if let Some(connecting) = self.connecting.take() {
            // A connection that never came has no duration.
            connecting.discard();
            self.edge.count(Operation::Connect, Status::Failed);
        }
    }
}

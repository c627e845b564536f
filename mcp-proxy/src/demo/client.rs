//! An MCP client, as the demo needs one: it sends, waits for answers, and keeps books of both.

mod steps;

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use shadowcat_metrics::labels::{Method, Outcome};
use tokio::io::DuplexStream;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::demo::tally::Tally;
use crate::demo::wire::{self, Receiver, Sender};
use crate::jsonrpc::{Id, Message, Notification, Payload, Request, Response, code};
use crate::upstream::{StartError, Target};

/// An answer that takes longer than this will not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection to the proxy. Clones share it.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    sender: Sender,
    waiting: Mutex<HashMap<Id, oneshot::Sender<Payload>>>,
    next_id: AtomicU64,
    tally: Arc<Tally>,
}

/// The demo's client and its proxy do not understand each other; the demo has failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The proxy hung up.
    #[error("the proxy hung up on a client: {0}")]
    HungUp(#[from] std::io::Error),
    /// The proxy cannot be connected to.
    #[error(transparent)]
    NotConnected(#[from] StartError),
    /// A client was to connect over the network to what has no address on it.
    #[error("a pipe has no address")]
    NoNetwork,
    /// Bytes that are no message were not refused.
    #[error("what is no message was answered with status {status}")]
    Accepted {
        /// The status of the answer.
        status: u16,
    },
    /// An answer did not come.
    #[error("no answer to {method} within {PATIENCE:?}")]
    NoAnswer {
        /// To what.
        method: String,
    },
}

impl ClientError {
    pub(super) fn hung_up() -> Self {
        Self::HungUp(std::io::ErrorKind::BrokenPipe.into())
    }
}

impl Client {
    /// A client at one end of `stream`.
    #[must_use]
    pub fn over_pipe(stream: DuplexStream, tally: &Arc<Tally>) -> Self {
        Self::new(wire::pipe(stream), tally)
    }

    /// A client of the proxy at this address.
    ///
    /// # Errors
    ///
    /// If the proxy cannot be connected to.
    pub async fn over_network(proxy: Target, tally: &Arc<Tally>) -> Result<Self, ClientError> {
        Ok(Self::new(wire::network(proxy).await?, tally))
    }

    fn new((sender, receiver): (Sender, Receiver), tally: &Arc<Tally>) -> Self {
        let shared = Shared {
            sender,
            waiting: Mutex::default(),
            next_id: AtomicU64::new(1),
            tally: Arc::clone(tally),
        };
        let client = Self {
            shared: Arc::new(shared),
        };
        tokio::spawn(client.clone().read(receiver));
        client
    }

    /// Opens the session.
    ///
    /// # Errors
    ///
    /// If the proxy does not answer.
    pub async fn initialize(&self) -> Result<(), ClientError> {
        let params = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": { "sampling": {} },
            "clientInfo": { "name": "mcp-proxy demo", "version": env!("CARGO_PKG_VERSION") },
        });
        self.request("initialize", &params).await?;
        self.notify("notifications/initialized", &json!({})).await
    }

    /// Ends the session: the proxy sees the end of its input.
    ///
    /// # Errors
    ///
    /// If the connection is broken already.
    pub async fn hang_up(&self) -> Result<(), ClientError> {
        self.shared.sender.hang_up().await
    }

    async fn call(&self, tool: &str, arguments: Value) -> Result<Outcome, ClientError> {
        self.request(
            "tools/call",
            &json!({ "name": tool, "arguments": arguments }),
        )
        .await
    }

    async fn request(&self, method: &str, params: &Value) -> Result<Outcome, ClientError> {
        let request = Request::new(self.next_id(), method, params);
        let answered = self.wait_for(&request.id);
        self.send(Message::Request(request)).await?;
        let Ok(Ok(payload)) = timeout(PATIENCE, answered).await else {
            return Err(ClientError::NoAnswer {
                method: method.to_owned(),
            });
        };
        let method = Method::from_str(method).unwrap_or(Method::Other);
        let outcome = outcome(&payload);
        self.ended(method, outcome);
        Ok(outcome)
    }

    /// Where the answer to the request with this id will come.
    fn wait_for(&self, id: &Id) -> oneshot::Receiver<Payload> {
        let (answer, answered) = oneshot::channel();
        self.waiting().insert(id.clone(), answer);
        answered
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Id, oneshot::Sender<Payload>>> {
        let waiting = self.shared.waiting.lock();
        waiting.unwrap_or_else(PoisonError::into_inner)
    }

    fn ended(&self, method: Method, outcome: Outcome) {
        self.shared.tally.lock().request_ended(method, outcome);
    }

    async fn notify(&self, method: &str, params: &Value) -> Result<(), ClientError> {
        self.send(Message::Notification(Notification::new(method, params)))
            .await
    }

    async fn send(&self, message: Message) -> Result<(), ClientError> {
        let mut line = Vec::new();
        message.write_to(&mut line);
        {
            let mut counts = self.shared.tally.lock();
            counts.messages_sent += 1;
            counts.bytes_sent += line.len() as u64;
        }
        self.shared.sender.send(message).await
    }

    fn next_id(&self) -> u64 {
        self.shared.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Reads until the proxy hangs up.
    async fn read(self, mut receiver: Receiver) {
        while let Some(message) = receiver.next().await {
            self.shared.tally.lock().messages_received += 1;
            match message {
                Message::Response(Response {
                    id: Some(id),
                    payload,
                }) => {
                    let waiting = self.waiting().remove(&id);
                    if let Some(waiting) = waiting {
                        let _ = waiting.send(payload);
                    }
                }
                Message::Request(request) => self.answer(request).await,
                Message::Response(Response { id: None, .. }) | Message::Notification(_) => {}
            }
        }
    }

    /// Answers a request of the server's for a sample of a model.
    async fn answer(&self, request: Request) {
        let content = json!({ "type": "text", "text": "42" });
        let result = json!({ "role": "assistant", "model": "none", "content": content });
        let method = Method::from_str(&request.method).unwrap_or(Method::Other);
        self.ended(method, Outcome::Ok);
        // The proxy hangs up only when this client has, and then nobody waits for the answer.
        let _ = self
            .send(Message::Response(Response::result(request.id, &result)))
            .await;
    }
}

/// How a request has ended, as its asker can tell.
fn outcome(payload: &Payload) -> Outcome {
    match payload {
        Payload::Result(_) => Outcome::Ok,
        Payload::Error(error) => {
            let error: Value = serde_json::from_str(error.get()).unwrap_or_default();
            if error["code"] == code::SERVER_GONE {
                Outcome::Lost
            } else {
                Outcome::Error
            }
        }
    }
}

//! An MCP client, as the demo needs one: it sends what the plan says, and keeps books of it.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use shadowcat_metrics::Metrics;
use shadowcat_metrics::labels::{Method, Outcome};
use tokio::io::{AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::{Mutex as AsyncMutex, oneshot};
use tokio::time::{sleep, timeout};

use crate::demo::MAX_MESSAGE;
use crate::demo::tally::Tally;
use crate::demo::traffic::Step;
use crate::jsonrpc::{Id, Message, Notification, Payload, Request, Response, code};
use crate::pool::Pools;
use crate::transport::lines::{Line, LineReader};

/// An answer that takes longer than this will not come.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long a slow call has been running when it is withdrawn.
const BEFORE_CANCELLING: Duration = Duration::from_millis(30);

/// One connection to the proxy. Clones share it.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    writer: AsyncMutex<WriteHalf<DuplexStream>>,
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
    /// An answer did not come.
    #[error("no answer to {method} within {PATIENCE:?}")]
    NoAnswer {
        /// To what.
        method: String,
    },
}

impl Client {
    /// A client at one end of `stream`.
    #[must_use]
    pub fn connect(stream: DuplexStream, tally: Arc<Tally>) -> Self {
        let (reader, writer) = tokio::io::split(stream);
        let shared = Shared {
            writer: AsyncMutex::new(writer),
            waiting: Mutex::default(),
            next_id: AtomicU64::new(1),
            tally,
        };
        let client = Self {
            shared: Arc::new(shared),
        };
        tokio::spawn(client.clone().read(reader));
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

    /// Does one thing, and waits for what comes of it.
    ///
    /// # Errors
    ///
    /// If the proxy does not answer.
    pub async fn perform(&self, step: Step) -> Result<(), ClientError> {
        match step {
            Step::Ping => self.request("ping", &json!({})).await,
            Step::ListTools => self.request("tools/list", &json!({})).await,
            Step::Echo(bytes) => {
                self.call("echo", json!({ "text": "e".repeat(bytes) }))
                    .await
            }
            Step::Slow(milliseconds) => {
                self.call("slow", json!({ "milliseconds": milliseconds }))
                    .await
            }
            Step::Big(bytes) => self.call("big", json!({ "bytes": bytes })).await,
            Step::Ask => {
                self.call("ask", json!({ "question": "What is the answer?" }))
                    .await
            }
            Step::Fail => self.call("fail", json!({})).await,
            Step::Garbage => self.call("garbage", json!({})).await,
            Step::Crash => {
                self.call("crash", json!({})).await?;
                // Answered by the restarted server alone, so that every crash has its restart, also the last one.
                self.request("ping", &json!({})).await
            }
            Step::UnknownMethod => self.request("demo/unknown", &json!({})).await,
            Step::Burst(calls) => self.burst(calls).await,
            Step::Cancel => self.cancel().await,
            Step::Malformed => {
                self.shared.tally.lock().malformed_sent += 1;
                self.write(b"{\"jsonrpc\": \"2.0\", oops").await
            }
            Step::TooLarge => {
                self.shared.tally.lock().too_large_sent += 1;
                self.write(&vec![b'x'; MAX_MESSAGE + 1]).await
            }
            Step::Pause(milliseconds) => {
                sleep(Duration::from_millis(milliseconds)).await;
                Ok(())
            }
        }
    }

    /// Ends the session: the proxy sees the end of its input.
    ///
    /// # Errors
    ///
    /// If the connection is broken already.
    pub async fn hang_up(&self) -> Result<(), ClientError> {
        Ok(self.shared.writer.lock().await.shutdown().await?)
    }

    async fn burst(&self, calls: usize) -> Result<(), ClientError> {
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..calls {
            let client = self.clone();
            running.spawn(async move { client.call("slow", json!({ "milliseconds": 10 })).await });
        }
        running.join_all().await.into_iter().collect()
    }

    async fn cancel(&self) -> Result<(), ClientError> {
        let params = json!({ "name": "slow", "arguments": { "milliseconds": 5000 } });
        let request = Request::new(self.next_id(), "tools/call", &params);
        let id = request.id.clone();
        self.send(&Message::Request(request)).await?;
        sleep(BEFORE_CANCELLING).await;
        self.shared
            .tally
            .lock()
            .request_ended(Method::ToolsCall, Outcome::Cancelled);
        self.notify(
            "notifications/cancelled",
            &json!({ "requestId": id, "reason": "the demo" }),
        )
        .await
    }

    async fn call(&self, tool: &str, arguments: Value) -> Result<(), ClientError> {
        self.request(
            "tools/call",
            &json!({ "name": tool, "arguments": arguments }),
        )
        .await
    }

    async fn request(&self, method: &str, params: &Value) -> Result<(), ClientError> {
        let request = Request::new(self.next_id(), method, params);
        let (answer, answered) = oneshot::channel();
        self.shared
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(request.id.clone(), answer);
        self.send(&Message::Request(request)).await?;
        let Ok(Ok(payload)) = timeout(PATIENCE, answered).await else {
            return Err(ClientError::NoAnswer {
                method: method.to_owned(),
            });
        };
        let method = Method::from_str(method).unwrap_or(Method::Other);
        self.shared
            .tally
            .lock()
            .request_ended(method, outcome(&payload));
        Ok(())
    }

    async fn notify(&self, method: &str, params: &Value) -> Result<(), ClientError> {
        self.send(&Message::Notification(Notification::new(method, params)))
            .await
    }

    async fn send(&self, message: &Message) -> Result<(), ClientError> {
        let mut line = Vec::new();
        message.write_to(&mut line);
        {
            let mut counts = self.shared.tally.lock();
            counts.messages_sent += 1;
            counts.bytes_sent += line.len() as u64;
        }
        self.write(&line).await
    }

    async fn write(&self, line: &[u8]) -> Result<(), ClientError> {
        let mut writer = self.shared.writer.lock().await;
        writer.write_all(line).await?;
        writer.write_all(b"\n").await?;
        Ok(())
    }

    fn next_id(&self) -> u64 {
        self.shared.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Reads until the proxy hangs up. The client's pools are not the proxy's, so it records nothing.
    async fn read(self, reader: ReadHalf<DuplexStream>) {
        let mut lines = LineReader::new(reader, Pools::new(&Metrics::disabled()).stdio, usize::MAX);
        while let Ok(Some(Line::Whole { bytes, .. })) = lines.next().await {
            let Ok(message) = Message::parse(bytes) else {
                continue;
            };
            self.shared.tally.lock().messages_received += 1;
            match message {
                Message::Response(Response {
                    id: Some(id),
                    payload,
                }) => {
                    let waiting = self
                        .shared
                        .waiting
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .remove(&id);
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
        self.shared.tally.lock().request_ended(method, Outcome::Ok);
        // The proxy hangs up only when this client has, and then nobody waits for the answer.
        let _ = self
            .send(&Message::Response(Response::result(request.id, &result)))
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

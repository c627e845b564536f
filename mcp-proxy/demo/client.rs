//! The demo's MCP client: sends requests, waits for answers, and counts both.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::labels::{Method, Outcome};
use tokio::io::DuplexStream;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::demo::books::Tally;
use crate::demo::server::PROMPT;
use crate::demo::traffic::Step;
use crate::demo::wire::{Receiver, Sender};
use crate::demo::{MAX_MESSAGE, wire};
use mcp_proxy::arrival::method_label;
use mcp_proxy::jsonrpc::{Id, Message, Notification, Payload, Request, Response, code};
use mcp_proxy::transport::stateless::FIRST;
use mcp_proxy::upstream::{StartError, Target};

/// Time limit for an answer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// One connection to the proxy. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    shared: Arc<Shared>,
    /// Whether it speaks the revision without sessions.
    is_stateless: bool,
}

#[derive(Debug)]
struct Shared {
    sender: Sender,
    waiting: Mutex<HashMap<Id, oneshot::Sender<Payload>>>,
    next_id: AtomicU64,
    tally: Arc<Tally>,
}

/// An error that a client of the demo did not provoke. It fails the demo.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// The proxy closed the connection.
    #[error("the proxy hung up on a client: {0}")]
    HungUp(#[from] std::io::Error),
    /// The proxy cannot be connected to.
    #[error(transparent)]
    NotConnected(#[from] StartError),
    /// A network client was to connect to a server without an address.
    #[error("a pipe has no address")]
    NoNetwork,
    /// The proxy accepted bytes that are not a message.
    #[error("bytes that are not a message got the status {status}")]
    Accepted {
        /// The response's status.
        status: u16,
    },
    /// The answer to a request did not arrive.
    #[error("no answer to {method} within {TIMEOUT:?}")]
    NoAnswer {
        /// The method of the request.
        method: String,
    },
}

impl ClientError {
    pub(super) fn hung_up() -> Self {
        Self::HungUp(std::io::ErrorKind::BrokenPipe.into())
    }
}

impl Client {
    /// Creates a client at one end of `stream`.
    pub(crate) fn over_pipe(stream: DuplexStream, tally: &Arc<Tally>) -> Self {
        Self::new(wire::pipe(stream), tally)
    }

    /// Connects a client to the proxy at this address.
    ///
    /// # Errors
    ///
    /// If the connection fails.
    pub(crate) async fn over_network(
        proxy: Target,
        tally: &Arc<Tally>,
    ) -> Result<Self, ClientError> {
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
            is_stateless: false,
        };
        tokio::spawn(client.clone().read(receiver));
        client
    }

    /// Makes it speak the revision without sessions, or not.
    pub(crate) fn speaking(self, is_stateless: bool) -> Self {
        Self {
            is_stateless,
            ..self
        }
    }

    /// Opens the session. Without sessions, asks what the server offers.
    ///
    /// # Errors
    ///
    /// If the proxy does not answer.
    pub(crate) async fn begin(&self) -> Result<(), ClientError> {
        if self.is_stateless {
            return self.perform(Step::Discover).await;
        }
        let params = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": { "sampling": {} },
            "clientInfo": { "name": "mcp-proxy demo", "version": env!("CARGO_PKG_VERSION") },
        });
        self.request("initialize", &params).await?;
        self.notify("notifications/initialized", &json!({})).await
    }

    /// Ends the session by closing the proxy's input.
    ///
    /// # Errors
    ///
    /// If the connection is already broken.
    pub(crate) async fn hang_up(&self) -> Result<(), ClientError> {
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
        let request = self.new_request(method, params);
        let answered = self.wait_for(&request.id);
        self.send(Message::Request(request)).await?;
        let Ok(Ok(payload)) = timeout(TIMEOUT, answered).await else {
            return Err(ClientError::NoAnswer {
                method: method.to_owned(),
            });
        };
        self.count_cost(method, params, &payload);
        let method = method_label(method);
        let outcome = outcome(&payload);
        self.ended(method, outcome);
        Ok(outcome)
    }

    /// Creates a request. Without sessions, it names its revision and what the client can do.
    fn new_request(&self, method: &str, params: &Value) -> Request {
        let mut params = params.clone();
        if self.is_stateless {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": FIRST,
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        Request::new(self.next_id(), method, &params)
    }

    /// Registers for the answer to the request with this id.
    fn wait_for(&self, id: &Id) -> oneshot::Receiver<Payload> {
        let (answer, answered) = oneshot::channel();
        self.shared.waiting.lock().insert(id.clone(), answer);
        answered
    }

    /// Counts the bytes of an answer that a client puts into the context of a model.
    fn count_cost(&self, method: &str, params: &Value, payload: &Payload) {
        let Payload::Result(result) = payload else {
            return;
        };
        let name = params["name"].as_str().unwrap_or_default().to_owned();
        let mut counts = self.shared.tally.lock();
        let cost = match method {
            "tools/list" => {
                let list: ToolList<'_> = serde_json::from_str(result.get()).unwrap_or_default();
                counts.tools = list.tools.len() as u64;
                counts.tool_list = list.tools.iter().map(|tool| tool.get().len() as u64).sum();
                return;
            }
            "tools/call" => counts.tool_results.entry(name).or_default(),
            "prompts/get" => counts.prompt_results.entry(name).or_default(),
            _ => return,
        };
        cost.results += 1;
        cost.failures += u64::from(outcome(payload) == Outcome::ToolError);
        cost.bytes += result.get().len() as u64;
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

    /// Reads until the proxy closes the connection.
    async fn read(self, mut receiver: Receiver) {
        while let Some(message) = receiver.next().await {
            self.shared.tally.lock().messages_received += 1;
            match message {
                Message::Response(Response {
                    id: Some(id),
                    payload,
                }) => {
                    let waiting = self.shared.waiting.lock().remove(&id);
                    if let Some(waiting) = waiting {
                        let _ = waiting.send(payload);
                    }
                }
                Message::Request(request) => self.answer(request).await,
                Message::Response(Response { id: None, .. }) | Message::Notification(_) => {}
            }
        }
    }

    /// Answers a sampling request from the server.
    async fn answer(&self, request: Request) {
        let content = json!({ "type": "text", "text": "42" });
        let result = json!({ "role": "assistant", "model": "none", "content": content });
        let method = method_label(&request.method);
        self.ended(method, Outcome::Ok);
        // The proxy closes the connection only after this client has, and then nobody waits for the answer.
        let _ = self
            .send(Message::Response(Response::result(request.id, &result)))
            .await;
    }
}

/// The tools of a server.
#[derive(Default, Deserialize)]
struct ToolList<'a> {
    #[serde(borrow)]
    tools: Vec<&'a RawValue>,
}

/// Returns the outcome of a request as its sender sees it.
fn outcome(payload: &Payload) -> Outcome {
    match payload {
        Payload::Result(result) => {
            let result: Value = serde_json::from_str(result.get()).unwrap_or_default();
            if result["isError"] == true {
                Outcome::ToolError
            } else {
                Outcome::Ok
            }
        }
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

/// How long a slow call runs before it is cancelled.
const BEFORE_CANCELLING: Duration = Duration::from_millis(30);

/// Maximum number of attempts at a call with a specific outcome, because a network that has just failed may
/// lose calls.
const TRIES: usize = 5;

impl Client {
    /// Performs one step and waits for its result.
    ///
    /// # Errors
    ///
    /// If the proxy does not answer.
    pub(crate) async fn perform(&self, step: Step) -> Result<(), ClientError> {
        match step {
            Step::Ping => self.ping().await,
            Step::Discover => self.request("server/discover", &json!({})).await.map(drop),
            Step::ListTools => self.request("tools/list", &json!({})).await.map(drop),
            Step::FillInPrompt => {
                let greet = json!({ "name": PROMPT, "arguments": { "name": "a reader" } });
                self.request("prompts/get", &greet).await.map(drop)
            }
            Step::Echo(bytes) => self
                .call("echo", json!({ "text": "e".repeat(bytes) }))
                .await
                .map(drop),
            Step::Slow(milliseconds) => self.slow(milliseconds).await,
            Step::Big(bytes) => self.big(bytes).await.map(drop),
            Step::Ask => self
                .call("ask", json!({ "question": "What is the answer?" }))
                .await
                .map(drop),
            Step::Fail => self.fail("fail", Outcome::Error).await,
            Step::FailTool => self.fail("broken", Outcome::ToolError).await,
            Step::Garbage => self.call("garbage", json!({})).await.map(drop),
            Step::Crash => {
                self.call("crash", json!({})).await?;
                // Only the restarted server can answer, so every crash is followed by a restart, including
                // the last one.
                self.ping().await
            }
            Step::UnknownMethod => self.request("demo/unknown", &json!({})).await.map(drop),
            Step::Burst(calls) => self.burst(calls).await,
            Step::Cancel => self.cancel().await,
            Step::Malformed => {
                self.shared.tally.lock().malformed_sent += 1;
                self.ended(Method::Other, Outcome::Rejected);
                self.shared
                    .sender
                    .send_bytes(b"{\"jsonrpc\": \"2.0\", oops".to_vec())
                    .await
            }
            Step::TooLarge => {
                self.shared.tally.lock().too_large_sent += 1;
                self.ended(Method::Other, Outcome::Rejected);
                self.shared
                    .sender
                    .send_bytes(vec![b'x'; MAX_MESSAGE + 1])
                    .await
            }
            Step::Pause(milliseconds) => {
                sleep(Duration::from_millis(milliseconds)).await;
                Ok(())
            }
            // Faults outside the client are not performed by it.
            Step::Fault(_) => Ok(()),
        }
    }

    /// Calls a tool for an answer of `bytes` bytes, and returns the call's outcome.
    ///
    /// # Errors
    ///
    /// If the proxy does not answer.
    pub(crate) async fn big(&self, bytes: usize) -> Result<Outcome, ClientError> {
        self.call("big", json!({ "bytes": bytes })).await
    }

    async fn burst(&self, calls: usize) -> Result<(), ClientError> {
        let mut running = tokio::task::JoinSet::new();
        for _ in 0..calls {
            let client = self.clone();
            running.spawn(async move { client.slow(10).await });
        }
        running.join_all().await.into_iter().collect()
    }

    /// Calls a failing tool until a call has the expected outcome.
    async fn fail(&self, tool: &str, expected: Outcome) -> Result<(), ClientError> {
        for _ in 0..TRIES {
            if self.call(tool, json!({})).await? == expected {
                break;
            }
        }
        Ok(())
    }

    /// Cancels a running call.
    async fn cancel(&self) -> Result<(), ClientError> {
        for _ in 0..TRIES {
            if self.withdraw().await? == Outcome::Cancelled {
                break;
            }
        }
        Ok(())
    }

    /// Starts and cancels a call, and returns its outcome.
    async fn withdraw(&self) -> Result<Outcome, ClientError> {
        let params = json!({ "name": "slow", "arguments": { "milliseconds": 5000 } });
        let request = self.new_request("tools/call", &params);
        let id = request.id.clone();
        let mut answered = self.wait_for(&id);
        self.send(Message::Request(request)).await?;
        sleep(BEFORE_CANCELLING).await;
        let cancelled = Notification::new(
            "notifications/cancelled",
            &json!({ "requestId": id, "reason": "the demo" }),
        );
        let cancelled = Message::Notification(cancelled);
        if self.is_stateless {
            // It is not sent: it closes the response.
            self.shared.sender.send(cancelled).await?;
        } else {
            self.send(cancelled).await?;
            // Answered after the cancellation, so no later step can change the call's outcome.
            self.ping().await?;
        }
        self.shared.waiting.lock().remove(&id);
        let outcome = match answered.try_recv() {
            Ok(payload) => {
                self.count_cost("tools/call", &params, &payload);
                outcome(&payload)
            }
            Err(_) => Outcome::Cancelled,
        };
        self.ended(Method::ToolsCall, outcome);
        Ok(outcome)
    }

    async fn ping(&self) -> Result<(), ClientError> {
        self.request("ping", &json!({})).await.map(drop)
    }

    async fn slow(&self, milliseconds: u64) -> Result<(), ClientError> {
        self.call("slow", json!({ "milliseconds": milliseconds }))
            .await
            .map(drop)
    }
}

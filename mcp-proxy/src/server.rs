//! An MCP server of the proxy's own: small, and as badly behaved as it is told to be.

pub mod tools;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, getppid};
use serde_json::json;
use shadowcat_metrics::Metrics;
use shadowcat_metrics::labels::Transport;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

use crate::jsonrpc::{Id, Message, Notification, Payload, Request, Response, code};
use crate::pool::Pools;
use crate::transport::{Edge, Incoming, Link, Outgoing, stdio};

/// Version of the protocol that is spoken if the client names none.
const PROTOCOL: &str = "2025-06-18";

/// A stubborn server gives up after this, so that none survives what has started it for long.
const LONGEST_STUBBORNNESS: Duration = Duration::from_secs(60);

/// Serves on standard input and output until the input ends.
///
/// # Errors
///
/// If signals cannot be listened for.
pub async fn run(metrics: &Metrics, stubborn: bool) -> std::io::Result<()> {
    // Asked now: when the input has ended, the parent may be gone already, and another process have its place.
    let parent = getppid();
    // Listening for it is what keeps SIGTERM from ending the process.
    let _sigterm = stubborn
        .then(|| signal(SignalKind::terminate()))
        .transpose()?;
    let edge = Edge::to_client(metrics, Transport::Stdio, Pools::new(metrics));
    serve(stdio::open(
        tokio::io::stdin(),
        tokio::io::stdout(),
        &edge,
        None,
    ))
    .await;
    if stubborn {
        outlive_the_input(parent).await;
    }
    Ok(())
}

async fn outlive_the_input(parent: Option<Pid>) {
    let started = tokio::time::Instant::now();
    while getppid() == parent && started.elapsed() < LONGEST_STUBBORNNESS {
        sleep(Duration::from_millis(100)).await;
    }
}

/// Answers what comes over `link` until it ends.
pub async fn serve(link: Link) {
    let Link {
        mut incoming,
        outgoing,
        writer,
    } = link;
    let client = Client {
        outgoing,
        asked: Arc::default(),
        next_id: Arc::default(),
    };
    let mut calls = Calls::default();
    while let Some(incoming) = incoming.next().await {
        match incoming {
            Incoming::Message(Message::Request(request)) => calls.begin(request, client.clone()),
            Incoming::Message(Message::Notification(notification)) => calls.notice(&notification),
            Incoming::Message(Message::Response(response)) => client.answered(response),
            Incoming::Malformed(malformed) => {
                client
                    .send(Response::error(
                        malformed.id,
                        malformed.code,
                        &malformed.reason,
                    ))
                    .await;
            }
            Incoming::Unanswered { id, reason } => {
                client.answered(Response::error(Some(id), code::SERVER_GONE, &reason));
            }
            Incoming::TooLarge { id, limit } => {
                let reason = format!("the message is over {limit} bytes");
                client
                    .send(Response::error(id, code::INVALID_REQUEST, &reason))
                    .await;
            }
        }
        calls.forget_finished();
    }
    calls.finish().await;
    drop(client);
    // What was answered is written before the process exits; if the client takes it no more, that is its own choice.
    let _ = writer.await;
}

/// Requests that are being worked on, each in a task, so that a slow one holds up nothing.
#[derive(Debug, Default)]
struct Calls {
    tasks: JoinSet<()>,
    running: HashMap<Id, AbortHandle>,
}

impl Calls {
    fn begin(&mut self, request: Request, client: Client) {
        let id = request.id.clone();
        let task = self.tasks.spawn(async move {
            let response = answer(request, &client).await;
            client.send(response).await;
        });
        self.running.insert(id, task);
    }

    fn notice(&mut self, notification: &Notification) {
        if let Some(task) = notification
            .cancelled_request()
            .and_then(|id| self.running.remove(&id))
        {
            task.abort();
        }
    }

    fn forget_finished(&mut self) {
        while self.tasks.try_join_next().is_some() {}
        self.running.retain(|_, task| !task.is_finished());
    }

    async fn finish(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn answer(request: Request, client: &Client) -> Response {
    let Request { id, method, params } = request;
    match method.as_str() {
        "initialize" => {
            let params: serde_json::Value = params
                .and_then(|params| serde_json::from_str(params.get()).ok())
                .unwrap_or_default();
            Response::result(
                id,
                &json!({
                    "protocolVersion": params.get("protocolVersion").unwrap_or(&json!(PROTOCOL)),
                    "capabilities": { "tools": {} },
                    "serverInfo": { "name": "mcp-proxy server", "version": env!("CARGO_PKG_VERSION") },
                }),
            )
        }
        "ping" => Response::result(id, &json!({})),
        "tools/list" => Response::result(id, &tools::list()),
        "tools/call" => tools::call(id, params.as_deref(), client).await,
        _ => Response::error(
            Some(id),
            code::METHOD_NOT_FOUND,
            &format!("unknown method {method:?}"),
        ),
    }
}

/// The client, as a tool sees it: somebody who can be asked.
#[derive(Debug, Clone)]
pub struct Client {
    outgoing: Outgoing,
    asked: Arc<Mutex<HashMap<Id, oneshot::Sender<Payload>>>>,
    next_id: Arc<AtomicU64>,
}

impl Client {
    /// Sends a request to the client, and waits for the answer; none if the client goes away.
    pub async fn ask(&self, method: &str, params: &serde_json::Value) -> Option<Payload> {
        let request = Request::new(self.next_id.fetch_add(1, Ordering::Relaxed), method, params);
        let (answer, answered) = oneshot::channel();
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(request.id.clone(), answer);
        self.outgoing.send(Message::Request(request)).await.ok()?;
        answered.await.ok()
    }

    /// Sends a notification to the client.
    pub async fn notify(&self, method: &str, params: &serde_json::Value) {
        let notification = Message::Notification(Notification::new(method, params));
        // If it is not taken, the client is gone, and the end of the input comes next.
        let _ = self.outgoing.send(notification).await;
    }

    async fn send(&self, response: Response) {
        let _ = self.outgoing.send(Message::Response(response)).await;
    }

    fn answered(&self, response: Response) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = response.id.and_then(|id| asked.remove(&id)) {
            let _ = waiting.send(response.payload);
        }
    }
}

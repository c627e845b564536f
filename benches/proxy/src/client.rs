//! A client that repeats the same small request and measures the response times.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use mcp_proxy::jsonrpc::{Id, Message, Notification, Payload, Request};
use mcp_proxy::transport::{Incoming, Link};
use serde_json::json;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// Timeout of a response.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A client that repeats requests.
pub struct Client(Mutex<Asking>);

struct Asking {
    link: Link,
    next_id: u64,
    /// Time when each unanswered request was sent.
    waiting: HashMap<Id, Instant>,
}

impl Client {
    /// Creates a client at the end of `link`.
    pub fn new(link: Link) -> Self {
        Self(Mutex::new(Asking {
            link,
            next_id: 1,
            waiting: HashMap::new(),
        }))
    }

    /// Opens the session.
    pub async fn initialize(&mut self) -> Result<(), String> {
        let asking = self.0.get_mut();
        let params = json!({
            "protocolVersion": "2025-06-18",
            "capabilities": {},
            "clientInfo": { "name": "proxy-cost", "version": "0" },
        });
        asking.ask("initialize", &params).await?;
        asking.answer().await?;
        let initialized = Notification::new("notifications/initialized", &json!({}));
        asking.send(Message::Notification(initialized)).await
    }

    /// Sends `times` requests, with at most `in_flight` of them unanswered. Returns the response times.
    pub async fn ask(&self, times: usize, in_flight: usize) -> Result<Vec<Duration>, String> {
        let mut asking = self.0.lock().await;
        let params = json!({ "name": "echo", "arguments": { "text": "x".repeat(100) } });
        let mut taken = Vec::with_capacity(times);
        let mut asked = 0;
        while taken.len() < times {
            while asked < times && asking.waiting.len() < in_flight {
                asking.ask("tools/call", &params).await?;
                asked += 1;
            }
            taken.push(asking.answer().await?);
        }
        Ok(taken)
    }
}

impl Asking {
    async fn ask(&mut self, method: &str, params: &serde_json::Value) -> Result<(), String> {
        let request = Request::new(self.next_id, method, params);
        self.next_id += 1;
        self.waiting.insert(request.id.clone(), Instant::now());
        self.send(Message::Request(request)).await
    }

    async fn send(&self, message: Message) -> Result<(), String> {
        let sent = self.link.outgoing.send(message).await;
        sent.map_err(|_| "the proxy has hung up".to_owned())
    }

    /// Returns the time of the next response.
    async fn answer(&mut self) -> Result<Duration, String> {
        loop {
            let next = timeout(TIMEOUT, self.link.incoming.next()).await;
            let next = next.map_err(|_| format!("no answer within {TIMEOUT:?}"))?;
            match next {
                Some(Incoming::Message(Message::Response(response))) => {
                    let asked = response.id.and_then(|id| self.waiting.remove(&id));
                    match (asked, response.payload) {
                        (Some(asked), Payload::Result(_)) => return Ok(asked.elapsed()),
                        (_, Payload::Error(error)) => return Err(error.get().to_owned()),
                        (None, Payload::Result(_)) => return Err("an answer to nothing".to_owned()),
                    }
                }
                Some(Incoming::Message(Message::Request(_) | Message::Notification(_))) => {}
                Some(Incoming::Unanswered { cause, .. }) => return Err(cause.reason),
                Some(Incoming::Malformed(malformed)) => return Err(malformed.reason),
                Some(Incoming::TooLarge { .. }) => return Err("an answer is too large".to_owned()),
                None => return Err("the proxy has hung up".to_owned()),
            }
        }
    }
}

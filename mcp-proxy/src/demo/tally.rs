//! What the demo's clients sent and got, counted by the clients themselves. The proxy's metrics are held against it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use shadowcat_metrics::labels::{Method, Outcome, Transport};

/// The clients' own books.
#[derive(Debug, Default)]
pub struct Tally(Mutex<Counts>);

/// The books of all clients, by the transport that they connect over.
pub type Books = BTreeMap<Transport, Counts>;

/// What is in the books of one transport's clients.
#[derive(Debug, Default, Clone)]
pub struct Counts {
    /// Messages sent to the proxy.
    pub messages_sent: u64,
    /// Their bytes, without line breaks.
    pub bytes_sent: u64,
    /// Lines sent that were no messages.
    pub malformed_sent: u64,
    /// Lines sent that were over the size limit.
    pub too_large_sent: u64,
    /// Messages got from the proxy.
    pub messages_received: u64,
    /// Requests in either direction, by how they ended as the client saw it.
    pub requests: BTreeMap<(Method, Outcome), u64>,
    /// Answers that a slow network was made to bring.
    pub slow_answers: u64,
    /// What was done with each server.
    pub servers: BTreeMap<&'static str, ServerCounts>,
}

/// What the clients did with one server.
#[derive(Debug, Default, Clone, Copy)]
pub struct ServerCounts {
    /// Sessions, each of which was ended in order.
    pub sessions: u64,
    /// Calls that made it crash.
    pub crashes: u64,
}

impl Tally {
    /// The books, to write in.
    pub fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A copy of the books.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.lock().clone()
    }
}

impl Counts {
    /// One request has ended.
    pub fn request_ended(&mut self, method: Method, outcome: Outcome) {
        *self.requests.entry((method, outcome)).or_default() += 1;
    }

    /// How many requests ended so.
    #[must_use]
    pub fn requests(&self, method: Method, outcome: Outcome) -> u64 {
        self.requests.get(&(method, outcome)).copied().unwrap_or(0)
    }

    /// How many requests of this method got an answer, whoever gave it.
    #[must_use]
    pub fn answered(&self, method: Method) -> u64 {
        [Outcome::Ok, Outcome::Error, Outcome::Lost]
            .into_iter()
            .map(|outcome| self.requests(method, outcome))
            .sum()
    }

    /// How many children of this server were started: one for each session, and one after each crash.
    #[must_use]
    pub fn starts(&self, server: &str) -> u64 {
        self.servers
            .get(server)
            .map_or(0, |counts| counts.sessions + counts.crashes)
    }

    /// How many children were started, of all servers.
    #[must_use]
    pub fn all_starts(&self) -> u64 {
        self.servers.keys().map(|server| self.starts(server)).sum()
    }

    /// All of it, for programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let requests: Vec<_> = self
            .requests
            .iter()
            .map(|((method, outcome), count)| {
                json!({ "method": method.as_str(), "outcome": outcome.as_str(), "count": count })
            })
            .collect();
        let servers: Vec<_> = self
            .servers
            .iter()
            .map(|(server, counts)| json!({ "server": server, "sessions": counts.sessions, "crashes": counts.crashes }))
            .collect();
        json!({
            "messages_sent": self.messages_sent,
            "bytes_sent": self.bytes_sent,
            "malformed_sent": self.malformed_sent,
            "too_large_sent": self.too_large_sent,
            "messages_received": self.messages_received,
            "requests": requests,
            "slow_answers": self.slow_answers,
            "servers": servers,
        })
    }
}

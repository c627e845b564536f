//! The client's messages that were not yet passed to the server.
//!
//! Messages wait here while the server is starting or not reading. A waiting request can still be cancelled,
//! or answered when its time limit expires.

use std::collections::VecDeque;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::jsonrpc::{Id, Message};

/// Maximum number of waiting messages. After that, the client has to wait.
const MAX_MESSAGES: usize = 4096;

/// Size limit for waiting messages, in bytes. The last one may exceed it.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Messages in order of arrival.
#[derive(Debug, Default)]
pub struct Waiting {
    queue: Mutex<Queue>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Message>,
    bytes: usize,
    /// Whether the client has sent its last message.
    ended: bool,
}

impl Waiting {
    /// Waits until there is room for a message.
    pub async fn room(&self) {
        self.until(|queue| queue.messages.len() < MAX_MESSAGES && queue.bytes < MAX_BYTES)
            .await;
    }

    /// Appends a message.
    pub fn push(&self, message: Message) {
        let mut queue = self.queue.lock();
        queue.bytes += message.size();
        queue.messages.push_back(message);
        self.changed.notify_waiters();
    }

    /// Marks the client as finished.
    pub fn end(&self) {
        self.queue.lock().ended = true;
        self.changed.notify_waiters();
    }

    /// Waits for a message without removing it. Returns `false` if no more will come.
    pub async fn ready(&self) -> bool {
        self.until(|queue| queue.ended || !queue.messages.is_empty())
            .await;
        !self.queue.lock().messages.is_empty()
    }

    /// Waits until the client has sent its last message.
    pub async fn ended(&self) {
        self.until(|queue| queue.ended).await;
    }

    /// Waits until the queue is empty and no more messages will come.
    pub async fn over(&self) {
        self.until(|queue| queue.ended && queue.messages.is_empty())
            .await;
    }

    /// Removes and returns the first message, if it was not cancelled in the meantime.
    pub fn pop(&self) -> Option<Message> {
        let mut queue = self.queue.lock();
        let message = queue.messages.pop_front()?;
        queue.bytes -= message.size();
        self.changed.notify_waiters();
        Some(message)
    }

    /// Removes the request with this id, and returns whether it was in the queue.
    pub fn withdraw(&self, id: &Id) -> bool {
        let mut queue = self.queue.lock();
        let is_it =
            |message: &Message| matches!(message, Message::Request(request) if request.id == *id);
        let Some(place) = queue.messages.iter().position(is_it) else {
            return false;
        };
        if let Some(message) = queue.messages.remove(place) {
            queue.bytes -= message.size();
        }
        self.changed.notify_waiters();
        true
    }

    async fn until(&self, is_so: impl Fn(&Queue) -> bool) {
        loop {
            // Created before the check, so that no change in between is missed.
            let changed = self.changed.notified();
            if is_so(&self.queue.lock()) {
                return;
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jsonrpc::Request;

    #[tokio::test]
    async fn messages_wait_in_order_until_they_are_taken_or_cancelled() {
        let waiting = Waiting::default();
        for id in 1..=3 {
            waiting.push(Message::Request(Request::new(id, "ping", &json!({}))));
        }
        assert!(waiting.ready().await);
        assert!(waiting.withdraw(&Id::from(2)) && !waiting.withdraw(&Id::from(2)));
        waiting.end();
        for expected in [1, 3] {
            assert!(waiting.ready().await);
            let Some(Message::Request(request)) = waiting.pop() else {
                panic!("a request")
            };
            assert_eq!(request.id, Id::from(expected));
        }
        assert!(!waiting.ready().await && waiting.pop().is_none());
        waiting.over().await;
        assert_eq!(waiting.queue.lock().bytes, 0);
    }
}

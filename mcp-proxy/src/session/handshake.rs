//! MCP's handshake, recorded so that it can be repeated with a restarted server without the client.

use std::time::Duration;

use parking_lot::Mutex;
use serde_json::value::RawValue;
use tokio::time::timeout;
use tracing::warn;

use crate::jsonrpc::{Id, Message, Notification, Payload, Request, Response};
use crate::transport::{Incoming, Link};

/// Time limit for a restarted server to answer the handshake.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The part of the handshake that the proxy has seen.
#[derive(Debug, Default)]
pub struct Handshake(Mutex<Progress>);

#[derive(Debug, Default)]
#[expect(
    clippy::option_option,
    reason = "a notification that came without parameters has come all the same"
)]
struct Progress {
    asked: Option<(Id, Option<Box<RawValue>>)>,
    answered: bool,
    /// The notification's parameters.
    completed: Option<Option<Box<RawValue>>>,
    replays: u64,
}

impl Handshake {
    /// Observes a message from the client.
    pub fn client_sends(&self, message: &Message) {
        match message {
            Message::Request(request) if request.method == "initialize" => {
                let mut progress = self.0.lock();
                progress.asked = Some((request.id.clone(), request.params.clone()));
                progress.answered = false;
            }
            Message::Notification(notification)
                if notification.method == "notifications/initialized" =>
            {
                self.0.lock().completed = Some(notification.params.clone());
            }
            Message::Request(_) | Message::Notification(_) | Message::Response(_) => {}
        }
    }

    /// Observes a message from the server.
    pub fn server_sends(&self, message: &Message) {
        if let Message::Response(Response {
            id: Some(id),
            payload: Payload::Result(_),
        }) = message
        {
            let mut progress = self.0.lock();
            if progress
                .asked
                .as_ref()
                .is_some_and(|(asked, _)| asked == id)
            {
                progress.answered = true;
            }
        }
    }

    /// Repeats the handshake with a restarted server. Returns `true` if it succeeded or was not needed.
    ///
    /// Messages that the server sends before its answer are dropped: the client does not know about this
    /// handshake.
    pub async fn replay(&self, link: &mut Link) -> bool {
        let Some((request, completed)) = self.next_replay() else {
            return true;
        };
        let id = request.id.clone();
        if link.outgoing.send(Message::Request(request)).await.is_err() {
            return false;
        }
        let answered = timeout(TIMEOUT, answer_to(&id, link))
            .await
            .unwrap_or(false);
        if !answered {
            warn!("the restarted server did not answer the handshake");
            return false;
        }
        match completed {
            Some(completed) => link
                .outgoing
                .send(Message::Notification(completed))
                .await
                .is_ok(),
            None => true,
        }
    }

    /// Returns the messages to repeat, if the handshake had progressed so far that the client relies on it.
    fn next_replay(&self) -> Option<(Request, Option<Notification>)> {
        let mut progress = self.0.lock();
        if !progress.answered {
            return None;
        }
        progress.replays += 1;
        let id = Id::String(format!("mcp-proxy/replay/{}", progress.replays));
        let (_, params) = progress.asked.as_ref()?;
        let request = Request::with_params(id, "initialize".to_owned(), params.clone());
        let completed = progress.completed.clone().map(|params| {
            let method = "notifications/initialized".to_owned();
            Notification::with_params(method, params)
        });
        Some((request, completed))
    }
}

/// Waits for the answer with this id. Returns `false` if it is an error or will not arrive.
async fn answer_to(id: &Id, link: &mut Link) -> bool {
    while let Some(incoming) = link.incoming.next().await {
        match incoming {
            Incoming::Message(Message::Response(response)) if response.id.as_ref() == Some(id) => {
                return matches!(response.payload, Payload::Result(_));
            }
            Incoming::Unanswered { id: asked, cause } if asked == *id => {
                warn!(
                    cause.reason,
                    "the handshake did not reach the restarted server"
                );
                return false;
            }
            Incoming::Message(_)
            | Incoming::Malformed(_)
            | Incoming::TooLarge { .. }
            | Incoming::Unanswered { .. } => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::sync::mpsc;

    use super::*;
    use crate::transport::Inbox;

    #[tokio::test]
    async fn an_unreachable_server_fails_immediately() {
        let handshake = Handshake::default();
        let asked = Request::new(1, "initialize", &json!({}));
        let answer = Response::result(asked.id.clone(), &json!({}));
        handshake.client_sends(&Message::Request(asked));
        handshake.server_sends(&Message::Response(answer));

        let (to_session, incoming) = mpsc::channel(1);
        let (outgoing, mut from_session) = mpsc::channel(1);
        let mut link = Link {
            incoming: Inbox::new(incoming),
            outgoing,
            writer: tokio::spawn(async {}),
        };
        let server = async {
            let Some(Message::Request(request)) = from_session.recv().await else {
                panic!("no handshake");
            };
            let unanswered = Incoming::Unanswered {
                id: request.id,
                cause: "connection refused".to_owned().into(),
            };
            to_session.send(unanswered).await.expect("it is awaited");
        };
        let replayed = timeout(TIMEOUT / 2, handshake.replay(&mut link));
        let (replayed, ()) = tokio::join!(replayed, server);
        assert_eq!(replayed, Ok(false));
    }
}

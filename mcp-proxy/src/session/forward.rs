//! Forwarding, one function a direction. Each waits only for the peer that is to take the next message, so that one
//! slow direction cannot stop the other.
//!
//! A message stays in its [`Inbox`] until its receiver has room for it, and is handed on without waiting. So a
//! direction may be dropped at any time, as it is when a server dies, and no message is lost by that.

use std::time::Duration;

use serde_json::json;
use shadowcat_metrics::labels::Outcome;
use tokio::sync::mpsc::Permit;
use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, warn};

use crate::jsonrpc::{Id, Message, Notification, Response, code};
use crate::session::handshake::Handshake;
use crate::session::in_flight::{InFlight, outcome};
use crate::transport::{Inbox, Incoming, Outgoing};

/// What both directions know of the session.
#[derive(Debug)]
pub struct State {
    /// Requests of the client, which the server is to answer.
    pub to_server: InFlight,
    /// Requests of the server, which the client is to answer.
    pub to_client: InFlight,
    /// What of the handshake has passed.
    pub handshake: Handshake,
}

/// Why forwarding in one direction ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The client has no more to say.
    ClientAtEnd,
    /// The server has no more to say.
    ServerAtEnd,
    /// The client takes no more.
    ClientGone,
    /// The server takes no more.
    ServerGone,
}

/// Carries the client's messages to the server.
pub async fn client_to_server(
    inbox: &mut Inbox,
    server: &Outgoing,
    client: &Outgoing,
    state: &State,
) -> Stopped {
    while let Some(incoming) = inbox.peek().await {
        if let Incoming::Unanswered { id, reason } = incoming {
            let taken = fail_one(id, &Failing::lost(reason), &state.to_client, server).await;
            inbox.take();
            if !taken {
                return Stopped::ServerGone;
            }
            continue;
        }
        if let Some(refusal) = refusal(incoming, &state.to_server) {
            let Ok(permit) = client.reserve().await else {
                return Stopped::ClientGone;
            };
            permit.send(Message::Response(refusal));
            match inbox.take() {
                Some(Incoming::Message(Message::Request(request))) => {
                    state.to_server.reject(&request);
                }
                Some(Incoming::Malformed(_) | Incoming::TooLarge { .. }) => {
                    state.to_server.reject_unreadable();
                }
                Some(Incoming::Message(_) | Incoming::Unanswered { .. }) | None => {}
            }
            continue;
        }
        let Ok(permit) = server.reserve().await else {
            return Stopped::ServerGone;
        };
        if let Some(Incoming::Message(message)) = inbox.take() {
            state.handshake.client_sends(&message);
            hand_on(message, permit, &state.to_server, &state.to_client);
        }
    }
    Stopped::ClientAtEnd
}

/// Carries the server's messages to the client.
pub async fn server_to_client(
    inbox: &mut Inbox,
    client: &Outgoing,
    server: &Outgoing,
    state: &State,
) -> Stopped {
    while let Some(incoming) = inbox.peek().await {
        let taken = match incoming {
            Incoming::Malformed(malformed) => {
                warn!(
                    reason = malformed.reason,
                    "the server sent something that is not JSON-RPC"
                );
                let reason = "the server's answer was not JSON-RPC";
                match &malformed.id {
                    Some(id) => {
                        fail_one(id, &Failing::lost(reason), &state.to_server, client).await
                    }
                    // Servers print all sorts of things that were never meant to be messages.
                    None => true,
                }
            }
            Incoming::TooLarge { id, limit } => {
                warn!(limit, "the server sent a message over the limit");
                let reason = format!("the server's answer was over {limit} bytes");
                match id {
                    Some(id) => {
                        fail_one(id, &Failing::lost(&reason), &state.to_server, client).await
                    }
                    // It may have been the answer to any of them, and whoever waits for it would wait for ever.
                    None => fail_all(&reason, &state.to_server, client).await,
                }
            }
            Incoming::Unanswered { id, reason } => {
                warn!(%id, reason, "the server will not answer");
                fail_one(id, &Failing::lost(reason), &state.to_server, client).await
            }
            Incoming::Message(_) => {
                if let Some(refusal) = refusal(incoming, &state.to_client) {
                    let Ok(permit) = server.reserve().await else {
                        return Stopped::ServerGone;
                    };
                    permit.send(Message::Response(refusal));
                    if let Some(Incoming::Message(Message::Request(request))) = inbox.take() {
                        state.to_client.reject(&request);
                    }
                    continue;
                }
                let Ok(permit) = client.reserve().await else {
                    return Stopped::ClientGone;
                };
                if let Some(Incoming::Message(message)) = inbox.take() {
                    state.handshake.server_sends(&message);
                    hand_on(message, permit, &state.to_client, &state.to_server);
                }
                continue;
            }
        };
        inbox.take();
        if !taken {
            return Stopped::ClientGone;
        }
    }
    Stopped::ServerAtEnd
}

/// Hands a message on, and keeps the books: `asked` are the requests that go the same way as it, `answered` those that
/// go the other way, whose answers go this way.
fn hand_on(message: Message, permit: Permit<'_, Message>, asked: &InFlight, answered: &InFlight) {
    match &message {
        Message::Request(request) => {
            asked.begin(request);
            permit.send(message);
        }
        Message::Notification(notification) => {
            if let Some(id) = notification.cancelled_request() {
                asked.cancel(&id);
            }
            permit.send(message);
        }
        Message::Response(Response { id: None, .. }) => permit.send(message),
        Message::Response(Response {
            id: Some(id),
            payload,
        }) => {
            if let Some(pending) = answered.take(id) {
                // First, so that whoever has got the answer finds it recorded; handing it on takes no time.
                answered.complete(pending, outcome(payload));
                permit.send(message);
            } else {
                debug!(%id, "dropping an answer that nobody waits for");
            }
        }
    }
}

/// What to answer at once to something that cannot be forwarded.
fn refusal(incoming: &Incoming, asked: &InFlight) -> Option<Response> {
    match incoming {
        Incoming::Message(Message::Request(request)) if asked.waits(&request.id) => {
            let reason = "a request with this id is in flight";
            Some(Response::error(
                Some(request.id.clone()),
                code::INVALID_REQUEST,
                reason,
            ))
        }
        Incoming::Message(_) | Incoming::Unanswered { .. } => None,
        Incoming::Malformed(malformed) => Some(Response::error(
            malformed.id.clone(),
            malformed.code,
            &malformed.reason,
        )),
        Incoming::TooLarge { id, limit } => {
            let reason = format!("the message is over {limit} bytes");
            Some(Response::error(id.clone(), code::INVALID_REQUEST, &reason))
        }
    }
}

/// What an asker is told when the answer does not come, and how that is counted.
#[derive(Debug, Clone, Copy)]
pub struct Failing<'a> {
    /// The code of the error.
    pub code: i32,
    /// Its message.
    pub reason: &'a str,
    /// How the request ended.
    pub outcome: Outcome,
}

impl<'a> Failing<'a> {
    /// The answer is lost.
    #[must_use]
    pub const fn lost(reason: &'a str) -> Self {
        Self {
            code: code::SERVER_GONE,
            reason,
            outcome: Outcome::Lost,
        }
    }
}

/// Answers all requests that nobody else will. False if the asker takes no more.
pub async fn fail_all(reason: &str, in_flight: &InFlight, asker: &Outgoing) -> bool {
    while let Some(id) = in_flight.any() {
        if !fail_one(&id, &Failing::lost(reason), in_flight, asker).await {
            // Nobody is left to answer, but they have come to an end all the same.
            in_flight.abandon_all();
            return false;
        }
    }
    true
}

/// Answers a request that nobody else will, if it waits. False if the asker takes no more.
pub async fn fail_one(
    id: &Id,
    failing: &Failing<'_>,
    in_flight: &InFlight,
    asker: &Outgoing,
) -> bool {
    let Ok(permit) = asker.reserve().await else {
        return false;
    };
    if let Some(pending) = in_flight.take(id) {
        in_flight.complete(pending, failing.outcome);
        permit.send(Message::Response(Response::error(
            Some(id.clone()),
            failing.code,
            failing.reason,
        )));
    }
    true
}

/// Answers what the client asks with errors, because there is no server any more, until nothing waits in `inbox`.
pub async fn refuse_all(reason: &str, inbox: &mut Inbox, client: &Outgoing, state: &State) {
    while let Some(incoming) = inbox.take() {
        if let Incoming::Message(Message::Request(request)) = incoming {
            let response = Response::error(Some(request.id.clone()), code::SERVER_GONE, reason);
            state.to_server.reject(&request);
            if client.send(Message::Response(response)).await.is_err() {
                return;
            }
        }
    }
}

/// Longest time between two looks at the requests in flight.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Lets requests of either side wait for at most `limit`. Ends only when one of the sides takes no more.
pub async fn expire(
    limit: Duration,
    server: &Outgoing,
    client: &Outgoing,
    state: &State,
) -> Stopped {
    // An eighth more than its limit is the longest that a request waits.
    let mut looks = interval((limit / 8).clamp(Duration::from_millis(1), LONGEST_PAUSE));
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if !expire_now(limit, &state.to_server, client, server).await {
            return Stopped::ClientGone;
        }
        if !expire_now(limit, &state.to_client, server, client).await {
            return Stopped::ServerGone;
        }
    }
}

/// False if the side that asked takes no more.
async fn expire_now(
    limit: Duration,
    in_flight: &InFlight,
    asker: &Outgoing,
    answerer: &Outgoing,
) -> bool {
    for id in in_flight.older_than(limit) {
        warn!(%id, ?limit, "a request was not answered in time");
        let failing = Failing {
            code: code::TIMED_OUT,
            reason: &format!("no answer within {limit:?}"),
            outcome: Outcome::TimedOut,
        };
        if !fail_one(&id, &failing, in_flight, asker).await {
            return false;
        }
        let withdrawn = Notification::new(
            "notifications/cancelled",
            &json!({ "requestId": id, "reason": "the answer took too long" }),
        );
        // Whoever does not answer may not read either, and must not hold up the others.
        let _ = answerer.try_send(Message::Notification(withdrawn));
    }
    true
}

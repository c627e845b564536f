//! Forwards messages between a client and a server, with one future per direction. Each waits only for the
//! receiver of its next message, so a slow direction cannot stop the other.
//!
//! A message stays in the server's [`Inbox`] or in [`Waiting`] until its receiver has room for it, and is
//! then passed on without an await. A direction can therefore be dropped at any time, for example when a
//! server dies, without losing a message.

use std::convert::Infallible;
use std::future::pending;
use std::time::Duration;

use serde_json::json;
use shadowcat_metrics::shadowcat::labels::Outcome;
use tokio::sync::mpsc::Permit;
use tokio::time::{MissedTickBehavior, interval};
use tracing::field::display;
use tracing::{debug, warn};

use crate::jsonrpc::{Id, Message, Notification, Request, Response, code};
use crate::session::handshake::Handshake;
use crate::session::in_flight::{InFlight, Pending};
use crate::session::waiting::Waiting;
use crate::spans;
use crate::trace::{self, Span};
use crate::transport::{Inbox, Incoming, NoAnswer, Outgoing, Refused};

/// State of the session that both directions share.
#[derive(Debug)]
pub struct State {
    /// The client's requests to the server.
    pub to_server: InFlight,
    /// The server's requests to the client.
    pub to_client: InFlight,
    /// Messages that wait for a server that accepts them.
    pub waiting: Waiting,
    /// The progress of the handshake.
    pub handshake: Handshake,
}

/// The client no longer accepts messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientGone;

/// Accepts the client's messages throughout the session, even while the server is down or does not read. A
/// request is in flight from here on.
///
/// # Errors
///
/// If the client no longer accepts messages.
pub async fn take_in(
    inbox: &mut Inbox,
    client: &Outgoing,
    state: &State,
) -> Result<Infallible, ClientGone> {
    loop {
        state.waiting.room().await;
        let Some(incoming) = inbox.peek().await else {
            state.waiting.end();
            return pending().await;
        };
        if let Some(refusal) = refusal(incoming, &state.to_server) {
            let permit = reserve(client).await?;
            if let Some(Incoming::Message(Message::Request(request))) = inbox.take() {
                request.end(Outcome::Rejected);
            }
            permit.send(Message::Response(refusal));
            continue;
        }
        if let Incoming::Malformed(malformed) = incoming {
            for refusal in malformed.refusals() {
                reserve(client).await?.send(Message::Response(refusal));
            }
        }
        match inbox.take() {
            Some(Incoming::Message(message)) => take_in_message(message, state),
            Some(Incoming::Unanswered { id, cause }) => {
                let failure = RequestFailure::unanswered(&cause);
                if state.to_client.fail(&id, failure.outcome) {
                    state.waiting.push(failure.error(id));
                }
            }
            Some(Incoming::Malformed(_) | Incoming::TooLarge { .. }) | None => {}
        }
    }
}

fn take_in_message(message: Message, state: &State) {
    match &message {
        Message::Request(request) => state.to_server.begin(request),
        Message::Notification(notification) => {
            if let Some(id) = notification.cancelled_request() {
                state.to_server.cancel(&id);
                if state.waiting.withdraw(&id) {
                    // The request was not forwarded to the server.
                    notification.delivered();
                    return;
                }
            }
        }
        Message::Response(_) => {}
    }
    state.waiting.push(message);
}

/// Forwards waiting messages to the server, until the server no longer accepts them. Waits forever after the client's last
/// message.
pub async fn client_to_server(server: &Outgoing, state: &State) {
    while state.waiting.ready().await {
        let Ok(permit) = server.reserve().await else {
            return;
        };
        let Some(mut message) = state.waiting.pop() else {
            continue;
        };
        let span = pass_on_trace(&mut message);
        state.handshake.client_sends(&message);
        match &message {
            Message::Request(request) => state.to_server.hand_on(&request.id, span),
            Message::Notification(_) => {}
            Message::Response(response) => {
                if !answered(response, &state.to_client) {
                    continue;
                }
            }
        }
        permit.send(message);
    }
    pending::<()>().await;
}

/// Forwards the server's messages to the client. Returns `Ok` after the server's last message, if the server no longer accepts
/// messages, or to repeat a request over a new connection.
///
/// # Errors
///
/// If the client no longer accepts messages.
pub async fn server_to_client(
    inbox: &mut Inbox,
    client: &Outgoing,
    server: &Outgoing,
    state: &State,
) -> Result<(), ClientGone> {
    while let Some(incoming) = inbox.peek().await {
        match incoming {
            Incoming::Malformed(malformed) => {
                let mut spans = malformed
                    .ids
                    .iter()
                    .filter_map(|id| state.to_server.span(id));
                let span = spans.next().map(display);
                warn!(
                    span,
                    reason = malformed.reason,
                    "the server sent something that is not JSON-RPC"
                );
                let failure = RequestFailure::lost("the server's answer was not JSON-RPC");
                // A line without an ID may be stray output of the server, so no request fails.
                for id in &malformed.ids {
                    fail_one(id, &failure, &state.to_server, client).await?;
                }
            }
            Incoming::TooLarge { id, limit } => {
                let span = id.as_ref().and_then(|id| state.to_server.span(id));
                let span = span.map(display);
                warn!(
                    span,
                    limit, "the server sent a message longer than the limit"
                );
                let reason = format!("the server's answer was longer than {limit} bytes");
                match id {
                    Some(id) => {
                        fail_one(id, &RequestFailure::lost(&reason), &state.to_server, client)
                            .await?;
                    }
                    // The message may have been the answer to any request that was forwarded. Without an error, the client would
                    // wait for that answer until the time limit.
                    None => fail_handed_on(&reason, &state.to_server, client).await?,
                }
            }
            Incoming::Unanswered { id, cause } => {
                if let Some(request) = &cause.again
                    && state.to_server.repeat(id)
                {
                    // It goes to the server again, over a connection with a session of its own.
                    let request = Request {
                        arrival: state.to_server.arrival(id),
                        ..Request::clone(request)
                    };
                    state.waiting.push(Message::Request(request));
                    inbox.take();
                    return Ok(());
                }
                let span = state.to_server.span(id).map(display);
                warn!(%id, span, cause.reason, "the server did not answer");
                fail_one(
                    id,
                    &RequestFailure::unanswered(cause),
                    &state.to_server,
                    client,
                )
                .await?;
            }
            Incoming::Message(_) => {
                if let Some(refusal) = refusal(incoming, &state.to_client) {
                    let Ok(permit) = server.reserve().await else {
                        return Ok(());
                    };
                    permit.send(Message::Response(refusal));
                    if let Some(Incoming::Message(Message::Request(request))) = inbox.take() {
                        request.end(Outcome::Rejected);
                    }
                    continue;
                }
                let permit = reserve(client).await?;
                if let Some(Incoming::Message(mut message)) = inbox.take() {
                    let span = pass_on_trace(&mut message);
                    state.handshake.server_sends(&message);
                    match &message {
                        Message::Request(request) => {
                            state.to_client.begin(request);
                            state.to_client.hand_on(&request.id, span);
                        }
                        Message::Notification(notification) => {
                            if let Some(id) = notification.cancelled_request() {
                                server_cancels(&id, state);
                            }
                        }
                        Message::Response(response) => {
                            if !answered(response, &state.to_server) {
                                continue;
                            }
                        }
                    }
                    permit.send(message);
                }
                continue;
            }
        }
        inbox.take();
    }
    Ok(())
}

/// Waits until the client has room for a message.
async fn reserve(client: &Outgoing) -> Result<Permit<'_, Message>, ClientGone> {
    client.reserve().await.map_err(|_| ClientGone)
}

/// Handles a cancellation from the server: of its own request, or of a subscription, which ends in this way.
fn server_cancels(id: &Id, state: &State) {
    if state.to_client.waits(id) {
        state.to_client.cancel(id);
    } else if let Some(subscription) = state.to_server.take_subscription(id) {
        subscription.end(Outcome::Ok);
    }
}

/// Adds a span of the proxy to the message's trace, if it has one.
fn pass_on_trace(message: &mut Message) -> Option<Span> {
    match message {
        Message::Request(request) => {
            let (params, headers) = (&mut request.params, &mut request.headers);
            let span = trace::pass_on(params, headers)
                .or_else(|| trace::begin_sampled(params, headers))?;
            debug!(id = %request.id, request.method, %span, "forwarding a request");
            Some(span)
        }
        Message::Notification(notification) => {
            let span = trace::pass_on(&mut notification.params, &mut notification.headers)?;
            spans::notified(&span, &notification.method);
            Some(span)
        }
        Message::Response(_) => None,
    }
}

/// Records an answer, and returns whether a request waited for it. Call this before you forward the answer, so that the receiver
/// finds it in the metrics.
fn answered(response: &Response, asked: &InFlight) -> bool {
    let Some(id) = &response.id else {
        return true;
    };
    let Some(pending) = asked.take(id) else {
        debug!(%id, "dropping an answer that no request is waiting for");
        return false;
    };
    pending.answered(&response.payload);
    true
}

/// Returns the immediate answer to a message that cannot be forwarded.
fn refusal(incoming: &Incoming, asked: &InFlight) -> Option<Response> {
    match incoming {
        Incoming::Message(Message::Request(request)) if asked.waits(&request.id) => {
            let reason = "a request with this id is already in flight";
            let id = Some(request.id.clone());
            Some(Response::error(id, code::INVALID_REQUEST, reason))
        }
        Incoming::Message(Message::Request(request)) if asked.is_full() => {
            let reason = "too many requests are waiting for answers";
            let id = Some(request.id.clone());
            Some(Response::error(id, code::INTERNAL_ERROR, reason))
        }
        Incoming::Message(_) | Incoming::Unanswered { .. } | Incoming::Malformed(_) => None,
        Incoming::TooLarge { id, limit } => {
            let reason = format!("the message is longer than {limit} bytes");
            Some(Response::error(id.clone(), code::INVALID_REQUEST, &reason))
        }
    }
}

/// The error for a request without an answer, and the outcome to record.
#[derive(Debug, Clone, Copy)]
struct RequestFailure<'a> {
    /// The error code.
    code: i32,
    /// The error message.
    reason: &'a str,
    /// The outcome to record.
    outcome: Outcome,
    /// The server's refusal, if it refused the request.
    refused: Option<&'a Refused>,
}

impl<'a> RequestFailure<'a> {
    /// Creates the failure of a request whose answer is lost.
    const fn lost(reason: &'a str) -> Self {
        Self {
            code: code::SERVER_GONE,
            reason,
            outcome: Outcome::Lost,
            refused: None,
        }
    }

    /// Creates the failure of a request that the transport reports as unanswered.
    const fn unanswered(cause: &'a NoAnswer) -> Self {
        let lost = Self::lost(cause.reason.as_str());
        match &cause.refused {
            None => lost,
            Some(refused) => Self {
                code: code::REFUSED,
                outcome: Outcome::Error,
                refused: Some(refused),
                ..lost
            },
        }
    }

    /// Returns the error to send.
    fn error(&self, id: Id) -> Message {
        let (id, reason) = (Some(id), self.reason);
        Message::Response(match self.refused {
            None => Response::error(id, self.code, reason),
            Some(refused) => Response::error_with(id, self.code, reason, refused),
        })
    }
}

/// Fails all requests that the server has received.
///
/// # Errors
///
/// If the client no longer accepts messages.
pub async fn fail_handed_on(
    reason: &str,
    in_flight: &InFlight,
    client: &Outgoing,
) -> Result<(), ClientGone> {
    while let Some(id) = in_flight.any(Pending::was_handed_on) {
        fail_one(&id, &RequestFailure::lost(reason), in_flight, client).await?;
    }
    Ok(())
}

/// Fails a request, if it is waiting.
async fn fail_one(
    id: &Id,
    failure: &RequestFailure<'_>,
    in_flight: &InFlight,
    client: &Outgoing,
) -> Result<(), ClientGone> {
    let permit = reserve(client).await?;
    if let Some(pending) = in_flight.take(id) {
        pending.end(failure.outcome);
        permit.send(failure.error(id.clone()));
    }
    Ok(())
}

/// Answers the client's pending and new requests with an error, because the server is gone for good.
///
/// # Errors
///
/// If the client no longer accepts messages.
pub async fn refuse_all(
    inbox: &mut Inbox,
    client: &Outgoing,
    state: &State,
) -> Result<(), ClientGone> {
    fail_handed_on("the session has ended", &state.to_server, client).await?;
    let refused = RequestFailure {
        outcome: Outcome::Rejected,
        ..RequestFailure::lost("there is no server")
    };
    while let Some(id) = state.to_server.any(|_| true) {
        fail_one(&id, &refused, &state.to_server, client).await?;
    }
    while let Some(incoming) = inbox.take() {
        if let Incoming::Message(Message::Request(request)) = incoming {
            request.end(refused.outcome);
            reserve(client).await?.send(refused.error(request.id));
        }
    }
    Ok(())
}

/// Longest interval between checks for expired requests.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// Answers each request that has waited longer than `limit` since its arrival with an error, and cancels it
/// at the receiver.
///
/// # Errors
///
/// If the client no longer accepts messages.
pub async fn expire(
    limit: Duration,
    client: &Outgoing,
    state: &State,
) -> Result<Infallible, ClientGone> {
    let reason = format!("no answer within {limit:?}");
    let failure = RequestFailure {
        code: code::TIMED_OUT,
        outcome: Outcome::TimedOut,
        ..RequestFailure::lost(&reason)
    };
    // A request waits at most one sixteenth longer than its limit.
    let mut looks = interval((limit / 16).clamp(Duration::from_millis(1), MAX_PAUSE));
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        for id in state.to_server.older_than(limit) {
            let span = state.to_server.span(&id).map(display);
            warn!(%id, span, ?limit, "a request was not answered in time");
            let waited = state.waiting.withdraw(&id);
            fail_one(&id, &failure, &state.to_server, client).await?;
            if !waited {
                state.waiting.push(withdrawn(&id));
            }
        }
        for id in state.to_client.older_than(limit) {
            let span = state.to_client.span(&id).map(display);
            warn!(%id, span, ?limit, "the client did not answer in time");
            if state.to_client.fail(&id, failure.outcome) {
                state.waiting.push(failure.error(id.clone()));
                // A client that does not answer may not read either, and must not delay the others.
                let _ = client.try_send(withdrawn(&id));
            }
        }
    }
}

/// Returns the notification that cancels a request.
fn withdrawn(id: &Id) -> Message {
    Message::Notification(Notification::new(
        "notifications/cancelled",
        &json!({ "requestId": id, "reason": "the answer took too long" }),
    ))
}

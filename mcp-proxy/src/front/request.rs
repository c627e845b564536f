//! Reading requests, and the responses that refuse them.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use shadowcat_metrics::shadowcat::labels::{Outcome, Status};
use tokio::time::timeout;

use crate::arrival::Arrival;
use crate::front::{Route, Shared};
use crate::jsonrpc::{self, Id, Malformed, Message, code};
use crate::trace::{TRACEPARENT, TRACESTATE};
use crate::transport::http::{BodyError, read_whole};
use crate::transport::stateless;
use crate::transport::{Edge, Incoming};

/// The head of a POST: its headers, and how to read its message.
pub(super) trait PostHead:
    FromRequestParts<Arc<Shared>, Rejection = Refusal> + Send
{
    /// Returns the edge that the client is on.
    fn edge(route: &Route) -> &Edge;
}

/// A posted message.
pub(super) struct Posted<H> {
    pub(super) head: H,
    pub(super) message: Message,
    pub(super) asked: PostedRequest,
}

/// The request in a POST, or those of a batch. A refusal names it and ends it.
pub(super) struct PostedRequest {
    ids: Vec<Id>,
    arrival: Option<Arrival>,
}

impl PostedRequest {
    fn of(read: &Result<Message, Refusal>) -> Self {
        let (ids, arrival) = match read {
            Ok(Message::Request(request)) => (vec![request.id.clone()], request.arrival.clone()),
            Ok(Message::Notification(_) | Message::Response(_)) => (Vec::new(), None),
            Err(refusal) => (refusal.ids.clone(), None),
        };
        Self { ids, arrival }
    }

    /// Ends the request with a refusal instead of forwarding it.
    pub(super) fn refused(&self, refusal: Refusal) -> Refusal {
        if let Some(arrival) = &self.arrival {
            arrival.end(Outcome::Rejected);
        }
        if refusal.ids.is_empty() {
            refusal.about(self.ids.clone())
        } else {
            refusal
        }
    }
}

/// Reads the body even if the head is refused, so that the refusal can name the request and the bytes are
/// counted.
impl<H: PostHead> FromRequest<Arc<Shared>> for Posted<H> {
    type Rejection = Refusal;

    async fn from_request(request: Request, shared: &Arc<Shared>) -> Result<Self, Refusal> {
        let (mut parts, body) = request.into_parts();
        let head = H::from_request_parts(&mut parts, shared).await;
        let passed_on = passed_on(&parts.headers);
        let edge = H::edge(shared.route_or_none(parts.uri.path()));
        drop(parts);
        let mut read = read_message(body, edge, shared.settings.body_timeout).await;
        match &mut read {
            Ok(Message::Request(request)) => request.headers = passed_on,
            Ok(Message::Notification(notification)) => notification.headers = passed_on,
            Ok(Message::Response(_)) | Err(_) => {}
        }
        let asked = PostedRequest::of(&read);
        match (head, read) {
            (Ok(head), Ok(message)) => Ok(Self {
                head,
                message,
                asked,
            }),
            (Err(refusal), _) | (Ok(_), Err(refusal)) => Err(asked.refused(refusal)),
        }
    }
}

/// Refuses a request to a path or with a method that no route has. The message in a POST is read within the usual limits, and
/// counted for the server of `route`.
pub(super) async fn refuse(
    shared: &Shared,
    route: &Route,
    request: Request,
    refusal: Refusal,
) -> Refusal {
    if request.method() != Method::POST {
        return refusal;
    }
    let limit = shared.settings.body_timeout;
    let read = read_message(request.into_body(), &route.streamable, limit).await;
    PostedRequest::of(&read).refused(refusal)
}

/// Returns the header fields that are forwarded with a message: the trace, and tool parameters that the server asks clients to
/// repeat in headers.
fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let goes_on = |name: &HeaderName| {
        *name == TRACEPARENT || *name == TRACESTATE || name.as_str().starts_with("mcp-param-")
    };
    let mut passed_on = HeaderMap::new();
    for (name, value) in headers.iter().filter(|(name, _)| goes_on(name)) {
        passed_on.append(name, value.clone());
    }
    passed_on
}

/// Reads the one message in a request's body.
async fn read_message(body: Body, edge: &Edge, limit: Duration) -> Result<Message, Refusal> {
    // Read up to twice the limit: a client that is disconnected while it writes may never see the refusal.
    let reading = read_whole(body, edge, limit, edge.max_message);
    let bytes = match timeout(limit, reading).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(BodyError::TooLarge { limit, id })) => {
            edge.unreadable(Status::TooLarge);
            return Err(too_large(limit, id));
        }
        Ok(Err(BodyError::Broken(_))) => {
            edge.unreadable(Status::Failed);
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "the body ended early",
            ));
        }
        Ok(Err(BodyError::Slow(_))) | Err(_) => {
            edge.unreadable(Status::Failed);
            let reason = format!("the body did not arrive within {limit:?}");
            return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, reason));
        }
    };
    match edge.read(&bytes) {
        Incoming::Message(message) => Ok(message),
        Incoming::Malformed(malformed) => Err(Refusal::malformed(malformed)),
        Incoming::TooLarge { id, limit } => Err(too_large(limit, id)),
        Incoming::Unanswered { id, cause } => {
            Err(Refusal::new(StatusCode::BAD_REQUEST, cause.reason).about([id]))
        }
    }
}

fn too_large(limit: usize, id: Option<Id>) -> Refusal {
    let reason = format!("the message is longer than {limit} bytes");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, reason).about(id)
}

/// Why a request is refused: an HTTP status for the client's transport, and a JSON-RPC error for the sender.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: i32,
    ids: Vec<Id>,
    reason: String,
    data: Option<Box<Value>>,
    header: Option<(HeaderName, &'static str)>,
}

impl Refusal {
    /// A refusal with JSON-RPC's code for invalid requests.
    pub(super) fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self {
            status,
            code: code::INVALID_REQUEST,
            ids: Vec::new(),
            reason: reason.into(),
            data: None,
            header: None,
        }
    }

    /// Refuses a body that is not a message.
    fn malformed(malformed: Malformed) -> Self {
        Self {
            code: malformed.code,
            ids: malformed.ids,
            ..Self::new(StatusCode::BAD_REQUEST, malformed.reason)
        }
    }

    /// Asks the client to try again later.
    pub(super) fn busy(reason: &str) -> Self {
        Self {
            code: code::INTERNAL_ERROR,
            header: Some((RETRY_AFTER, "1")),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, reason)
        }
    }

    /// Refuses a header that does not match the body.
    pub(super) fn mismatch(field: &HeaderName) -> Self {
        Self {
            code: code::HEADER_MISMATCH,
            ..Self::new(
                StatusCode::BAD_REQUEST,
                format!("the header {field} is missing or differs from the body"),
            )
        }
    }

    /// Refuses an unknown revision of the protocol.
    pub(super) fn unsupported(requested: &str) -> Self {
        Self {
            code: code::UNSUPPORTED_VERSION,
            data: Some(Box::new(
                json!({ "supported": stateless::REVISIONS, "requested": requested }),
            )),
            ..Self::new(StatusCode::BAD_REQUEST, "unsupported protocol version")
        }
    }

    /// Reports that the session does not exist. MCP clients then start a new one.
    pub(super) fn no_session() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such session")
    }

    /// Reports that the path does not exist.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing at this path")
    }

    /// Reports that the path does not support this method.
    pub(super) fn method(allowed: &'static str) -> Self {
        Self {
            header: Some((ALLOW, allowed)),
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                format!("this path only accepts {allowed}"),
            )
        }
    }

    /// Adds the ids of the refused requests.
    pub(super) fn about(self, ids: impl IntoIterator<Item = Id>) -> Self {
        let ids = ids.into_iter().collect();
        Self { ids, ..self }
    }

    /// Returns the body of the response: an error, or an array of errors for the requests of a batch.
    fn json(&self) -> Vec<u8> {
        let error = |id: Option<&Id>| {
            let (id, code, reason) = (id.cloned(), self.code, &self.reason);
            Message::Response(match &self.data {
                None => jsonrpc::Response::error(id, code, reason),
                Some(data) => jsonrpc::Response::error_with(id, code, reason, data),
            })
        };
        if self.ids.len() < 2 {
            return error(self.ids.first()).to_json();
        }
        let mut json = Vec::new();
        for id in &self.ids {
            json.push(if json.is_empty() { b'[' } else { b',' });
            error(Some(id)).write_to(&mut json);
        }
        json.push(b']');
        json
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let json = self.json();
        let mut response =
            (self.status, [(CONTENT_TYPE, "application/json")], json).into_response();
        if let Some((name, value)) = self.header {
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

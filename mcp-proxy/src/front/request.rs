//! What a request brings, and the answers that refuse it.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{Response, StatusCode};
use shadowcat_metrics::HttpRecorder;
use shadowcat_metrics::labels::{Operation, Phase, Status};
use tokio::time::timeout;

use crate::jsonrpc;
use crate::jsonrpc::{Id, Malformed, Message, code, salvage_id};
use crate::pool::PooledBuffer;
use crate::transport::http::Metered;
use crate::transport::{Edge, Incoming};

/// The body of a request.
type Body = Metered<hyper::body::Incoming>;

/// The body of a response.
pub(super) type Reply = UnsyncBoxBody<Bytes, Infallible>;

/// A body that is there already.
pub(super) fn whole(bytes: impl Into<Bytes>) -> Reply {
    Full::new(bytes.into()).boxed_unsync()
}

/// Reads the one message that a request's body is.
pub(super) async fn read_message(
    body: hyper::body::Incoming,
    edge: &Edge,
    http: &HttpRecorder,
    limit: Duration,
) -> Result<Message, Refusal> {
    let body = Metered::received(body, http.clone());
    let mut reading = Reading {
        first: None,
        bytes: edge.pools.http.take(),
    };
    match timeout(limit, reading.read(body, edge.max_message)).await {
        Ok(Ok(())) => {}
        Ok(Err(Broken::TooLarge)) => {
            edge.count(Operation::Receive, Status::TooLarge);
            return Err(too_large(edge.max_message, salvage_id(&reading.bytes)));
        }
        Ok(Err(Broken::Off)) => {
            edge.count(Operation::Receive, Status::Failed);
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "the body broke off"));
        }
        Err(_) => {
            edge.count(Operation::Receive, Status::Failed);
            let reason = format!("the body did not come within {limit:?}");
            return Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, reason));
        }
    }
    let transfer = reading.first.map(|first| first.elapsed());
    edge.recorder
        .phase_duration(Phase::Transfer)
        .observe(transfer.unwrap_or_default());
    match edge.read(&reading.bytes) {
        Incoming::Message(message) => Ok(message),
        Incoming::Malformed(malformed) => Err(Refusal::malformed(malformed)),
        Incoming::TooLarge { id, limit } => Err(too_large(limit, id)),
        Incoming::Unanswered { id, reason } => {
            Err(Refusal::new(StatusCode::BAD_REQUEST, reason).about(Some(id)))
        }
    }
}

fn too_large(limit: usize, id: Option<Id>) -> Refusal {
    let reason = format!("the message is over {limit} bytes");
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, reason).about(id)
}

/// A body that is being received.
struct Reading {
    /// When its first byte came.
    first: Option<Instant>,
    bytes: PooledBuffer,
}

/// Why a body is not read to its end.
enum Broken {
    TooLarge,
    Off,
}

impl Reading {
    /// Reads on past the limit for as much again, and keeps nothing of that: a client that is cut off while it writes may
    /// never see why.
    async fn read(&mut self, mut body: Body, limit: usize) -> Result<(), Broken> {
        let mut passed = 0_usize;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Broken::Off)?;
            let Some(chunk) = frame.data_ref() else {
                continue;
            };
            self.first.get_or_insert_with(Instant::now);
            passed += chunk.len();
            let room = limit.saturating_sub(self.bytes.len());
            self.bytes
                .extend_from_slice(&chunk[..chunk.len().min(room)]);
            if passed > limit.saturating_mul(2) {
                break;
            }
        }
        if passed > limit {
            return Err(Broken::TooLarge);
        }
        Ok(())
    }
}

/// Why a request is not served.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: i32,
    id: Option<Id>,
    reason: String,
    header: Option<(HeaderName, &'static str)>,
}

impl Refusal {
    /// With JSON-RPC's code for requests that are not as they should be.
    pub(super) fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self {
            status,
            code: code::INVALID_REQUEST,
            id: None,
            reason: reason.into(),
            header: None,
        }
    }

    /// The body is no message.
    pub(super) fn malformed(malformed: Malformed) -> Self {
        Self {
            code: malformed.code,
            id: malformed.id,
            ..Self::new(StatusCode::BAD_REQUEST, malformed.reason)
        }
    }

    /// The client may try again a little later.
    pub(super) fn busy(reason: &str) -> Self {
        Self {
            code: code::INTERNAL_ERROR,
            header: Some((RETRY_AFTER, "1")),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, reason)
        }
    }

    /// There is no such session. MCP's clients then begin a new one.
    pub(super) fn no_session() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such session")
    }

    /// The path is right, the method is not.
    pub(super) fn method(allowed: &'static str) -> Self {
        Self {
            header: Some((ALLOW, allowed)),
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                format!("only {allowed} are answered here"),
            )
        }
    }

    /// About the request with this id.
    pub(super) fn about(self, id: Option<Id>) -> Self {
        Self { id, ..self }
    }

    /// As HTTP.
    pub(super) fn into_response(self) -> Response<Reply> {
        let error = jsonrpc::Response::error(self.id, self.code, &self.reason);
        let mut json = Vec::new();
        Message::Response(error).write_to(&mut json);
        let mut response = Response::new(whole(json));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some((name, value)) = self.header {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

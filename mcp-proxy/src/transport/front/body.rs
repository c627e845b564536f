//! Bodies: a request's is read as a whole and within limits, a response's is metered on its way out.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::StatusCode;
use shadowcat_metrics::HttpRecorder;
use shadowcat_metrics::labels::{Operation, Phase, Status};
use tokio::time::timeout;

use super::refusal::Refusal;
use crate::jsonrpc::{Id, Message, salvage_id};
use crate::pool::PooledBuffer;
use crate::transport::http::body::Metered;
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

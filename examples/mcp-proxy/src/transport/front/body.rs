//! Bodies: a request's is read as a whole and within limits, a response's is metered on its way out.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::StatusCode;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use shadowcat_metrics::HttpRecorder;
use shadowcat_metrics::labels::{Direction, Operation, Phase, Status};
use tokio::time::timeout;

use super::refusal::Refusal;
use crate::jsonrpc::{Message, salvage_id};
use crate::pool::PooledBuffer;
use crate::transport::Edge;

/// The body of a response.
pub(super) type Reply = UnsyncBoxBody<Bytes, Infallible>;

/// A body that is there already.
pub(super) fn whole(bytes: impl Into<Bytes>) -> Reply {
    Full::new(bytes.into()).boxed_unsync()
}

/// Reads the one message that a request's body is.
pub(super) async fn read_message(
    body: Incoming,
    edge: &Edge,
    http: &HttpRecorder,
    limit: Duration,
) -> Result<Message, Refusal> {
    let mut reading = Reading {
        http,
        begun: Instant::now(),
        first: None,
        bytes: edge.pools.http.take(),
    };
    match timeout(limit, reading.read(body, edge.max_message)).await {
        Ok(Ok(())) => {}
        Ok(Err(Broken::TooLarge)) => {
            edge.count(Operation::Receive, Status::TooLarge);
            let reason = format!("the message is over {} bytes", edge.max_message);
            let refusal = Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, reason);
            return Err(refusal.about(salvage_id(&reading.bytes)));
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
    parse(&reading.bytes, edge)
}

fn parse(bytes: &[u8], edge: &Edge) -> Result<Message, Refusal> {
    let parsing = edge
        .recorder
        .phase_duration(Phase::Deserialize)
        .start_timer();
    let parsed = Message::parse(bytes);
    parsing.stop();
    match parsed {
        Ok(message) => {
            edge.count(Operation::Receive, Status::Ok);
            edge.recorder.message_size(edge.side).observe(bytes.len());
            Ok(message)
        }
        Err(malformed) => {
            edge.count(Operation::Receive, Status::Malformed);
            Err(Refusal::malformed(malformed))
        }
    }
}

/// A body that is being received. However it ends, its duration is recorded.
struct Reading<'a> {
    http: &'a HttpRecorder,
    begun: Instant,
    /// When its first byte came.
    first: Option<Instant>,
    bytes: PooledBuffer,
}

/// Why a body is not read to its end.
enum Broken {
    TooLarge,
    Off,
}

impl Reading<'_> {
    async fn read(&mut self, mut body: Incoming, limit: usize) -> Result<(), Broken> {
        if body.size_hint().lower() > limit as u64 {
            // It says so itself, and need not be read.
            return Err(Broken::TooLarge);
        }
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Broken::Off)?;
            let Some(chunk) = frame.data_ref() else {
                continue;
            };
            self.first.get_or_insert_with(Instant::now);
            self.http.body(Direction::Received).add(chunk.len());
            self.http.body_chunks(Direction::Received).inc();
            let room = limit - self.bytes.len();
            self.bytes
                .extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                return Err(Broken::TooLarge);
            }
        }
        Ok(())
    }
}

impl Drop for Reading<'_> {
    fn drop(&mut self) {
        self.http
            .body_duration(Direction::Received)
            .observe(self.begun.elapsed());
    }
}

/// A response's body that is recorded as it is written.
pub(super) struct Metered {
    body: Reply,
    http: HttpRecorder,
    begun: Instant,
}

impl Metered {
    /// Meters `body`, whose head is made now. An empty body takes no time, so none is recorded.
    pub(super) fn wrap(body: Reply, http: &HttpRecorder) -> Reply {
        if body.is_end_stream() {
            return body;
        }
        let metered = Self {
            body,
            http: http.clone(),
            begun: Instant::now(),
        };
        metered.boxed_unsync()
    }
}

impl Body for Metered {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(chunk) = frame.data_ref()
        {
            self.http.body(Direction::Sent).add(chunk.len());
            self.http.body_chunks(Direction::Sent).inc();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        self.http
            .body_duration(Direction::Sent)
            .observe(self.begun.elapsed());
    }
}

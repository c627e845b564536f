//! HTTP on both sides of the proxy: headers, media types and metered bodies.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use shadowcat_metrics::Instant;
use shadowcat_metrics::shadowcat::HttpRecorder;
use shadowcat_metrics::shadowcat::labels::{Direction, Phase};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::jsonrpc::{Id, salvage_id};
use crate::pool::PooledBuffer;
use crate::transport::Edge;

/// Names the session, starting with the answer to `initialize`.
pub const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");

/// The negotiated protocol version, starting with the answer to `initialize`.
pub const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");

/// The last event received from a stream that is to be resumed.
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Media type of one message.
pub const JSON: &str = "application/json";

/// Media type of a stream of events.
pub const EVENT_STREAM: &str = "text/event-stream";

/// Longest session id that is accepted, in bytes.
pub const MAX_SESSION_ID: usize = 256;

/// The media types that MCP distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// [`JSON`].
    Json,
    /// [`EVENT_STREAM`].
    EventStream,
    /// Plain text.
    Text,
    /// Any other type, or none.
    Other,
}

/// Returns the media type in `Content-Type`, ignoring parameters such as `charset`.
#[must_use]
pub fn media_type(headers: &HeaderMap) -> MediaType {
    let Some(value) = text(headers, &CONTENT_TYPE) else {
        return MediaType::Other;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(JSON) {
        MediaType::Json
    } else if essence.eq_ignore_ascii_case(EVENT_STREAM) {
        MediaType::EventStream
    } else if essence.eq_ignore_ascii_case("text/plain") {
        MediaType::Text
    } else {
        MediaType::Other
    }
}

/// Returns whether the sender of this head accepts `media_type`. A head without `Accept` accepts anything.
///
/// The most specific matching range decides, and weight 0 refuses, as in RFC 9110, section 12.5.1.
#[must_use]
pub fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let family = media_type.split('/').next().unwrap_or_default();
    let mut best: Option<(u8, bool)> = None;
    let mut any = false;
    for value in headers.get_all(ACCEPT) {
        any = true;
        for range in value.to_str().unwrap_or_default().split(',') {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let specific = if name.eq_ignore_ascii_case(media_type) {
                2
            } else if name
                .strip_suffix("/*")
                .is_some_and(|name| name.eq_ignore_ascii_case(family))
            {
                1
            } else if name == "*/*" {
                0
            } else {
                continue;
            };
            let wanted = !parts.any(is_weight_zero);
            if best.is_none_or(|(most, _)| specific > most) {
                best = Some((specific, wanted));
            }
        }
    }
    !any || best.is_some_and(|(_, wanted)| wanted)
}

fn is_weight_zero(parameter: &str) -> bool {
    let Some((name, weight)) = parameter.split_once('=') else {
        return false;
    };
    name.trim().eq_ignore_ascii_case("q") && weight.trim().parse() == Ok(0.0_f32)
}

/// Returns the session id in a head, if it is not too long and consists of visible ASCII characters, as MCP
/// requires.
#[must_use]
pub fn session_id(headers: &HeaderMap) -> Option<&str> {
    text(headers, &SESSION_ID).filter(|id| {
        (1..=MAX_SESSION_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

/// Returns the first value of a header, if it is text.
#[must_use]
pub fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A one-time event that tasks can wait for, such as the end of a body.
#[derive(Debug, Clone, Default)]
pub struct Moment(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    at: OnceLock<Instant>,
    happened: Notify,
}

impl Moment {
    /// Records that the event happens now, unless it has already happened.
    pub fn now(&self) {
        self.0.at.get_or_init(Instant::now);
        self.0.happened.notify_waiters();
    }

    /// Records that the event happened at a known time, unless it has already happened.
    fn set(&self, at: Instant) {
        self.0.at.get_or_init(|| at);
        self.0.happened.notify_waiters();
    }

    /// Returns when the event happened.
    #[must_use]
    pub fn at(&self) -> Option<Instant> {
        self.0.at.get().copied()
    }

    /// Waits until the event happens.
    pub async fn happened(&self) {
        let happened = self.0.happened.notified();
        if self.at().is_none() {
            happened.await;
        }
    }
}

/// A metered request or response body. A body that is empty from the start records nothing.
#[derive(Debug)]
pub struct Metered<B> {
    body: B,
    transfer: Transfer,
    ended: Option<Moment>,
}

/// The transfer of a body. Its duration is recorded when it ends. Dropping it earlier is an interruption, whose duration is
/// recorded, too.
#[derive(Debug)]
struct Transfer {
    recorder: HttpRecorder,
    direction: Direction,
    begun: Option<Instant>,
}

impl Transfer {
    fn end(&mut self, now: Instant) {
        if let Some(begun) = self.begun.take() {
            self.recorder
                .body_duration(self.direction)
                .observe(now.since(begun));
        }
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        if self.begun.is_some() {
            self.end(Instant::now());
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Metered<B> {
    /// Wraps the body of a message whose head was received at a known time.
    pub fn received(body: B, recorder: HttpRecorder, at: Instant) -> Self {
        let mut metered = Self::new(body, recorder, Direction::Received);
        metered.begin(|| at);
        metered
    }

    /// Wraps the body of an outgoing message. Its transfer starts when the first chunk is requested.
    pub fn sent(body: B, recorder: HttpRecorder) -> Self {
        Self::new(body, recorder, Direction::Sent)
    }

    /// Sets `ended` when the body ends. It is never set if the body is interrupted.
    #[must_use]
    pub fn with_end(self, ended: Moment) -> Self {
        Self {
            ended: Some(ended),
            ..self
        }
    }

    fn new(body: B, recorder: HttpRecorder, direction: Direction) -> Self {
        Self {
            body,
            transfer: Transfer {
                recorder,
                direction,
                begun: None,
            },
            ended: None,
        }
    }

    fn begin(&mut self, at: impl FnOnce() -> Instant) {
        if self.transfer.begun.is_none() && !self.body.is_end_stream() {
            self.transfer.begun = Some(at());
        }
    }

    fn end(&mut self) {
        if self.transfer.begun.is_none() && self.ended.is_none() {
            return;
        }
        let now = Instant::now();
        self.transfer.end(now);
        if let Some(ended) = self.ended.take() {
            ended.set(now);
        }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Metered<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = &mut *self;
        this.begin(Instant::now);
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    let Transfer {
                        recorder,
                        direction,
                        ..
                    } = &this.transfer;
                    recorder.body(*direction).add(data.remaining());
                    recorder.body_chunks(*direction).inc();
                }
                if this.body.is_end_stream() {
                    this.end();
                }
            }
            Some(Err(_)) => this.transfer.end(Instant::now()),
            None => this.end(),
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

/// Why a body did not yield a message.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It exceeds the limit, or announces that it will. The connection cannot be reused.
    #[error("the body is longer than {limit} bytes")]
    TooLarge {
        /// The size limit, in bytes.
        limit: usize,
        /// The id of the message, if it was found in the beginning.
        id: Option<Id>,
    },
    /// It was interrupted.
    #[error("the body ended early: {0}")]
    Broken(String),
    /// The next chunk did not arrive in time.
    #[error("no more of the body arrived within {0:?}")]
    Slow(Duration),
}

/// Reads a body to its end into a pooled buffer, and records its transfer time. Waits up to `chunk_timeout` for
/// each chunk. If the body exceeds the limit, reads and discards up to `overrun` more bytes.
///
/// # Errors
///
/// If the body is incomplete or exceeds the limit.
pub async fn read_whole<B>(
    mut body: B,
    edge: &Edge,
    chunk_timeout: Duration,
    overrun: usize,
) -> Result<PooledBuffer, BodyError>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let limit = edge.max_message;
    let most = limit.saturating_add(overrun);
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let mut whole = edge.pools.http.take();
    let mut passed = 0_usize;
    let mut transfer: Option<(Instant, Instant)> = None;
    while passed <= most && (announced <= limit || overrun > 0) {
        match timeout(chunk_timeout, body.frame()).await {
            Ok(Some(Ok(frame))) => {
                // Trailers have no meaning here.
                let Ok(piece) = frame.into_data() else {
                    continue;
                };
                let now = Instant::now();
                transfer = Some((transfer.map_or(now, |(first, _)| first), now));
                passed = passed.saturating_add(piece.len());
                let room = limit.saturating_sub(whole.len());
                whole.extend_from_slice(&piece[..piece.len().min(room)]);
            }
            Ok(Some(Err(error))) => return Err(BodyError::Broken(error.to_string())),
            Ok(None) => break,
            Err(_) => return Err(BodyError::Slow(chunk_timeout)),
        }
    }
    if passed.max(announced) > limit {
        let id = salvage_id(&whole);
        return Err(BodyError::TooLarge { limit, id });
    }
    if let Some((first, last)) = transfer {
        let phase = edge.recorder.phase_duration(Phase::Transfer);
        phase.observe(last.since(first));
    }
    Ok(whole)
}

/// Reads and discards up to `most` bytes of a body, so that metered bytes are counted and the connection can
/// be reused. A body that does not end within `limit` is dropped, which closes the connection.
pub async fn drain<B>(mut body: B, most: usize, limit: Duration)
where
    B: Body<Data = Bytes> + Unpin,
{
    let draining = async {
        let mut passed = 0_usize;
        while passed <= most
            && let Some(Ok(frame)) = body.frame().await
        {
            passed = passed.saturating_add(frame.data_ref().map_or(0, Bytes::len));
        }
    };
    // An error means that the body is too slow.
    let _ = timeout(limit, draining).await;
}

#[cfg(test)]
mod headers_tests {
    use http::HeaderValue;

    use super::*;

    fn head(name: &HeaderName, value: &str) -> HeaderMap {
        let value = HeaderValue::from_str(value).expect("a value");
        HeaderMap::from_iter([(name.clone(), value)])
    }

    #[test]
    fn media_types_are_known_without_their_parameters() {
        for (value, expected) in [
            ("application/json", MediaType::Json),
            ("Application/JSON; charset=utf-8", MediaType::Json),
            ("text/event-stream;charset=utf-8", MediaType::EventStream),
            ("text/html", MediaType::Other),
            ("application/jsonl", MediaType::Other),
            ("", MediaType::Other),
        ] {
            assert_eq!(media_type(&head(&CONTENT_TYPE, value)), expected, "{value}");
        }
        assert_eq!(media_type(&HeaderMap::new()), MediaType::Other);
    }

    #[test]
    fn the_most_specific_range_decides_what_is_accepted() {
        for (value, json, events) in [
            ("application/json, text/event-stream", true, true),
            ("application/json", true, false),
            ("*/*", true, true),
            ("text/*;q=0.5", false, true),
            ("*/*, text/event-stream;q=0", true, false),
            ("*/*;q=0.0, application/json;q=0.001", true, false),
            ("", false, false),
        ] {
            let head = head(&ACCEPT, value);
            assert_eq!(accepts(&head, JSON), json, "{value}");
            assert_eq!(accepts(&head, EVENT_STREAM), events, "{value}");
        }
        assert!(accepts(&HeaderMap::new(), JSON));
    }

    #[test]
    fn a_session_id_is_visible_ascii_of_bounded_length() {
        assert_eq!(session_id(&head(&SESSION_ID, "a-1")), Some("a-1"));
        for wrong in ["", "a b", &"a".repeat(MAX_SESSION_ID + 1)] {
            assert_eq!(session_id(&head(&SESSION_ID, wrong)), None, "{wrong}");
        }
    }
}

#[cfg(test)]
mod body_tests {
    use futures_util::StreamExt;
    use http_body_util::BodyExt;
    use http_body_util::Empty;
    use http_body_util::Full;
    use http_body_util::StreamBody;
    use shadowcat_metrics::shadowcat::Metrics;
    use shadowcat_metrics::shadowcat::labels::Side;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn a_body_that_never_ends_is_drained_for_a_limited_time() {
        let dripping = futures_util::stream::repeat(()).then(async |()| {
            sleep(Duration::from_millis(10)).await;
            Ok::<_, ()>(Frame::data(Bytes::from_static(b"x")))
        });
        let body = StreamBody::new(Box::pin(dripping));
        let draining = drain(body, usize::MAX, Duration::from_millis(50));
        let drained = timeout(Duration::from_secs(10), draining).await;
        assert!(drained.is_ok());
    }

    #[tokio::test]
    async fn a_body_is_counted_while_it_is_read() {
        let metrics = Metrics::new();
        let recorder = metrics.http(Side::Server);
        let pieces = [Bytes::from_static(b"ab"), Bytes::from_static(b"c")];
        let pieces =
            futures_util::stream::iter(pieces.map(|piece| Ok::<_, ()>(Frame::data(piece))));
        let whole = Metered::received(StreamBody::new(pieces), recorder.clone(), Instant::now());
        let whole = whole.collect().await.expect("no error").to_bytes();
        assert_eq!(whole, "abc");

        let ended = Moment::default();
        let sent = Metered::sent(Full::new(Bytes::from_static(b"abcd")), recorder.clone());
        let mut sent = sent.with_end(ended.clone());
        assert!(ended.at().is_none());
        sent.frame().await.expect("a frame").expect("no error");
        assert!(
            ended.at().is_some(),
            "the last frame is known to be the last"
        );

        drop(Metered::received(
            Empty::new(),
            recorder.clone(),
            Instant::now(),
        ));
        drop(Metered::sent(
            Full::new(Bytes::from_static(b"never asked for")),
            recorder,
        ));

        let snapshot = metrics.snapshot();
        let http = snapshot.http(Side::Server);
        let counted = |direction| {
            (
                http.body(direction),
                http.body_chunks(direction),
                http.body_duration(direction).count(),
            )
        };
        assert_eq!(counted(Direction::Received), (3, 2, 1));
        assert_eq!(counted(Direction::Sent), (4, 1, 1));
    }

    #[tokio::test]
    async fn an_interrupted_body_records_its_duration() {
        let metrics = Metrics::new();
        let recorder = metrics.http(Side::Client);
        let pieces = [Ok(Frame::data(Bytes::from_static(b"ab"))), Err("reset")];
        let mut body = Metered::received(
            StreamBody::new(futures_util::stream::iter(pieces)),
            recorder.clone(),
            Instant::now(),
        );
        body.frame().await.expect("a frame").expect("no error");
        body.frame().await.expect("a frame").expect_err("an error");
        let dropped = Metered::received(
            Full::new(Bytes::from_static(b"ab")),
            recorder,
            Instant::now(),
        );
        drop(dropped);
        let snapshot = metrics.snapshot();
        let http = snapshot.http(Side::Client);
        assert_eq!(http.body_duration(Direction::Received).count(), 2);
        assert_eq!(http.body(Direction::Received), 2);
    }
}

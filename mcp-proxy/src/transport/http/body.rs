//! A body that records what passes through it: bytes, pieces, and the time that it takes.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use shadowcat_metrics::labels::Direction;
use shadowcat_metrics::{HttpRecorder, OwnedTimer};
use tokio::sync::Notify;

/// A moment that some wait for and others bring about, such as that in which the end of a body was handed on.
#[derive(Debug, Clone, Default)]
pub struct Moment(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    at: OnceLock<Instant>,
    come: Notify,
}

impl Moment {
    /// It is now, unless it was before.
    pub fn now(&self) {
        // That it was before is no fault.
        let _ = self.0.at.set(Instant::now());
        self.0.come.notify_waiters();
    }

    /// When it was.
    #[must_use]
    pub fn at(&self) -> Option<Instant> {
        self.0.at.get().copied()
    }

    /// Waits until it has come.
    pub async fn come(&self) {
        let come = self.0.come.notified();
        if self.at().is_none() {
            come.await;
        }
    }
}

/// A body on its way to the proxy or from it. A body that is empty from the beginning records nothing.
#[derive(Debug)]
pub struct Metered<B> {
    body: B,
    recorder: HttpRecorder,
    direction: Direction,
    timer: Option<OwnedTimer>,
    ended: Option<Moment>,
}

impl<B: Body<Data = Bytes> + Unpin> Metered<B> {
    /// The body of a message whose head was received just now.
    pub fn received(body: B, recorder: HttpRecorder) -> Self {
        let mut metered = Self::new(body, recorder, Direction::Received);
        metered.begin();
        metered
    }

    /// The body of a message that is to be sent. Its time begins when the first of it is asked for.
    pub fn sent(body: B, recorder: HttpRecorder) -> Self {
        Self::new(body, recorder, Direction::Sent)
    }

    /// Lets others know when the end is reached, which it never is if the body breaks off.
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
            recorder,
            direction,
            timer: None,
            ended: None,
        }
    }

    fn begin(&mut self) {
        if self.timer.is_none() && !self.body.is_end_stream() {
            let histogram = self.recorder.body_duration(self.direction);
            self.timer = Some(histogram.start_timer_owned());
        }
    }

    fn end(&mut self) {
        if let Some(timer) = self.timer.take() {
            timer.stop();
        }
        if let Some(ended) = self.ended.take() {
            ended.now();
        }
    }
}

/// A body that is dropped before its end broke off, and its timer observes that by being dropped too.
impl<B: Body<Data = Bytes> + Unpin> Body for Metered<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = &mut *self;
        this.begin();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    this.recorder.body(this.direction).add(data.remaining());
                    this.recorder.body_chunks(this.direction).inc();
                }
                if this.body.is_end_stream() {
                    this.end();
                }
            }
            Some(Err(_)) => this.timer = None,
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

#[cfg(test)]
mod tests {
    use http_body_util::{BodyExt, Empty, Full, StreamBody};
    use shadowcat_metrics::Metrics;
    use shadowcat_metrics::labels::Side;

    use super::*;

    #[tokio::test]
    async fn a_body_is_counted_as_it_is_handed_on() {
        let metrics = Metrics::new();
        let recorder = metrics.http(Side::Server);
        let pieces = [Bytes::from_static(b"ab"), Bytes::from_static(b"c")];
        let pieces =
            futures_util::stream::iter(pieces.map(|piece| Ok::<_, ()>(Frame::data(piece))));
        let whole = Metered::received(StreamBody::new(pieces), recorder.clone());
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

        drop(Metered::received(Empty::new(), recorder.clone()));
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
    async fn a_body_that_breaks_off_has_taken_its_time_all_the_same() {
        let metrics = Metrics::new();
        let recorder = metrics.http(Side::Client);
        let pieces = [Ok(Frame::data(Bytes::from_static(b"ab"))), Err("reset")];
        let mut body = Metered::received(
            StreamBody::new(futures_util::stream::iter(pieces)),
            recorder.clone(),
        );
        body.frame().await.expect("a frame").expect("no error");
        body.frame().await.expect("a frame").expect_err("an error");
        let dropped = Metered::received(Full::new(Bytes::from_static(b"ab")), recorder);
        drop(dropped);
        let snapshot = metrics.snapshot();
        let http = snapshot.http(Side::Client);
        assert_eq!(http.body_duration(Direction::Received).count(), 2);
        assert_eq!(http.body(Direction::Received), 2);
    }
}

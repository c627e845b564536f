//! Decides when to write something harmless to a waiting client: on a silent stream, and to find out whether a client that has
//! closed its sending side is still there.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::front::half_close::HalfClosed;

/// The first pause after a client has closed its sending side. Each further one is twice as long, up to the usual pause.
const FIRST_PAUSE: Duration = Duration::from_millis(10);

/// A timer for harmless writes to a client.
#[derive(Debug)]
pub(super) struct KeepAlive {
    ticks: Interval,
    longest: Duration,
    half_closed: Pin<Box<WaitForCancellationFutureOwned>>,
    /// The next pause, once the client has closed its sending side.
    pause: Option<Duration>,
}

impl KeepAlive {
    /// Creates a timer with pauses of `longest`.
    pub(super) fn new(longest: Duration, HalfClosed(half_closed): HalfClosed) -> Self {
        let mut ticks = interval_at(Instant::now() + longest, longest);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self {
            ticks,
            longest,
            half_closed: Box::pin(half_closed.cancelled_owned()),
            pause: None,
        }
    }

    /// Begins a new pause, because something was written.
    pub(super) fn reset(&mut self) {
        self.ticks.reset_after(self.pause.unwrap_or(self.longest));
    }

    /// Waits until it is time to write.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.pause {
            None if self.half_closed.as_mut().poll(cx).is_ready() => {
                self.pause = Some(FIRST_PAUSE.min(self.longest));
            }
            None => {
                ready!(self.ticks.poll_tick(cx));
            }
            Some(pause) => {
                ready!(self.ticks.poll_tick(cx));
                self.pause = Some((pause * 2).min(self.longest));
            }
        }
        self.reset();
        Poll::Ready(())
    }
}

/// White space, which may precede any JSON.
const SPACE: &[u8] = b"\n";

/// A JSON body that is not known yet.
pub(super) struct LateJson<F> {
    /// `None` once the body is complete.
    json: Option<Pin<Box<F>>>,
    keep_alive: KeepAlive,
}

impl<F> LateJson<F> {
    pub(super) const fn new(json: Pin<Box<F>>, keep_alive: KeepAlive) -> Self {
        Self {
            json: Some(json),
            keep_alive,
        }
    }
}

impl<F: Future<Output = Bytes>> Body for LateJson<F> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = self.get_mut();
        let Some(json) = &mut this.json else {
            return Poll::Ready(None);
        };
        let bytes = if let Poll::Ready(json) = json.as_mut().poll(cx) {
            this.json = None;
            json
        } else {
            ready!(this.keep_alive.poll(cx));
            Bytes::from_static(SPACE)
        };
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }
}

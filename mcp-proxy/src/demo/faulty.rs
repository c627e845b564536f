//! Bodies with faults: they break off, say things twice, or come slowly, as they are told while they run.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::Response;
use hyper::body::{Body, Frame, Incoming};
use hyper::header::CONTENT_TYPE;
use tokio::time::{Sleep, sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// Between the two halves of a piece that comes slowly: well over what the objective `forwarding` allows a message, also
/// when the first half is late itself.
const PAUSE: Duration = Duration::from_millis(300);

/// Pieces below this many bytes are no answers, and never slow.
const SLOW_FROM: usize = 1000;

/// What goes wrong at the moment.
#[derive(Debug, Default)]
pub struct Faults {
    /// Events that are still to be sent twice.
    repeats: AtomicU64,
    slow: AtomicBool,
    /// Cancelled to break off the streams that are open.
    cut: Mutex<CancellationToken>,
}

impl Faults {
    /// Breaks off every event stream that is open.
    pub fn cut_streams(&self) {
        std::mem::take(&mut *self.cut()).cancel();
    }

    /// Has so many of the events that come next be sent twice.
    pub fn repeat_events(&self, events: u64) {
        self.repeats.fetch_add(events, Ordering::Relaxed);
    }

    /// Has answers come slowly, or not any more.
    pub fn slow_down(&self, slow: bool) {
        self.slow.store(slow, Ordering::Relaxed);
    }

    fn cut(&self) -> MutexGuard<'_, CancellationToken> {
        self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True once for each event that is to be sent twice.
    fn repeats_one(&self) -> bool {
        let one_less = |repeats: u64| repeats.checked_sub(1);
        self.repeats
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .is_ok()
    }
}

/// A body with faults.
#[derive(Debug)]
pub struct Faulty {
    body: Incoming,
    faults: Arc<Faults>,
    /// Ready when the body is to break off; none for a body that is no stream.
    cut: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    /// What comes next: an event once more, or the second half of a piece.
    next: Option<Bytes>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Faulty {
    /// The same answer, with a body that obeys `faults`.
    #[must_use]
    pub fn wrap(answer: Response<Incoming>, faults: &Arc<Faults>) -> Response<Self> {
        let kind = answer.headers().get(CONTENT_TYPE);
        let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let cut = is_stream.then(|| Box::pin(faults.cut().clone().cancelled_owned()));
        answer.map(|body| Self {
            body,
            faults: Arc::clone(faults),
            cut,
            next: None,
            pause: None,
        })
    }
}

impl Body for Faulty {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let this = &mut *self;
        if let Some(cut) = &mut this.cut
            && cut.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())));
        }
        if let Some(pause) = &mut this.pause {
            ready!(pause.as_mut().poll(cx));
            this.pause = None;
        }
        if let Some(next) = this.next.take() {
            return Poll::Ready(Some(Ok(Frame::data(next))));
        }
        let mut frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        if let Some(Ok(frame)) = &mut frame
            && let Some(data) = frame.data_mut()
        {
            // Only an event that comes in one piece can be sent again as a whole.
            let is_event =
                this.cut.is_some() && data.starts_with(b"id:") && data.ends_with(b"\n\n");
            if is_event && this.faults.repeats_one() {
                this.next = Some(data.clone());
            } else if data.len() >= SLOW_FROM && this.faults.slow.load(Ordering::Relaxed) {
                this.next = Some(data.split_off(data.len() / 2));
                this.pause = Some(Box::pin(sleep(PAUSE)));
            }
        }
        Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)))
    }
}

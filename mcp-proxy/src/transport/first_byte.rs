//! The phase from a request's last byte sent until the next byte received.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use shadowcat_metrics::labels::Phase;
use shadowcat_metrics::{OwnedTimer, TransportRecorder};
use tokio::io::{self, AsyncRead, ReadBuf};

/// Times the wait for a peer's first byte. The writer arms it, the reader ends it.
#[derive(Debug)]
pub struct FirstByte {
    recorder: TransportRecorder,
    waiting: Mutex<Option<OwnedTimer>>,
}

/// A request is being written; see [`FirstByte::sending`].
#[derive(Debug)]
pub struct Sending<'a>(Option<&'a FirstByte>);

impl FirstByte {
    /// Waits for nothing yet.
    #[must_use]
    pub fn new(recorder: TransportRecorder) -> Self {
        Self {
            recorder,
            waiting: Mutex::default(),
        }
    }

    /// A request is about to be written. The wait begins when [`Sending::sent`] is called; but it is armed at once,
    /// because an answer may come before the writer gets to say so.
    #[must_use]
    pub fn sending(&self) -> Sending<'_> {
        let mut waiting = self.lock();
        if waiting.is_some() {
            // An earlier request waits already, and the next byte ends its wait.
            return Sending(None);
        }
        *waiting = Some(self.timer());
        Sending(Some(self))
    }

    /// Bytes have come.
    pub fn received(&self) {
        if let Some(timer) = self.lock().take() {
            timer.stop();
        }
    }

    fn timer(&self) -> OwnedTimer {
        self.recorder
            .phase_duration(Phase::FirstByte)
            .start_timer_owned()
    }

    fn lock(&self) -> MutexGuard<'_, Option<OwnedTimer>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sending<'_> {
    /// The request's last byte is written.
    pub fn sent(self) {
        if let Some(watch) = self.0
            && let Some(waiting) = watch.lock().as_mut()
        {
            std::mem::replace(waiting, watch.timer()).discard();
        }
    }
}

impl Drop for FirstByte {
    fn drop(&mut self) {
        if let Some(timer) = self.lock().take() {
            // The peer went away without a byte, so there is no time to record.
            timer.discard();
        }
    }
}

/// A reader that tells a [`FirstByte`] when bytes come.
pub struct Watched<R> {
    reader: R,
    watch: Option<Arc<FirstByte>>,
}

impl<R> Watched<R> {
    /// Reads from `reader`.
    pub fn new(reader: R, watch: Option<Arc<FirstByte>>) -> Self {
        Self { reader, watch }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Watched<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.reader).poll_read(cx, buf))?;
        if buf.filled().len() > before
            && let Some(watch) = &self.watch
        {
            watch.received();
        }
        Poll::Ready(Ok(()))
    }
}

impl<R> fmt::Debug for Watched<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}

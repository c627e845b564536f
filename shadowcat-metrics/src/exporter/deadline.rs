//! A stream that fails if the peer does not read what is written to it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::room::Place;

/// Time limit for a peer to read.
#[derive(Debug, Clone, Copy)]
pub enum WriteTimeout {
    /// For a whole response: from the first write that has to wait until the next flush. The limit does not restart when a slow
    /// peer reads some bytes.
    Whole(Duration),
    /// For each pause in reading. It suits event streams, which have no end.
    Stalled(Duration),
}

/// A stream with a time limit on blocked writes.
#[derive(Debug)]
pub(super) struct Deadline<S> {
    stream: S,
    timeout: WriteTimeout,
    /// Told of each write and flush, because a connection with a part of an answer in a buffer must stay open.
    place: Place,
    /// Runs while a write is blocked. Created on demand, because most writes never block.
    running: Option<Pin<Box<Sleep>>>,
}

impl<S> Deadline<S> {
    pub(super) fn new(stream: S, timeout: WriteTimeout, place: Place) -> Self {
        Self {
            stream,
            timeout,
            place,
            running: None,
        }
    }

    /// Records that bytes were written.
    fn progress(&mut self) {
        match self.timeout {
            WriteTimeout::Whole(_) => {}
            WriteTimeout::Stalled(_) => self.running = None,
        }
    }

    /// Blocks a write, unless the time limit has passed.
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        let (WriteTimeout::Whole(timeout) | WriteTimeout::Stalled(timeout)) = self.timeout;
        let running = self.running.get_or_insert_with(|| Box::pin(sleep(timeout)));
        ready!(running.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Deadline<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Deadline<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.place.wrote();
        match Pin::new(&mut self.stream).poll_write(cx, bytes) {
            Poll::Ready(written) => {
                self.progress();
                Poll::Ready(written)
            }
            Poll::Pending => self.wait(cx),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.place.wrote();
        match Pin::new(&mut self.stream).poll_write_vectored(cx, slices) {
            Poll::Ready(written) => {
                self.progress();
                Poll::Ready(written)
            }
            Poll::Pending => self.wait(cx),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        self.running = None;
        self.place.flushed();
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

//! The stream of a client's connection. A client that closes its sending side after a request still gets the answer.
//!
//! TCP does not tell a client that has closed its sending side from one that is gone. So the body of the answer writes something
//! harmless until the client's machine refuses it; see [`KeepAlive`](crate::front::keep_alive::KeepAlive).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::BoxError;
use bytes::Bytes;
use futures_util::task::AtomicWaker;
use hyper::body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

/// The exchanges of a connection, which carries one at a time.
#[derive(Debug, Clone)]
pub(super) struct Exchanges(Arc<State>);

#[derive(Debug)]
struct State {
    is_running: AtomicBool,
    /// Whether the last write has to wait until the client reads.
    is_write_blocked: AtomicBool,
    half_closed: CancellationToken,
    /// The task of the connection.
    reader: AtomicWaker,
}

/// Cancelled when the client closes its sending side during an exchange.
#[derive(Debug, Clone)]
pub(super) struct HalfClosed(pub(super) CancellationToken);

impl HalfClosed {
    /// Waits until the client has closed its sending side, and then for the `grace` period, during which the answer is sent as
    /// to any other client.
    pub(super) async fn happened(&self, grace: Duration) {
        self.0.cancelled().await;
        sleep(grace).await;
    }
}

impl Exchanges {
    /// Returns the exchanges of a new connection.
    pub(super) fn new() -> Self {
        Self(Arc::new(State {
            is_running: AtomicBool::new(false),
            is_write_blocked: AtomicBool::new(false),
            half_closed: CancellationToken::new(),
            reader: AtomicWaker::new(),
        }))
    }

    /// Begins an exchange, which ends when the returned value is dropped.
    pub(super) fn begin(&self) -> Running {
        self.0.is_running.store(true, Ordering::SeqCst);
        Running(self.clone())
    }

    /// Returns whether the last write has to wait until the client reads. False once the connection has failed.
    pub(super) fn is_write_blocked(&self) -> bool {
        self.0.is_write_blocked.load(Ordering::SeqCst)
    }

    fn set_write_blocked(&self, is_blocked: bool) {
        self.0.is_write_blocked.store(is_blocked, Ordering::SeqCst);
    }

    /// Returns whether the client has closed its sending side.
    pub(super) fn half_closed(&self) -> HalfClosed {
        HalfClosed(self.0.half_closed.clone())
    }
}

/// A running exchange.
#[derive(Debug)]
pub(super) struct Running(Exchanges);

impl Drop for Running {
    fn drop(&mut self) {
        let state = &*self.0.0;
        state.is_running.store(false, Ordering::SeqCst);
        state.reader.wake();
    }
}

/// A connection whose end of input is hidden while an exchange is running.
#[derive(Debug)]
pub(super) struct HalfOpen<S> {
    stream: S,
    exchanges: Exchanges,
    /// Whether parts of the response may still be in buffers, which the connection would drop at the end of input.
    is_writing: bool,
}

impl<S> HalfOpen<S> {
    pub(super) const fn new(stream: S, exchanges: Exchanges) -> Self {
        Self {
            stream,
            exchanges,
            is_writing: false,
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HalfOpen<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let (before, room) = (buffer.filled().len(), buffer.remaining());
        // Registered before the checks, so that no change in between is missed.
        self.exchanges.0.reader.register(cx.waker());
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if matches!(read, Poll::Ready(Err(_))) {
            self.exchanges.set_write_blocked(false);
            return read;
        }
        if read.is_pending() || room == 0 || buffer.filled().len() > before {
            return read;
        }
        let state = &self.exchanges.0;
        if self.is_writing || state.is_running.load(Ordering::SeqCst) {
            state.half_closed.cancel();
            Poll::Pending
        } else {
            Poll::Ready(Ok(()))
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HalfOpen<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.is_writing = true;
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.exchanges.set_write_blocked(written.is_pending());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.is_writing = true;
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.exchanges.set_write_blocked(written.is_pending());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.stream).poll_flush(cx));
        if std::mem::take(&mut self.is_writing) {
            self.exchanges.0.reader.wake();
        }
        Poll::Ready(flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The body of a request. It breaks off if the client closes its sending side before the end.
#[derive(Debug)]
pub(super) struct RequestBody<B> {
    body: B,
    half_closed: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<B> RequestBody<B> {
    pub(super) fn new(body: B, HalfClosed(half_closed): HalfClosed) -> Self {
        Self {
            body,
            half_closed: Box::pin(half_closed.cancelled_owned()),
        }
    }
}

impl<B: Body<Data = Bytes, Error: Into<BoxError>> + Unpin> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        // All input was passed on before its end was read.
        ready!(this.half_closed.as_mut().poll(cx));
        Poll::Ready(Some(Err(
            io::Error::from(io::ErrorKind::UnexpectedEof).into()
        )))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

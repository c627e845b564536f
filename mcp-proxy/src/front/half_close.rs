//! Clients that close their sending side after a request. They still get the answer.
//!
//! TCP does not tell such a client from one that is gone. So the body of the answer writes something harmless until the
//! client's machine refuses it; see [`KeepAlive`](crate::front::keep_alive::KeepAlive).

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
#[derive(Debug, Clone, Default)]
pub(super) struct Exchanges(Arc<State>);

#[derive(Debug, Default)]
struct State {
    is_running: AtomicBool,
    half_closed: CancellationToken,
    /// The task of the connection, while it waits for the end of an exchange.
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
    /// Begins an exchange, which ends when the returned value is dropped.
    pub(super) fn begin(&self) -> Running {
        self.0.is_running.store(true, Ordering::Relaxed);
        Running(self.clone())
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
        let State {
            is_running, reader, ..
        } = &*self.0.0;
        is_running.store(false, Ordering::Release);
        reader.wake();
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
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if room == 0 || buffer.filled().len() > before {
            return Poll::Ready(Ok(()));
        }
        let is_writing = self.is_writing;
        let state = &self.exchanges.0;
        // Registered before the check, so that no end in between is missed.
        state.reader.register(cx.waker());
        if is_writing || state.is_running.load(Ordering::Acquire) {
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
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.is_writing = true;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
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

/// The body of a response. The exchange ends with it.
#[derive(Debug)]
pub(super) struct ResponseBody<B> {
    pub(super) body: B,
    pub(super) _running: Running,
}

impl<B: Body + Unpin> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

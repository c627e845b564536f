//! The stdio transport: newline-delimited JSON-RPC over a pair of byte streams, with one task for reading and
//! one for writing.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use shadowcat_metrics::OwnedTimer;
use shadowcat_metrics::shadowcat::TransportRecorder;
use shadowcat_metrics::shadowcat::labels::{Operation, Phase, Status};
use tokio::io;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::sync::mpsc;
use tracing::{debug, warn};

use crate::jsonrpc::{Message, salvage_id};
use crate::transport::lines::{Line, LineReader};
use crate::transport::{Edge, FirstReply, Inbox, Incoming, Link, QUEUE};

/// Starts the tasks of a link over `reader` and `writer`. `first_reply` is notified of the first valid
/// message.
pub fn open<R, W>(reader: R, writer: W, edge: &Edge, first_reply: Option<FirstReply>) -> Link
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let edge = edge.for_new_link();
    let (to_session, incoming) = mpsc::channel(QUEUE);
    let (outgoing, from_session) = mpsc::channel(QUEUE);
    tokio::spawn(read_messages(reader, to_session, edge.clone(), first_reply));
    let writer = tokio::spawn(write_messages(writer, from_session, edge));
    Link {
        incoming: Inbox::new(incoming),
        outgoing,
        writer,
    }
}

async fn read_messages<R: AsyncRead + Unpin>(
    reader: R,
    to_session: mpsc::Sender<Incoming>,
    edge: Edge,
    mut first_reply: Option<FirstReply>,
) {
    let reader = Watched::new(reader, edge.first_byte.clone());
    let mut lines = LineReader::new(reader, edge.pools.stdio.clone(), edge.max_message);
    loop {
        let incoming = match lines.next().await {
            Ok(Some(Line::Whole { bytes, .. })) if bytes.trim_ascii().is_empty() => continue,
            Ok(Some(Line::Whole { bytes, first, last })) => {
                edge.recorder
                    .phase_duration(Phase::Transfer)
                    .observe(last - first);
                edge.read(bytes)
            }
            Ok(Some(Line::TooLong { head })) => {
                edge.unreadable(Status::TooLarge);
                Incoming::TooLarge {
                    id: salvage_id(&head),
                    limit: edge.max_message,
                }
            }
            Ok(None) => break,
            Err(error) => {
                warn!(side = %edge.side, %error, "reading failed");
                edge.count(Operation::Receive, Status::Failed);
                break;
            }
        };
        if matches!(incoming, Incoming::Message(_))
            && let Some(first_reply) = first_reply.take()
        {
            first_reply.seen();
        }
        if to_session.send(incoming).await.is_err() {
            break;
        }
    }
}

async fn write_messages<W: AsyncWrite + Unpin>(
    mut writer: W,
    mut from_session: mpsc::Receiver<Message>,
    edge: Edge,
) {
    while let Some(message) = from_session.recv().await {
        let mut line = edge.write(&message);
        line.push(b'\n');

        let sending = match &message {
            Message::Request(_) => edge.first_byte.as_deref().map(|watch| watch.sending()),
            Message::Notification(_) | Message::Response(_) => None,
        };
        if let Err(error) = write_line(&mut writer, &line).await {
            debug!(side = %edge.side, %error, "writing failed");
            edge.count(Operation::Send, Status::Failed);
            break;
        }
        if let Some(sending) = sending {
            sending.sent();
        }
        if let Message::Notification(notification) = &message {
            notification.delivered();
        }
        edge.count(Operation::Send, Status::Ok);
    }
}

async fn write_line<W: AsyncWrite + Unpin>(writer: &mut W, line: &[u8]) -> std::io::Result<()> {
    writer.write_all(line).await?;
    writer.flush().await
}

/// Measures the wait for a peer's first byte. The writer starts the wait, the reader ends it.
#[derive(Debug)]
pub struct FirstByte {
    recorder: TransportRecorder,
    waiting: Mutex<Option<OwnedTimer>>,
}

/// A request that is being written; see [`FirstByte::sending`].
#[derive(Debug)]
pub struct Sending<'a>(Option<&'a FirstByte>);

impl FirstByte {
    /// Creates a measurement that is not waiting.
    #[must_use]
    pub fn new(recorder: TransportRecorder) -> Self {
        Self {
            recorder,
            waiting: Mutex::default(),
        }
    }

    /// Prepares for writing a request. The wait begins when [`Sending::sent`] is called, but the reader can
    /// end it from now on, because an answer may arrive before the writer makes that call.
    #[must_use]
    pub fn sending(&self) -> Sending<'_> {
        let mut waiting = self.lock();
        if waiting.is_some() {
            // An earlier request is waiting already, and the next byte ends its wait.
            return Sending(None);
        }
        *waiting = Some(self.timer());
        Sending(Some(self))
    }

    /// Records that bytes have arrived.
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
    /// Records that the request's last byte is written.
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
            // The peer disconnected without sending a byte, so there is no duration to record.
            timer.discard();
        }
    }
}

/// A reader that notifies a [`FirstByte`] of incoming bytes.
pub struct Watched<R> {
    reader: R,
    watch: Option<Arc<FirstByte>>,
}

impl<R> Watched<R> {
    /// Wraps `reader`.
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

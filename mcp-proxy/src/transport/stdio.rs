//! The stdio transport: newline-delimited JSON-RPC over a pair of byte streams, with one task for reading and
//! one for writing.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use shadowcat_metrics::Instant;
use shadowcat_metrics::shadowcat::TransportRecorder;
use shadowcat_metrics::shadowcat::labels::{Operation, Phase, Side, Status};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tracing::{debug, warn};

use crate::jsonrpc::{Message, salvage_id};
use crate::transport::lines::{Line, LineReader};
use crate::transport::{Connecting, Edge, Inbox, Incoming, Link, QUEUE};

/// Starts the tasks of a link over `reader` and `writer`. The first valid message completes `connecting`.
pub fn open<R, W>(reader: R, writer: W, edge: &Edge, connecting: Option<Connecting>) -> Link
where
    R: AsyncRead + Unpin + Send + 'static,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (to_session, incoming) = mpsc::channel(QUEUE);
    let (outgoing, from_session) = mpsc::channel(QUEUE);
    // The first byte is measured only on the side of the server.
    let sends_requests = edge.side == Side::Server;
    let first_byte = sends_requests.then(|| Arc::new(FirstByte::new(edge.recorder.clone())));
    let lines = LineReader::new(reader, edge.pools.stdio.clone(), edge.max_message)
        .with_first_byte(first_byte.clone());
    tokio::spawn(read_messages(lines, to_session, edge.clone(), connecting));
    let writing = write_messages(writer, from_session, edge.clone(), first_byte);
    let writer = tokio::spawn(writing);
    Link {
        incoming: Inbox::new(incoming),
        outgoing,
        writer,
    }
}

async fn read_messages<R: AsyncRead + Unpin>(
    mut lines: LineReader<R>,
    to_session: mpsc::Sender<Incoming>,
    edge: Edge,
    mut connecting: Option<Connecting>,
) {
    loop {
        let incoming = match lines.next().await {
            Ok(Some(Line::Whole { bytes, .. })) if bytes.trim_ascii().is_empty() => continue,
            Ok(Some(Line::Whole {
                bytes,
                first,
                last,
                is_ended,
            })) => {
                let incoming = if is_ended {
                    edge.read(bytes)
                } else {
                    edge.read_last(bytes)
                };
                // The transfer of a line that is cut off was not completed.
                if is_ended || matches!(incoming, Incoming::Message(_)) {
                    edge.recorder
                        .phase_duration(Phase::Transfer)
                        .observe(last.since(first));
                }
                incoming
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
            && let Some(connecting) = connecting.take()
        {
            connecting.succeed();
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
    first_byte: Option<Arc<FirstByte>>,
) {
    while let Some(message) = from_session.recv().await {
        let mut line = edge.write(&message);
        line.push(b'\n');

        let sending = match &message {
            Message::Request(_) => first_byte.as_deref().map(|watch| watch.sending()),
            Message::Notification(_) | Message::Response(_) => None,
        };
        let written = async {
            writer.write_all(&line).await?;
            writer.flush().await
        };
        if let Err(error) = written.await {
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
    // Dropping one half of a stream does not end its output.
    let _ = writer.shutdown().await;
}

/// Measures the wait for a peer's first byte. The writer starts the wait, the reader ends it.
#[derive(Debug)]
pub(super) struct FirstByte {
    recorder: TransportRecorder,
    wait: Mutex<Wait>,
}

/// The wait of the oldest request without an answer.
#[derive(Debug, Default)]
enum Wait {
    #[default]
    None,
    /// The request is being written, so the wait has not begun.
    Writing,
    /// Since the request's last byte was written. If the peer disconnects, there is no duration to record.
    Since(Instant),
}

/// A request that is being written; see [`FirstByte::sending`].
#[derive(Debug)]
struct Sending<'a>(Option<&'a FirstByte>);

impl FirstByte {
    /// Creates a measurement that is not waiting.
    #[must_use]
    fn new(recorder: TransportRecorder) -> Self {
        Self {
            recorder,
            wait: Mutex::default(),
        }
    }

    /// Prepares for writing a request. The wait begins when [`Sending::sent`] is called. If an answer arrives before the writer
    /// makes that call, the wait is zero.
    #[must_use]
    fn sending(&self) -> Sending<'_> {
        let mut wait = self.wait.lock();
        match *wait {
            Wait::None => {
                *wait = Wait::Writing;
                Sending(Some(self))
            }
            // The next byte ends the wait of the earlier request.
            Wait::Writing | Wait::Since(_) => Sending(None),
        }
    }

    /// Records that bytes have arrived.
    pub(super) fn received(&self, at: Instant) {
        let waited = match mem::take(&mut *self.wait.lock()) {
            Wait::None => return,
            Wait::Writing => Duration::ZERO,
            Wait::Since(sent) => at.since(sent),
        };
        self.recorder
            .phase_duration(Phase::FirstByte)
            .observe(waited);
    }
}

impl Sending<'_> {
    /// Records that the request's last byte is written.
    fn sent(self) {
        let Some(first_byte) = self.0 else { return };
        let mut wait = first_byte.wait.lock();
        if matches!(*wait, Wait::Writing) {
            *wait = Wait::Since(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics::shadowcat::Metrics;
    use shadowcat_metrics::shadowcat::labels::Transport;

    use tokio::io::{AsyncReadExt, duplex, split};
    use tokio::time::timeout;

    use super::*;
    use crate::pool::Pools;

    #[tokio::test]
    async fn a_dropped_link_ends_its_output() {
        let metrics = Metrics::disabled();
        let server = metrics.server("server");
        let edge = Edge::to_client(&metrics, Transport::Stdio, &server, Pools::new(&metrics));
        let (own, mut peer) = duplex(64);
        let (reader, writer) = split(own);
        drop(open(reader, writer, &edge, None));
        let ended = timeout(Duration::from_secs(60), peer.read(&mut [0; 1])).await;
        assert_eq!(ended.expect("the output does not end").unwrap(), 0);
    }

    #[test]
    fn each_wait_for_a_first_byte_is_observed_once() {
        let metrics = Metrics::new();
        let first_byte = FirstByte::new(metrics.transport(Transport::Stdio));
        let observed = || {
            let snapshot = metrics.snapshot();
            let transport = snapshot.transport(Transport::Stdio);
            let waits = transport.phase_duration(Phase::FirstByte);
            (waits.count(), waits.sum())
        };
        first_byte.received(Instant::now());
        assert_eq!(observed(), (0, Duration::ZERO));

        // The answer arrives before the writer returns.
        let sending = first_byte.sending();
        first_byte.received(Instant::now());
        sending.sent();
        first_byte.received(Instant::now());
        assert_eq!(observed(), (1, Duration::ZERO));

        // A second request does not begin a second wait.
        first_byte.sending().sent();
        let second = first_byte.sending();
        first_byte.received(Instant::now());
        second.sent();
        assert_eq!(observed().0, 2);

        // Without an answer, there is no wait.
        first_byte.sending().sent();
        drop(first_byte);
        assert_eq!(observed().0, 2);
    }
}

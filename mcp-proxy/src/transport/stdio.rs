//! The stdio transport: newline-delimited JSON-RPC over a pair of byte streams, which a link's two tasks read and write.

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tracing::{debug, warn};

use shadowcat_metrics::labels::{Operation, Phase, Status};

use crate::jsonrpc::{Message, salvage_id};
use crate::transport::edge::{Edge, FirstReply};
use crate::transport::first_byte::Watched;
use crate::transport::lines::{Line, LineReader};
use crate::transport::{Inbox, Incoming, Link, QUEUE};

/// Starts the tasks of a link over `reader` and `writer`. `first_reply` is told of the first valid message.
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
                edge.count(Operation::Receive, Status::TooLarge);
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

        let sending = match message {
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
        edge.count(Operation::Send, Status::Ok);
    }
}

async fn write_line<W: AsyncWrite + Unpin>(writer: &mut W, line: &[u8]) -> std::io::Result<()> {
    writer.write_all(line).await?;
    writer.flush().await
}

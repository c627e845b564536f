//! What comes out of a session, on its way to the streams: who waits for it, what holds it up, and what gets lost.

use std::sync::Arc;

use shadowcat_metrics::labels::{Operation, Status};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::{debug, warn};

use super::super::history::{Event, STANDING};
use super::super::streams::{Live, Way};
use super::Client;
use crate::jsonrpc::Message;

impl Client {
    /// Sends one message of the session's on its way.
    async fn hand_out(&self, message: Message) {
        let json = self.edge.write(&message);
        let way = self.streams().way(&message, &json);
        drop(message);
        match way {
            Way::Json(asker) => self.answer(asker, &json),
            Way::Open(live, event) => {
                drop(json);
                // A stream that is read slowly holds up the session, but not for ever: without room, and without an
                // event written for that long, it is not read at all.
                let sent = tokio::select! {
                    sent = timeout(self.write_timeout, live.send(event)) => sent,
                    () = self.closed() => return,
                };
                match sent {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => debug!(session = self.id, "a stream is gone"),
                    Err(_) => {
                        warn!(session = self.id, "a client does not read its stream");
                        self.edge.count(Operation::Send, Status::Failed);
                        self.give_up(&live);
                    }
                }
            }
            Way::Waits(lost) => self.lose(&lost),
            Way::Nowhere => debug!(
                session = self.id,
                "dropping an answer that nobody waits for"
            ),
        }
    }

    pub(super) fn answer(&self, asker: tokio::sync::oneshot::Sender<bytes::Bytes>, json: &[u8]) {
        // Whoever takes it counts it, before the client can have it.
        if asker.send(bytes::Bytes::copy_from_slice(json)).is_err() {
            self.edge.count(Operation::Send, Status::Failed);
        }
    }

    /// Events that no stream will carry any more.
    fn lose(&self, lost: &[Event]) {
        let written = self.streams().written;
        let unread = lost
            .iter()
            .filter(|event| event.id.stream == STANDING && event.id.number > written);
        for event in unread {
            warn!(session = self.id, event = %event.id, "the client has opened no stream; dropping the oldest event");
            self.edge.count(Operation::Send, Status::Failed);
        }
    }

    /// Lets a stream that is not read end.
    fn give_up(&self, live: &Live) {
        self.streams().cut(live);
    }
}

/// Carries what the session says to the streams, until one of them has had enough.
pub(super) async fn hand_out(mut from_session: mpsc::Receiver<Message>, ending: Ending) {
    let client = &ending.0;
    loop {
        tokio::select! {
            biased;
            () = client.closed() => break,
            message = from_session.recv() => match message {
                Some(message) => client.hand_out(message).await,
                None => break,
            }
        }
    }
}

/// Ends the session for its client when the task is over, also if it was aborted.
pub(super) struct Ending(pub(super) Arc<Client>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}

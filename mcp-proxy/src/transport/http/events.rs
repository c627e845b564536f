//! Streams of events that a server of streamable HTTP sends: what of them is handed on, and when they are opened anew.

use std::time::Duration;

use shadowcat_metrics::labels::{Operation, Status};
use tokio::time::timeout;
use tracing::debug;

use crate::jsonrpc::Id;
use crate::transport::Incoming;
use crate::transport::http::client::Body;
use crate::transport::http::link::{Streamable, answers};
use crate::transport::sse::reopen::{Reopened, reopen};
use crate::transport::sse::{Cursor, Event, EventReader, Step};

/// How long a server may take to end a stream after the answer.
const LINGER: Duration = Duration::from_secs(1);

impl Streamable {
    /// Hands on events until the answer to the request `id` has come, over as many streams as that takes.
    pub(super) async fn hand_on_events(
        &self,
        id: &Id,
        mut body: Body,
        opens: bool,
    ) -> Result<(), String> {
        let mut cursor = self.cursor();
        loop {
            let mut reader = EventReader::new(body, self.reading());
            let broken = loop {
                match reader.next(self.reading()).await {
                    Step::Event(event) => {
                        let Some(incoming) = self.read(&mut cursor, &event) else {
                            continue;
                        };
                        let is_answer = answers(&incoming, id);
                        self.deliver(incoming, opens).await;
                        if is_answer {
                            self.hand_on_rest(reader, &mut cursor).await;
                            return Ok(());
                        }
                    }
                    Step::TooLong(too_long) => {
                        self.client.edge.count(Operation::Receive, Status::TooLarge);
                        if too_long.is_none_or(|too_long| too_long == *id) {
                            let limit = self.client.edge.max_message;
                            return Err(format!("the server's answer was over {limit} bytes"));
                        }
                    }
                    Step::Garbled(reason) => self.note_garbled(&reason),
                    Step::Ended => {
                        break "the server ended the stream before its answer".to_owned();
                    }
                    Step::Broken(reason) => break format!("the stream broke off: {reason}"),
                    Step::Rested => break "nothing came over the stream for too long".to_owned(),
                }
            };
            drop(reader);
            if cursor.last_id().is_none() {
                self.client.edge.count(Operation::Receive, Status::Failed);
                return Err(broken);
            }
            let source = self.source();
            body = match reopen(&self.client, &source, &mut cursor, &self.recorder, true).await {
                Reopened::Stream(body) => body,
                lost @ (Reopened::Restarted
                | Reopened::Refused
                | Reopened::Unreachable
                | Reopened::Fruitless) => {
                    self.client.edge.count(Operation::Receive, Status::Failed);
                    if matches!(lost, Reopened::Restarted) {
                        self.stop.cancel();
                    }
                    return Err(broken);
                }
            };
        }
    }

    /// Hands on what comes after the answer, which should be the end alone: a connection can be used again only once it
    /// was read.
    async fn hand_on_rest(&self, mut reader: EventReader<Body>, cursor: &mut Cursor) {
        // An error means that the server does not end its stream, and has to be left.
        let _ = timeout(LINGER, self.hand_on_all(&mut reader, cursor)).await;
    }

    /// Hands on all events of one stream, whomever they are for.
    pub(super) async fn hand_on_all(&self, reader: &mut EventReader<Body>, cursor: &mut Cursor) {
        loop {
            match reader.next(self.reading()).await {
                Step::Event(event) => {
                    if let Some(incoming) = self.read(cursor, &event) {
                        self.deliver(incoming, false).await;
                    }
                }
                Step::TooLong(id) => {
                    self.client.edge.count(Operation::Receive, Status::TooLarge);
                    debug!(?id, "passing over an event that is too long");
                }
                Step::Garbled(reason) => self.note_garbled(&reason),
                Step::Ended | Step::Broken(_) | Step::Rested => return,
            }
        }
    }

    /// What an event brings; none if it brings nothing, or nothing new.
    fn read(&self, cursor: &mut Cursor, event: &Event) -> Option<Incoming> {
        if !cursor.advance(event, &self.recorder)
            || event.kind.as_deref().is_some_and(|kind| kind != "message")
        {
            return None;
        }
        let data = event.data.as_deref()?;
        Some(self.client.edge.read(data.as_bytes()))
    }

    fn note_garbled(&self, reason: &str) {
        self.client
            .edge
            .count(Operation::Receive, Status::Malformed);
        debug!(reason, "passing over what is no event");
    }
}

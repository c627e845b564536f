//! The stream over which a server of streamable HTTP says what nobody has asked.

use tokio::time::sleep;
use tracing::debug;

use crate::transport::http::client::{Body, ExchangeError};
use crate::transport::http::link::Streamable;
use crate::transport::sse::reopen::{OpenError, Reopened, Source, open, reopen};
use crate::transport::sse::{Cursor, EventReader};

impl Streamable {
    /// Hands on what the server says unasked, if it has a stream for that, until there is no more of it.
    pub(super) async fn listen_to_server(&self) {
        let source = self.source();
        let mut cursor = self.cursor();
        let mut body = match self.first_stream(&source, &mut cursor).await {
            Ok(body) => body,
            Err(OpenError::Expired) => return self.stop.cancel(),
            Err(error @ (OpenError::Rejected(_) | OpenError::Strange | OpenError::Failed(_))) => {
                // Most servers that have none say so with status 405.
                debug!(%error, "the server has no stream of its own");
                return;
            }
        };
        loop {
            let mut reader = EventReader::new(body, self.reading());
            self.hand_on_all(&mut reader, &mut cursor).await;
            drop(reader);
            body = loop {
                match reopen(&self.client, &source, &mut cursor, &self.recorder, true).await {
                    Reopened::Stream(body) => break body,
                    // Servers that were restarted refuse in many ways a session that they do not know.
                    Reopened::Restarted | Reopened::Refused => return self.stop.cancel(),
                    Reopened::Fruitless => return,
                    // It may come back, and the session with it.
                    Reopened::Unreachable => sleep(cursor.reconnects().wait_anew()).await,
                }
            };
        }
    }

    /// The server's stream, or its word that there is none. A server that is out of reach was not just before, when it
    /// opened the session, so it is asked until it answers. Nothing has broken off by then, so no reconnection is counted.
    async fn first_stream(&self, source: &Source, cursor: &mut Cursor) -> Result<Body, OpenError> {
        // A server may keep even the head back until there is something to say.
        let limit = self.client.settings.stream_idle;
        let mut opened = open(&self.client, source, None, limit).await;
        while let Err(OpenError::Failed(ExchangeError::Broken(reason))) = opened {
            debug!(reason, "the server's stream could not be opened");
            let wait = cursor.reconnects().next_wait();
            sleep(wait.unwrap_or_else(|| cursor.reconnects().wait_anew())).await;
            opened = open(&self.client, source, None, limit).await;
        }
        cursor.reopened();
        opened
    }
}

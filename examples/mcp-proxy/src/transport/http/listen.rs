//! The stream over which a server of streamable HTTP says what nobody has asked.

use tokio::time::sleep;
use tracing::debug;

use crate::transport::http::link::Streamable;
use crate::transport::sse::EventReader;
use crate::transport::sse::reopen::{OpenError, Reopened, open, reopen};

impl Streamable {
    /// Hands on what the server says unasked, if it has a stream for that, until there is no more of it.
    pub(super) async fn listen_to_server(&self) {
        let source = self.source();
        // A server may keep even the head back until there is something to say.
        let limit = self.client.settings.stream_idle;
        let mut body = match open(&self.client, &source, None, limit).await {
            Ok(body) => body,
            Err(OpenError::Expired) => return self.stop.cancel(),
            Err(error) => {
                // Most servers that have none say so with status 405.
                debug!(%error, "the server has no stream of its own");
                return;
            }
        };
        let mut cursor = self.cursor();
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
                    Reopened::Unreachable => {
                        sleep(cursor.reconnects().longest()).await;
                        cursor.reconnects().restart();
                    }
                }
            };
        }
    }
}

//! How far a stream was read, over all the connections that carry it one after the other.

use std::time::Instant;

use http::HeaderValue;
use shadowcat_metrics::SseRecorder;

use crate::transport::sse::dedup::{LONGEST_ID, Window};
use crate::transport::sse::frames::Event;
use crate::transport::sse::reconnect::{ReconnectPolicy, Reconnects};

/// The place in a stream from which it is to go on, and the events that need no repetition.
#[derive(Debug)]
pub struct Cursor {
    last_id: Option<HeaderValue>,
    window: Window,
    reconnects: Reconnects,
    opened: Instant,
}

impl Cursor {
    /// At the beginning of a stream that is open.
    #[must_use]
    pub fn new(window: usize, policy: ReconnectPolicy) -> Self {
        Self {
            last_id: None,
            window: Window::new(window),
            reconnects: Reconnects::new(policy),
            opened: Instant::now(),
        }
    }

    /// An event was received. True if it is to be handed on: it carries something, and has not come before. That it has
    /// is recorded with `recorder`.
    pub fn advance(&mut self, event: &Event, recorder: &SseRecorder) -> bool {
        if let Some(retry) = event.retry {
            self.reconnects.set_retry(retry);
        }
        let known_before = event
            .id
            .as_deref()
            .is_some_and(|id| self.remember(id, event.has_data()));
        if known_before {
            recorder.duplicates().inc();
        }
        let new = event.has_data() && !known_before;
        if new {
            self.reconnects.restart();
        }
        new
    }

    /// True if an event with this id was received before.
    fn remember(&mut self, id: &str, has_data: bool) -> bool {
        if id.len() > LONGEST_ID {
            return false;
        }
        // An empty id takes the last one back.
        self.last_id = match id {
            "" => None,
            id => HeaderValue::from_str(id).ok(),
        };
        // Only what is handed on can be handed on twice.
        has_data && !id.is_empty() && !self.window.insert(id)
    }

    /// The id of the last event, if the stream can be asked to go on after it.
    #[must_use]
    pub const fn last_id(&self) -> Option<&HeaderValue> {
        self.last_id.as_ref()
    }

    /// The stream is open again.
    pub fn reopened(&mut self) {
        self.opened = Instant::now();
    }

    /// The stream has broken off: begins to count attempts anew if it was open for long, though nothing came.
    pub fn broken_off(&mut self) {
        if self.opened.elapsed() >= self.reconnects.stable_after() {
            self.reconnects.restart();
        }
    }

    /// When to open it again, and when to give up.
    pub const fn reconnects(&mut self) -> &mut Reconnects {
        &mut self.reconnects
    }
}

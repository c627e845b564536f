//! Reads events from a body, and records how they come.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt;
use shadowcat_metrics::SseRecorder;
use shadowcat_metrics::labels::Phase;
use tokio::time::timeout;

use crate::jsonrpc::{Id, salvage_id};
use crate::transport::Edge;
use crate::transport::sse::frames::{Event, Framed, Frames};

/// Reads one stream, from its head to wherever it ends.
#[derive(Debug)]
pub struct EventReader<B> {
    body: B,
    frames: Frames,
    /// What was received and not looked at yet.
    rest: Bytes,
    edge: Edge,
    recorder: SseRecorder,
    longest_rest: Duration,
    /// When the last event had come.
    last: Option<Instant>,
}

/// What came next in a stream.
#[derive(Debug)]
pub enum Step {
    /// An event.
    Event(Event),
    /// An event over the limit, with the id of the message in it, if its beginning told. What comes after it can still
    /// be read.
    TooLong(Option<Id>),
    /// Bytes that are no text. What comes after them can still be read.
    Garbled(String),
    /// The end, as the server wanted it.
    Ended,
    /// The end, because the connection broke.
    Broken(String),
    /// Nothing came for too long.
    Rested,
}

impl<B: Body<Data = Bytes> + Unpin> EventReader<B>
where
    B::Error: std::fmt::Display,
{
    /// Reads the stream whose head was received just now. It may rest for at most `longest_rest`.
    pub fn new(body: B, edge: &Edge, recorder: &SseRecorder, longest_rest: Duration) -> Self {
        Self {
            body,
            frames: Frames::new(edge.pools.sse.clone(), edge.max_message, recorder.clone()),
            rest: Bytes::new(),
            edge: edge.clone(),
            recorder: recorder.clone(),
            longest_rest,
            last: None,
        }
    }

    /// What comes next.
    pub async fn next(&mut self) -> Step {
        loop {
            match self.frames.push(&mut self.rest) {
                Some(Framed::Event(event, first)) => {
                    if event.has_data() {
                        self.record(first);
                    }
                    return Step::Event(event);
                }
                Some(Framed::TooLong(head)) => return Step::TooLong(id_in(&head)),
                Some(Framed::Garbled(reason)) => return Step::Garbled(reason),
                None => {}
            }
            match timeout(self.longest_rest, self.body.frame()).await {
                Ok(Some(Ok(frame))) => self.rest = frame.into_data().unwrap_or_default(),
                Ok(Some(Err(error))) => return Step::Broken(error.to_string()),
                Ok(None) => return Step::Ended,
                Err(_) => return Step::Rested,
            }
        }
    }

    fn record(&mut self, first: Instant) {
        let now = Instant::now();
        self.recorder.events().inc();
        self.edge
            .recorder
            .phase_duration(Phase::Transfer)
            .observe(now.duration_since(first));
        if let Some(last) = self.last.replace(now) {
            self.recorder
                .idle_duration()
                .observe(first.saturating_duration_since(last));
        }
    }
}

/// The id of the message that an event was to carry. What comes before the message is the event's own fields.
fn id_in(head: &[u8]) -> Option<Id> {
    let begin = head.iter().position(|byte| *byte == b'{')?;
    salvage_id(&head[begin..])
}

impl Event {
    /// True if there is something in it to hand on. The others only change the id or the wait.
    #[must_use]
    pub fn has_data(&self) -> bool {
        self.data.as_ref().is_some_and(|data| !data.is_empty())
    }
}

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
use crate::transport::http::HttpClient;
use crate::transport::sse::frames::{Event, Framed, Frames};

/// Reads one stream, from its head to wherever it ends.
#[derive(Debug)]
pub struct EventReader<B> {
    body: B,
    frames: Frames,
    /// What was received and not looked at yet.
    rest: Bytes,
    /// When the last event had come.
    last: Option<Instant>,
}

/// What a stream is read by. It is passed to each reading instead of being kept by each stream: there is one for every
/// answer, and references to recorders that threads share have a price.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The server's side of the proxy.
    pub edge: &'a Edge,
    /// What happens is recorded with this.
    pub recorder: &'a SseRecorder,
    /// How long a stream may rest.
    pub longest_rest: Duration,
}

impl<'a> Reading<'a> {
    /// Of streams that a client has asked for.
    #[must_use]
    pub const fn of(client: &'a HttpClient, recorder: &'a SseRecorder) -> Self {
        Self {
            edge: &client.edge,
            recorder,
            longest_rest: client.settings.stream_idle,
        }
    }
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
    /// Reads the stream whose head was received just now.
    pub fn new(body: B, reading: Reading<'_>) -> Self {
        let Reading { edge, recorder, .. } = reading;
        Self {
            body,
            frames: Frames::new(edge.pools.sse.clone(), edge.max_message, recorder.clone()),
            rest: Bytes::new(),
            last: None,
        }
    }

    /// What comes next.
    pub async fn next(&mut self, reading: Reading<'_>) -> Step {
        loop {
            match self.frames.push(&mut self.rest) {
                Some(Framed::Event(event, first)) => {
                    if event.has_data() {
                        self.record(first, reading);
                    }
                    return Step::Event(event);
                }
                Some(Framed::TooLong(head)) => return Step::TooLong(id_in(&head)),
                Some(Framed::Garbled(reason)) => return Step::Garbled(reason),
                None => {}
            }
            match timeout(reading.longest_rest, self.body.frame()).await {
                Ok(Some(Ok(frame))) => self.rest = frame.into_data().unwrap_or_default(),
                Ok(Some(Err(error))) => return Step::Broken(error.to_string()),
                Ok(None) => return Step::Ended,
                Err(_) => return Step::Rested,
            }
        }
    }

    fn record(&mut self, first: Instant, reading: Reading<'_>) {
        let now = Instant::now();
        let Reading { edge, recorder, .. } = reading;
        recorder.events().inc();
        edge.recorder
            .phase_duration(Phase::Transfer)
            .observe(now.duration_since(first));
        if let Some(last) = self.last.replace(now) {
            recorder
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

//! Reads server-sent events from a body, and records them.

use std::convert::Infallible;
use std::fmt;
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::{FutureExt, StreamExt, stream};
use http_body::Body;
use http_body_util::BodyExt;
use memchr::memchr2;
use shadowcat_metrics::Instant;
use shadowcat_metrics::shadowcat::SseRecorder;
use shadowcat_metrics::shadowcat::labels::{Operation, Phase, Status};
use sse_stream::SseByteStream;
use tokio::time::timeout;
use tracing::debug;

use crate::jsonrpc::{Id, salvage_id};
use crate::pool::{BytesPool, PooledBuffer};
use crate::transport::Edge;
use crate::transport::client::HttpClient;

/// Reads one stream from its head to its end.
#[derive(Debug)]
pub struct EventReader<B> {
    body: B,
    frames: Frames,
    /// Received bytes that are not parsed yet.
    rest: Bytes,
    /// When the last event arrived.
    last: Option<Instant>,
}

/// The context for reading a stream. Each call passes it instead of each stream keeping it: every answer has
/// a stream, and cloning shared recorders has a cost.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The edge to the server.
    pub edge: &'a Edge,
    /// The recorder for events.
    pub recorder: &'a SseRecorder,
    /// Longest silence of a stream.
    pub longest_rest: Duration,
}

impl<'a> Reading<'a> {
    /// Creates the context for a client's streams.
    #[must_use]
    pub const fn of(client: &'a HttpClient, recorder: &'a SseRecorder) -> Self {
        Self {
            edge: &client.edge,
            recorder,
            longest_rest: client.settings.stream_idle,
        }
    }
}

/// The next item in a stream.
#[derive(Debug)]
pub enum Step {
    /// An event.
    Event(Event),
    /// An event over the limit, with the id of its message if that was found in the beginning. Later events
    /// can still be read.
    TooLong(Option<Id>),
    /// The end of the stream, closed by the server.
    Ended,
    /// The end of the stream, because the connection broke.
    Broken(String),
    /// The stream was silent for too long.
    Rested,
}

impl<B: Body<Data = Bytes> + Unpin> EventReader<B>
where
    B::Error: std::fmt::Display,
{
    /// Creates the reader of a stream whose head was just received.
    pub fn new(body: B, reading: Reading<'_>) -> Self {
        let Reading { edge, recorder, .. } = reading;
        Self {
            body,
            frames: Frames::new(edge.pools.sse.clone(), edge.max_message, recorder.clone()),
            rest: Bytes::new(),
            last: None,
        }
    }

    /// Waits for the next item. Bytes that are not valid text are counted and skipped.
    pub async fn next(&mut self, reading: Reading<'_>) -> Step {
        loop {
            match self.frames.push(&mut self.rest) {
                Some(Framed::Event(event, first)) => {
                    if event.has_data() {
                        self.record(first, reading);
                    }
                    return Step::Event(event);
                }
                Some(Framed::TooLong(head)) => {
                    reading.edge.count(Operation::Receive, Status::TooLarge);
                    return Step::TooLong(id_in(&head));
                }
                Some(Framed::Garbled(reason)) => {
                    reading.edge.count(Operation::Receive, Status::Malformed);
                    debug!(reason, "skipping an invalid event");
                    continue;
                }
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
            .observe(now.since(first));
        if let Some(last) = self.last.replace(now) {
            recorder.idle_duration().observe(first.since(last));
        }
    }
}

/// Returns the id of the message in an incomplete event. The event's own fields precede the message.
fn id_in(head: &[u8]) -> Option<Id> {
    let begin = head.iter().position(|byte| *byte == b'{')?;
    salvage_id(&head[begin..])
}

impl Event {
    /// Returns whether the event has data. Other events only change the id or the delay.
    #[must_use]
    pub fn has_data(&self) -> bool {
        self.data.as_ref().is_some_and(|data| !data.is_empty())
    }
}

/// Size limit for the parts of an event other than its data, in bytes.
const OVERHEAD: usize = 8 * 1024;

/// Bytes to keep of an overlong event.
const HEAD: usize = 1024;

/// An event. One that only changes the id or the delay has no data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The type of the event, or `None` for the default, `message`.
    pub kind: Option<String>,
    /// The data.
    pub data: Option<String>,
    /// The id.
    pub id: Option<String>,
    /// How long the client should wait before it reopens the stream.
    pub retry: Option<Duration>,
}

/// A parsed item.
#[derive(Debug)]
pub enum Framed {
    /// An event, and when its first byte arrived.
    Event(Event, Instant),
    /// The beginning of an event over the limit, whose rest will be skipped.
    TooLong(Vec<u8>),
    /// Bytes that are not valid text.
    Garbled(String),
}

/// Splits a stream into events.
pub struct Frames {
    pool: BytesPool,
    limit: usize,
    recorder: SseRecorder,
    /// The lines of the incomplete event, each with a line feed.
    block: Option<Block>,
    line: Line,
    /// Whether the last byte was a carriage return, so that a following line feed belongs to it.
    after_return: bool,
    /// Whether the rest of the current event is skipped.
    skipping: bool,
    /// Whether no line has ended yet, so that a byte-order mark is allowed.
    at_beginning: bool,
    /// Size of `block` as recorded in the gauge.
    held: usize,
}

struct Block {
    bytes: PooledBuffer,
    first: Instant,
    /// Whether it is the first one, so that a byte-order mark is allowed.
    is_first: bool,
}

/// The state of the current line.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Empty,
    Comment,
    Field,
}

impl Frames {
    /// Creates a splitter for events with up to `limit` bytes of data.
    #[must_use]
    pub fn new(pool: BytesPool, limit: usize, recorder: SseRecorder) -> Self {
        Self {
            pool,
            limit: limit.saturating_add(OVERHEAD),
            recorder,
            block: None,
            line: Line::Empty,
            after_return: false,
            skipping: false,
            at_beginning: true,
            held: 0,
        }
    }

    /// Consumes bytes up to the end of the next item, or all of them if no item is complete.
    pub fn push(&mut self, bytes: &mut Bytes) -> Option<Framed> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_return) && bytes[0] == b'\n' {
                bytes.advance(1);
                continue;
            }
            let end = memchr2(b'\n', b'\r', bytes);
            let piece = bytes.split_to(end.unwrap_or(bytes.len()));
            if !piece.is_empty()
                && let Some(too_long) = self.extend(&piece)
            {
                return Some(too_long);
            }
            if end.is_some() {
                self.after_return = bytes.get_u8() == b'\r';
                if let Some(framed) = self.end_line() {
                    return Some(framed);
                }
            }
        }
        self.record_held();
        None
    }

    /// Adds a piece of the current line.
    fn extend(&mut self, piece: &[u8]) -> Option<Framed> {
        if self.line == Line::Empty {
            self.line = if piece[0] == b':' {
                Line::Comment
            } else {
                Line::Field
            };
        }
        if self.line == Line::Comment || self.skipping {
            return None;
        }
        let (pool, is_first) = (&self.pool, self.at_beginning);
        let block = self.block.get_or_insert_with(|| Block {
            bytes: pool.take(),
            first: Instant::now(),
            is_first,
        });
        let size = block.bytes.len() + piece.len();
        if size > self.limit {
            let mut head = block.bytes[..block.bytes.len().min(HEAD)].to_vec();
            head.extend_from_slice(&piece[..piece.len().min(HEAD - head.len())]);
            self.recorder.event_size().observe(size);
            self.block = None;
            self.skipping = true;
            self.record_held();
            return Some(Framed::TooLong(head));
        }
        block.bytes.extend_from_slice(piece);
        None
    }

    fn end_line(&mut self) -> Option<Framed> {
        self.at_beginning = false;
        match std::mem::replace(&mut self.line, Line::Empty) {
            Line::Comment => None,
            Line::Field => {
                if let Some(block) = &mut self.block {
                    block.bytes.push(b'\n');
                }
                None
            }
            Line::Empty => {
                self.skipping = false;
                let mut block = self.block.take()?;
                block.bytes.push(b'\n');
                self.recorder.event_size().observe(block.bytes.len());
                let framed = parse(block);
                self.record_held();
                framed
            }
        }
    }

    fn record_held(&mut self) {
        let held = self.block.as_ref().map_or(0, |block| block.bytes.len());
        if held > self.held {
            self.recorder.buffer().add(held - self.held);
        } else if held < self.held {
            self.recorder.buffer().sub(self.held - held);
        }
        self.held = held;
    }
}

/// Returns `None` if the lines form no event, as with unknown fields only.
fn parse(mut block: Block) -> Option<Framed> {
    // The parser strips a byte-order mark from its first line, but only the first line of the stream may have one.
    if !block.is_first && block.bytes.starts_with("\u{feff}".as_bytes()) {
        block.bytes.insert(0, b'\n');
    }
    let bytes: &[u8] = &block.bytes;
    let mut events = SseByteStream::new(stream::iter([Ok::<_, Infallible>(bytes)]));
    // All input is available, so the parser never has to wait.
    match events.next().now_or_never()?? {
        Ok(event) => {
            let event = Event {
                kind: event.event,
                data: event.data,
                id: event.id,
                retry: event.retry.map(Duration::from_millis),
            };
            Some(Framed::Event(event, block.first))
        }
        Err(error) => Some(Framed::Garbled(error.to_string())),
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.block = None;
        self.record_held();
    }
}

impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames")
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shadowcat_metrics::shadowcat::Metrics;

    use super::*;
    use crate::pool::Pools;

    fn frames(metrics: &Metrics, limit: usize) -> Frames {
        let server = metrics.server("tested");
        Frames::new(Pools::new(metrics).sse, limit, metrics.sse(&server))
    }

    fn read(frames: &mut Frames, pieces: &[&[u8]]) -> Vec<Event> {
        let mut events = Vec::new();
        for piece in pieces {
            let mut bytes = Bytes::copy_from_slice(piece);
            while let Some(framed) = frames.push(&mut bytes) {
                match framed {
                    Framed::Event(event, _) => events.push(event),
                    Framed::TooLong(_) | Framed::Garbled(_) => panic!("{framed:?}"),
                }
            }
        }
        events
    }

    /// The rules of the HTML standard, section 9.2.6, applied to a complete text.
    fn oracle(text: &str) -> Vec<Event> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut lines: Vec<&str> = text.split('\n').collect();
        // Text after the last line break is not a line.
        lines.pop();
        let nothing = Event {
            kind: None,
            data: None,
            id: None,
            retry: None,
        };
        let mut events = Vec::new();
        let mut event = nothing.clone();
        for line in lines {
            if line.is_empty() {
                if event != nothing {
                    events.push(std::mem::replace(&mut event, nothing.clone()));
                }
                continue;
            }
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match name {
                "event" => event.kind = Some(value.to_owned()),
                "data" => {
                    event.data = Some(match event.data.take() {
                        Some(data) => data + "\n" + value,
                        None => value.to_owned(),
                    });
                }
                "id" if !value.contains('\0') => event.id = Some(value.to_owned()),
                "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                    if let Ok(retry) = value.parse() {
                        event.retry = Some(Duration::from_millis(retry));
                    }
                }
                _ => {}
            }
        }
        events
    }

    fn line() -> impl Strategy<Value = String> {
        let name = prop_oneof![
            4 => Just("data"), 2 => Just("id"), 1 => Just("event"), 1 => Just("retry"),
            1 => Just(""), 1 => Just("other"), 1 => Just("\u{feff}data"),
        ];
        let colon = prop_oneof![Just(":"), Just(": "), Just("")];
        let value = prop_oneof![Just("7"), Just(""), Just("é{}"), Just("a:b"), Just(" \0")];
        let end = prop_oneof![
            Just("\n"),
            Just("\r"),
            Just("\r\n"),
            Just("\n\n"),
            Just("\r\r\n")
        ];
        (name, colon, value, end)
            .prop_map(|(name, colon, value, end)| format!("{name}{colon}{value}{end}"))
    }

    proptest! {
        #[test]
        fn any_chunking_of_a_stream_yields_the_same_events(
            lines in prop::collection::vec(line(), 0..24),
            cuts in prop::collection::vec(0_usize..400, 0..12),
        ) {
            let text = lines.concat();
            let bytes = text.as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut % (bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect();

            let metrics = Metrics::new();
            let mut cut = frames(&metrics, 1000);
            prop_assert_eq!(read(&mut cut, &pieces), oracle(&text));
            let held = metrics.snapshot().sse("tested").buffer();
            prop_assert_eq!(usize::try_from(held), Ok(cut.held));
            drop(cut);
            prop_assert_eq!(metrics.snapshot().sse("tested").buffer(), 0);
            prop_assert_eq!(metrics.snapshot().buffer_pool(shadowcat_metrics::shadowcat::labels::Pool::Sse).in_use(), 0);
        }
    }

    #[test]
    fn an_event_over_the_limit_is_skipped_without_buffering() {
        let metrics = Metrics::new();
        let mut frames = frames(&metrics, 100);
        let mut found = Vec::new();
        let mut most = 0;
        let huge = vec![b'x'; 64 * 1024];
        let pieces = std::iter::once(&b"data: 1\n\ndata: {\"id\":7,"[..])
            .chain(std::iter::repeat_n(&huge[..], 1600))
            .chain([&b"\ndata: still the same\n\nda"[..], b"ta: 2\n\n"]);
        for piece in pieces {
            let mut bytes = Bytes::copy_from_slice(piece);
            while let Some(framed) = frames.push(&mut bytes) {
                found.push(framed);
            }
            most = most.max(metrics.snapshot().sse("tested").buffer());
        }
        let [
            Framed::Event(one, _),
            Framed::TooLong(head),
            Framed::Event(two, _),
        ] = &found[..]
        else {
            panic!("{found:?}");
        };
        assert_eq!(
            (one.data.as_deref(), two.data.as_deref()),
            (Some("1"), Some("2"))
        );
        assert!(head.starts_with(b"data: {\"id\":7,xxx") && head.len() == HEAD);
        assert!(most < 200, "{most}");
        let recorded = metrics.snapshot();
        assert_eq!(recorded.sse("tested").buffer(), 0);
        assert_eq!(
            recorded
                .buffer_pool(shadowcat_metrics::shadowcat::labels::Pool::Sse)
                .in_use(),
            0
        );
    }

    #[test]
    fn comments_are_not_buffered_and_invalid_text_is_reported() {
        let metrics = Metrics::new();
        let mut frames = frames(&metrics, 10);
        for _ in 0..10_000 {
            assert!(
                frames
                    .push(&mut Bytes::from_static(b": still here\n: "))
                    .is_none()
            );
            assert_eq!(frames.held, 0);
        }
        let mut bytes = Bytes::from_static(b"\n\ndata: \xff\xfe\n\ndata: 1\n\n");
        assert!(matches!(frames.push(&mut bytes), Some(Framed::Garbled(_))));
        assert!(matches!(frames.push(&mut bytes), Some(Framed::Event(..))));
    }
}

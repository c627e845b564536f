//! From bytes to events. Lines are collected here, within a limit, until an empty one ends the event; what the lines
//! mean is left to the parser, which has no limit of its own.

use std::convert::Infallible;
use std::fmt;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use futures_util::{FutureExt, StreamExt, stream};
use memchr::memchr2;
use shadowcat_metrics::SseRecorder;
use sse_stream::SseByteStream;

use crate::pool::{BytesPool, PooledBuffer};

/// Room for all of an event that is not its data, in bytes.
const OVERHEAD: usize = 8 * 1024;

/// How much is kept of an event that is too long, in bytes.
const HEAD: usize = 1024;

/// One event, or something that came where one should be: a change of the id or of the wait alone has no data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What kind of event it is; `message` if the server has not said.
    pub kind: Option<String>,
    /// What it carries.
    pub data: Option<String>,
    /// Its id.
    pub id: Option<String>,
    /// How long the server wants the client to wait before it opens the stream again.
    pub retry: Option<Duration>,
}

/// What came out of bytes.
#[derive(Debug)]
pub enum Framed {
    /// An event, and when its first byte came.
    Event(Event, Instant),
    /// An event over the limit; its beginning is here, and the rest of it will be skipped.
    TooLong(Vec<u8>),
    /// Bytes that are no text.
    Garbled(String),
}

/// Collects the lines of one stream.
pub struct Frames {
    pool: BytesPool,
    limit: usize,
    recorder: SseRecorder,
    /// The event that is not complete yet: its lines, each with a line feed.
    block: Option<Block>,
    line: Line,
    /// The last byte was a carriage return, so that a line feed now would belong to it.
    after_return: bool,
    /// The rest of the event that is underway is passed over.
    skipping: bool,
    /// No line has ended yet; a byte-order mark may come.
    at_beginning: bool,
    /// Bytes of `block` as recorded.
    held: usize,
}

struct Block {
    bytes: PooledBuffer,
    first: Instant,
}

/// What is known of the line that is underway.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Empty,
    Comment,
    Field,
}

impl Frames {
    /// Events with at most `limit` bytes of data.
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

    /// Takes bytes up to the end of what can be handed on, or all of them if there is nothing yet.
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

    /// More of the line that is underway.
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
        let (pool, at_beginning) = (&self.pool, self.at_beginning);
        let block = self.block.get_or_insert_with(|| Block {
            bytes: begin_block(pool, at_beginning),
            first: Instant::now(),
        });
        if block.bytes.len() + piece.len() > self.limit {
            let mut head = block.bytes[..block.bytes.len().min(HEAD)].to_vec();
            head.extend_from_slice(&piece[..piece.len().min(HEAD - head.len())]);
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
                let framed = parse(&block);
                drop(block);
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

/// A parser takes a byte-order mark off the first line that it sees, which may be the stream's first line alone.
fn begin_block(pool: &BytesPool, at_beginning: bool) -> PooledBuffer {
    let mut bytes = pool.take();
    if !at_beginning {
        bytes.push(b'\n');
    }
    bytes
}

/// None if the lines make no event, as unknown fields do not.
fn parse(block: &Block) -> Option<Framed> {
    let bytes: &[u8] = &block.bytes;
    let mut events = SseByteStream::new(stream::iter([Ok::<_, Infallible>(bytes)]));
    // All there is to wait for is here.
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
mod tests;

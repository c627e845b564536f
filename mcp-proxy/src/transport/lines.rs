//! Lines of bounded length, read through pooled buffers.

use std::fmt;
use std::sync::Arc;

use memchr::memchr;
use shadowcat_metrics::Instant;
use tokio::io;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::pool::{BytesPool, PooledBuffer};
use crate::transport::stdio::FirstByte;

/// Capacity reserved for each read, in bytes. It also limits how much is kept of an overlong line.
const CHUNK: usize = 8 * 1024;

/// Reads lines. It holds one pooled buffer while it waits.
pub struct LineReader<R> {
    reader: R,
    pool: BytesPool,
    limit: usize,
    buffer: PooledBuffer,
    /// Start of the next line in `buffer`.
    begin: usize,
    /// End of the part of `buffer` that was searched for a line break.
    searched: usize,
    /// When the first byte of the next line was read.
    first: Instant,
    /// When the last bytes were read.
    last: Instant,
    /// The wait that each read ends.
    first_byte: Option<Arc<FirstByte>>,
    /// Whether the rest of a line over the limit is still to be skipped.
    skips: bool,
    ended: bool,
}

/// A line without its line break.
#[derive(Debug)]
pub enum Line<'a> {
    /// A line within the limit.
    Whole {
        /// Its bytes.
        bytes: &'a [u8],
        /// When its first byte was read.
        first: Instant,
        /// When its last byte was read.
        last: Instant,
        /// Whether a line break follows. Otherwise, it is the last line, and may be cut off.
        is_ended: bool,
    },
    /// A line over the limit, as soon as it exceeds it. The rest is skipped.
    TooLong {
        /// Its beginning.
        head: Vec<u8>,
    },
}

/// The position of a line in the buffer.
enum Found {
    Line(std::ops::Range<usize>),
    TooLong,
    End,
}

impl<R: AsyncRead + Unpin> LineReader<R> {
    /// Creates a reader of lines with at most `limit` bytes.
    pub fn new(reader: R, pool: BytesPool, limit: usize) -> Self {
        let now = Instant::now();
        let buffer = pool.take();
        Self {
            reader,
            pool,
            limit,
            buffer,
            begin: 0,
            searched: 0,
            first: now,
            last: now,
            first_byte: None,
            skips: false,
            ended: false,
        }
    }

    /// Lets each read end the wait for a first byte.
    pub(super) fn with_first_byte(self, first_byte: Option<Arc<FirstByte>>) -> Self {
        Self { first_byte, ..self }
    }

    /// Returns the next line, or `None` at the end. The last line needs no line break.
    ///
    /// # Errors
    ///
    /// If reading fails.
    pub async fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        if self.skips {
            self.skip_line().await?;
            self.skips = false;
        }
        match self.find().await? {
            Found::Line(range) => Ok(Some(Line::Whole {
                bytes: &self.buffer[range],
                first: self.first,
                last: self.last,
                is_ended: self.buffer[..self.begin].ends_with(b"\n"),
            })),
            Found::TooLong => {
                let head = self.buffer[self.begin..][..CHUNK.min(self.limit)].to_vec();
                self.skips = true;
                Ok(Some(Line::TooLong { head }))
            }
            Found::End => Ok(None),
        }
    }

    async fn find(&mut self) -> io::Result<Found> {
        if self.begin > 0 && self.begin == self.buffer.len() {
            self.renew_buffer();
        }
        // The bytes after the previous line arrived with the last read.
        self.first = self.last;
        loop {
            if let Some(offset) = memchr(b'\n', &self.buffer[self.searched..]) {
                let end = self.searched + offset;
                if end - self.begin > self.limit {
                    return Ok(Found::TooLong);
                }
                return Ok(Found::Line(self.take_line(end, end + 1)));
            }
            self.searched = self.buffer.len();
            if self.searched - self.begin > self.limit {
                return Ok(Found::TooLong);
            }
            if self.ended {
                let end = self.buffer.len();
                return Ok(if self.begin == end {
                    Found::End
                } else {
                    Found::Line(self.take_line(end, end))
                });
            }
            self.read_more().await?;
        }
    }

    /// Marks the line that ends at `end` as read, and returns its range without a carriage return.
    fn take_line(&mut self, end: usize, next: usize) -> std::ops::Range<usize> {
        let begin = std::mem::replace(&mut self.begin, next);
        self.searched = next;
        let end = if self.buffer[begin..end].ends_with(b"\r") {
            end - 1
        } else {
            end
        };
        begin..end
    }

    async fn read_more(&mut self) -> io::Result<()> {
        if self.begin > 0 {
            self.buffer.drain(..self.begin);
            self.searched -= self.begin;
            self.begin = 0;
        }
        let was_empty = self.buffer.is_empty();
        self.buffer.reserve(CHUNK);
        self.ended = self.reader.read_buf(&mut *self.buffer).await? == 0;
        if self.ended {
            return Ok(());
        }
        self.last = Instant::now();
        if was_empty {
            self.first = self.last;
        }
        if let Some(first_byte) = &self.first_byte {
            first_byte.received(self.last);
        }
        Ok(())
    }

    /// Reads past the end of the line and discards it.
    async fn skip_line(&mut self) -> io::Result<()> {
        loop {
            if let Some(offset) = memchr(b'\n', &self.buffer[self.searched..]) {
                self.begin = self.searched + offset + 1;
                self.searched = self.begin;
                return Ok(());
            }
            self.begin = self.buffer.len();
            self.searched = self.begin;
            if self.ended {
                return Ok(());
            }
            self.read_more().await?;
        }
    }

    /// Returns the buffer, which may have grown, and waits for the next line with another one.
    fn renew_buffer(&mut self) {
        self.buffer = self.pool.take();
        self.begin = 0;
        self.searched = 0;
    }
}

impl<R> fmt::Debug for LineReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LineReader")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics::shadowcat::Metrics;
    use tokio::io::AsyncWriteExt;

    use super::*;
    use crate::pool::Pools;

    async fn lines_of(input: &[u8], limit: usize, chunk: usize) -> Vec<String> {
        let (mut writer, reader) = io::duplex(chunk);
        let input = input.to_vec();
        let writing = tokio::spawn(async move { writer.write_all(&input).await });
        let mut lines = LineReader::new(reader, Pools::new(&Metrics::disabled()).stdio, limit);
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.expect("reading from memory") {
            found.push(match line {
                Line::Whole {
                    bytes,
                    first,
                    last,
                    is_ended,
                } => {
                    assert!(first <= last);
                    let end = if is_ended { "" } else { " (last)" };
                    format!("{}{end}", String::from_utf8_lossy(bytes))
                }
                Line::TooLong { head } => format!("too long: {}", String::from_utf8_lossy(&head)),
            });
        }
        writing.await.expect("no panic").expect("writing to memory");
        found
    }

    #[tokio::test]
    async fn lines_are_reassembled_from_any_chunks() {
        for chunk in [1, 2, 3, 7, 4096] {
            assert_eq!(
                lines_of(b"one\n\ntwo\r\nthree", 10, chunk).await,
                ["one", "", "two", "three (last)"]
            );
        }
    }

    #[tokio::test]
    async fn a_line_over_the_limit_is_skipped_and_the_next_one_is_read() {
        for chunk in [1, 5, 4096] {
            let found = lines_of(b"12345678\n123456789abcdef\nok\n123456789", 8, chunk).await;
            assert_eq!(
                found,
                ["12345678", "too long: 12345678", "ok", "too long: 12345678"]
            );
        }
    }

    #[tokio::test]
    async fn skipped_lines_do_not_grow_the_buffer() {
        let (mut writer, reader) = io::duplex(4096);
        let writing = tokio::spawn(async move { writer.write_all(&vec![b'x'; 1 << 20]).await });
        let mut lines = LineReader::new(reader, Pools::new(&Metrics::disabled()).stdio, 100);
        // It is reported before its end.
        assert!(matches!(lines.next().await, Ok(Some(Line::TooLong { .. }))));
        assert!(!writing.is_finished());
        assert!(matches!(lines.next().await, Ok(None)));
        assert!(lines.buffer.capacity() < 64 * 1024);
        writing.await.expect("no panic").expect("writing to memory");
    }
}

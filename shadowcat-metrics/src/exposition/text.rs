//! The page under construction, and the pieces of text that its lines are copied from.

use super::number::{INTEGER_ROOM, write_unsigned};

/// Text that grows at the front of a buffer. The buffer's old contents stay behind it until [`Text::finish`], so that a
/// reused buffer needs neither clearing nor, as a rule, growing.
#[derive(Debug, Default)]
pub(super) struct Text {
    buffer: Vec<u8>,
    len: usize,
}

/// Copies of pieces move this many bytes, unless a piece is longer.
const CHUNK: usize = 64;

/// Bytes that follow a piece, because copies of it read a whole chunk.
const PADDING: usize = CHUNK;

/// The room behind a piece is enough for an integer and the end of the line.
const _: () = assert!(INTEGER_ROOM <= PADDING);

/// One piece of text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'t> {
    /// The piece and at least [`PADDING`] bytes after it, unless it is empty.
    padded: &'t [u8],
    len: usize,
}

/// Pieces of text in one allocation.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    text: Vec<u8>,
    /// Where each piece ends.
    ends: Vec<usize>,
}

impl Text {
    pub(super) const fn over(buffer: Vec<u8>) -> Self {
        Self { buffer, len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Removes what was written after the first `len` bytes.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Room to write into, of `size` bytes or more; [`Text::advance`] says how many were written.
    #[inline]
    pub(super) fn room(&mut self, size: usize) -> &mut [u8] {
        if self.buffer.len() - self.len < size {
            self.grow(size);
        }
        &mut self.buffer[self.len..]
    }

    #[inline]
    pub(super) fn advance(&mut self, written: usize) {
        self.len = (self.len + written).min(self.buffer.len());
    }

    #[inline]
    pub(super) fn push(&mut self, text: &[u8]) {
        self.room(text.len())[..text.len()].copy_from_slice(text);
        self.advance(text.len());
    }

    #[inline]
    pub(super) fn push_piece(&mut self, piece: Piece<'_>) {
        piece.copy_to::<32>(self.room(piece.len + PADDING));
        self.advance(piece.len);
    }

    /// Appends three pieces: the front of a sample line.
    #[inline]
    pub(super) fn push_front(&mut self, front: [Piece<'_>; 3]) {
        let (_, len) = self.copy_front(front);
        self.advance(len);
    }

    /// Appends a sample line whose value is an integer: most lines of a page.
    #[expect(
        clippy::inline_always,
        reason = "most lines of a page: a call costs a tenth of them"
    )]
    #[inline(always)]
    pub(super) fn push_line(&mut self, front: [Piece<'_>; 3], value: u64) {
        let (rest, len) = self.copy_front(front);
        if let Some(number) = rest.first_chunk_mut() {
            let digits = write_unsigned(number, value);
            number[digits] = b'\n';
            self.advance(len + digits + 1);
        }
    }

    /// Copies three pieces, and returns the room behind them and their length.
    #[expect(
        clippy::inline_always,
        reason = "most lines of a page: a call costs a tenth of them"
    )]
    #[inline(always)]
    fn copy_front(&mut self, [name, labels, own]: [Piece<'_>; 3]) -> (&mut [u8], usize) {
        let len = name.len + labels.len + own.len;
        let room = self.room(len + PADDING);
        name.copy_to::<32>(room);
        let room = &mut room[name.len..];
        labels.copy_to::<32>(room);
        let room = &mut room[labels.len..];
        own.copy_to::<16>(room);
        (&mut room[own.len..], len)
    }

    /// Makes room for what copies of a piece read beyond its end.
    pub(super) fn pad(&mut self) {
        self.room(PADDING);
    }

    /// The whole text, which must be padded.
    pub(super) fn as_piece(&self) -> Piece<'_> {
        Piece {
            padded: &self.buffer,
            len: self.len,
        }
    }

    /// Lengthens the buffer by a step, or more if that is too small. A page is seldom longer than the one before, so
    /// zeroing a large reserve would be wasted. (The vector doubles its memory when it has to.)
    #[cold]
    #[inline(never)]
    fn grow(&mut self, size: usize) {
        const STEP: usize = 4096;
        self.buffer.resize(self.len + size.max(STEP), 0);
    }

    /// The buffer with what was written, and nothing else.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.buffer.truncate(self.len);
        self.buffer
    }
}

impl Pieces {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds the piece that `write` appends to its argument.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.text.truncate(self.end(self.len()));
        write(&mut self.text);
        self.ends.push(self.text.len());
        self.text.extend([0; PADDING]);
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> Piece<'_> {
        let start = self.end(index);
        Piece {
            padded: self.text.get(start..).unwrap_or_default(),
            len: self.end(index + 1).saturating_sub(start),
        }
    }

    pub(super) fn last(&self) -> Piece<'_> {
        self.get(self.len().saturating_sub(1))
    }

    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    #[inline]
    pub(super) fn iter(&self) -> impl Iterator<Item = Piece<'_>> {
        self.range(0, self.len())
    }

    /// The pieces from `first` to the one before `end`.
    #[inline]
    pub(super) fn range(&self, first: usize, end: usize) -> impl Iterator<Item = Piece<'_>> {
        let mut start = self.end(first);
        let ends = self.ends.get(first..end).unwrap_or_default();
        ends.iter().map(move |end| {
            let piece = Piece {
                padded: &self.text[start..],
                len: end - start,
            };
            start = *end;
            piece
        })
    }

    /// The end of the first `pieces` pieces, in bytes.
    #[inline]
    fn end(&self, pieces: usize) -> usize {
        match pieces.checked_sub(1) {
            Some(last) => self.ends.get(last).copied().unwrap_or_default(),
            None => 0,
        }
    }
}

impl Piece<'_> {
    /// Copies the piece: nearly always as `SHORT` bytes or one chunk, without a call or a loop. The bytes beyond its end
    /// will be overwritten.
    #[inline]
    fn copy_to<const SHORT: usize>(self, room: &mut [u8]) {
        if self.len <= SHORT
            && let (Some(to), Some(from)) = (
                room.first_chunk_mut::<SHORT>(),
                self.padded.first_chunk::<SHORT>(),
            )
        {
            *to = *from;
        } else if self.len <= CHUNK
            && let (Some(to), Some(from)) = (
                room.first_chunk_mut::<CHUNK>(),
                self.padded.first_chunk::<CHUNK>(),
            )
        {
            *to = *from;
        } else {
            self.copy_long(room);
        }
    }

    #[cold]
    #[inline(never)]
    fn copy_long(self, room: &mut [u8]) {
        if let (Some(to), Some(from)) = (room.get_mut(..self.len), self.padded.get(..self.len)) {
            to.copy_from_slice(from);
        }
    }
}

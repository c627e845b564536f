//! A page that is being written over what its buffer held before.

use super::number::{INTEGER_ROOM, write_unsigned};

/// Text that grows at the front of a buffer. What is left of the buffer's old contents stays behind it until
/// [`Text::finish`], so that a buffer that is used again needs neither clearing nor, as a rule, growing.
pub(super) struct Text<'b> {
    buffer: &'b mut Vec<u8>,
    len: usize,
}

/// What a copy of padded text moves at a time. Nearly all lines take as many chunks of this size as the line before, which
/// the processor learns.
const CHUNK: usize = 64;

/// How much longer a buffer gets when it is too short.
const STEP: usize = 4096;

/// Bytes that must follow a text that is copied by [`Text::push_padded`] or [`Text::push_line`].
pub(super) const PADDING: usize = CHUNK;

/// What is made room for behind a padded text is enough for an integer and a line's end.
const _: () = assert!(INTEGER_ROOM <= PADDING);

impl<'b> Text<'b> {
    pub(super) fn over(buffer: &'b mut Vec<u8>) -> Self {
        Self { buffer, len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Takes back what was written after the first `len` bytes.
    pub(super) fn cut_back(&mut self, len: usize) {
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

    /// Appends the first `len` bytes of a text with [`PADDING`] behind them.
    #[inline]
    pub(super) fn push_padded(&mut self, text: &[u8], len: usize) {
        copy_padded(self.room(len + PADDING), text, len);
        self.advance(len);
    }

    /// Appends the first `len` bytes of a padded text, an integer and a line's end: most lines of a page, in one step.
    #[inline]
    pub(super) fn push_line(&mut self, text: &[u8], len: usize, value: u64) {
        let room = self.room(len + PADDING);
        copy_padded(room, text, len);
        if let Some(number) = room[len..].first_chunk_mut() {
            let digits = write_unsigned(number, value);
            number[digits] = b'\n';
            self.advance(len + digits + 1);
        }
    }

    /// Lengthens the buffer by a step, or more if that is too small. What is beyond is not touched, for it is zeroed first
    /// and a page is seldom longer than the one before. (The vector doubles its memory when it has to.)
    #[cold]
    #[inline(never)]
    fn grow(&mut self, size: usize) {
        self.buffer.resize(self.len + size.max(STEP), 0);
    }

    /// Leaves in the buffer what was written, and nothing else.
    pub(super) fn finish(self) {
        self.buffer.truncate(self.len);
    }
}

/// Copies whole chunks, without a call. What is copied beyond `len` will be written over.
#[inline]
fn copy_padded(room: &mut [u8], text: &[u8], len: usize) {
    let size = len.next_multiple_of(CHUNK);
    if let (Some(room), Some(text)) = (room.get_mut(..size), text.get(..size)) {
        let (to, _) = room.as_chunks_mut::<CHUNK>();
        let (from, _) = text.as_chunks::<CHUNK>();
        for (to, from) in to.iter_mut().zip(from) {
            *to = *from;
        }
    }
}

//! The page under construction, and pieces of text for its lines.

use super::number::{Formatted, INTEGER_SIZE, write_unsigned};

/// Text that grows at the front of a buffer. The buffer's old contents stay after it until [`Text::finish`], so that a reused
/// buffer needs no clearing and usually no growing.
#[derive(Debug, Default)]
pub(super) struct Text {
    buffer: Vec<u8>,
    len: usize,
}

/// Maximum length of a short piece. Copies of short pieces need no loop, and copy bytes after the end of the piece, too.
const SHORT: usize = 128;

/// Number of bytes after a piece, because copies read beyond its end.
const PADDING: usize = SHORT;

/// Space for three short pieces and an integer. Lengths of pieces are `u8`, so that the compiler knows that a line of short
/// pieces fits.
const WINDOW: usize = 1024;
const _: () = assert!(2 * u8::MAX as usize + SHORT <= WINDOW);
const _: () = assert!(3 * u8::MAX as usize + INTEGER_SIZE <= WINDOW);

/// A piece of a line: any [`Piece`], or a [`Short`] one.
pub(super) trait Part<'t>: Copy + From<Piece<'t>> {
    /// Appends three pieces: the front of a sample line.
    fn push_front(out: &mut Text, front: [Self; 3]);

    /// Appends a sample line whose value is an integer: most lines of a page.
    fn push_line(out: &mut Text, front: [Self; 3], value: u64);

    /// Appends a sample line that ends with a number that was formatted before.
    fn push_formatted(out: &mut Text, front: [Self; 3], end: &Formatted);
}

/// A piece of text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'t> {
    /// The piece and the bytes after it.
    padded: &'t [u8],
    len: usize,
}

/// A piece of at most [`SHORT`] bytes.
#[derive(Clone, Copy)]
pub(super) struct Short<'t> {
    padded: &'t [u8; SHORT],
    len: u8,
}

/// Pieces of text in one allocation.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    text: Text,
    /// End of each piece.
    ends: Vec<usize>,
    longest: usize,
}

impl Text {
    pub(super) const fn over(buffer: Vec<u8>) -> Self {
        Self { buffer, len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Removes everything after the first `len` bytes.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Returns space of `size` or more bytes to write into; call [`Text::advance`] with the number written.
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

    pub(super) fn push_piece(&mut self, piece: Piece<'_>) {
        self.push(piece.text());
    }

    /// Returns space for a line of short pieces.
    #[inline]
    fn window(&mut self) -> Option<&mut [u8; WINDOW]> {
        let len = self.len;
        if self.buffer.len() < len + WINDOW {
            self.grow(WINDOW);
        }
        self.buffer.get_mut(len..)?.first_chunk_mut()
    }

    /// Adds the padding that copies of a piece read.
    pub(super) fn pad(&mut self) {
        self.room(PADDING);
    }

    /// Returns the whole text, which must be padded.
    pub(super) fn as_piece(&self) -> Piece<'_> {
        Piece {
            padded: &self.buffer,
            len: self.len,
        }
    }

    /// Grows the buffer by `size` bytes and a reserve: as much as was written, but at most a step. A page is rarely longer than
    /// the previous one, so zeroing a large reserve would be wasted. (The vector doubles its capacity when necessary.)
    #[cold]
    #[inline(never)]
    fn grow(&mut self, size: usize) {
        const STEP: usize = 4096;
        let reserve = self.len.clamp(STEP / 32, STEP);
        self.buffer.resize(self.len + size + reserve, 0);
    }

    /// Returns the buffer with only the written text.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.buffer.truncate(self.len);
        self.buffer
    }
}

impl Pieces {
    pub(super) fn clear(&mut self) {
        self.text.truncate(0);
        self.ends.clear();
        self.longest = 0;
    }

    /// Adds the piece that `write` appends to its argument. Call [`Pieces::pad`] after the last one.
    pub(super) fn add(&mut self, write: impl FnOnce(&mut Text)) {
        let start = self.text.len();
        write(&mut self.text);
        self.end_piece(start, self.text.len());
    }

    /// Adds a piece for each of some texts, between the same two other texts, without the last byte of all three.
    pub(super) fn add_between<'t, P: Part<'t>>(
        &mut self,
        (before, after): (P, P),
        texts: impl Iterator<Item = P>,
    ) {
        for text in texts {
            let start = self.text.len();
            P::push_front(&mut self.text, [before, text, after]);
            let end = self.text.len().saturating_sub(1).max(start);
            self.text.truncate(end);
            self.end_piece(start, end);
        }
    }

    #[inline]
    fn end_piece(&mut self, start: usize, end: usize) {
        self.longest = self.longest.max(end - start);
        self.ends.push(end);
    }

    /// Adds padding after the last piece, so that it can be copied as a short one.
    pub(super) fn pad(&mut self) {
        self.text.pad();
    }

    /// Returns whether all pieces are short.
    pub(super) const fn are_short(&self) -> bool {
        self.longest <= SHORT
    }

    #[inline]
    pub(super) fn get(&self, index: usize) -> Piece<'_> {
        let start = self.end(index);
        Piece {
            padded: self.text.buffer.get(start..).unwrap_or_default(),
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

    /// Returns the pieces from `first` to before `end`.
    #[inline]
    pub(super) fn range(&self, first: usize, end: usize) -> impl Iterator<Item = Piece<'_>> {
        let mut start = self.end(first);
        let ends = self.ends.get(first..end).unwrap_or_default();
        ends.iter().map(move |end| {
            let piece = Piece {
                padded: &self.text.buffer[start..],
                len: end - start,
            };
            start = *end;
            piece
        })
    }

    /// Returns the length of the first `pieces` pieces, in bytes.
    #[inline]
    fn end(&self, pieces: usize) -> usize {
        match pieces.checked_sub(1) {
            Some(last) => self.ends.get(last).copied().unwrap_or_default(),
            None => 0,
        }
    }
}

impl<'t> Piece<'t> {
    pub(super) const fn is_short(self) -> bool {
        self.len <= SHORT
    }

    fn text(self) -> &'t [u8] {
        self.padded.get(..self.len).unwrap_or_default()
    }
}

impl<'t> Part<'t> for Piece<'t> {
    fn push_front(out: &mut Text, front: [Self; 3]) {
        for piece in front {
            out.push_piece(piece);
        }
    }

    fn push_line(out: &mut Text, front: [Self; 3], value: u64) {
        Self::push_formatted(out, front, &Formatted::of(value));
    }

    fn push_formatted(out: &mut Text, front: [Self; 3], end: &Formatted) {
        Self::push_front(out, front);
        out.push(end.as_bytes());
    }
}

impl<'t> From<Piece<'t>> for Short<'t> {
    /// Converts a piece that must be short.
    #[inline]
    fn from(piece: Piece<'t>) -> Self {
        debug_assert!(piece.is_short());
        #[expect(clippy::cast_possible_truncation, reason = "it is short")]
        let len = piece.len as u8;
        piece.padded.first_chunk().map_or(
            Self {
                padded: &[0; SHORT],
                len: 0,
            },
            |padded| Self { padded, len },
        )
    }
}

impl<'t> Part<'t> for Short<'t> {
    #[inline]
    fn push_front(out: &mut Text, front: [Self; 3]) {
        if let Some(window) = out.window() {
            out.len += Self::copy_front(window, front);
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "most lines of a page: a call costs a tenth of them"
    )]
    #[inline(always)]
    fn push_line(out: &mut Text, front: [Self; 3], value: u64) {
        if let Some(window) = out.window() {
            let len = Self::copy_front(window, front);
            if let Some(number) = window[len..].first_chunk_mut() {
                let digits = write_unsigned(number, value);
                number[digits] = b'\n';
                out.len += len + digits + 1;
            }
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "most lines of a page: a call costs a tenth of them"
    )]
    #[inline(always)]
    fn push_formatted(out: &mut Text, front: [Self; 3], end: &Formatted) {
        if let Some(window) = out.window() {
            let len = Self::copy_front(window, front);
            if let Some(to) = window[len..].first_chunk_mut() {
                out.len += len + end.copy_to(to);
            }
        }
    }
}

impl Short<'_> {
    #[inline]
    fn len(self) -> usize {
        usize::from(self.len)
    }

    /// Copies three pieces. Returns their total length.
    #[expect(
        clippy::inline_always,
        reason = "most lines of a page: a call costs a tenth of them"
    )]
    #[inline(always)]
    fn copy_front(window: &mut [u8; WINDOW], [name, labels, end]: [Self; 3]) -> usize {
        let third = name.len() + labels.len();
        name.copy_to::<64>(window, 0);
        labels.copy_to::<64>(window, name.len());
        end.copy_to::<32>(window, third);
        third + end.len()
    }

    /// Copies the piece to a position: `FIRST` bytes at once, which is nearly always enough, otherwise the maximum length of a
    /// short piece.
    #[inline]
    fn copy_to<const FIRST: usize>(self, window: &mut [u8; WINDOW], at: usize) {
        window[at..at + FIRST].copy_from_slice(&self.padded[..FIRST]);
        if self.len() > FIRST {
            window[at + FIRST..at + SHORT].copy_from_slice(&self.padded[FIRST..]);
        }
    }
}

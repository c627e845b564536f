//! The page under construction, and pieces of text for its lines. Nearly all pieces are short. They are copied in blocks of a
//! fixed size, without a call.

use std::iter;

use super::number::{INTEGER_SIZE, push_unsigned, write_unsigned};

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

/// Space for two lines of short pieces, and an integer. Lengths of pieces are `u8`, so that the compiler knows that they fit.
const WINDOW: usize = 2048;
const _: () = assert!(2 * 3 * u8::MAX as usize + SHORT + INTEGER_SIZE <= WINDOW);

/// Space for a record while it is written.
const RECORD_WINDOW: usize = u8::MAX as usize + 1 + SHORT;

/// Space for lines.
type Window = [u8; WINDOW];

/// A piece of text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'t> {
    /// The piece and the bytes after it.
    padded: &'t [u8],
    len: usize,
}

/// A piece of at most [`SHORT`] bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Short<'t> {
    padded: &'t [u8; SHORT],
    len: u8,
}

/// A text of less than `N` bytes, with its length in the last byte: a copy needs no other memory.
pub(super) type Record<const N: usize> = [u8; N];

/// Records of the same size in one allocation.
#[derive(Debug, Default)]
pub(super) struct Records {
    bytes: Vec<u8>,
    len: usize,
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

    /// Appends text for each item. `write` writes into a window, and returns the number of bytes.
    #[expect(
        clippy::inline_always,
        reason = "most lines of a page: a call costs a tenth of them"
    )]
    #[inline(always)]
    fn extend<I>(
        &mut self,
        items: impl Iterator<Item = I>,
        mut write: impl FnMut(&mut Window, I) -> usize,
    ) {
        let mut rest = self.rest();
        for item in items {
            if rest.len() < WINDOW {
                let left = rest.len();
                self.len = self.buffer.len() - left;
                self.grow(WINDOW);
                rest = self.rest();
            }
            if let Some(window) = rest.first_chunk_mut() {
                let written = write(window, item);
                rest = rest.get_mut(written..).unwrap_or_default();
            }
        }
        let left = rest.len();
        self.len = self.buffer.len() - left;
    }

    #[inline]
    fn rest(&mut self) -> &mut [u8] {
        self.buffer.get_mut(self.len..).unwrap_or_default()
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
        let end = self.text.len();
        self.longest = self.longest.max(end.saturating_sub(start));
        self.ends.push(end);
    }

    /// Adds padding after the last piece, so that it can be copied as a short one.
    pub(super) fn pad(&mut self) {
        self.text.pad();
    }

    /// Returns the length of the longest piece.
    pub(super) const fn longest(&self) -> usize {
        self.longest
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

impl Records {
    pub(super) fn clear(&mut self) {
        self.len = 0;
    }

    /// Returns all records, which have `N` bytes.
    pub(super) fn all<const N: usize>(&self) -> &[Record<N>] {
        let all = self.bytes.as_chunks().0;
        all.get(..self.len).unwrap_or(all)
    }

    /// Adds a record of `N` bytes with a text that fits into it.
    pub(super) fn add<const N: usize>(&mut self, text: &[u8]) {
        let start = self.len * N;
        self.reserve(start + N);
        let record = &mut self.bytes[start..start + N];
        record[..text.len()].copy_from_slice(text);
        record[N - 1] = text.len().to_le_bytes()[0];
        self.len += 1;
    }

    /// Makes space up to a position, and for the bytes that copies write after it.
    fn reserve(&mut self, end: usize) {
        if self.bytes.len() < end + RECORD_WINDOW {
            self.bytes.resize(end + RECORD_WINDOW, 0);
        }
    }

    /// Adds a record of `N` bytes for each of `count` short pieces: the piece between others, without the last byte. They must
    /// fit into the record.
    pub(super) fn add_between<'t, const N: usize>(
        &mut self,
        [before, after]: [&[Short<'_>]; 2],
        count: usize,
        pieces: impl Iterator<Item = Short<'t>>,
    ) {
        let start = self.len * N;
        self.reserve(start + count * N);
        let mut rest = &mut self.bytes[start..];
        for piece in pieces {
            let Some(to) = rest.first_chunk_mut::<RECORD_WINDOW>() else {
                return;
            };
            let mut len = 0_u8;
            let mut add = |piece: Short<'_>| {
                piece.copy_to::<32, _>(to, usize::from(len));
                len = len.wrapping_add(piece.len);
            };
            for piece in before {
                add(*piece);
            }
            add(piece);
            for piece in after {
                add(*piece);
            }
            to[N - 1] = len.saturating_sub(1);
            rest = &mut rest[N..];
            self.len += 1;
        }
    }
}

impl<'t> Piece<'t> {
    pub(super) const fn is_short(self) -> bool {
        self.len <= SHORT
    }

    pub(super) fn text(self) -> &'t [u8] {
        self.padded.get(..self.len).unwrap_or_default()
    }
}

impl<'t> From<Piece<'t>> for Short<'t> {
    /// Converts a piece that must be short.
    #[inline]
    fn from(piece: Piece<'t>) -> Self {
        debug_assert!(piece.is_short());
        #[expect(clippy::cast_possible_truncation, reason = "it is short")]
        let len = piece.len as u8;
        piece
            .padded
            .first_chunk()
            .map_or(Self::EMPTY, |padded| Self { padded, len })
    }
}

impl Short<'_> {
    pub(super) const EMPTY: Self = Self {
        padded: &[0; SHORT],
        len: 0,
    };

    #[inline]
    pub(super) fn len(self) -> usize {
        usize::from(self.len)
    }

    /// Copies the piece to a position: `FIRST` bytes at once, which is nearly always enough, otherwise the maximum length of a
    /// short piece.
    #[inline]
    fn copy_to<const FIRST: usize, const SIZE: usize>(self, to: &mut [u8; SIZE], at: usize) {
        to[at..at + FIRST].copy_from_slice(&self.padded[..FIRST]);
        if self.len() > FIRST {
            to[at + FIRST..at + SHORT].copy_from_slice(&self.padded[FIRST..]);
        }
    }
}

/// The labels of one series as text, which lines are written with.
pub(super) trait LabelText<'t>: Copy {
    /// A name before them, or an end after them.
    type Part: Copy + From<Piece<'t>>;

    /// Appends the front of a line, up to the value.
    fn push_front(self, out: &mut Text, name: Self::Part, end: Self::Part);

    /// Appends a line with an integer for each series: most lines of a page.
    fn push_counts(
        out: &mut Text,
        around: &Around<Self::Part>,
        series: impl Iterator<Item = (Self, u64)>,
    );

    /// Appends lines with integers that differ in their ends. Equal integers in sequence are formatted only once.
    fn push_lines(
        self,
        out: &mut Text,
        front: &mut Joined,
        name: Self::Part,
        lines: impl Iterator<Item = (Self::Part, u64)>,
    );
}

/// The text around the labels of lines.
pub(super) struct Around<P> {
    pub(super) name: P,
    pub(super) end: End,
    /// The name and the end of the `_created` line that follows, with its value.
    pub(super) created: Option<(P, P)>,
}

/// The end of labels: `} `, or a space if there are none.
#[derive(Clone, Copy)]
pub(super) struct End {
    text: [u8; 2],
    len: u8,
}

impl End {
    pub(super) const fn of(has_labels: bool) -> Self {
        if has_labels {
            Self {
                text: *b"} ",
                len: 2,
            }
        } else {
            Self {
                text: *b"  ",
                len: 1,
            }
        }
    }
}

/// Space for a name and labels, which several lines start with.
pub(super) struct Joined([u8; Self::SIZE]);

impl Joined {
    const SIZE: usize = 384;

    pub(super) const fn new() -> Self {
        Self([0; Self::SIZE])
    }
}

impl<'t, const N: usize> LabelText<'t> for &'t Record<N> {
    type Part = Short<'t>;

    #[inline]
    fn push_front(self, out: &mut Text, name: Short<'t>, end: Short<'t>) {
        out.extend(iter::once(()), |window, ()| {
            let at = write_front(window, 0, name, self);
            end.copy_to::<32, _>(window, at);
            at + end.len()
        });
    }

    fn push_counts(
        out: &mut Text,
        around: &Around<Short<'t>>,
        series: impl Iterator<Item = (Self, u64)>,
    ) {
        let (name, end) = (around.name, around.end);
        let created = around.created;
        out.extend(series, |window, (labels, value)| {
            let at = write_front(window, 0, name, labels);
            window[at..at + 2].copy_from_slice(&end.text);
            let len = write_value(window, at + usize::from(end.len), value);
            let Some((name, end)) = created else {
                return len;
            };
            let at = write_front(window, len, name, labels);
            end.copy_to::<64, _>(window, at);
            at + end.len()
        });
    }

    #[inline]
    fn push_lines(
        self,
        out: &mut Text,
        Joined(front): &mut Joined,
        name: Short<'t>,
        lines: impl Iterator<Item = (Short<'t>, u64)>,
    ) {
        let len = write_front(front, 0, name, self);
        let mut number = Number::new();
        out.extend(lines, |window, (end, value)| {
            window[..64].copy_from_slice(&front[..64]);
            if len > 64 {
                window[64..128].copy_from_slice(&front[64..128]);
            }
            if len > 128 {
                window[128..Joined::SIZE].copy_from_slice(&front[128..]);
            }
            end.copy_to::<32, _>(window, len);
            let at = len + end.len();
            number.set(value);
            window[at..at + INTEGER_SIZE].copy_from_slice(&number.text);
            at + number.len
        });
    }
}

/// Writes a name and labels at a position. Returns the position after them.
#[inline]
fn write_front<const SIZE: usize, const N: usize>(
    to: &mut [u8; SIZE],
    at: usize,
    name: Short<'_>,
    labels: &Record<N>,
) -> usize {
    name.copy_to::<64, _>(to, at);
    let at = at + name.len();
    to[at..at + N].copy_from_slice(labels);
    at + usize::from(labels[N - 1])
}

/// Writes an integer and the end of the line at a position. Returns the position after them.
#[inline]
fn write_value(window: &mut Window, at: usize, value: u64) -> usize {
    let Some(to) = window[at..].first_chunk_mut() else {
        return at;
    };
    // The compiler does not know that the result is small.
    let digits = write_unsigned(to, value) % INTEGER_SIZE;
    to[digits] = b'\n';
    at + digits + 1
}

/// An integer as text, with the end of the line.
struct Number {
    value: u64,
    text: [u8; INTEGER_SIZE],
    len: usize,
}

impl Number {
    const fn new() -> Self {
        let mut text = [0; INTEGER_SIZE];
        [text[0], text[1]] = *b"0\n";
        Self {
            value: 0,
            text,
            len: 2,
        }
    }

    #[inline]
    fn set(&mut self, value: u64) {
        if value != self.value {
            let digits = write_unsigned(&mut self.text, value) % INTEGER_SIZE;
            self.text[digits] = b'\n';
            self.value = value;
            self.len = digits + 1;
        }
    }
}

impl<'t> LabelText<'t> for Piece<'t> {
    type Part = Self;

    fn push_front(self, out: &mut Text, name: Self, end: Self) {
        for piece in [name, self, end] {
            out.push(piece.text());
        }
    }

    fn push_counts(
        out: &mut Text,
        around: &Around<Self>,
        series: impl Iterator<Item = (Self, u64)>,
    ) {
        let end = &around.end.text[..usize::from(around.end.len)];
        for (labels, value) in series {
            out.push(around.name.text());
            out.push(labels.text());
            out.push(end);
            push_unsigned(out, value);
            out.push(b"\n");
            if let Some((name, end)) = around.created {
                labels.push_front(out, name, end);
            }
        }
    }

    fn push_lines(
        self,
        out: &mut Text,
        _: &mut Joined,
        name: Self,
        lines: impl Iterator<Item = (Self, u64)>,
    ) {
        for (end, value) in lines {
            self.push_front(out, name, end);
            push_unsigned(out, value);
            out.push(b"\n");
        }
    }
}

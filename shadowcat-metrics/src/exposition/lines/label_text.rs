//! Copies the pieces of lines. Nearly all pieces are short; they are copied with a fixed size, and without a call.

use std::iter;

use crate::exposition::number::{INTEGER_SIZE, push_unsigned, write_unsigned};
use crate::exposition::text::{Piece, Record, Short, Text, Window};

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

//! Fields of protobuf messages: keys, varints, lengths.

/// The wire type of a field.
#[derive(Clone, Copy)]
enum WireType {
    Varint = 0,
    Fixed64 = 1,
    Delimited = 2,
}

/// Appends a field with an integer.
pub(crate) fn push_varint(out: &mut Vec<u8>, field: u32, value: u64) {
    push_key(out, field, WireType::Varint);
    push_bare_varint(out, value);
}

/// Appends a field with a signed integer, as `sint32` or `sint64`.
pub(crate) fn push_signed(out: &mut Vec<u8>, field: u32, value: i64) {
    push_key(out, field, WireType::Varint);
    push_bare_signed(out, value);
}

/// Appends a signed integer of a packed field: the numbers near zero have the fewest bits.
pub(crate) fn push_bare_signed(out: &mut Vec<u8>, value: i64) {
    push_bare_varint(out, (value << 1 ^ value >> 63).cast_unsigned());
}

/// Appends a field with a float.
pub(crate) fn push_double(out: &mut Vec<u8>, field: u32, value: f64) {
    push_key(out, field, WireType::Fixed64);
    out.extend(value.to_le_bytes());
}

/// Appends a field with an integer of fixed size.
#[cfg(feature = "otlp")]
pub(crate) fn push_fixed64(out: &mut Vec<u8>, field: u32, value: u64) {
    push_key(out, field, WireType::Fixed64);
    out.extend(value.to_le_bytes());
}

/// Appends a field with a string.
pub(crate) fn push_string(out: &mut Vec<u8>, field: u32, value: &str) {
    push_bytes(out, field, value.as_bytes());
}

/// Appends a field with bytes.
pub(crate) fn push_bytes(out: &mut Vec<u8>, field: u32, value: &[u8]) {
    push_key(out, field, WireType::Delimited);
    push_bare_varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// Appends a repeated field with numbers of fixed size, packed.
#[cfg(feature = "otlp")]
pub(crate) fn push_packed(
    out: &mut Vec<u8>,
    field: u32,
    values: impl ExactSizeIterator<Item = [u8; 8]>,
) {
    push_key(out, field, WireType::Delimited);
    push_bare_varint(out, 8 * values.len() as u64);
    values.for_each(|value| out.extend(value));
}

/// Appends a field with a message, whose fields `push_fields` appends.
pub(crate) fn push_message(out: &mut Vec<u8>, field: u32, push_fields: impl FnOnce(&mut Vec<u8>)) {
    push_key(out, field, WireType::Delimited);
    let start = out.len();
    push_fields(out);
    push_length_in_front(out, start);
}

/// Inserts the length of everything after `start` at `start`. The length is only known at the end, so the message is moved;
/// messages are small, and each family is moved only once.
pub(crate) fn push_length_in_front(out: &mut Vec<u8>, start: usize) {
    let end = out.len();
    push_bare_varint(out, (end - start) as u64);
    let size = out.len() - end;
    out[start..].rotate_right(size);
}

fn push_key(out: &mut Vec<u8>, field: u32, wire_type: WireType) {
    push_bare_varint(out, u64::from(field) << 3 | wire_type as u64);
}

/// Appends a varint: seven bits per byte, the lowest first; all bytes except the last have the highest bit set.
pub(crate) fn push_bare_varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let bits = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            out.push(bits);
            return;
        }
        out.push(bits | 0x80);
    }
}

/// The value of a field that was read.
#[cfg(feature = "otlp")]
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Value<'m> {
    Varint(u64),
    /// A number of fixed size.
    Fixed(&'m [u8]),
    /// A string or a message.
    Delimited(&'m [u8]),
}

/// Returns the fields of a message. The last one is `None` if it is none.
#[cfg(feature = "otlp")]
pub(crate) fn fields(mut message: &[u8]) -> impl Iterator<Item = Option<(u64, Value<'_>)>> {
    std::iter::from_fn(move || {
        if message.is_empty() {
            return None;
        }
        let field = take_field(&mut message);
        if field.is_none() {
            message = &[];
        }
        Some(field)
    })
}

#[cfg(feature = "otlp")]
fn take_field<'m>(message: &mut &'m [u8]) -> Option<(u64, Value<'m>)> {
    let key = take_varint(message)?;
    let value = match key & 7 {
        0 => Value::Varint(take_varint(message)?),
        1 => Value::Fixed(take(message, 8)?),
        2 => {
            let length = take_varint(message)?;
            Value::Delimited(take(message, usize::try_from(length).ok()?)?)
        }
        5 => Value::Fixed(take(message, 4)?),
        _ => return None,
    };
    (key >> 3 != 0).then_some((key >> 3, value))
}

#[cfg(feature = "otlp")]
fn take_varint(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *take(message, 1)?.first()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(feature = "otlp")]
fn take<'m>(message: &mut &'m [u8], bytes: usize) -> Option<&'m [u8]> {
    let (taken, rest) = message.split_at_checked(bytes)?;
    *message = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(push: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = b"before".to_vec();
        push(&mut out);
        out.split_off(6)
    }

    /// The examples of the protobuf documentation.
    #[test]
    fn examples() {
        assert_eq!(written(|out| push_varint(out, 1, 150)), [8, 0x96, 1]);
        assert_eq!(
            written(|out| push_string(out, 2, "testing")),
            b"\x12\x07testing"
        );
        assert_eq!(written(|out| push_signed(out, 1, -1)), [8, 1]);
        assert_eq!(written(|out| push_signed(out, 1, 2)), [8, 4]);
        assert_eq!(
            written(|out| push_bare_signed(out, i64::MIN)),
            [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]
        );
        let nested = written(|out| push_message(out, 3, |out| push_varint(out, 1, 150)));
        assert_eq!(nested, [0x1a, 3, 8, 0x96, 1]);
    }

    #[test]
    fn the_ends_of_ranges() {
        assert_eq!(written(|out| push_varint(out, 15, 0)), [0x78, 0]);
        assert_eq!(written(|out| push_varint(out, 16, 127)), [0x80, 1, 127]);
        let most = written(|out| push_varint(out, 1, u64::MAX));
        assert_eq!(most, [8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
        let double = written(|out| push_double(out, 1, -0.0));
        assert_eq!(double, [9, 0, 0, 0, 0, 0, 0, 0, 0x80]);
    }

    #[test]
    fn lengths_of_more_than_a_byte() {
        let text = "x".repeat(300);
        let nested = written(|out| push_message(out, 1, |out| push_string(out, 1, &text)));
        // 303 bytes: a key, a length of two bytes, the text.
        assert_eq!(nested[..6], [10, 0xaf, 2, 10, 0xac, 2]);
        assert_eq!(nested.len(), 306);
        assert!(nested[6..].iter().all(|byte| *byte == b'x'));
    }

    #[test]
    #[cfg(feature = "otlp")]
    fn fields_that_were_written_are_read() {
        let message = written(|out| {
            push_varint(out, 1, u64::MAX);
            push_fixed64(out, 2, 7);
            push_packed(out, 3, [[1; 8], [2; 8]].into_iter());
            push_string(out, 400, "text");
        });
        let read: Option<Vec<_>> = fields(&message).collect();
        let packed = [[1; 8], [2; 8]].concat();
        let expected = [
            (1, Value::Varint(u64::MAX)),
            (2, Value::Fixed(&[7, 0, 0, 0, 0, 0, 0, 0])),
            (3, Value::Delimited(&packed)),
            (400, Value::Delimited(b"text")),
        ];
        assert_eq!(read.unwrap(), expected);
    }

    #[test]
    #[cfg(feature = "otlp")]
    fn a_message_that_ends_early_is_none() {
        let message = written(|out| push_string(out, 1, "text"));
        for end in 1..message.len() {
            let read: Option<Vec<_>> = fields(&message[..end]).collect();
            assert_eq!(read, None, "{end}");
        }
    }
}

//! Encodes protobuf fields: keys, varints, lengths.

/// The wire type of a field.
#[derive(Clone, Copy)]
enum WireType {
    Varint = 0,
    Fixed64 = 1,
    Delimited = 2,
}

/// Appends a field with an integer.
pub(super) fn push_varint(out: &mut Vec<u8>, field: u32, value: u64) {
    push_key(out, field, WireType::Varint);
    push_bare_varint(out, value);
}

/// Appends a field with a float.
pub(super) fn push_double(out: &mut Vec<u8>, field: u32, value: f64) {
    push_key(out, field, WireType::Fixed64);
    out.extend(value.to_le_bytes());
}

/// Appends a field with a string.
pub(super) fn push_string(out: &mut Vec<u8>, field: u32, value: &str) {
    push_key(out, field, WireType::Delimited);
    push_bare_varint(out, value.len() as u64);
    out.extend_from_slice(value.as_bytes());
}

/// Appends a field with a message, whose fields `push_fields` appends.
pub(super) fn push_message(out: &mut Vec<u8>, field: u32, push_fields: impl FnOnce(&mut Vec<u8>)) {
    push_key(out, field, WireType::Delimited);
    let start = out.len();
    push_fields(out);
    push_length_in_front(out, start);
}

/// Inserts the length of everything after `start` at `start`. The length is only known at the end, so the message is moved;
/// messages are small, and each family is moved only once.
pub(super) fn push_length_in_front(out: &mut Vec<u8>, start: usize) {
    let end = out.len();
    push_bare_varint(out, (end - start) as u64);
    let size = out.len() - end;
    out[start..].rotate_right(size);
}

fn push_key(out: &mut Vec<u8>, field: u32, wire_type: WireType) {
    push_bare_varint(out, u64::from(field) << 3 | wire_type as u64);
}

/// Appends a varint: seven bits per byte, the lowest first; all bytes except the last have the highest bit set.
fn push_bare_varint(out: &mut Vec<u8>, mut value: u64) {
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
}

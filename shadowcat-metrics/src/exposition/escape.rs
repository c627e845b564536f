//! Escapes label values, in the same way for both text formats.

/// Appends an escaped label value, without its quotes.
pub(super) fn push_label_value(out: &mut Vec<u8>, value: &str) {
    push_escaped(out, value, |byte| match byte {
        b'\\' => Some(b'\\'),
        b'"' => Some(b'"'),
        b'\n' => Some(b'n'),
        _ => None,
    });
}

/// Appends text, with some bytes replaced by a backslash and another byte. These are ASCII, so the text stays valid UTF-8.
fn push_escaped(out: &mut Vec<u8>, text: &str, escape: impl Fn(u8) -> Option<u8>) {
    for byte in text.bytes() {
        match escape(byte) {
            Some(escaped) => out.extend([b'\\', escaped]),
            None => out.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\\b\"c\nd\r\0é\u{2028}";

    fn written(push: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).expect("escaping keeps UTF-8 whole")
    }

    #[test]
    fn label_values() {
        let value = written(|out| push_label_value(out, HOSTILE));
        assert_eq!(value, "a\\\\b\\\"c\\nd\r\0é\u{2028}");
    }
}

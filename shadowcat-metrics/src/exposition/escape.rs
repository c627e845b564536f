//! Escaping of label values, which is the same in both text formats.

/// Appends a label value as it stands between quotes.
pub(super) fn push_label_value(out: &mut Vec<u8>, value: &str) {
    push_escaped(out, value, |byte| match byte {
        b'\\' => Some(b'\\'),
        b'"' => Some(b'"'),
        b'\n' => Some(b'n'),
        _ => None,
    });
}

/// Appends text with a backslash and another byte in place of some. Those are ASCII, so UTF-8 stays whole.
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

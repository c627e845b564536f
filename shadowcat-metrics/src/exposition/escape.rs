//! Escapes label values, in the same way for both text formats.

use super::text::Text;

/// Appends an escaped label value, without its quotes.
pub(super) fn push_label_value(out: &mut Text, value: &str) {
    push_escaped(out, value, |byte| match byte {
        b'\\' => Some(b'\\'),
        b'"' => Some(b'"'),
        b'\n' => Some(b'n'),
        _ => None,
    });
}

/// Appends text, with some bytes replaced by a backslash and another byte. These are ASCII, so the text stays valid UTF-8.
fn push_escaped(out: &mut Text, text: &str, escape: impl Fn(u8) -> Option<u8>) {
    let mut plain = 0;
    for (position, byte) in text.bytes().enumerate() {
        if let Some(escaped) = escape(byte) {
            out.push(&text.as_bytes()[plain..position]);
            out.push(&[b'\\', escaped]);
            plain = position + 1;
        }
    }
    out.push(&text.as_bytes()[plain..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\\b\"c\nd\r\0é\u{2028}";

    fn written(push: impl Fn(&mut Text)) -> String {
        let mut out = Text::default();
        push(&mut out);
        String::from_utf8(out.finish()).expect("escaping keeps UTF-8 whole")
    }

    #[test]
    fn label_values() {
        let value = written(|out| push_label_value(out, HOSTILE));
        assert_eq!(value, "a\\\\b\\\"c\\nd\r\0é\u{2028}");
    }
}

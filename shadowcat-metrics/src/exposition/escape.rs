//! Escapes label values, in the same way for both text formats.

use super::text::Text;

/// Appends an escaped label value, without its quotes. The replaced bytes are ASCII, so the text stays valid UTF-8.
pub(super) fn push_label_value(out: &mut Text, value: &str) {
    let mut rest = value.as_bytes();
    while let Some(at) = rest.iter().position(|byte| escape(*byte).is_some()) {
        let (plain, from) = rest.split_at(at);
        out.push(plain);
        if let [byte, after @ ..] = from {
            out.push(&[b'\\', escape(*byte).unwrap_or(*byte)]);
            rest = after;
        }
    }
    out.push(rest);
}

/// Returns the byte that stands for another one after a backslash.
const fn escape(byte: u8) -> Option<u8> {
    match byte {
        b'\\' | b'"' => Some(byte),
        b'\n' => Some(b'n'),
        _ => None,
    }
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

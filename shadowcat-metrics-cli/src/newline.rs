//! Line ends: a file whose lines all end with CRLF, as in Windows checkouts, keeps them.

/// Returns `text` with the line ends of the original.
pub(crate) fn as_in(original: &str, text: String) -> String {
    let lines = original.matches('\n').count();
    if lines == 0 || original.matches("\r\n").count() < lines {
        return text;
    }
    // Multi-line strings have CRLF already.
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

/// Replaces CRLF with LF.
pub(crate) fn with_lf(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut written = 0;
    for read in 0..bytes.len() {
        if bytes[read..].starts_with(b"\r\n") {
            continue;
        }
        bytes[written] = bytes[read];
        written += 1;
    }
    bytes.truncate(written);
    bytes
}

/// Returns whether a file has this text, with the same line ends or with CRLF throughout.
pub(crate) fn is_same(file: &[u8], text: &[u8]) -> bool {
    if file == text {
        return true;
    }
    match (str::from_utf8(file), str::from_utf8(text)) {
        (Ok(file), Ok(text)) => !text.contains('\r') && file == text.replace('\n', "\r\n"),
        (Ok(_) | Err(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{as_in, is_same, with_lf};

    #[test]
    fn only_whole_line_ends_are_replaced() {
        let text = b"\r\n\ra\r\r\nb\r\n\n\r".to_vec();
        assert_eq!(with_lf(text), b"\n\ra\r\nb\n\n\r");
    }

    #[test]
    fn crlf_at_all_line_ends_makes_no_difference() {
        assert!(is_same(b"a\r\nb\r\n", b"a\nb\n"));
        assert!(!is_same(b"a\r\nb\n", b"a\nb\n"));
        assert!(!is_same(b"a\r\n", b"b\n"));
    }

    #[test]
    fn only_files_with_crlf_throughout_keep_it() {
        let text = || "a\nb\r\n".to_owned();
        assert_eq!(as_in("x\r\ny\r\n", text()), "a\r\nb\r\n");
        assert_eq!(as_in("x\r\ny", text()), "a\r\nb\r\n");
        assert_eq!(as_in("x\r\ny\n", text()), "a\nb\r\n");
        assert_eq!(as_in("x", text()), "a\nb\r\n");
    }
}

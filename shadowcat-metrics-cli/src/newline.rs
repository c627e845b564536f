//! Line ends: a file whose lines all end with CRLF, as in checkouts on Windows, keeps them.

/// A text made from another one, with that one's line ends.
pub(crate) fn as_in(original: &str, text: String) -> String {
    let lines = original.matches('\n').count();
    if lines == 0 || original.matches("\r\n").count() < lines {
        return text;
    }
    // Strings of several lines have theirs already.
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

/// Whether a file has a text, with the text's line ends or with CRLF at all of them.
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
    use super::{as_in, is_same};

    #[test]
    fn crlf_at_all_line_ends_makes_no_difference() {
        assert!(is_same(b"a\r\nb\r\n", b"a\nb\n"));
        assert!(!is_same(b"a\r\nb\n", b"a\nb\n"));
        assert!(!is_same(b"a\r\n", b"b\n"));
    }

    #[test]
    fn only_a_file_that_has_nothing_else_keeps_crlf() {
        let text = || "a\nb\r\n".to_owned();
        assert_eq!(as_in("x\r\ny\r\n", text()), "a\r\nb\r\n");
        assert_eq!(as_in("x\r\ny", text()), "a\r\nb\r\n");
        assert_eq!(as_in("x\r\ny\n", text()), "a\nb\r\n");
        assert_eq!(as_in("x", text()), "a\nb\r\n");
    }
}

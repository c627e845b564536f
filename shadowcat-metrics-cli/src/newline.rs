//! Line ends: a file whose lines all end with CRLF, as some editors and checkouts on Windows have them, keeps them.

/// A text made from another one, with that one's line ends.
pub(crate) fn as_in(original: &str, text: String) -> String {
    let lines = original.matches('\n').count();
    if lines == 0 || original.matches("\r\n").count() < lines {
        return text;
    }
    // Strings of several lines have theirs already.
    text.replace("\r\n", "\n").replace('\n', "\r\n")
}

#[cfg(test)]
mod tests {
    use super::as_in;

    #[test]
    fn only_a_file_that_has_nothing_else_keeps_crlf() {
        let text = || "a\nb\r\n".to_owned();
        assert_eq!(as_in("x\r\ny\r\n", text()), "a\r\nb\r\n");
        assert_eq!(as_in("x\r\ny", text()), "a\r\nb\r\n");
        assert_eq!(as_in("x\r\ny\n", text()), "a\nb\r\n");
        assert_eq!(as_in("x", text()), "a\nb\r\n");
    }
}

//! Which bracket of a text stays open.

/// The outermost bracket that is open at `end`. Strings and comments hold none, and a header closes its own.
pub(super) fn open_bracket(text: &str, end: usize) -> Option<usize> {
    let mut open = Vec::new();
    let mut quote: Option<&str> = None;
    let mut at = 0;
    while at < end {
        let rest = &text[at..];
        let step = rest.chars().next().map_or(1, char::len_utf8);
        at += match quote {
            Some(closing) if rest.starts_with(closing) => {
                quote = None;
                closing.len()
            }
            Some(closing) if closing.starts_with('"') && rest.starts_with('\\') => {
                1 + rest[1..].chars().next().map_or(0, char::len_utf8)
            }
            // One line's string ends with the line, closed or not.
            Some(closing) if closing.len() == 1 && rest.starts_with('\n') => {
                quote = None;
                step
            }
            Some(_) => step,
            None => {
                let opening = ["\"\"\"", "'''", "\"", "'"]
                    .into_iter()
                    .find(|opening| rest.starts_with(opening));
                if let Some(opening) = opening {
                    quote = Some(opening);
                    opening.len()
                } else if rest.starts_with('#') {
                    rest.find('\n').unwrap_or(rest.len())
                } else {
                    if rest.starts_with(['[', '{']) {
                        open.push(at);
                    } else if rest.starts_with([']', '}']) {
                        open.pop();
                    }
                    step
                }
            }
        };
    }
    open.first().copied()
}

#[cfg(test)]
mod tests {
    use super::open_bracket;

    #[test]
    fn the_outermost_open_bracket_is_found() {
        let open = |text: &str| open_bracket(text, text.len());
        assert_eq!(open("[a]\nb = [1, [2]"), Some(8));
        assert_eq!(open("b = [[1, {"), Some(4));
        assert_eq!(open("b = \"[\" # [\nc = '['\nd = '''[\n'''"), None);
        assert_eq!(open("b = \"\\\"[\nc = {"), Some(13));
        assert_eq!(open("é = [\"ü\""), Some(5));
        assert_eq!(open(""), None);
    }
}

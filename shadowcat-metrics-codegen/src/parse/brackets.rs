//! How the brackets of a TOML text nest: which one stays open, and where they and dotted keys go too deep.

/// The most levels of tables and arrays that are read. A schema has six. The parser recurses at each of them, and bounds
/// brackets and dots by themselves, but not both together.
pub(super) const MOST_LEVELS: usize = 64;

/// The outermost bracket that is open at `end`. A header closes its own.
pub(super) fn open_bracket(text: &str, end: usize) -> Option<usize> {
    let mut open = Vec::new();
    for (at, c) in outside_strings(text).take_while(|(at, _)| *at < end) {
        match c {
            '[' | '{' => open.push(at),
            ']' | '}' => drop(open.pop()),
            _ => {}
        }
    }
    open.first().copied()
}

/// The first bracket, or dot of a key, that is deeper than [`MOST_LEVELS`]. Points of numbers are taken for dots, which makes
/// a difference of one level at most.
pub(super) fn too_deep(text: &str) -> Option<usize> {
    // Levels of the header, of the open brackets with the keys before them, and of the key that is being read.
    let (mut header, mut outer, mut key) = (0, 0, 0);
    let mut open: Vec<usize> = Vec::new();
    let mut in_header = false;
    let mut starts_line = true;
    for (at, c) in outside_strings(text) {
        match c {
            '[' | '{' => {
                if open.is_empty() && starts_line {
                    (in_header, header) = (true, 0);
                }
                if in_header {
                    header += 1;
                }
                open.push(key);
                outer += key + 1;
                key = 0;
            }
            ']' | '}' => {
                key = open.pop().unwrap_or(0);
                outer = outer.saturating_sub(key + 1);
            }
            '.' if in_header => header += 1,
            '.' => key += 1,
            ',' => key = 0,
            '\n' if open.is_empty() || in_header => {
                open.clear();
                (in_header, outer, key) = (false, 0, 0);
            }
            _ => {}
        }
        starts_line = c == '\n' || (starts_line && c.is_whitespace());
        let inner = if in_header { 0 } else { outer + key };
        if header + inner > MOST_LEVELS {
            return Some(at);
        }
    }
    None
}

/// The characters of a text that are in no string and no comment.
fn outside_strings(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote: Option<&str> = None;
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.get(at..)?;
            let c = rest.chars().next()?;
            let start = at;
            at += c.len_utf8();
            match quote {
                Some(closing) if rest.starts_with(closing) => {
                    quote = None;
                    at = start + closing.len();
                }
                Some(closing) if closing.starts_with('"') && c == '\\' => {
                    at += rest[1..].chars().next().map_or(0, char::len_utf8);
                }
                // One line's string ends with the line, closed or not.
                Some(closing) if closing.len() == 1 && c == '\n' => {
                    quote = None;
                    return Some((start, c));
                }
                Some(_) => {}
                None => {
                    quote = ["\"\"\"", "'''", "\"", "'"]
                        .into_iter()
                        .find(|opening| rest.starts_with(opening));
                    match quote {
                        Some(opening) => at = start + opening.len(),
                        None if c == '#' => at = start + rest.find('\n').unwrap_or(rest.len()),
                        None => return Some((start, c)),
                    }
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn brackets_and_dots_are_bounded_together() {
        let dots = |count: usize| ["a"].repeat(count).join(".");
        for shallow in [
            format!("[{}]\nb.c = [1.5, 2.5, {{ a.b = 1 }}]\n", dots(40)),
            "a.b = 1\n".repeat(100),
            format!("x = [{}]", "[1.5], { a.b = 1 },".repeat(100)),
            format!("x = \"{}\" # {}", "[".repeat(100), dots(100)),
            format!("{} = 1", dots(MOST_LEVELS)),
            "[[a.b]]\nx = { a = 1,\n b = [2] }\n".repeat(100),
        ] {
            assert_eq!(too_deep(&shallow), None, "{shallow}");
        }
        for (deep, at) in [
            (format!("x = {}", "[".repeat(100)), 4 + MOST_LEVELS),
            (format!("{} = 1", dots(100)), 2 * MOST_LEVELS + 1),
            // The bracket of the header is a level, too.
            (format!("[{}]", dots(100)), 2 * MOST_LEVELS),
            // 30 of the header, 29 dots, a bracket; the fifth dot behind it is one too many.
            (
                format!("[{}]\n{} = {{ {} = 1 }}", dots(30), dots(30), dots(10)),
                61 + 1 + 59 + 5 + 2 * 4 + 1,
            ),
        ] {
            assert_eq!(too_deep(&deep), Some(at), "{deep}");
        }
    }
}

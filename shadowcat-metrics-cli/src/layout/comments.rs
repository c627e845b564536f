//! Comments and blank lines: what stands between two things of a file.

/// Whether there is a blank line above something and its comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// There is none.
    None,
    /// There is one if the author left any.
    Keep,
    /// There is one.
    Always,
}

/// The comments above something, each on a line of its own, with at most one blank line wherever there were some.
pub(super) fn lines_above(text: &str, gap: Gap) -> String {
    let mut lines: Vec<_> = text.split('\n').map(str::trim).collect();
    // Behind the last line's end there is the indentation of what follows.
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    let blank_first = lines.first().is_some_and(|line| line.is_empty());
    let mut kept = match gap {
        Gap::Always => "\n".to_owned(),
        Gap::Keep if blank_first => "\n".to_owned(),
        Gap::Keep | Gap::None => String::new(),
    };
    let mut blank = false;
    let mut any = false;
    for line in lines {
        if line.is_empty() {
            blank = true;
            continue;
        }
        if blank && any {
            kept.push('\n');
        }
        kept.push_str(line);
        kept.push('\n');
        (blank, any) = (false, true);
    }
    if blank && any {
        kept.push('\n');
    }
    kept
}

/// Takes the comments between two tables apart: those that stand directly below the upper one's last line, with a blank
/// line below them, belong to that one, such as a key that is commented out; the others to the lower one.
pub(crate) fn split_foot(text: &str) -> (&str, &str) {
    let blank = |line: &str| line.trim().is_empty();
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if blank(line) && line.ends_with('\n') {
            return text.split_at(end);
        }
        if blank(line) {
            // The indentation of what follows, which the comments are about.
            break;
        }
        end += line.len();
    }
    ("", text)
}

/// The same at the end of a file, where nothing follows.
pub(crate) fn split_last_foot(text: &str) -> (&str, &str) {
    let end = text
        .split_inclusive('\n')
        .take_while(|line| !line.trim().is_empty())
        .map(str::len)
        .sum();
    text.split_at(end)
}

/// A comment behind something, on its line.
pub(super) fn trailing(text: &str) -> String {
    let comment = text.trim();
    if comment.is_empty() {
        String::new()
    } else {
        format!(" {comment}")
    }
}

/// Takes a file's first comments apart: those about the file, and those about the first thing in it. About the file are
/// the ones above the last blank line, and the lines that begin with `#:`, which editors look for at the top.
pub(super) fn split_header(text: &str) -> (String, String) {
    let lines: Vec<_> = text.split('\n').map(str::trim).collect();
    let (lines, _indentation) = lines.split_at(lines.len().saturating_sub(1));
    let last_blank = lines.iter().rposition(|line| line.is_empty());
    let last_directive = lines.iter().rposition(|line| line.starts_with("#:"));
    let end = last_blank.max(last_directive).map_or(0, |line| line + 1);
    let header = lines_above(&joined(&lines[..end]), Gap::None);
    let header = header.trim_end();
    let header = if header.is_empty() {
        String::new()
    } else {
        format!("{header}\n")
    };
    (header, joined(&lines[end..]))
}

fn joined(lines: &[&str]) -> String {
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

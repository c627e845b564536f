//! The comments and blank lines between two items of a file.

/// The blank line above an item and its comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// No blank line.
    None,
    /// A blank line if the author left one.
    Keep,
    /// Always a blank line.
    Always,
}

/// Returns the comments above an item, each on its own line, with at most one blank line between two.
pub(super) fn lines_above(text: &str, gap: Gap) -> String {
    let mut lines: Vec<_> = text.split('\n').map(str::trim).collect();
    // The text after the last line end is the item's indentation.
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

/// Splits the comments between two tables. Comments directly below the upper table that are followed by a blank line belong to
/// the upper table, such as a key that is commented out. The others belong to the lower table.
pub(crate) fn split_foot(text: &str) -> (&str, &str) {
    let blank = |line: &str| line.trim().is_empty();
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if blank(line) && line.ends_with('\n') {
            return text.split_at(end);
        }
        if blank(line) {
            // The next item is indented, and these comments are about it.
            break;
        }
        end += line.len();
    }
    ("", text)
}

/// Splits the comments at the end of a file in the same way.
pub(crate) fn split_last_foot(text: &str) -> (&str, &str) {
    let end = text
        .split_inclusive('\n')
        .take_while(|line| !line.trim().is_empty())
        .map(str::len)
        .sum();
    text.split_at(end)
}

/// Returns the comment after an item on the same line.
pub(super) fn trailing(text: &str) -> String {
    let comment = text.trim();
    if comment.is_empty() {
        String::new()
    } else {
        format!(" {comment}")
    }
}

/// Splits the first comments of a file into those about the file and those about its first item. Those about the file are above
/// the last blank line, or begin with `#:`, which editors expect at the top.
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

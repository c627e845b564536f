//! Diffs between a file's current and expected text.

use anstyle::AnsiColor;
use similar::TextDiff;

use crate::failure::BOLD;

/// Visible marks for trailing whitespace, and their names.
const BLANKS: [(char, char, &str); 3] = [
    (' ', '·', "a space"),
    ('\t', '→', "a tab"),
    ('\r', '␍', "a carriage return"),
];

/// Returns a unified diff from the current to the expected text. `present` is `None` if the file does not exist.
///
/// `patch` accepts it without colors, unless lines differ only in trailing whitespace: this is shown as marks, explained in a
/// line above.
pub(crate) fn unified(path: &str, present: Option<&[u8]>, should: &[u8]) -> String {
    let mut is = String::from_utf8_lossy(present.unwrap_or_default());
    let mut should = String::from_utf8_lossy(should);
    if ends_with_crlf(&is) && ends_with_crlf(&should) {
        is = is.replace('\r', "").into();
        should = should.replace('\r', "").into();
    }
    let from = if present.is_some() { path } else { "/dev/null" };
    let diff = TextDiff::from_lines(&*is, &*should)
        .unified_diff()
        .header(from, path)
        .to_string();
    let lines = diff.split_terminator('\n');
    let shown: String = lines.clone().map(color_line).collect();
    explain(lines) + &shown
}

/// Returns whether all lines of a text end with CRLF.
fn ends_with_crlf(text: &str) -> bool {
    text.matches("\r\n").count() == text.matches('\n').count()
}

fn color_line(line: &str) -> String {
    let style = match line.as_bytes() {
        [b'-', b'-', b'-', b' ', ..] | [b'+', b'+', b'+', b' ', ..] => BOLD,
        [b'-', ..] => AnsiColor::Red.on_default(),
        [b'+', ..] => AnsiColor::Green.on_default(),
        [b'@', ..] => AnsiColor::Cyan.on_default(),
        _ => return format!("{line}\n"),
    };
    let (line, blanks) = split_blanks(line);
    let blanks: String = blanks
        .chars()
        .map(|blank| {
            let mark = BLANKS.iter().find(|(known, ..)| *known == blank);
            mark.map_or(blank, |(_, mark, _)| *mark)
        })
        .collect();
    format!("{style}{line}{blanks}{style:#}\n")
}

/// Splits trailing whitespace off an added or removed line of a diff.
fn split_blanks(line: &str) -> (&str, &str) {
    if line.starts_with(['+', '-']) {
        let blank = |c| BLANKS.iter().any(|(blank, ..)| *blank == c);
        line.split_at(line.trim_end_matches(blank).len())
    } else {
        (line, "")
    }
}

/// Returns a line that explains the whitespace marks; empty if there are none.
fn explain<'d>(lines: impl Iterator<Item = &'d str>) -> String {
    let blanks: String = lines.map(|line| split_blanks(line).1).collect();
    let meanings = BLANKS.iter().filter(|(blank, ..)| blanks.contains(*blank));
    let meanings: Vec<_> = meanings
        .map(|(_, mark, meaning)| format!("`{mark}` is {meaning}"))
        .collect();
    if meanings.is_empty() {
        String::new()
    } else {
        format!("At the end of a line, {}.\n", meanings.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::unified;

    /// Returns a diff without colors.
    fn plain(present: &str, should: &str) -> String {
        let styled = unified("a", Some(present.as_bytes()), should.as_bytes());
        anstream::adapter::strip_str(&styled).to_string()
    }

    #[test]
    fn differences_in_white_space_are_marked() {
        assert_eq!(
            plain("x\r\ny \t\nz\n", "x\ny\nz\n"),
            "At the end of a line, `·` is a space, `→` is a tab, `␍` is a carriage return.\n\
             --- a\n+++ a\n@@ -1,3 +1,3 @@\n-x␍\n-y·→\n+x\n+y\n z\n"
        );
        assert_eq!(
            plain("x\n \n", "x\n"),
            "At the end of a line, `·` is a space.\n--- a\n+++ a\n@@ -1,2 +1 @@\n x\n-·\n"
        );
    }

    #[test]
    fn common_text_is_not_marked() {
        assert_eq!(
            plain("x \r\ny\r\n", "x \r\nz\r\n"),
            "--- a\n+++ a\n@@ -1,2 +1,2 @@\n x \n-y\n+z\n"
        );
        assert_eq!(
            plain("y", "y\n"),
            "--- a\n+++ a\n@@ -1 +1 @@\n-y\n\\ No newline at end of file\n+y\n"
        );
    }
}

//! The difference between what a file is and what it should be.

use anstyle::AnsiColor;
use similar::TextDiff;

use crate::failure::BOLD;

/// A unified diff, from what is there to what should be, which `patch` accepts once its colours are gone. `present` is
/// none if there is no such file.
pub(super) fn unified(path: &str, present: Option<&[u8]>, should: &[u8]) -> String {
    let is = String::from_utf8_lossy(present.unwrap_or_default());
    let should = String::from_utf8_lossy(should);
    let from = if present.is_some() { path } else { "/dev/null" };
    let diff = TextDiff::from_lines(&*is, &*should)
        .unified_diff()
        .header(from, path)
        .to_string();
    diff.lines().map(color_line).collect()
}

fn color_line(line: &str) -> String {
    let style = match line.as_bytes() {
        [b'-', b'-', b'-', b' ', ..] | [b'+', b'+', b'+', b' ', ..] => BOLD,
        [b'-', ..] => AnsiColor::Red.on_default(),
        [b'+', ..] => AnsiColor::Green.on_default(),
        [b'@', ..] => AnsiColor::Cyan.on_default(),
        _ => return format!("{line}\n"),
    };
    format!("{style}{line}{style:#}\n")
}

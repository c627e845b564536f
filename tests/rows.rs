//! Test cases as rows of text, for tests of several crates.

/// Returns the cases in lines of the form `CASE => RESULT`. A line that begins with `//` is a comment.
pub(crate) fn rows(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines.map(|line| {
        let (case, result) = line.split_once(" =>").expect("a case and its result");
        (case, result.trim())
    })
}

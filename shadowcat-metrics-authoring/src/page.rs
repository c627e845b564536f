//! Parts of a Markdown page: tables, links to headings, numbers. The content is escaped in `markdown.rs`.

/// Returns a link to a heading on the same page.
#[must_use]
pub fn link(title: &str, heading: &str) -> String {
    format!("[{title}](#{})", anchor(heading))
}

/// Returns the anchor that GitHub, mdBook and rustdoc give a heading.
#[must_use]
pub fn anchor(heading: &str) -> String {
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| {
        if c == ' ' {
            '-'
        } else {
            c.to_ascii_lowercase()
        }
    })
    .collect()
}

/// Returns a table row from cells that are already Markdown.
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<_> = cells.into_iter().collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Returns the first two rows of a table.
#[must_use]
pub fn table_head(titles: &[&str]) -> String {
    row(titles.iter().copied()) + &row(titles.iter().map(|_| "---"))
}

/// Formats a number with separators: `12,345`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_match_the_renderers() {
        assert_eq!(link("x", "Group `buffer_pool`"), "[x](#group-buffer_pool)");
        assert_eq!(link("x", "job:Rate"), "[x](#jobrate)");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }
}

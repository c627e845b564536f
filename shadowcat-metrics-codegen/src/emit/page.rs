//! The furniture of a Markdown page: tables, links between its headings, numbers. What goes into it is escaped in
//! `markdown.rs`.

/// A link to a heading of the same page.
#[must_use]
pub fn link(title: &str, heading: &str) -> String {
    format!("[{title}](#{})", anchor(heading))
}

/// The anchor that GitHub, mdBook and rustdoc give a heading.
fn anchor(heading: &str) -> String {
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

/// One row of a table, from cells that are Markdown already.
pub fn row<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<_> = cells.into_iter().collect();
    format!("| {} |\n", cells.join(" | "))
}

/// The first two rows of a table.
#[must_use]
pub fn table_head(titles: &[&str]) -> String {
    row(titles.iter().copied()) + &row(titles.iter().map(|_| "---"))
}

/// `12,345`.
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
    fn anchors_are_those_of_the_renderers() {
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

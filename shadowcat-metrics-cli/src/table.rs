//! Text tables with columns as wide as their contents.

use std::fmt::Write as _;

use anstyle::Style;

use crate::failure::BOLD;

/// The alignment of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// For words.
    Left,
    /// For numbers.
    Right,
}

/// Formats rows as lines. The first row is the heading.
pub(crate) fn table<const COLUMNS: usize>(
    rows: &[[String; COLUMNS]],
    aligned: [Align; COLUMNS],
) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or_default()
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let mut table = String::new();
    for (index, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(widths).zip(aligned);
        let cells = cells.map(|((cell, width), align)| match align {
            Align::Left => format!("{cell:<width$}"),
            Align::Right => format!("{cell:>width$}"),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let style = if index == 0 { BOLD } else { Style::new() };
        let _ = writeln!(table, "{style}{}{style:#}", line.trim_end());
    }
    table
}

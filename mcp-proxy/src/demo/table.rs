//! A table of text for people.

use std::fmt::{self, Write as _};

/// Rows under a heading, in columns as wide as what is in them.
#[derive(Debug)]
pub struct Table<const COLUMNS: usize> {
    rows: Vec<[String; COLUMNS]>,
    aligned: [Align; COLUMNS],
}

/// Where text stands in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    /// Nothing but a heading.
    #[must_use]
    pub fn new(heading: [(&str, Align); COLUMNS]) -> Self {
        Self {
            rows: vec![heading.map(|(title, _)| title.to_owned())],
            aligned: heading.map(|(_, align)| align),
        }
    }

    /// One row more.
    pub fn row(&mut self, cells: [String; COLUMNS]) {
        self.rows.push(cells);
    }
}

impl<const COLUMNS: usize> fmt::Display for Table<COLUMNS> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = |column: usize| {
            self.rows
                .iter()
                .map(|row| row[column].chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: [usize; COLUMNS] = std::array::from_fn(width);
        for row in &self.rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                let width = widths[column];
                match self.aligned[column] {
                    Align::Left => write!(line, "{cell:width$}  ")?,
                    Align::Right => write!(line, "{cell:>width$}  ")?,
                }
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new([("NAME", Align::Left), ("N", Align::Right)]);
        table.row(["a".to_owned(), "100".to_owned()]);
        table.row(["longer".to_owned(), "7".to_owned()]);
        assert_eq!(table.to_string(), "NAME      N\na       100\nlonger    7\n");
    }
}

//! Rows of named numbers, as a table or as JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A table of numbers.
pub struct Report {
    /// Names of the columns.
    pub columns: Vec<&'static str>,
    /// Values, in the order of the columns.
    pub rows: Vec<Vec<f64>>,
}

impl Report {
    /// Returns the rows as columns of text.
    #[must_use]
    pub fn table(&self) -> String {
        let width = |column: &str| column.len().max(9) + 2;
        let mut text = String::new();
        for column in &self.columns {
            let _ = write!(text, "{column:>0$}", width(column));
        }
        text.push('\n');
        for row in &self.rows {
            for (column, value) in self.columns.iter().zip(row) {
                let _ = write!(text, "{:>1$}", figure(*value), width(column));
            }
            text.push('\n');
        }
        text
    }

    /// Returns the rows as a JSON list of objects.
    #[must_use]
    pub fn json(&self) -> String {
        let object = |row: &Vec<f64>| -> BTreeMap<&str, f64> {
            self.columns
                .iter()
                .copied()
                .zip(row.iter().copied())
                .collect()
        };
        let rows: Vec<_> = self.rows.iter().map(object).collect();
        let text = serde_json::to_string_pretty(&rows).expect("numbers and texts are always JSON");
        text + "\n"
    }
}

fn figure(value: f64) -> String {
    match value.abs() {
        _ if value.fract() == 0.0 => format!("{value:.0}"),
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

//! The figures of one row as text, the lowest first.

use std::fmt::Write;

use crate::harness::rounds::Outcome;
use crate::peers::Kind;
use crate::rows::Job;
use crate::run::RowResult;

/// Formats a row's figures: the median, half the interquartile range, and the ratios to the fastest peer and to the bare loop.
#[must_use]
pub fn row(result: &RowResult) -> String {
    let row = result.row;
    let timed = !matches!(row.job, Job::Heap { .. });
    let mut text = format!("\n{} ({})\n", row.title, row.name);
    let heading = if timed { row.unit() } else { "bytes" };
    let _ = writeln!(
        text,
        "  {:26} {heading:>9} {:>7} {:>10} {:>8}",
        "", "spread", "x fastest", "x bare"
    );
    let fastest = result.fastest_peer().map(|(_, median)| median);
    let bare = result.median_of_kind(Kind::Bare).filter(|_| timed);
    let mut valid: Vec<_> = result.valid().collect();
    valid.sort_by(|(_, a), (_, b)| a.median.total_cmp(&b.median));
    for (peer, summary) in valid {
        let mark = if peer.kind == Kind::Own { '>' } else { ' ' };
        let spread = if timed {
            format!("±{:.0}%", summary.spread() * 100.0)
        } else {
            String::new()
        };
        let _ = write!(
            text,
            "{mark} {:26} {:>9} {spread:>7} {:>10} {:>8}",
            peer.name,
            figure(summary.median),
            ratio(summary.median, fastest),
            ratio(summary.median, bare),
        );
        let _ = match peer.lacks(row.job) {
            Some(what) => writeln!(text, "  {what}"),
            None => writeln!(text),
        };
    }
    for (peer, outcome) in &result.outcomes {
        if let Outcome::Void(fault) = outcome {
            let _ = writeln!(text, "  {:26} {:>9}  {fault}", peer.name, "void");
        }
    }
    text
}

/// Formats a number with about three significant digits.
#[must_use]
pub fn figure(value: f64) -> String {
    match value.abs() {
        ..10.0 => format!("{value:.2}"),
        10.0..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

fn ratio(value: f64, to: Option<f64>) -> String {
    to.map_or_else(|| "-".to_owned(), |to| figure(value / to))
}

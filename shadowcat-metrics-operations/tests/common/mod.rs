//! What several tests share: schemas, problems as lines of text, and cases as rows of text.

pub(crate) mod problems;
#[path = "../../../tests/rows.rs"]
mod rows;

use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::{Outcome, compile};

pub(crate) use rows::rows;

pub(crate) const EVERYTHING: &str = include_str!("../../../tests/golden/everything.toml");
pub(crate) const SHADOWCAT: &str = include_str!("../../../metrics.toml");

pub(crate) fn compiled(schema: &str) -> Outcome {
    compile(Source::new("metrics.toml", schema))
}

/// Compares the result of each case with the one in its row.
#[track_caller]
pub(crate) fn assert_rows(text: &str, result: impl Fn(&str) -> String) {
    for (case, expected) in rows(text) {
        assert_eq!(result(case), expected, "{case}");
    }
}

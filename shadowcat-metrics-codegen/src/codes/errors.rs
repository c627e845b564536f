//! The codes of errors. Each is declared in the file of the rule that reports it.

pub use crate::check::{
    buckets::*, budget::*, header::*, labels::*, lifecycle::*, metrics::*, names::*, native::*,
    otel::*, ratios::*, scope::*, sums::*, values::*, words::*,
};
pub use crate::parse::{include::*, metrics::*, reader::*, syntax::*, tree::*};

use super::Code;

/// Returns every error, sorted by id.
pub fn all() -> impl Iterator<Item = Code> {
    let tables = [
        HEADER,
        WORDS,
        REFERENCES,
        NAMES,
        OTEL,
        LABELS,
        SUMS,
        LABEL_VALUES,
        METRICS,
        LIFECYCLE,
        BUCKETS,
        NATIVE,
        RATIOS,
        BUDGET,
        SYNTAX_ERRORS,
        TREE,
        UNKNOWN,
        WRONG,
        INCLUDE,
        METRIC_TABLES,
    ];
    let mut codes: Vec<_> = tables.concat();
    codes.sort_by_key(|code| code.id());
    codes.into_iter()
}

//! Queries as rows of text with their expected findings.

use super::{Finding, Query, Vocabulary};
use crate::testing;

pub(super) use crate::testing::SCHEMA;

/// Returns what is known about the series of [`SCHEMA`].
pub(super) fn vocabulary() -> Vocabulary {
    testing::vocabulary(SCHEMA, "")
}

/// Returns the findings in a query, in source order.
pub(super) fn check(query: &str, vocabulary: &Vocabulary) -> Vec<Finding> {
    Query::parse(query).analyze(vocabulary).findings
}

/// Returns the findings in a query as `SM0902 app_x`, the code and the text that it points at.
pub(super) fn findings(query: &str, vocabulary: &Vocabulary) -> String {
    let findings = check(query, vocabulary).into_iter();
    let shown = findings.map(|found| format!("{} {}", found.code.id(), &query[found.range]));
    shown.collect::<Vec<_>>().join("; ")
}

/// Checks rows of the form `QUERY => FINDING; FINDING`.
pub(super) fn assert_rows(rows: &str) {
    assert_rows_in(SCHEMA, rows);
}

/// Checks rows of the form `QUERY => FINDING; FINDING` with another schema.
pub(super) fn assert_rows_in(schema: &str, rows: &str) {
    let vocabulary = testing::vocabulary(schema, "");
    testing::assert_rows(rows, |query| findings(query, &vocabulary));
}

/// Checks rows of the form `QUERY => PLACE: LABEL; PLACE: LABEL`.
pub(super) fn assert_labels(schema: &str, rows: &str) {
    let vocabulary = testing::vocabulary(schema, "");
    testing::assert_rows(rows, |query| {
        let findings = check(query, &vocabulary).into_iter();
        let shown = findings.map(|found| format!("{}: {}", &query[found.range], found.label));
        shown.collect::<Vec<_>>().join("; ")
    });
}

/// Checks that queries have no findings.
pub(super) fn assert_accepted(queries: &[&str]) {
    let vocabulary = vocabulary();
    for query in queries {
        assert_eq!(findings(query, &vocabulary), "", "{query}");
    }
}

//! Objectives and alerts as rows of text with their expected findings.
//!
//! Rows are those of [`crate::testing`]. `METRICS` stands for a few metrics of the group `web`, `OBJECTIVE` for these metrics and
//! the start of an objective, and `ALERT` for these metrics and the start of an alert.

use crate::{Outcome, testing};

const METRICS: &str = r#"web.done: counter | web.long: counter, labels = ["host"] | web.took: histogram, unit = "seconds", buckets = [0.1, 0.25, 1]"#;

/// Checks the findings of the schema in each row, except lints.
pub(super) fn rules(rows: &str) {
    testing::rules(&completed(rows));
}

/// Checks the labels of each row's errors.
pub(super) fn labels(rows: &str) {
    testing::labels(&completed(rows));
}

/// Compiles the schema of a row.
pub(super) fn compiled(tables: &str) -> Outcome {
    testing::compiled(&completed(tables)).0
}

fn completed(rows: &str) -> String {
    let objective = r#"METRICS | [slos.s] | help = "S." | objective = 0.9 |"#;
    let alert = r#"METRICS | [alerts.a] | summary = "S" | expr = "{web.done} > 1" |"#;
    let rows = rows.replace("OBJECTIVE", objective);
    rows.replace("ALERT", alert).replace("METRICS", METRICS)
}

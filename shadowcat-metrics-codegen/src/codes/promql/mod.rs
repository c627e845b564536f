//! `SM09xx`: what is wrong with PromQL, in a schema, a rules file or a dashboard. The crate for operations reports them, and
//! tries their examples.

/// A schema of a few metrics with one alert, whose expression this is.
macro_rules! alert_on {
    ($expr:literal) => {
        concat!(
            r#"[labels.outcome]
help = "How it ended."
values = ["ok", "error"]

[metrics.http.requests]
type = "counter"
labels = ["outcome"]
help = "Requests answered."

[metrics.http.open]
type = "updown_counter"
help = "Connections that are open."

[metrics.http.duration]
type = "histogram"
unit = "seconds"
buckets = [0.1, 1, 10]
help = "Time spent on a request."

[alerts.example]
summary = "An example."
expr = """"#,
            $expr,
            r#""""
severity = "info"
"#,
        )
    };
}

mod care;
mod limits;
mod meaning;
mod names;
mod times;

pub use care::*;
pub use limits::*;
pub use meaning::*;
pub use names::*;
pub use times::*;

use super::Code;

/// Every one, in the order of their ids.
pub fn all() -> impl Iterator<Item = Code> {
    [NAMES, MEANING, CARE, LIMITS, TIMES]
        .into_iter()
        .flatten()
        .copied()
}

/// Those that stop nobody.
pub const WARNINGS: &[Code] = &[
    UNTESTED_ALERT,
    RUNBOOK_WITHOUT_NOTES,
    RANGE_WITHOUT_UNIT,
    SUPPRESSION,
];

//! `SM09xx`: what is wrong with PromQL, in a schema, a rules file or a dashboard. The crate for operations reports them, and
//! tries their examples.

mod care;
mod limits;
mod meaning;
mod names;

pub use care::*;
pub use limits::*;
pub use meaning::*;
pub use names::*;

use super::Code;

/// Every one, in the order of their ids.
pub fn all() -> impl Iterator<Item = Code> {
    [NAMES, MEANING, CARE, LIMITS]
        .into_iter()
        .flatten()
        .copied()
}

/// Those that stop nobody.
pub const WARNINGS: &[Code] = &[UNTESTED_ALERT, RUNBOOK_WITHOUT_NOTES];

//! Schemas as rows of text with their expected findings, for the tests next to the rules.

#[expect(dead_code, reason = "`lints` is for other crates")]
#[path = "../../tests/schema_rows.rs"]
mod schema_rows;

pub(crate) use schema_rows::rows::rows;
pub(crate) use schema_rows::{compiled, labels, rules};

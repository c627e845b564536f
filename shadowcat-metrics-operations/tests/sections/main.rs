//! `[policy]`, `[operations]`, `[slos]` and `[alerts]`: meaning, messages about mistakes, and agreement with the JSON Schema.

mod codes;
mod include;
mod json_schema;
#[path = "../../../shadowcat-metrics-codegen/tests/frontend/mistakes.rs"]
mod mistakes;
mod model;
mod policy;
mod rules;

use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::{Outcome, compile};

fn compiled(schema: &str) -> Outcome {
    compile(Source::new("metrics.toml", schema))
}

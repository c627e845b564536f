//! `[policy]`, `[operations]`, `[slos]` and `[alerts]`: what they mean, what is said of mistakes in them, and that the JSON Schema agrees.

mod codes;
mod include;
mod json_schema;
mod mistakes;
mod model;
mod policy;
mod rules;

use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::{Outcome, compile};

fn compiled(schema: &str) -> Outcome {
    compile(Source::new("metrics.toml", schema))
}

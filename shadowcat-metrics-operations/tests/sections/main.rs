//! `[policy]`, `[operations]`, `[slos]` and `[alerts]`: what they mean, what is said of mistakes in them, and that the JSON Schema agrees.

mod codes;
mod include;
mod json_schema;
mod mistakes;
mod model;
mod policy;
mod rules;

use shadowcat_metrics_codegen::{Diagnostic, Source};
use shadowcat_metrics_operations::{Outcome, compile};

fn compiled(schema: &str) -> Outcome {
    compile(Source::new("metrics.toml", schema))
}

/// Every problem as `SM0004 3:1`: code, line, column.
fn found(outcome: &Outcome) -> Vec<String> {
    let place = |problem: &Diagnostic| {
        let position = outcome.source.position(problem.primary.start);
        format!(
            "{} {}:{}",
            problem.code.id(),
            position.line,
            position.column
        )
    };
    outcome.report.diagnostics().iter().map(place).collect()
}

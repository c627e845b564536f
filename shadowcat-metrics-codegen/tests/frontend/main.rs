//! The compiler's front end: from a schema's text to the model, or to diagnostics.

mod codes;
mod hostile;
mod include;
mod messages;
mod mistakes;
mod model;
mod positions;
mod skeleton;
mod suggest;

use shadowcat_metrics_authoring::compile;
use shadowcat_metrics_codegen::{Diagnostic, Outcome, Source};

fn compiled(schema: &str) -> Outcome {
    compile(Source::new("metrics.toml", schema))
}

/// Returns every problem as `SM0004 3:1`: code, line, column.
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

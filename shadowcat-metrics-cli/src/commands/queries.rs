//! What is wrong with the queries of a schema, beside what the compiler says about the rest.

use shadowcat_metrics_codegen::Outcome;
use shadowcat_metrics_operations as operations;

/// Adds the problems of the queries to a report. Without a registry there is nothing to hold them against.
pub(super) fn with_queries(mut outcome: Outcome) -> Outcome {
    let problems = outcome
        .registry()
        .map(|registry| operations::check(registry, &outcome.source));
    outcome.report.extend(problems.into_iter().flatten());
    outcome.report.sort();
    outcome
}

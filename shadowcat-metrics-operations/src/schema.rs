//! The PromQL of a schema, checked: problems are shown where they stand in `metrics.toml`.

use std::ops::Range;

use shadowcat_metrics_codegen::model::{Expression, Registry};
use shadowcat_metrics_codegen::{Diagnostic, Source};

use crate::promql::{self, Finding, Vocabulary};
use crate::rules;

/// Every problem with the expressions of a schema's alerts, in source order. What the compiler has checked already is not
/// said again.
#[must_use]
pub fn check(registry: &Registry, source: &Source) -> Vec<Diagnostic> {
    let vocabulary = rules::vocabulary(registry);
    let mut problems = Vec::new();
    for alert in &registry.alerts {
        problems.extend(check_expression(registry, source, &vocabulary, &alert.expr));
        let test = alert.test.iter();
        for series in test.flat_map(|test| test.fires.iter().chain(&test.silent)) {
            problems.extend(check_expression(
                registry,
                source,
                &vocabulary,
                &series.series,
            ));
        }
    }
    problems.sort_by_key(|problem| problem.primary);
    problems
}

fn check_expression(
    registry: &Registry,
    source: &Source,
    vocabulary: &Vocabulary,
    expression: &Expression,
) -> Vec<Diagnostic> {
    let query = expression.promql(registry);
    let locate = |range: Range<usize>| expression.locate(registry, source, range);
    let problem = |finding: Finding| {
        let span = locate(finding.range);
        let problem = Diagnostic::error(finding.code, span, finding.message).label(finding.label);
        match finding.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    };
    promql::check(&query, vocabulary)
        .into_iter()
        .map(problem)
        .collect()
}

//! `check`: every problem of a schema, in source order.

use shadowcat_metrics_codegen::{Outcome, compile, series};
use shadowcat_metrics_operations::Options;

use super::generate::beside;
use super::queries::{notes, with_queries};
use super::report;
use crate::answer::{Answer, Verdict};
use crate::args::{CheckArgs, Format};
use crate::failure::{Failure, GOOD};
use crate::input::read_schema;

pub(super) fn run(args: &CheckArgs) -> Result<Answer, Failure> {
    let options = Options {
        notes: notes(&beside(&args.file))?,
        ..Options::default()
    };
    let outcome = with_queries(compile(read_schema(&args.file)?), &options);
    let denied = args.deny_warnings && outcome.report.warnings().next().is_some();
    let verdict = if outcome.report.has_errors() || denied {
        Verdict::Problems
    } else {
        Verdict::Fine
    };
    match args.format {
        Format::Json => Answer::json(&report::json(&outcome), verdict),
        Format::Human => Ok(Answer {
            stdout: summary(&outcome),
            stderr: report::human(&outcome),
            verdict,
        }),
    }
}

/// What the schema amounts to, once it is valid.
fn summary(outcome: &Outcome) -> String {
    let Some(registry) = outcome.registry() else {
        return String::new();
    };
    format!(
        "{GOOD}ok{GOOD:#}: {} has {} and exposes at most {} series (budget {})\n",
        outcome.source.name(),
        report::count(registry.metrics.len(), "metric"),
        series::total(registry),
        registry.series_budget,
    )
}

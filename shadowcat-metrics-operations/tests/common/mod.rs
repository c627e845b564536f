//! What several tests share: schemas that compile, what is known about their series, and cases as rows of text.

#[path = "../../../tests/rows.rs"]
mod rows;

use shadowcat_metrics_codegen::Source;
use shadowcat_metrics_operations::files::{self, File};
use shadowcat_metrics_operations::promql::Vocabulary;
use shadowcat_metrics_operations::{Outcome, Schema, compile};

pub(crate) use rows::rows;

pub(crate) const EVERYTHING: &str = include_str!("../../../tests/golden/everything.toml");
pub(crate) const SHADOWCAT: &str = include_str!("../../../metrics.toml");

pub(crate) fn compiled(schema: &str) -> Outcome {
    compile(Source::new("metrics.toml", schema))
}

/// Returns a schema without errors.
#[track_caller]
pub(crate) fn schema(text: &str) -> Schema {
    let outcome = compiled(text);
    let schema = outcome.schema();
    let schema = schema.unwrap_or_else(|| panic!("{:#?}", outcome.report.diagnostics()));
    schema.clone()
}

/// Returns what is known about the series of a schema and of a file with rules.
#[track_caller]
pub(crate) fn vocabulary(schema: &str, rules: &str) -> Vocabulary {
    let mut vocabulary = Vocabulary::of_schema(&self::schema(schema));
    let source = Source::new("rules.yml", rules);
    files::learn(&[File::read(&source)], &mut vocabulary);
    vocabulary
}

/// Compares the result of each case with the one in its row.
#[track_caller]
pub(crate) fn assert_rows(text: &str, result: impl Fn(&str) -> String) {
    for (case, expected) in rows(text) {
        assert_eq!(result(case), expected, "{case}");
    }
}

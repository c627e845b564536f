//! Tools for the author of a `metrics.toml`: lints, rendered problems, the reference, the catalog, the JSON Schema for
//! editors, and the pages about errors and lints.
//!
//! The macro does not use this crate, so programs do not compile it. Each document depends only on the model, so the same
//! schema results in the same bytes. A crate that owns sections of the schema passes in their contents.

pub mod annotations;
pub mod catalog;
pub mod code_pages;
pub mod codes;
pub mod conditions;
pub mod edit;
pub mod json_schema;
pub mod language;
pub mod lint;
pub mod otel;
pub mod page;
pub mod reference;
mod render;
pub mod series;
#[cfg(test)]
#[expect(dead_code, reason = "`rules` and `labels` are for the compiler")]
#[path = "../../tests/schema_rows.rs"]
mod testing;

pub use render::{Style, render};

use shadowcat_metrics_codegen::lint::Linter;
#[cfg(test)]
use shadowcat_metrics_codegen::name;
use shadowcat_metrics_codegen::section::{Checker, Entry, Sections};
use shadowcat_metrics_codegen::{Files, Outcome, Report, Source, Version, compile_sections};

/// Compiles a schema with all lints. The report has every problem.
///
/// ```
/// use shadowcat_metrics_authoring::{Style, compile, render};
/// use shadowcat_metrics_codegen::Source;
///
/// let schema = "format = 1\nnamespace = \"shop\"\n\n[groups.cart]\nhelp = \"Shopping carts.\"\n";
/// let outcome = compile(Source::new("metrics.toml", schema));
/// let warning = outcome.report.warnings().next().expect("the group is empty");
/// assert!(render(warning, &outcome.source, Style::Plain).starts_with("warning[SM1106]: "));
/// ```
#[must_use]
pub fn compile(source: Source) -> Outcome {
    compile_files(source, None, None)
}

/// Like [`compile`], for a schema that may include other files, and for a release of the package that the
/// metrics belong to.
#[must_use]
pub fn compile_files(
    source: Source,
    files: Option<&dyn Files>,
    release: Option<&Version>,
) -> Outcome {
    compile_sections(source, files, release, Some(&mut OnlyLints))
}

/// Adds the lints and ignores the sections that other crates own.
struct OnlyLints;

impl Sections for OnlyLints {
    fn parse(&mut self, _tables: &[(&'static str, &Entry)], _report: &mut Report) {}

    fn check(&mut self, _checker: &mut Checker<'_>) {}

    fn lint(&self, linter: &mut Linter<'_>) {
        lint::run(linter);
    }
}

#[test]
fn lints_that_need_a_complete_schema_wait_for_errors() {
    testing::lints("order: counter | orders: conter => unknown-kind \"conter\"");
}

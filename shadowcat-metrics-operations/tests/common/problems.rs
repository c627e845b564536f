//! The problems in files as lines of text, for this crate's tests and for those next to the rules.

use shadowcat_metrics_codegen::{Report, Source};
use shadowcat_metrics_operations::files::{self, File};
use shadowcat_metrics_operations::promql::Vocabulary;
use shadowcat_metrics_operations::weaver::{Import, import};
use shadowcat_metrics_operations::{Schema, compile};

/// Returns a schema without errors.
#[track_caller]
pub(crate) fn schema(text: &str) -> Schema {
    let outcome = compile(Source::new("metrics.toml", text));
    let schema = outcome.schema();
    let schema = schema.unwrap_or_else(|| panic!("{:#?}", outcome.report.diagnostics()));
    schema.clone()
}

/// Returns what is known about the series of a schema and of a file with rules.
#[track_caller]
pub(crate) fn vocabulary(schema: &str, rules: &str) -> Vocabulary {
    let mut vocabulary = Vocabulary::of_schema(&self::schema(schema));
    let rules = Source::new("rules.yml", rules);
    files::learn(&[File::read(&rules)], &mut vocabulary);
    vocabulary
}

/// Returns each problem in a rule file or dashboard as `SM0902 3:7 app_x`: the code, the position and the text there.
pub(crate) fn problems_in_file(schema: &str, name: &str, text: &str) -> Vec<String> {
    let source = Source::new(name, text);
    let report = File::read(&source).check(&vocabulary(schema, text));
    let shown = report.diagnostics().iter().map(|problem| {
        let at = source.position(problem.primary.start);
        let text = source.slice(problem.primary);
        format!("{} {}:{} {text}", problem.code.id(), at.line, at.column)
    });
    shown.collect()
}

/// Imports one file of a registry. Returns the schema, and the problems in alphabetical order, each as `CODE PLACE: MESSAGE`.
pub(crate) fn imported(text: &str, options: &Import) -> (Option<String>, Vec<String>) {
    let file = Source::new("registry.yaml", text);
    let imported = import(std::slice::from_ref(&file), options);
    let problems = imported.reports.iter().flat_map(Report::diagnostics);
    let shown = problems.map(|problem| {
        let at = file.slice(problem.primary);
        format!("{} {at}: {}", problem.code.name(), problem.message)
    });
    let mut shown: Vec<_> = shown.collect();
    shown.sort();
    (imported.schema, shown)
}

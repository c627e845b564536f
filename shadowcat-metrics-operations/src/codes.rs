//! Every code that a message can have: those of the compiler, and those of this crate.

use shadowcat_metrics_authoring::code_pages as pages;
use shadowcat_metrics_authoring::codes::{EXAMPLE_RELEASE, Explain, complete_example};
use shadowcat_metrics_authoring::lint;
use shadowcat_metrics_codegen::{Code, Diagnostic, Source, Span};

pub use crate::files::format::{RULES_FORMAT, UTF8_NAME};
pub use crate::files::suppress::SUPPRESSION;
use crate::files::{self, File, format, suppress};
pub use crate::files::{RECORDED_METRIC, UNREADABLE_FILE};
pub use crate::promql::calls::{
    FUNCTION_UNFIT, MIXED_GROUPING, QUANTILE_UNFIT, RENAMED_COUNTED_TWICE,
};
pub use crate::promql::histograms::{BARE_HISTOGRAM, CLASSIC_HISTOGRAM, HISTOGRAM_UNFIT};
pub use crate::promql::matchers::{
    IMPOSSIBLE_LABELS, NOT_A_BUCKET, SERIES_WITHOUT_LABEL, UNREACHABLE_VALUE,
};
pub use crate::promql::operators::{RAW_COUNTER, UNMATCHED_LABELS, UNREACHABLE_LIMIT};
pub use crate::promql::query::PROMQL_SYNTAX;
pub use crate::promql::walk::{
    DEPRECATED, GROUPING_WITHOUT_LABEL, RANGE_WITHOUT_UNIT, UNKNOWN_SERIES,
};
use crate::promql::{Vocabulary, calls, histograms, matchers, operators, query, walk};
pub use crate::schema::{RUNBOOK_WITHOUT_NOTES, UNTESTED_ALERT};
pub use crate::templates::{TEMPLATE_SYNTAX, TEMPLATE_WITHOUT_LABEL};
use crate::{Options, schema, sections, templates, weaver};

/// Returns the codes about queries, rule files, templates and runbooks, by file.
pub fn checks() -> impl Iterator<Item = Code> {
    let tables = [
        calls::CODES,
        histograms::CODES,
        matchers::CODES,
        operators::CODES,
        query::CODES,
        walk::CODES,
        files::CODES,
        format::CODES,
        suppress::CODES,
        schema::CODES,
        templates::CODES,
    ];
    tables.into_iter().flatten().copied()
}

/// The codes about queries, files and registries that are warnings.
pub const WARNINGS: &[Code] = &[
    UNTESTED_ALERT,
    RUNBOOK_WITHOUT_NOTES,
    RANGE_WITHOUT_UNIT,
    SUPPRESSION,
    weaver::NOT_IN_REGISTRY,
    weaver::NOT_IMPORTED,
    weaver::IMPORT_GAP,
    MIXED_GROUPING,
    UTF8_NAME,
    DEPRECATED,
    RENAMED_COUNTED_TWICE,
];

/// Creates a problem with the severity of its code.
pub(crate) fn problem(code: Code, span: Span, message: impl Into<String>) -> Diagnostic {
    if WARNINGS.contains(&code) {
        Diagnostic::warning(code, span, message)
    } else {
        Diagnostic::error(code, span, message)
    }
}

/// Returns every code, sorted by id.
#[must_use]
pub fn all() -> Vec<Code> {
    let mut all: Vec<_> = lint::all_codes()
        .chain(sections::codes())
        .chain(checks())
        .chain(weaver::CODES.iter().copied())
        .collect();
    all.sort_by_key(|code| code.id());
    all
}

/// Returns the codes of `[policy]`, `[operations]`, `[slos]` and `[alerts]`.
pub fn sections() -> impl Iterator<Item = Code> {
    sections::codes()
}

/// Emits the page about errors as Markdown.
#[must_use]
pub fn emit_errors() -> String {
    let mut errors = all();
    errors.retain(|code| lint::all().all(|lint| lint.code != *code));
    pages::emit_errors(&errors, WARNINGS, |source| {
        if source.name() == pages::RULE_FILE {
            let metrics = complete_example(&PROMQL_SYNTAX.right());
            let outcome = crate::compile(Source::new("metrics.toml", metrics));
            let report = File::read(&source).check(&Vocabulary::of_schema(outcome.skeleton()));
            return (source, report);
        }
        let outcome = crate::compile_files(source, None, Some(&EXAMPLE_RELEASE));
        let (source, mut report) = (outcome.source.clone(), outcome.report.clone());
        if let Some(schema) = outcome.schema() {
            report.extend(crate::check(schema, &source, &Options::default()));
        }
        (source, report)
    })
}

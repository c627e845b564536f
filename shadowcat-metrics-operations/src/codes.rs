//! Every code that a message can carry: those of the compiler, and those of what operators own.

use shadowcat_metrics_codegen::codes::{self, EXAMPLE_RELEASE};
use shadowcat_metrics_codegen::emit::codes as pages;
use shadowcat_metrics_codegen::lint::LINTS;
use shadowcat_metrics_codegen::{Code, Source};

use crate::sections;

/// Returns every code, in the order of their ids.
#[must_use]
pub fn all() -> Vec<Code> {
    let mut all: Vec<_> = codes::all().chain(sections::codes()).collect();
    all.sort_by_key(|code| code.id());
    all
}

/// Returns the codes of `[operations]`, `[slos]` and `[alerts]`.
pub fn sections() -> impl Iterator<Item = Code> {
    sections::codes()
}

/// Emits the page about errors as Markdown.
#[must_use]
pub fn emit_errors() -> String {
    let mut errors = all();
    errors.retain(|code| LINTS.iter().all(|lint| lint.code != *code));
    pages::emit_errors(&errors, |source: Source| {
        let outcome = crate::compile_files(source, None, Some(&EXAMPLE_RELEASE));
        (outcome.source, outcome.report)
    })
}

//! The compiler of `shadowcat-metrics`. It turns a `metrics.toml` into a checked [`model::Registry`] or a
//! [`Report`], and the registry into recorders.
//!
//! It is an ordinary library: the macro, the build script and the command are thin shells over [`compile`]
//! and [`emit`].

mod check;
pub mod codes;
mod diagnostic;
pub mod duration;
pub mod files;
pub mod fix;
pub mod language;
pub mod lint;
mod look_alikes;
pub mod model;
pub mod name;
mod parse;
pub mod pattern;
pub mod section;
pub mod sentence;
pub mod series;
mod source;
pub mod suggest;
#[cfg(test)]
#[path = "../../tests/schema_rows.rs"]
mod testing;

/// The compiler's outputs. They depend only on the model, so the same schema gives the same bytes.
pub mod emit {
    pub mod markdown;
    pub mod recorders;
}

pub use codes::Code;
pub use diagnostic::{Diagnostic, Report, Reported, Severity};
pub use files::Files;
pub use fix::Fix;
pub use source::{Position, Source, Span, Spanned};

pub use semver::Version;

use codes::errors::{
    INCLUDE_NOT_FOUND, UNKNOWN_BUCKET_SET, UNKNOWN_GROUP, UNKNOWN_LABEL, UNKNOWN_METRIC,
};
use model::Registry;
use section::Sections;

/// Codes for undeclared names.
const UNKNOWN: [Code; 4] = [
    UNKNOWN_LABEL,
    UNKNOWN_BUCKET_SET,
    UNKNOWN_METRIC,
    UNKNOWN_GROUP,
];

/// The result of compiling a schema.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The schema; positions in the report point into it.
    pub source: Source,
    /// Every problem found, in source order.
    pub report: Report,
    registry: Registry,
}

impl Outcome {
    /// Returns the checked schema, unless there are errors.
    #[must_use]
    pub fn registry(&self) -> Option<&Registry> {
        (!self.report.has_errors()).then_some(&self.registry)
    }

    /// Returns as much of the schema as could be understood despite errors. It can always be emitted, so that
    /// correct call sites still compile.
    #[must_use]
    pub fn skeleton(&self) -> &Registry {
        &self.registry
    }

    /// Splits it into its source, its report and its [`skeleton`](Self::skeleton).
    #[must_use]
    pub fn into_parts(self) -> (Source, Report, Registry) {
        (self.source, self.report, self.registry)
    }
}

/// Compiles a schema: parses it, checks it and runs the lints that are errors. The report has every problem.
#[must_use]
pub fn compile(source: Source) -> Outcome {
    compile_files(source, None, None)
}

/// Like [`compile`], for a schema that may include other files, and for a release of the package that the metrics belong to.
///
/// The texts of included files are appended to the schema's own, so that every position in the report and in the registry
/// identifies its file. Without `files`, nothing can be included, as for a schema from standard input. A former name or
/// deprecated metric that should have been removed by the release is an error.
#[must_use]
pub fn compile_files(
    source: Source,
    files: Option<&dyn Files>,
    release: Option<&Version>,
) -> Outcome {
    compile_sections(source, files, release, None)
}

/// Like [`compile_files`], with the schema's sections that another crate owns and with further lints. Without
/// them, these sections are ignored.
#[must_use]
pub fn compile_sections<'s>(
    source: Source,
    files: Option<&dyn Files>,
    release: Option<&Version>,
    mut sections: Option<&mut (dyn Sections + 's)>,
) -> Outcome {
    let mut syntax = Report::default();
    let mut meaning = Report::default();
    let (source, schema) = parse::parse_schema(
        source,
        files,
        sections.as_deref_mut(),
        &mut syntax,
        &mut meaning,
    );
    let mut registry = check::check_schema(
        &schema,
        &source,
        release,
        sections.as_deref_mut(),
        &mut meaning,
    );
    registry.fingerprint = source.fingerprint();
    lint::lint_registry(&registry, sections, &mut meaning);

    // A name from a file that could not be included may be declared there.
    let lacks_file = |report: &Report| report.errors().any(|error| error.code == INCLUDE_NOT_FOUND);
    if lacks_file(&meaning) {
        meaning.retain(|problem| !UNKNOWN.contains(&problem.code));
    }

    // Everything after an unclosed quote or bracket is misread, so reports about its meaning would be misleading.
    let mut report = if syntax.has_errors() { syntax } else { meaning };
    report.sort();
    Outcome {
        source,
        report,
        registry,
    }
}

//! The compiler of `shadowcat-metrics`: a `metrics.toml` in, a checked [`model::Registry`] or a [`Report`] out, and
//! from the registry the recorders, the reference and the catalogue.
//!
//! An ordinary library: the macro, the build script and the command are thin shells over [`compile`] and [`emit`].

mod check;
pub mod codes;
mod diagnostic;
pub mod duration;
pub mod emit;
mod excerpt;
pub mod files;
mod fix;
pub mod language;
pub mod lint;
pub mod model;
pub mod name;
mod parse;
pub mod section;
pub mod sentence;
pub mod series;
mod source;
pub mod suggest;
#[cfg(test)]
mod testing;

pub use codes::Code;
pub use diagnostic::{Diagnostic, Report, Severity};
#[cfg(feature = "documents")]
pub use diagnostic::{Style, render};
pub use excerpt::plain;
pub use files::Files;
pub use fix::{Edit, Fix};
pub use source::{Position, Source, Span};

pub use semver::Version;

use codes::errors::{
    INCLUDE_NOT_FOUND, UNKNOWN_BUCKET_SET, UNKNOWN_GROUP, UNKNOWN_LABEL, UNKNOWN_METRIC,
};
use model::Registry;
use section::Sections;

/// What is said of a name that is not declared.
const UNKNOWN: [Code; 4] = [
    UNKNOWN_LABEL,
    UNKNOWN_BUCKET_SET,
    UNKNOWN_METRIC,
    UNKNOWN_GROUP,
];

/// What came of a schema.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The schema; positions in the report point into it.
    pub source: Source,
    /// Every problem found, in source order.
    pub report: Report,
    registry: Registry,
}

impl Outcome {
    /// The checked schema, if nothing is wrong with it beyond warnings.
    #[must_use]
    pub fn registry(&self) -> Option<&Registry> {
        (!self.report.has_errors()).then_some(&self.registry)
    }

    /// As much of the schema as can be made out, whatever is wrong with it. Always fit to be emitted, so that call
    /// sites of what is right go on compiling.
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

/// Compiles a schema: parses it, checks it, lints it. Every problem found on the way is in the report; warnings, only with the
/// feature `warnings`.
#[must_use]
pub fn compile(source: Source) -> Outcome {
    compile_for(source, None)
}

/// The same for a release of the package that the metrics belong to: a former name, or a deprecated metric, that was to be
/// gone by then is an error.
#[must_use]
pub fn compile_for(source: Source, release: Option<&Version>) -> Outcome {
    compile_files(source, None, release)
}

/// The same for a schema that may include other files. Their text is put behind its own, so that every position in the
/// report and in the registry tells the file as well.
///
/// Without `files` nothing can be included, as for a schema that is read from standard input.
#[must_use]
pub fn compile_files(
    source: Source,
    files: Option<&dyn Files>,
    release: Option<&Version>,
) -> Outcome {
    compile_all(source, files, release, None)
}

/// The same with the sections of the schema that another crate owns. Without them, these sections are passed over: the
/// report says nothing about what is in them.
#[must_use]
pub fn compile_sections(
    source: Source,
    files: Option<&dyn Files>,
    release: Option<&Version>,
    sections: &mut dyn Sections,
) -> Outcome {
    compile_all(source, files, release, Some(sections))
}

fn compile_all<'s>(
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
    let mut registry = check::check_schema(&schema, &source, release, sections, &mut meaning);
    registry.fingerprint = source.fingerprint();
    lint::lint_registry(&registry, &mut meaning);

    // What is declared in a file that could not be included is not unknown, only not there to be seen.
    let lacks_file = |report: &Report| report.errors().any(|error| error.code == INCLUDE_NOT_FOUND);
    if lacks_file(&meaning) {
        meaning.retain(|problem| !UNKNOWN.contains(&problem.code));
    }

    // What follows an open quote or bracket is misread, so nothing that it seems to mean is worth a word.
    let mut report = if syntax.has_errors() { syntax } else { meaning };
    report.sort();
    Outcome {
        source,
        report,
        registry,
    }
}

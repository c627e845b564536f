//! Compiles a schema including the sections for operators.

use shadowcat_metrics_codegen::model::Registry;
use shadowcat_metrics_codegen::{Files, Report, Source, Version, compile_sections};

use crate::model::Schema;
use crate::sections::Claim;

/// The result of compiling a schema.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The text of the schema; positions in the report point into it.
    pub source: Source,
    /// Every problem found, in source order.
    pub report: Report,
    schema: Schema,
}

impl Outcome {
    /// Returns the checked schema, unless there are errors.
    #[must_use]
    pub fn schema(&self) -> Option<&Schema> {
        (!self.report.has_errors()).then_some(&self.schema)
    }

    /// Returns the metrics of the checked schema, unless there are errors.
    #[must_use]
    pub fn registry(&self) -> Option<&Registry> {
        self.schema().map(|schema| &schema.registry)
    }

    /// Returns as much of the schema as could be understood despite errors.
    #[must_use]
    pub fn skeleton(&self) -> &Schema {
        &self.schema
    }
}

/// Compiles a schema. The report has every problem.
#[must_use]
pub fn compile(source: Source) -> Outcome {
    compile_files(source, None, None)
}

/// Compiles a schema that may include other files, for a release of the package that the metrics belong to.
///
/// See [`compile_files`](shadowcat_metrics_codegen::compile_files), which does the same without objectives
/// and alerts.
#[must_use]
pub fn compile_files(
    source: Source,
    files: Option<&dyn Files>,
    release: Option<&Version>,
) -> Outcome {
    let mut sections = Claim::default();
    let outcome = compile_sections(source, files, release, Some(&mut sections));
    let (source, report, registry) = outcome.into_parts();
    let report = sections.apply_policies(&registry, report);
    Outcome {
        source,
        report,
        schema: sections.into_schema(registry),
    }
}

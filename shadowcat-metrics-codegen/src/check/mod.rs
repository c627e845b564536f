//! From the parsed schema to the model: resolves references, determines names, and checks every rule of the
//! language.
//!
//! A fault is reported and then corrected by the likeliest guess: an unknown name becomes its near miss, an
//! unusable name is changed, a metric without a kind is omitted. One mistake thus gives one message, and the
//! registry can always be emitted.

pub(crate) mod buckets;
pub(crate) mod budget;
mod groups;
pub(crate) mod header;
pub(crate) mod labels;
pub(crate) mod lifecycle;
pub(crate) mod metrics;
pub(crate) mod names;
pub(crate) mod native;
pub(crate) mod otel;
mod own;
pub(crate) mod ratios;
pub(crate) mod scope;
pub(crate) mod sums;
pub(crate) mod values;
pub(crate) mod words;

use semver::Version;

use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Report, Reported};
use crate::model::{LabelId, MetricId, Registry};
use crate::parse::ast::Schema;
use crate::section::Sections;
use crate::source::{Source, Span};
use scope::Scope;
pub use words::Hint;

/// Checks a schema. The registry is complete if the report has no error, and a best effort otherwise.
///
/// `release` is the version of the package that the schema is compiled for, if known. Items that this version
/// should have removed are errors.
pub(crate) fn check_schema(
    schema: &Schema,
    source: &Source,
    release: Option<&Version>,
    sections: Option<&mut (dyn Sections + '_)>,
    report: &mut Report,
) -> Registry {
    let mut checker = Checker {
        source,
        release,
        registry: Registry::default(),
        scope: Scope::default(),
        report,
    };
    let defaults = checker.check_header(schema);
    checker.check_labels(&schema.labels, &defaults);
    checker.check_sums(&schema.labels);
    checker.check_bucket_sets(&schema.buckets);
    checker.check_groups(&schema.groups);
    checker.check_metrics(&schema.metrics, &defaults);
    checker.check_metric_references(&schema.metrics);
    checker.check_stable_metrics(schema);
    checker.add_own_metrics();
    checker.check_exposed_names();
    checker.check_otel_names();
    if let Some(sections) = sections {
        sections.check(&mut checker);
    }
    checker.check_budget(schema.defaults.series_budget.span());
    checker.registry
}

/// The shared state of all checks.
#[derive(Debug)]
pub struct Checker<'r> {
    release: Option<&'r Version>,
    /// The source of strings whose parts have positions.
    source: &'r Source,
    registry: Registry,
    scope: Scope,
    report: &'r mut Report,
}

impl<'r> Checker<'r> {
    /// Returns the metrics after all checks.
    #[must_use]
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Returns the text of the schema.
    #[must_use]
    pub const fn source(&self) -> &'r Source {
        self.source
    }

    /// Adds a problem.
    pub fn report(&mut self, problem: Diagnostic) {
        self.report.push(problem);
    }

    /// Adds an error.
    pub fn error(&mut self, code: Code, at: Span, message: impl Into<String>) -> Reported<'_> {
        self.report.error(code, at, message)
    }

    /// Finds a metric by `group.metric`, the string at `span`. Reports an unknown name, and returns its near
    /// miss.
    pub fn resolve_metric(&mut self, name: &str, span: Span) -> Option<MetricId> {
        let metrics = &mut self.scope.metrics;
        let found = metrics.resolve(name, span, &scope::METRIC, None, self.report);
        found.map(MetricId)
    }

    /// Like [`resolve_metric`](Self::resolve_metric), for a name that is a part of a string.
    pub fn resolve_metric_in_text(&mut self, name: &str, span: Span) -> Option<MetricId> {
        let metrics = &mut self.scope.metrics;
        let found = metrics.resolve(name, span, &scope::METRIC_IN_TEXT, None, self.report);
        found.map(MetricId)
    }

    /// Finds a label. Reports an unknown name, and returns its near miss. `else_known` says more about a name without one.
    fn resolve_label(
        &mut self,
        name: &str,
        span: Span,
        else_known: Option<String>,
    ) -> Option<LabelId> {
        let labels = &mut self.scope.labels;
        let found = labels.resolve(name, span, &scope::LABEL, else_known, self.report);
        found.map(LabelId)
    }

    /// Returns whether a metric is declared, so that a reference to it is not reported.
    #[must_use]
    pub fn knows_metric(&self, name: &str) -> bool {
        self.scope.metrics.knows(name)
    }

    /// Returns whether the labels, the unit or the bounds of a metric may be missing after an error, which was reported.
    #[must_use]
    pub fn is_faulty_metric(&self, metric: MetricId) -> bool {
        self.scope.faulty.metrics.contains(&metric)
    }

    /// Returns whether the values of a label may be missing after an error, which was reported.
    #[must_use]
    pub fn has_faulty_values(&self, label: LabelId) -> bool {
        self.scope.faulty.labels.contains(&label)
    }
}

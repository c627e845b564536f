//! From the schema as written to the model: every reference resolved, every name final, every rule of the language held.
//!
//! Whatever is wrong is reported and then mended by the likeliest guess (a near miss is taken for what it misses, a
//! name that cannot be used is changed, a metric without a kind is left out), so that one mistake is one message and
//! the registry can be emitted in any case.
//!
//! One file a subject: [`header`], [`labels`] with [`label_values`], [`buckets`], [`groups`], [`metrics`] with [`kinds`],
//! [`lifecycle`] and [`renames`], [`ratios`], [`own`] for the library's own metrics, [`exposed`] for clashes of exposed
//! names, [`slos`] with [`indicators`] and [`events`], [`alerts`], [`budget`]; and what they share: [`expressions`],
//! [`identifiers`], [`scope`], [`versions`], [`words`].

mod alerts;
mod bounds;
mod buckets;
mod budget;
mod events;
mod exposed;
mod expressions;
mod groups;
mod header;
mod identifiers;
mod indicators;
mod kinds;
mod label_values;
mod labels;
mod lifecycle;
mod metrics;
mod own;
mod ratios;
mod renames;
mod scope;
mod slos;
mod versions;
mod words;

use crate::diagnostic::Report;
use crate::model::Registry;
use crate::parse::ast::Schema;
use crate::source::Source;
use scope::Scope;
use semver::Version;

/// Checks a schema. The registry is complete if the report has no error, else the best that could be made of it.
///
/// `release` is the version of the package that the schema is compiled for, if it is known: what was to go by then is an
/// error.
pub(crate) fn check_schema(
    schema: &Schema,
    source: &Source,
    release: Option<&Version>,
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
    checker.check_bucket_sets(&schema.buckets);
    checker.check_groups(&schema.groups);
    checker.check_metrics(&schema.metrics, &defaults);
    checker.check_metric_references(&schema.metrics);
    checker.check_promises(schema);
    checker.add_own_metrics();
    checker.check_exposed_names();
    checker.check_operations(&schema.operations);
    checker.check_slos(&schema.slos);
    checker.check_alerts(&schema.alerts);
    checker.check_budget(schema.defaults.series_budget.span());
    checker.registry
}

/// What the checks of all subjects work on.
struct Checker<'r> {
    release: Option<&'r Version>,
    /// Where strings that hold more than themselves are written.
    source: &'r Source,
    registry: Registry,
    scope: Scope,
    report: &'r mut Report,
}

//! Lints: improvements to valid schemas. [`all`] lists them.
//!
//! A lint has a code with explanation and examples, next to its rule in the file of its subject, and a row in
//! a table below. The examples are tests. A rule depends only on the model. A finding is suppressed if the
//! nearest `allow` list that names the lint contains it: the metric's, its group's, or the file's in
//! `[defaults]`.

#![cfg_attr(
    not(feature = "warnings"),
    expect(dead_code, reason = "lints that are warnings use these")
)]

/// A schema with one group, so that examples show only the relevant part.
macro_rules! shop {
    ($rest:literal) => {
        concat!(
            "format = 1\nnamespace = \"shop\"\n\n[groups.cart]\nhelp = \"Shopping carts.\"\n\n",
            $rest,
        )
    };
}

pub mod allows;
#[cfg(feature = "warnings")]
pub mod buckets;
mod finding;
#[cfg(feature = "warnings")]
pub mod help;
#[cfg(feature = "warnings")]
pub mod labels;
#[cfg(feature = "warnings")]
pub mod likeness;
#[cfg(feature = "warnings")]
pub mod meaning;
#[cfg(feature = "warnings")]
pub mod names;
#[cfg(feature = "warnings")]
pub mod otel;
pub mod promtool;
#[cfg(feature = "warnings")]
pub mod unused;
mod words;

use allows::Allows;
use finding::{Findings, Item};

use crate::codes::{Code, errors};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::model::{Label, Metric, MetricId, Origin, Registry};

/// One row of the tables.
#[derive(Debug)]
pub struct Lint {
    /// Its code, whose name is used in `allow` lists.
    pub code: Code,
    /// Whether its findings stop the build.
    pub severity: Severity,
    rule: Rule,
    /// Whether it needs a complete schema. A schema with errors is incomplete: the checks omit or rename what
    /// they cannot correct.
    needs_all: bool,
}

/// The subject of a lint's rule.
#[derive(Debug)]
enum Rule {
    /// The exposed name of each metric, including the library's own.
    Name(fn(&Metric) -> Option<Diagnostic>),
    /// Each metric.
    Metric(fn(&Registry, &Metric) -> Option<Diagnostic>),
    /// Each label.
    Label(fn(&Label) -> Option<Diagnostic>),
    /// Several items at once.
    Schema(fn(&Registry, &mut Findings)),
    /// The `allow` entries that no other lint needed.
    Allows(fn(&Allows<'_>, &mut Findings)),
}

/// Returns every lint, sorted by code. Without the feature `warnings`, only those that are errors.
pub fn all() -> impl Iterator<Item = &'static Lint> + Clone {
    ERRORS.iter().chain(WARNINGS)
}

/// Creates a table of lints from rows of a file, a code and its rule. Those in `of_all` need a complete
/// schema.
macro_rules! lints {
    ($severity:ident: $($file:ident $code:ident $rule:ident $check:ident $($of_all:ident)?;)*) => {
        &[$(Lint {
            code: $file::$code,
            severity: Severity::$severity,
            rule: Rule::$rule($file::$check),
            needs_all: lints!(@ $($of_all)?),
        }),*]
    };
    (@ of_all) => { true };
    (@) => { false };
}

/// The lints of `promtool check metrics`.
const ERRORS: &[Lint] = lints! { Error:
    promtool COUNTER_WITHOUT_TOTAL Name counter_without_total;
    promtool TOTAL_ON_NON_COUNTER Name total_on_non_counter;
    promtool RESERVED_SUFFIX Name reserved_suffix;
    promtool TYPE_IN_NAME Name type_in_name;
    promtool NON_BASE_UNIT Name non_base_unit;
    promtool UNIT_ABBREVIATION Name unit_abbreviation;
    promtool CAMEL_CASE Name camel_case;
    promtool COLON_IN_NAME Name colon_in_name;
};

#[cfg(not(feature = "warnings"))]
const WARNINGS: &[Lint] = &[];

#[cfg(feature = "warnings")]
const WARNINGS: &[Lint] = lints! { Warning:
    names UNIT_IN_NAME Metric unit_in_name;
    names GROUP_IN_NAME Metric group_in_name;
    names MISSING_SUFFIX Metric missing_suffix;
    unused UNUSED_LABEL Schema unused_label of_all;
    unused UNUSED_BUCKETS Schema unused_buckets of_all;
    unused EMPTY_GROUP Schema empty_group of_all;
    allows UNKNOWN_ALLOW Schema unknown_allow;
    allows NEEDLESS_ALLOW Allows needless_allow of_all;
    likeness NEAR_DUPLICATE_NAME Schema near_duplicate_name of_all;
    likeness UNLIKE_BUCKETS Schema unlike_buckets of_all;
    likeness LABEL_SYNONYM Schema label_synonym of_all;
    likeness VALUE_SYNONYM Schema value_synonym of_all;
    help HELP_REPEATS_NAME Schema help_repeats_name of_all;
    help FILLER_HELP Schema filler_help of_all;
    labels DOMINATING_LABEL Schema dominating_label of_all;
    labels PRELUDE_LABEL Label prelude_label of_all;
    labels IDENTIFIER_LABEL Label identifier_label of_all;
    labels BOOLEAN_LABEL Label boolean_label of_all;
    labels LABEL_IN_VALUE Label label_in_value of_all;
    labels LABEL_IN_NAME Metric label_in_name of_all;
    meaning GAUGE_WORD_IN_COUNTER Metric gauge_word_in_counter of_all;
    meaning COUNTER_WORD_IN_GAUGE Metric counter_word_in_gauge of_all;
    names COMMON_PREFIX Schema common_prefix of_all;
    names GENERIC_GROUP Schema generic_group of_all;
    meaning STABLE_WITHOUT_OWNER Metric stable_without_owner of_all;
    buckets COARSE_BUCKETS Metric coarse_buckets of_all;
    buckets MILLISECOND_BOUNDS Metric millisecond_bounds of_all;
    names NUMBER_IN_NAME Metric number_in_name of_all;
    help DUPLICATE_HELP Schema duplicate_help of_all;
    meaning MISSING_UNIT Metric missing_unit of_all;
    labels ONLY_BAD_VALUES Label only_bad_values of_all;
    otel OTEL_NAME_DIFFERS Schema otel_name_differs of_all;
};

/// Runs every lint on a schema. If the report has errors, the registry is incomplete, and only lints that can
/// handle that run.
pub(crate) fn lint_registry(registry: &Registry, report: &mut Report) {
    let complete = !report.has_errors();
    let mut allows = Allows::new(registry);
    // Unused `allow` entries are known after all other lints have run.
    let (last, first): (Vec<_>, Vec<_>) =
        all().partition(|lint| matches!(lint.rule, Rule::Allows(_)));
    for lint in first.into_iter().chain(last) {
        if lint.needs_all && !complete {
            continue;
        }
        for (item, mut problem) in run(&lint.rule, registry, &allows) {
            if allows.permit(lint.code.name(), item) {
                continue;
            }
            // A suffix that conflicts with another metric must be removed in any case, so one report is
            // enough.
            let clashes = lint.code == promtool::RESERVED_SUFFIX
                && report.diagnostics().iter().any(|error| {
                    error.code == errors::COLLIDING_SUFFIX && error.primary == problem.primary
                });
            if !clashes {
                let (name, table) = (lint.code.name(), item.table(registry));
                let allow = format!("to keep it, write `allow = [\"{name}\"]` in `[{table}]`");
                let help = problem.help.into_iter().chain([allow]);
                problem.help = Some(help.collect::<Vec<_>>().join("\n"));
                report.push(problem);
            }
        }
    }
}

fn run(rule: &Rule, registry: &Registry, allows: &Allows<'_>) -> Findings {
    let mut findings = Findings::new();
    match rule {
        Rule::Name(check) => {
            for (index, metric) in registry.metrics.iter().enumerate() {
                // The library's own metrics have no table with an `allow` list.
                let item = match metric.origin {
                    Origin::Schema => Item::Metric(MetricId(index)),
                    Origin::Library => Item::File,
                };
                findings.extend(check(metric).map(|problem| (item, problem)));
            }
        }
        Rule::Metric(check) => {
            let found = finding::metrics(registry)
                .filter_map(|(id, metric)| Some((Item::Metric(id), check(registry, metric)?)));
            findings.extend(found);
        }
        Rule::Label(check) => {
            let found = finding::labels(registry)
                .filter_map(|(id, label)| Some((Item::Label(id), check(label)?)));
            findings.extend(found);
        }
        Rule::Schema(check) => check(registry, &mut findings),
        Rule::Allows(check) => check(allows, &mut findings),
    }
    findings
}

#[test]
fn advice_waits_until_there_are_no_errors() {
    crate::testing::lints("order: counter | orders: conter => unknown-kind \"conter\"");
}

//! Lints: schemas that are valid and could be better. [`all`] lists them.
//!
//! A lint is a code with its explanation and examples, and the rule next to it, in the file of its subject; and a row in
//! a table below. The examples are tests. A rule reads the model and nothing else. A finding is dropped if an `allow` list
//! names the lint: the metric's own, its group's, or the file's in `[defaults]`, whichever is nearest.

#![cfg_attr(
    not(feature = "warnings"),
    expect(
        dead_code,
        unused_imports,
        reason = "lints that are warnings use these"
    )
)]

/// A whole schema with one group, so that an example shows only what it is about.
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
pub mod promtool;
#[cfg(test)]
mod testing;
#[cfg(feature = "warnings")]
pub mod unused;
#[cfg(feature = "warnings")]
mod words;

use allows::Allows;
use finding::Finding;

use crate::codes::{Code, errors};
use crate::diagnostic::{Report, Severity};
use crate::model::Registry;
use Rule::{Present, Whole};

/// One row of the tables.
#[derive(Debug)]
pub struct Lint {
    /// Its code; the code's name is what `allow` lists hold.
    pub code: Code,
    /// Whether what it finds stops the build.
    pub severity: Severity,
    rule: Rule,
}

/// How a lint finds what it finds.
#[derive(Debug)]
enum Rule {
    /// From what is written.
    Present(fn(&Registry, &mut Vec<Finding>)),
    /// From the whole schema, which one with errors is not: the checks leave out, or rename, what they cannot mend.
    Whole(fn(&Registry, &mut Vec<Finding>)),
    /// From the `allow` lists that no other lint needed. The same caution holds.
    Allows(fn(&Allows<'_>, &mut Vec<Finding>)),
}

/// Every lint, in the order of their codes. Without the feature `warnings`, only those that are errors.
pub fn all() -> impl Iterator<Item = &'static Lint> + Clone {
    ERRORS.iter().chain(WARNINGS)
}

/// The lints of `promtool check metrics`.
///
/// They stop the build unless allowed, so that a page that compiles passes promtool. Its other rules cannot be broken here: a
/// metric without `help` and a label called `le` or `quantile` are errors, and label names cannot be in camelCase.
const ERRORS: &[Lint] = &[
    deny(
        promtool::COUNTER_WITHOUT_TOTAL,
        Present(promtool::counter_without_total),
    ),
    deny(
        promtool::TOTAL_ON_NON_COUNTER,
        Present(promtool::total_on_non_counter),
    ),
    deny(
        promtool::RESERVED_SUFFIX,
        Present(promtool::reserved_suffix),
    ),
    deny(promtool::TYPE_IN_NAME, Present(promtool::type_in_name)),
    deny(promtool::NON_BASE_UNIT, Present(promtool::non_base_unit)),
    deny(
        promtool::UNIT_ABBREVIATION,
        Present(promtool::unit_abbreviation),
    ),
    deny(promtool::CAMEL_CASE, Present(promtool::camel_case)),
    deny(promtool::COLON_IN_NAME, Present(promtool::colon_in_name)),
];

#[cfg(not(feature = "warnings"))]
const WARNINGS: &[Lint] = &[];

#[cfg(feature = "warnings")]
const WARNINGS: &[Lint] = &[
    warn(names::UNIT_IN_NAME, Present(names::unit_in_name)),
    warn(names::GROUP_IN_NAME, Present(names::group_in_name)),
    warn(names::MISSING_SUFFIX, Present(names::missing_suffix)),
    warn(unused::UNUSED_LABEL, Whole(unused::unused_label)),
    warn(unused::UNUSED_BUCKETS, Whole(unused::unused_buckets)),
    warn(unused::EMPTY_GROUP, Whole(unused::empty_group)),
    warn(allows::UNKNOWN_ALLOW, Present(allows::unknown_allow)),
    warn(allows::NEEDLESS_ALLOW, Rule::Allows(allows::needless_allow)),
    warn(
        likeness::NEAR_DUPLICATE_NAME,
        Whole(likeness::near_duplicate_name),
    ),
    warn(likeness::UNLIKE_BUCKETS, Whole(likeness::unlike_buckets)),
    warn(likeness::LABEL_SYNONYM, Whole(likeness::label_synonym)),
    warn(likeness::VALUE_SYNONYM, Whole(likeness::value_synonym)),
    warn(help::HELP_REPEATS_NAME, Whole(help::help_repeats_name)),
    warn(help::FILLER_HELP, Whole(help::filler_help)),
    warn(labels::DOMINATING_LABEL, Whole(labels::dominating_label)),
    warn(labels::PRELUDE_LABEL, Whole(labels::prelude_label)),
    warn(labels::IDENTIFIER_LABEL, Whole(labels::identifier_label)),
    warn(labels::BOOLEAN_LABEL, Whole(labels::boolean_label)),
    warn(labels::LABEL_IN_VALUE, Whole(labels::label_in_value)),
    warn(labels::LABEL_IN_NAME, Whole(labels::label_in_name)),
    warn(
        meaning::GAUGE_WORD_IN_COUNTER,
        Whole(meaning::gauge_word_in_counter),
    ),
    warn(
        meaning::COUNTER_WORD_IN_GAUGE,
        Whole(meaning::counter_word_in_gauge),
    ),
    warn(names::COMMON_PREFIX, Whole(names::common_prefix)),
    warn(names::GENERIC_GROUP, Whole(names::generic_group)),
    warn(
        meaning::STABLE_WITHOUT_OWNER,
        Whole(meaning::stable_without_owner),
    ),
    warn(buckets::COARSE_BUCKETS, Whole(buckets::coarse_buckets)),
    warn(
        buckets::MILLISECOND_BOUNDS,
        Whole(buckets::millisecond_bounds),
    ),
    warn(names::NUMBER_IN_NAME, Whole(names::number_in_name)),
    warn(help::DUPLICATE_HELP, Whole(help::duplicate_help)),
    warn(meaning::MISSING_UNIT, Whole(meaning::missing_unit)),
];

const fn deny(code: Code, rule: Rule) -> Lint {
    Lint {
        code,
        severity: Severity::Error,
        rule,
    }
}

const fn warn(code: Code, rule: Rule) -> Lint {
    Lint {
        code,
        severity: Severity::Warning,
        rule,
    }
}

/// Runs every lint over a schema. If the report has errors already, the registry is incomplete, and only lints that
/// need no more than what is there are run.
pub(crate) fn lint_registry(registry: &Registry, report: &mut Report) {
    let complete = !report.has_errors();
    let mut allows = Allows::new(registry);
    // Which `allow` the lints have used is known when all of them have run.
    let (last, first): (Vec<_>, Vec<_>) =
        all().partition(|lint| matches!(lint.rule, Rule::Allows(_)));
    for lint in first.into_iter().chain(last) {
        let mut findings = Vec::new();
        match lint.rule {
            Rule::Present(check) => check(registry, &mut findings),
            Rule::Whole(check) if complete => check(registry, &mut findings),
            Rule::Allows(check) if complete => check(&allows, &mut findings),
            Rule::Whole(_) | Rule::Allows(_) => {}
        }
        for finding in findings {
            if allows.permit(lint.code.name(), finding.item) {
                continue;
            }
            let diagnostic = finding.into_diagnostic(lint, registry);
            // A suffix that clashes with another metric has to go, whatever else may be said against it.
            let clashes = lint.code == promtool::RESERVED_SUFFIX
                && report.diagnostics().iter().any(|error| {
                    error.code == errors::COLLIDING_SUFFIX && error.primary == diagnostic.primary
                });
            if !clashes {
                report.push(diagnostic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{COUNTER, found_in};

    #[test]
    fn advice_waits_until_there_are_no_errors() {
        let tables = [("order", COUNTER), ("orders", "type = \"conter\"")];
        assert_eq!(found_in(&tables), ["unknown-kind \"conter\""]);
    }
}

//! Lints: schemas that are valid and could be better. One rule a file, all of them in [`LINTS`].
//!
//! A rule reads the model and nothing else. What it finds is dropped where an `allow` list names the lint: the
//! metric's own, its group's, or the file's in `[defaults]`, whichever is nearest. A new lint is a file here, a row in
//! [`LINTS`], and a code in [`codes::lints`](crate::codes::lints), whose examples are its tests.

mod allows;
mod finding;
mod words;

mod boolean_label;
mod camel_case;
mod coarse_buckets;
mod colon_in_name;
mod common_prefix;
mod counter_without_total;
mod counter_word_in_gauge;
mod dominating_label;
mod duplicate_help;
mod empty_group;
mod filler_help;
mod gauge_word_in_counter;
mod generic_group;
mod group_in_name;
mod help_repeats_name;
mod identifier_label;
mod label_in_name;
mod label_in_value;
mod label_synonym;
mod millisecond_bounds;
mod missing_suffix;
mod missing_unit;
mod near_duplicate_name;
mod needless_allow;
mod non_base_unit;
mod number_in_name;
mod prelude_label;
mod reserved_suffix;
mod stable_without_owner;
mod total_on_non_counter;
mod type_in_name;
mod unit_abbreviation;
mod unit_in_name;
mod unknown_allow;
mod unlike_buckets;
mod unused_buckets;
mod unused_label;
mod value_synonym;

use allows::Allows;
use finding::Finding;

use crate::codes::{Code, errors, lints};
use crate::diagnostic::{Report, Severity};
use crate::model::Registry;

/// One row of [`LINTS`].
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

/// Every lint, in the order of their codes.
///
/// The first eight are those of `promtool check metrics`. They stop the build unless allowed, so that a page that
/// compiles passes promtool. Its other rules cannot be broken here: a metric without `help` and a label called `le` or
/// `quantile` are errors, and label names cannot be in camelCase.
pub const LINTS: &[Lint] = &[
    deny(
        lints::COUNTER_WITHOUT_TOTAL,
        Rule::Present(counter_without_total::check),
    ),
    deny(
        lints::TOTAL_ON_NON_COUNTER,
        Rule::Present(total_on_non_counter::check),
    ),
    deny(
        lints::RESERVED_SUFFIX,
        Rule::Present(reserved_suffix::check),
    ),
    deny(lints::TYPE_IN_NAME, Rule::Present(type_in_name::check)),
    deny(lints::NON_BASE_UNIT, Rule::Present(non_base_unit::check)),
    deny(
        lints::UNIT_ABBREVIATION,
        Rule::Present(unit_abbreviation::check),
    ),
    deny(lints::CAMEL_CASE, Rule::Present(camel_case::check)),
    deny(lints::COLON_IN_NAME, Rule::Present(colon_in_name::check)),
    warn(lints::UNIT_IN_NAME, Rule::Present(unit_in_name::check)),
    warn(lints::GROUP_IN_NAME, Rule::Present(group_in_name::check)),
    warn(lints::MISSING_SUFFIX, Rule::Present(missing_suffix::check)),
    warn(lints::UNUSED_LABEL, Rule::Whole(unused_label::check)),
    warn(lints::UNUSED_BUCKETS, Rule::Whole(unused_buckets::check)),
    warn(lints::EMPTY_GROUP, Rule::Whole(empty_group::check)),
    warn(lints::UNKNOWN_ALLOW, Rule::Present(unknown_allow::check)),
    warn(lints::NEEDLESS_ALLOW, Rule::Allows(needless_allow::check)),
    warn(
        lints::NEAR_DUPLICATE_NAME,
        Rule::Whole(near_duplicate_name::check),
    ),
    warn(lints::UNLIKE_BUCKETS, Rule::Whole(unlike_buckets::check)),
    warn(lints::LABEL_SYNONYM, Rule::Whole(label_synonym::check)),
    warn(lints::VALUE_SYNONYM, Rule::Whole(value_synonym::check)),
    warn(
        lints::HELP_REPEATS_NAME,
        Rule::Whole(help_repeats_name::check),
    ),
    warn(lints::FILLER_HELP, Rule::Whole(filler_help::check)),
    warn(
        lints::DOMINATING_LABEL,
        Rule::Whole(dominating_label::check),
    ),
    warn(lints::PRELUDE_LABEL, Rule::Whole(prelude_label::check)),
    warn(
        lints::IDENTIFIER_LABEL,
        Rule::Whole(identifier_label::check),
    ),
    warn(lints::BOOLEAN_LABEL, Rule::Whole(boolean_label::check)),
    warn(lints::LABEL_IN_VALUE, Rule::Whole(label_in_value::check)),
    warn(lints::LABEL_IN_NAME, Rule::Whole(label_in_name::check)),
    warn(
        lints::GAUGE_WORD_IN_COUNTER,
        Rule::Whole(gauge_word_in_counter::check),
    ),
    warn(
        lints::COUNTER_WORD_IN_GAUGE,
        Rule::Whole(counter_word_in_gauge::check),
    ),
    warn(lints::COMMON_PREFIX, Rule::Whole(common_prefix::check)),
    warn(lints::GENERIC_GROUP, Rule::Whole(generic_group::check)),
    warn(
        lints::STABLE_WITHOUT_OWNER,
        Rule::Whole(stable_without_owner::check),
    ),
    warn(lints::COARSE_BUCKETS, Rule::Whole(coarse_buckets::check)),
    warn(
        lints::MILLISECOND_BOUNDS,
        Rule::Whole(millisecond_bounds::check),
    ),
    warn(lints::NUMBER_IN_NAME, Rule::Whole(number_in_name::check)),
    warn(lints::DUPLICATE_HELP, Rule::Whole(duplicate_help::check)),
    warn(lints::MISSING_UNIT, Rule::Whole(missing_unit::check)),
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
    let (last, first): (Vec<_>, Vec<_>) = LINTS
        .iter()
        .partition(|lint| matches!(lint.rule, Rule::Allows(_)));
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
            let clashes = lint.code == lints::RESERVED_SUFFIX
                && report.diagnostics().iter().any(|error| {
                    error.code == errors::COLLIDING_SUFFIX && error.primary == diagnostic.primary
                });
            if !clashes {
                report.push(diagnostic);
            }
        }
    }
}

//! Lints: schemas that are valid and could be better. One rule a file, all of them in [`LINTS`].
//!
//! A rule reads the model and nothing else. What it finds is dropped where an `allow` list names the lint: the
//! metric's own, its group's, or the file's in `[defaults]`, whichever is nearest. A new lint is a file here, a row in
//! [`LINTS`], and a code in [`codes::lints`](crate::codes::lints), whose examples are its tests.

mod allows;
mod finding;

mod camel_case;
mod colon_in_name;
mod counter_without_total;
mod empty_group;
mod group_in_name;
mod missing_suffix;
mod needless_allow;
mod non_base_unit;
mod reserved_suffix;
mod total_on_non_counter;
mod type_in_name;
mod unit_abbreviation;
mod unit_in_name;
mod unknown_allow;
mod unused_buckets;
mod unused_label;

use allows::Allows;
use finding::Finding;

use crate::codes::{Code, lints};
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
    /// From what is missing, which a schema with errors cannot tell: the checks leave out what they cannot mend.
    Missing(fn(&Registry, &mut Vec<Finding>)),
    /// From the `allow` lists that no lint before this one needed. The same caution holds.
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
    warn(lints::UNUSED_LABEL, Rule::Missing(unused_label::check)),
    warn(lints::UNUSED_BUCKETS, Rule::Missing(unused_buckets::check)),
    warn(lints::EMPTY_GROUP, Rule::Missing(empty_group::check)),
    warn(lints::UNKNOWN_ALLOW, Rule::Present(unknown_allow::check)),
    // Last, because it asks which `allow` the others have used.
    warn(lints::NEEDLESS_ALLOW, Rule::Allows(needless_allow::check)),
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
    for lint in LINTS {
        let mut findings = Vec::new();
        match lint.rule {
            Rule::Present(check) => check(registry, &mut findings),
            Rule::Missing(check) if complete => check(registry, &mut findings),
            Rule::Allows(check) if complete => check(&allows, &mut findings),
            Rule::Missing(_) | Rule::Allows(_) => {}
        }
        for finding in findings {
            if !allows.permit(lint.code.name(), finding.item) {
                report.push(finding.into_diagnostic(lint, registry));
            }
        }
    }
}

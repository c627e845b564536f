//! Lints: improvements to valid schemas, and the `allow` lists that suppress them.
//!
//! [`ERRORS`] stop the build, so they belong to the compiler. Lints that are warnings come from the crate
//! `shadowcat-metrics-authoring` by [`Sections::lints`](crate::section::Sections::lints). A rule depends only on the model.
//! A finding is suppressed if the nearest `allow` list that names the lint contains it: the metric's, its group's, or
//! the file's in `[defaults]`.

/// A schema with one group, so that examples show only the relevant part.
#[doc(hidden)]
#[macro_export]
macro_rules! shop {
    ($rest:literal) => {
        concat!(
            "format = 1\nnamespace = \"shop\"\n\n[groups.cart]\nhelp = \"Shopping carts.\"\n\n",
            $rest,
        )
    };
}
#[doc(hidden)]
pub use crate::shop;

mod allows;
pub mod promtool;

pub use allows::Allows;

use crate::codes::{Code, errors};
use crate::diagnostic::{Diagnostic, Report, Severity};
use crate::model::{GroupId, Label, LabelId, Metric, MetricId, Origin, Registry, SumId};
use crate::source::Spanned;

/// A lint: a row of a table.
#[derive(Debug)]
pub struct Lint {
    /// Its code, whose name is used in `allow` lists.
    pub code: Code,
    /// Whether its findings stop the build.
    pub severity: Severity,
    /// Its rule, by subject.
    pub rule: Rule,
    /// Whether it needs a complete schema. A schema with errors is incomplete: the checks omit or rename what
    /// they cannot correct.
    pub needs_all: bool,
}

/// The subject of a lint's rule.
#[derive(Debug)]
pub enum Rule {
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

/// The item of a finding. Its `allow` list may suppress the finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// An item without an `allow` list, such as a bucket set.
    File,
    /// A label.
    Label(LabelId),
    /// A sum label.
    Sum(SumId),
    /// A group.
    Group(GroupId),
    /// A metric.
    Metric(MetricId),
}

/// The findings of a rule, with their items.
pub type Findings = Vec<(Item, Diagnostic)>;

impl Item {
    /// Returns the item's `allow` list.
    #[must_use]
    pub fn allow(self, registry: &Registry) -> &[Spanned<String>] {
        match self {
            Self::File => &registry.allow,
            Self::Label(id) => &registry.labels[id.0].allow,
            Self::Sum(id) => &registry.sums[id.0].allow,
            Self::Group(id) => &registry.groups[id.0].allow,
            Self::Metric(id) => &registry.metrics[id.0].allow,
        }
    }

    /// Returns the table with the item's `allow` list.
    #[must_use]
    pub fn table(self, registry: &Registry) -> String {
        match self {
            Self::File => "defaults".to_owned(),
            Self::Label(id) => format!("labels.{}", registry.labels[id.0].key),
            Self::Sum(id) => format!("labels.{}", registry.sums[id.0].name),
            Self::Group(id) => format!("groups.{}", registry.groups[id.0].name),
            Self::Metric(id) => {
                format!("metrics.{}", metric_path(registry, &registry.metrics[id.0]))
            }
        }
    }
}

/// Returns a metric's name in references: `group.metric`.
#[must_use]
pub fn metric_path(registry: &Registry, metric: &Metric) -> String {
    let group = &registry.groups[metric.group.0].name;
    format!("{group}.{}", metric.key)
}

/// Creates a table of lints from rows of a file, a code and its rule. Those in `of_all` need a complete
/// schema.
#[doc(hidden)]
#[macro_export]
macro_rules! lints {
    ($severity:ident: $($file:ident $code:ident $rule:ident $check:ident $($of_all:ident)?;)*) => {
        &[$($crate::lint::Lint {
            code: $file::$code,
            severity: $crate::Severity::$severity,
            rule: $crate::lint::Rule::$rule($file::$check),
            needs_all: $crate::lint::lints!(@ $($of_all)?),
        }),*]
    };
    (@ of_all) => { true };
    (@) => { false };
}
#[doc(hidden)]
pub use crate::lints;

/// The lints of `promtool check metrics`.
pub const ERRORS: &[Lint] = lints! { Error:
    promtool COUNTER_WITHOUT_TOTAL Name counter_without_total;
    promtool TOTAL_ON_NON_COUNTER Name total_on_non_counter;
    promtool RESERVED_SUFFIX Name reserved_suffix;
    promtool TYPE_IN_NAME Name type_in_name;
    promtool NON_BASE_UNIT Name non_base_unit;
    promtool UNIT_ABBREVIATION Name unit_abbreviation;
    promtool CAMEL_CASE Schema camel_case;
    promtool COLON_IN_NAME Name colon_in_name;
};

/// Runs [`ERRORS`] and further lints on a schema. If the report has errors, the registry is incomplete, and only lints that can
/// handle that run.
pub(crate) fn lint_registry(registry: &Registry, further: &[Lint], report: &mut Report) {
    let complete = !report.has_errors();
    let mut allows = Allows::new(registry);
    // Unused `allow` entries are known after all other lints have run.
    let is_last = |lint: &Lint| matches!(lint.rule, Rule::Allows(_));
    for last in [false, true] {
        for lint in ERRORS.iter().chain(further) {
            if is_last(lint) == last && (complete || !lint.needs_all) {
                report_findings(lint, &mut allows, report);
            }
        }
    }
}

fn report_findings(lint: &Lint, allows: &mut Allows<'_>, report: &mut Report) {
    let (name, registry) = (lint.code.name(), allows.registry);
    for (item, mut problem) in run(&lint.rule, registry, allows) {
        // A suffix that conflicts with another metric must be removed in any case, so one report is enough.
        let clashes = lint.code == promtool::RESERVED_SUFFIX
            && report.diagnostics().iter().any(|error| {
                error.code == errors::COLLIDING_SUFFIX && error.primary == problem.primary
            });
        if allows.permit(name, item) || clashes {
            continue;
        }
        let table = item.table(registry);
        let allow = format!("to keep it, write `allow = [\"{name}\"]` in `[{table}]`");
        problem.help = Some(match problem.help {
            Some(help) => format!("{help}\n{allow}"),
            None => allow,
        });
        report.push(problem);
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
                if let Some(problem) = check(metric) {
                    findings.push((item, problem));
                }
            }
        }
        Rule::Metric(check) => {
            for (id, metric) in metrics(registry) {
                if let Some(problem) = check(registry, metric) {
                    findings.push((Item::Metric(id), problem));
                }
            }
        }
        Rule::Label(check) => {
            for (id, label) in labels(registry) {
                if let Some(problem) = check(label) {
                    findings.push((Item::Label(id), problem));
                }
            }
        }
        Rule::Schema(check) => check(registry, &mut findings),
        Rule::Allows(check) => check(allows, &mut findings),
    }
    findings
}

/// Returns the metrics of the schema's author, with their ids.
pub fn metrics(registry: &Registry) -> impl Iterator<Item = (MetricId, &Metric)> {
    let all = registry.metrics.iter().enumerate();
    let own = all.filter(|(_, metric)| metric.origin == Origin::Schema);
    own.map(|(index, metric)| (MetricId(index), metric))
}

/// Returns the labels of the schema's author, with their ids.
pub fn labels(registry: &Registry) -> impl Iterator<Item = (LabelId, &Label)> {
    let all = registry.labels.iter().enumerate();
    let own = all.filter(|(_, label)| label.origin == Origin::Schema);
    own.map(|(index, label)| (LabelId(index), label))
}

/// Returns the words of a list such as `"todo fixme"`.
pub fn split(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(' ')
}

/// Returns whether a list such as `"todo fixme"` has a word.
#[must_use]
pub fn has_word(list: &str, word: &str) -> bool {
    list.split(' ').any(|one| one == word)
}

//! Lints: improvements to valid schemas, and the `allow` lists that suppress them.
//!
//! Lints that stop the build belong to the compiler. Those that are warnings come from the crate `shadowcat-metrics-authoring`
//! by [`Sections::lint`]. A rule depends only on the model.
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

pub mod promtool;

use crate::codes::errors;
use crate::diagnostic::{Diagnostic, Report};
use crate::model::{GroupId, LabelId, Metric, MetricId, Origin, Registry, SumId};
use crate::section::Sections;
use crate::source::Spanned;

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

/// Reports the findings of lints, except for those that the schema's `allow` lists suppress.
#[derive(Debug)]
pub struct Linter<'a> {
    /// The schema.
    pub registry: &'a Registry,
    /// Whether the schema has no errors. If it has some, the checks omitted or renamed what they could not correct.
    pub is_complete: bool,
    report: &'a mut Report,
    /// The entries of `allow` lists that a finding needed. Keyed by address in the model, because two entries may differ only in
    /// their position.
    used: Vec<&'a Spanned<String>>,
}

impl Linter<'_> {
    /// Reports a finding about an item, unless it is allowed.
    pub fn report(&mut self, item: Item, mut problem: Diagnostic) {
        // A suffix that conflicts with another metric must be removed in any case, so one report is enough.
        let clashes = problem.code == promtool::RESERVED_SUFFIX
            && self.report.diagnostics().iter().any(|error| {
                error.code == errors::COLLIDING_SUFFIX && error.primary == problem.primary
            });
        let name = problem.code.name();
        if self.permit(name, item) || clashes {
            return;
        }
        let table = item.table(self.registry);
        let allow = format!("to keep it, write `allow = [\"{name}\"]` in `[{table}]`");
        problem.help = Some(match problem.help {
            Some(help) => format!("{help}\n{allow}"),
            None => allow,
        });
        self.report.push(problem);
    }

    /// Returns whether the nearest list that names the lint allows a finding about `item`. Marks that entry as used.
    fn permit(&mut self, lint: &str, item: Item) -> bool {
        // The item, then its enclosing items.
        let group = match item {
            Item::Metric(id) => Item::Group(self.registry.metrics[id.0].group),
            Item::File | Item::Label(_) | Item::Sum(_) | Item::Group(_) => item,
        };
        for item in [item, group, Item::File] {
            let mut allowed = item.allow(self.registry).iter();
            if let Some(entry) = allowed.find(|allow| allow.value == lint) {
                self.used.push(entry);
                return true;
            }
        }
        false
    }

    /// Returns whether a finding has needed an entry of an `allow` list so far.
    #[must_use]
    pub fn has_used(&self, entry: &Spanned<String>) -> bool {
        self.used.iter().any(|used| std::ptr::eq(*used, entry))
    }
}

/// Runs the lints of promtool, then those of `sections`.
pub(crate) fn lint_registry(
    registry: &Registry,
    sections: Option<&mut (dyn Sections + '_)>,
    report: &mut Report,
) {
    let mut linter = Linter {
        registry,
        is_complete: !report.has_errors(),
        report,
        used: Vec::new(),
    };
    for (index, metric) in registry.metrics.iter().enumerate() {
        // The library's own metrics have no table with an `allow` list.
        let item = match metric.origin {
            Origin::Schema => Item::Metric(MetricId(index)),
            Origin::Library => Item::File,
        };
        for (_, check) in promtool::LINTS {
            if let Some(problem) = check(metric) {
                linter.report(item, problem);
            }
        }
    }
    for (index, label) in registry.labels.iter().enumerate() {
        if let Some(problem) = promtool::camel_case(&label.name, label.name_span) {
            linter.report(Item::Label(LabelId(index)), problem);
        }
    }
    if let Some(sections) = sections {
        sections.lint(&mut linter);
    }
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

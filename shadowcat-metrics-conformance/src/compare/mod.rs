//! A page held against what a schema promises: one file a subject.

mod family;
mod histogram;
mod missing;
mod series;
mod states;
mod watch;

use std::collections::{BTreeSet, HashMap};

use crate::expected::{Expected, Family};
use crate::finding::{Code, Finding, Severity};
use crate::page::{self, Page, Sample};

pub use watch::Watch;

/// What to make of what the schema does not say.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether families outside of the schema's namespace are findings, too.
    pub strict: bool,
    /// Labels that any sample may have, because a scraper or a collector adds them.
    pub allowed_labels: BTreeSet<String>,
}

/// Everything that is wrong with a page, in its order; what is missing comes last.
#[must_use]
pub fn conforms(page: &Page, expected: &Expected, options: &Options) -> Vec<Finding> {
    let mut findings: Vec<_> = page
        .problems
        .iter()
        .map(|problem| Finding {
            code: match problem.severity {
                Severity::Error => Code::UnreadableLine,
                Severity::Warning => Code::DisputedLine,
            },
            family: String::new(),
            line: line(problem.line),
            message: problem.message.clone(),
        })
        .collect();
    let by_name: HashMap<_, _> = expected
        .families
        .iter()
        .map(|family| (family::name_on(page, family), family))
        .collect();
    for family in &page.families {
        match by_name.get(family.name.as_str()) {
            Some(expected) => {
                let mut check = Check {
                    expected,
                    family,
                    options,
                    findings: &mut findings,
                };
                check.metadata(page.format);
                check.series();
                // That there is nothing but metadata and times is said below.
                if family.has_values() {
                    check.missing();
                    check.states();
                    check.histograms();
                }
            }
            None => findings.extend(unknown(family, expected, options)),
        }
    }
    let with_values = page.families.iter().filter(|family| family.has_values());
    let present: BTreeSet<_> = with_values.map(|family| &*family.name).collect();
    let missing = expected.families.iter().filter(|family| {
        !family.may_be_absent() && !present.contains(family::name_on(page, family))
    });
    findings.extend(missing.map(|family| Finding {
        code: if family.is_own {
            Code::MissingOwnFamily
        } else {
            Code::MissingFamily
        },
        family: family.name.clone(),
        line: None,
        message: format!("`{}` has no series on the page", family.name),
    }));
    findings.sort_by_key(|finding| finding.line.unwrap_or(usize::MAX));
    findings
}

fn unknown(family: &page::Family, expected: &Expected, options: &Options) -> Option<Finding> {
    let of_the_schema = expected.namespace.as_ref().is_some_and(|namespace| {
        family
            .name
            .strip_prefix(namespace.as_str())
            .is_some_and(|rest| rest.starts_with('_'))
    });
    (of_the_schema || options.strict).then(|| Finding {
        code: Code::UnknownFamily,
        family: family.name.clone(),
        line: line(family.line),
        message: format!("the schema has no `{}`", family.name),
    })
}

/// A line of a page; none in the format that has no lines.
fn line(number: usize) -> Option<usize> {
    (number > 0).then_some(number)
}

/// One family of a page, and what it should be.
struct Check<'c> {
    expected: &'c Family,
    family: &'c page::Family,
    options: &'c Options,
    findings: &'c mut Vec<Finding>,
}

impl<'c> Check<'c> {
    /// The samples that are values of the family's series, not when those began.
    fn values(&self) -> impl Iterator<Item = &'c Sample> + use<'c> {
        let family = self.family;
        let samples = family.samples.iter();
        samples.filter(|sample| !family.is_created(sample))
    }

    /// The program that a sample is of, by the labels that a scraper or a collector has added: each has the schema's states,
    /// series and bounds for itself.
    fn program<'s>(&self, sample: &'s Sample) -> Vec<(&'s str, &'s str)> {
        let added = self.options.allowed_labels.iter();
        let labels = added.filter(|name| !self.expected.has_label(name));
        labels
            .filter_map(|name| {
                let mut labels = sample.labels.iter();
                let (name, value) = labels.find(|(label, _)| label == name)?;
                Some((name.as_str(), value.as_str()))
            })
            .collect()
    }

    fn find(&mut self, code: Code, line: usize, message: String) {
        self.findings.push(Finding {
            code,
            family: self.expected.name.clone(),
            line: self::line(line),
            message,
        });
    }
}

//! Checks a page against a schema. This file checks names, types, units and help.

mod histogram;
mod series;
mod watch;

use std::collections::{BTreeSet, HashMap, HashSet};

use shadowcat_metrics_codegen::name::ends_with_word;

use crate::expected::{Expected, Family, Values};
use crate::finding::{Code, Finding, Severity};
use crate::page::{self, Format, Page, Sample, Type};

pub use watch::Watch;

/// How to treat families and labels that the schema does not have. By default, families outside of the schema's namespace are
/// ignored, and no further labels are allowed.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether families outside of the schema's namespace are findings, too.
    pub strict: bool,
    /// Labels that any sample may have, because a scraper or a collector adds them.
    pub allowed_labels: BTreeSet<String>,
}

/// Returns the faults of a page, in the order of its lines, followed by missing families.
///
/// ```
/// use shadowcat_metrics_conformance::{Code, Expected, Options, Page, conforms};
///
/// # mod metrics { shadowcat_metrics::metrics!("../tests/golden/everything.toml"); }
/// # fn main() {
/// let metrics = metrics::Metrics::new();
/// let expected = Expected::from(metrics.registry());
/// let page = Page::parse("# TYPE all_plain_events_total gauge\nall_plain_events_total 1\n");
/// let findings = conforms(&page, &expected, &Options::default());
/// assert_eq!(findings[0].code, Code::WrongType);
/// # }
/// ```
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
        .map(|family| (name_on(page, family), family))
        .collect();
    for family in &page.families {
        match by_name.get(family.name.as_str()) {
            Some(expected) => {
                let mut check = Check {
                    expected,
                    family,
                    options,
                    findings: &mut findings,
                    with_wrong_labels: HashSet::new(),
                };
                check.metadata(page.format);
                check.exemplars();
                // Otherwise every sample would be reported for the same reason.
                if check.has_other_parts(page.format) {
                    continue;
                }
                check.series();
                // A family without values is reported below.
                if family.has_values() {
                    check.missing();
                    check.states();
                    check.histograms();
                    if page.format == Format::Protobuf {
                        check.native_buckets();
                    }
                }
            }
            None => findings.extend(unknown(family, expected, options)),
        }
    }
    let with_values = page.families.iter().filter(|family| family.has_values());
    let present: BTreeSet<_> = with_values.map(|family| &*family.name).collect();
    let missing = expected
        .families
        .iter()
        .filter(|family| !family.may_be_absent() && !present.contains(name_on(page, family)));
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
    let of_the_schema = expected.namespaces.iter().any(|namespace| {
        let rest = family.name.strip_prefix(namespace.as_str());
        !namespace.is_empty() && rest.is_some_and(|rest| rest.starts_with('_'))
    });
    (of_the_schema || options.strict).then(|| Finding {
        code: Code::UnknownFamily,
        family: family.name.clone(),
        line: line(family.line),
        message: format!("the schema has no `{}`", family.name),
    })
}

/// Returns a line number, or `None` in protobuf, which has no lines.
fn line(number: usize) -> Option<usize> {
    (number > 0).then_some(number)
}

/// A family on a page, and its expected contents.
struct Check<'c> {
    expected: &'c Family,
    family: &'c page::Family,
    options: &'c Options,
    findings: &'c mut Vec<Finding>,
    /// Samples with a fault in the names of their labels, which may be series that seem to be missing.
    with_wrong_labels: HashSet<*const Sample>,
}

impl<'c> Check<'c> {
    /// Returns the samples with values of the family's series, without creation times.
    fn values(&self) -> impl Iterator<Item = &'c Sample> + use<'c> {
        let family = self.family;
        let samples = family.samples.iter();
        samples.filter(|sample| !family.is_created(sample))
    }

    /// Returns the labels that a scraper or collector has added, which identify a sample's program. Each
    /// program has its own states, series and bounds.
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

/// Returns a family's name in the page's format.
fn name_on<'e>(page: &Page, family: &'e Family) -> &'e str {
    match page.format {
        Format::Text | Format::Protobuf => return &family.name,
        Format::OpenMetrics => {}
    }
    let stem = family.name.strip_suffix(family.kind.suffix);
    stem.filter(|stem| !stem.is_empty()).unwrap_or(&family.name)
}

impl Family {
    /// Returns whether a page may lack the family: it is optional, its open labels have no values, or it has
    /// expired.
    pub(super) fn may_be_absent(&self) -> bool {
        let open = |values: &Values| matches!(values, Values::Open(_));
        self.kind.optional
            || self.expired.is_some()
            || self.labels.iter().any(|label| open(&label.values))
    }

    /// Returns whether it has a label of this name, including facts and the label of its states.
    pub(super) fn has_label(&self, name: &str) -> bool {
        let kind = &self.kind;
        (kind.bounds.is_some() && name == "le")
            || (kind.states.is_some() && name == self.name)
            || kind.facts.iter().any(|fact| fact == name)
            || self.labels.iter().any(|label| label.name == name)
    }

    /// Returns its type on a page. In OpenMetrics, a name without its type's suffix cannot have the type.
    fn type_on(&self, format: Format) -> Type {
        let kind = &self.kind;
        match format {
            Format::Text | Format::Protobuf => kind.text,
            Format::OpenMetrics if self.name.ends_with(kind.suffix) => kind.open_metrics,
            Format::OpenMetrics => kind.without_suffix,
        }
    }
}

impl Check<'_> {
    fn exemplars(&mut self) {
        if self.family.has_exemplars && !self.expected.exemplars {
            let message = format!("`{}` has an exemplar, expected none", self.expected.name);
            self.find(Code::UndeclaredExemplar, self.family.line, message);
        }
    }

    /// Returns whether the family's type has other samples than the expected one: only one of them has buckets or quantiles.
    fn has_other_parts(&self, format: Format) -> bool {
        let (found, expected) = (self.family.kind, self.expected.type_on(format));
        let has_parts =
            |kind| matches!(kind, Type::Histogram | Type::GaugeHistogram | Type::Summary);
        found != expected && (has_parts(found) || has_parts(expected)) && found != Type::Unknown
    }

    pub(super) fn metadata(&mut self, format: Format) {
        let (family, line) = (self.family, self.family.line);
        let name = &self.expected.name;
        if let Some(until) = &self.expected.expired {
            let message = format!("`{name}` should have been removed in {until}");
            self.find(Code::ExpiredName, line, message);
        }
        let expected = self.expected.type_on(format);
        if family.kind != expected {
            let message = format!(
                "`{name}` is of the type {}, expected {}",
                family.kind.name(),
                expected.name()
            );
            self.find(Code::WrongType, line, message);
        }
        if family.help != self.expected.help {
            let wanted = &self.expected.help;
            let message = if family.help.is_empty() {
                format!("`{name}` has no help, expected {wanted:?}")
            } else {
                format!(
                    "the help of `{name}` is {:?}, expected {wanted:?}",
                    family.help
                )
            };
            self.find(Code::WrongHelp, line, message);
        }
        let unit = self.expected.unit;
        let says_unit = match format {
            Format::Text => false,
            Format::OpenMetrics => ends_with_word(&family.name, unit),
            // Many programs omit it there.
            Format::Protobuf => !family.unit.is_empty(),
        };
        let unit = if says_unit { unit } else { "" };
        if family.unit != unit {
            let word = |unit: &str| {
                if unit.is_empty() {
                    "none".to_owned()
                } else {
                    format!("`{unit}`")
                }
            };
            let message = format!(
                "the unit of `{name}` is {}, expected {}",
                word(&family.unit),
                word(unit)
            );
            let code = if family.unit.is_empty() && format == Format::OpenMetrics {
                Code::MissingUnit
            } else {
                Code::WrongUnit
            };
            self.find(code, line, message);
        }
    }
}

//! Checks a page against a schema. This file checks names, types, units and help.

mod histogram;
mod series;
#[cfg(test)]
mod testing;
mod watch;

use std::collections::{BTreeSet, HashMap, HashSet};

use shadowcat_metrics_codegen::name::ends_with_word;

use crate::expected::{Expected, Family, Values};
use crate::finding::{Code, Finding, Severity, codes};
use crate::page::{self, Format, Page, Sample, Type};

pub use watch::Watch;

codes! {
    UNKNOWN_FAMILY = "LC02" "unknown-family" Error:
    "The page has a family in the schema's namespace that the schema does not have.",
    "Declare it in metrics.toml, or find the program or collector that still exposes it.";

    MISSING_FAMILY = "LC03" "missing-family" Error:
    "The page lacks a family that a program exposes from the start.",
    "Check whether the program runs with this schema, and whether its registry is on the page.";

    WRONG_TYPE = "LC04" "wrong-type" Error:
    "The type of a family differs from the schema.",
    "Build the program with this schema, and check whether another collector exposes the name.";

    WRONG_UNIT = "LC05" "wrong-unit" Error:
    "The unit of a family differs from the schema.",
    "Build the program with this schema.";

    WRONG_HELP = "LC06" "wrong-help" Warning:
    "The help text of a family differs from the schema.",
    "Build the program with this schema. Until then, the reference and the page differ.";

    EXPIRED_NAME = "LC17" "expired-name" Error:
    "A metric, or a former name of a metric or label value, is exposed after the release that removes it.",
    "Deploy a build of that release. It does not compile while the schema has the name.";

    MISSING_OWN_FAMILY = "LC22" "missing-own-family" Warning:
    "The page lacks a metric that the library exposes about itself.",
    "Check whether the program uses this library, and whether its whole registry is on the page.";

    MISSING_UNIT = "LC23" "missing-unit" Warning:
    "An OpenMetrics page does not say the unit of a family whose name ends with it.",
    "Build the program with this schema, or ignore this for a program without the library.";

    UNDECLARED_EXEMPLAR = "LC24" "undeclared-exemplar" Warning:
    "A sample has an exemplar, and the schema does not declare `exemplars` for its metric.",
    "Set `exemplars = true` for the metric in metrics.toml, or find the collector that adds the exemplar.";
}

/// How to treat families and labels that the schema does not have. By default, families outside of the schema's namespace are
/// ignored, and no extra labels are allowed.
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
/// assert_eq!(findings[0].code, Code::WRONG_TYPE);
/// # }
/// ```
#[must_use]
pub fn conforms(page: &Page, expected: &Expected, options: &Options) -> Vec<Finding> {
    let mut findings: Vec<_> = page
        .problems
        .iter()
        .map(|problem| Finding {
            code: match problem.severity {
                Severity::Error => Code::UNREADABLE_LINE,
                Severity::Warning => Code::DISPUTED_LINE,
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
            Code::MISSING_OWN_FAMILY
        } else {
            Code::MISSING_FAMILY
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
        code: Code::UNKNOWN_FAMILY,
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
            self.find(Code::UNDECLARED_EXEMPLAR, self.family.line, message);
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
            self.find(Code::EXPIRED_NAME, line, message);
        }
        let expected = self.expected.type_on(format);
        if family.kind != expected {
            let message = format!(
                "`{name}` is of the type {}, expected {}",
                family.kind.name(),
                expected.name()
            );
            self.find(Code::WRONG_TYPE, line, message);
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
            self.find(Code::WRONG_HELP, line, message);
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
                Code::MISSING_UNIT
            } else {
                Code::WRONG_UNIT
            };
            self.find(code, line, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics_codegen::{Source, Version, compile};

    use super::testing::{PAGE, SCHEMA, assert_faults, found};
    use super::*;

    #[test]
    fn faults_of_families() {
        assert_faults(&[
            (
                "shop_cart_paid_total{tenant=\"a\"} 1",
                "shop_cart_paid_total{tenant=\"a\"} one",
                &["LC01 15"],
            ),
            (
                "# HELP shop_cart_build_info",
                "shop_cart_lost_total 1\n# HELP shop_cart_build_info",
                &["LC02 20"],
            ),
            (
                "counter\nshop_cart_paid_total",
                "gauge\nshop_cart_paid_total",
                &["LC04 13"],
            ),
            (
                "Carts that were paid for.\n# TYPE",
                "Carts that were payed for.\n# TYPE",
                &["LC06 13"],
            ),
            // Malformed lines that a scraper rejects.
            (
                "{tenant=\"a\"} 1",
                "{tenant=\"a\"} 1\nshop_cart_paid_total{tenant=\"a\",tenant=\"b\"} 1",
                &["LC01 16"],
            ),
            (
                "# TYPE shop_cart_mode gauge\n",
                "# TYPE shop_cart_mode gauge\n# TYPE shop_cart_mode counter\n",
                &["LC01 18"],
            ),
            (
                "shop_cart_wait_seconds_sum 1.5",
                "shop_cart_wait_seconds 1\nshop_cart_wait_seconds_sum 1.5",
                &["LC01 11"],
            ),
            // Metadata without a sample also shows a family.
            (
                "# HELP shop_cart_build_info",
                "# TYPE shop_cart_lost_total counter\n# HELP shop_cart_build_info",
                &["LC02 20"],
            ),
            (
                "counter\nshop_cart_paid_total{tenant=\"a\"} 1",
                "gauge",
                &["LC04 13"],
            ),
            (
                "shop_cart_mode{shop_cart_mode=\"open\"} 1\nshop_cart_mode{shop_cart_mode=\"shut\"} 0\n",
                "",
                &["LC03 -"],
            ),
        ]);
    }

    #[test]
    fn a_valid_page_has_no_findings() {
        assert_eq!(found(PAGE, "1.0.0", &Options::default()), [""; 0]);
        // Other programs on the same machine may expose names outside the namespace.
        let more = format!("{PAGE}up 1\n");
        assert_eq!(found(&more, "1.0.0", &Options::default()), [""; 0]);
    }

    #[test]
    fn missing_families_come_last() {
        let start = PAGE.find("# HELP shop_cart_wait").expect("it is there");
        assert_eq!(
            found(&PAGE[..start], "1.0.0", &Options::default()),
            ["LC03 -", "LC03 -", "LC03 -", "LC22 -"],
            "the histogram under both names, the state, and the library's own"
        );
    }

    #[test]
    fn former_names_end_with_their_release() {
        assert_eq!(found(PAGE, "2.0.0", &Options::default()), ["LC17 23"]);
        let start = PAGE.find("# HELP shop_old").expect("it is there");
        let end = PAGE.find("# HELP shop_metrics").expect("it is there");
        let without = [&PAGE[..start], &PAGE[end..]].concat();
        assert_eq!(found(&without, "1.0.0", &Options::default()), ["LC03 -"]);
        assert_eq!(found(&without, "2.0.0", &Options::default()), [""; 0]);
        // Reported once for each family.
        let kit = found(&without, "3.0.0", &Options::default());
        assert_eq!(kit, ["LC17 5", "LC17 31"]);
        let lines = without.lines().filter(|line| !line.contains("\"kit\""));
        let gone = lines.collect::<Vec<_>>().join("\n");
        assert_eq!(found(&gone, "3.0.0", &Options::default()), [""; 0]);
        assert_eq!(
            found(&gone, "2.0.0", &Options::default()),
            ["LC12 1", "LC12 26"]
        );
    }

    #[test]
    fn a_metric_ends_with_the_release_that_removes_it() {
        let schema = SCHEMA.replace(
            "help = \"Carts that were paid for.\"",
            "help = \"Carts that were paid for.\"\ndeprecated = { note = \"Nobody reads it.\", remove_in = \"2.0.0\" }",
        );
        let outcome = compile(Source::new("metrics.toml", &schema));
        let registry = outcome.registry().expect("the schema is valid");
        for (release, codes) in [("1.9.9", &[][..]), ("2.0.0", &["LC17 13", "LC17 23"])] {
            let expected = Expected::new(registry, Version::parse(release).ok().as_ref());
            let findings = conforms(&Page::parse(PAGE), &expected, &Options::default());
            let found: Vec<_> = findings
                .iter()
                .map(|finding| format!("{} {}", finding.code.id(), finding.line.unwrap_or(0)))
                .collect();
            assert_eq!(found, codes);
        }
    }

    #[test]
    fn labels_added_by_scrapers_can_be_allowed() {
        let page = PAGE.replace("{tenant=\"a\"}", "{tenant=\"a\",instance=\"b\"}");
        assert_eq!(found(&page, "1.0.0", &Options::default()), ["LC07 15"]);
        let options = Options {
            allowed_labels: ["instance".to_owned()].into(),
            strict: true,
        };
        assert_eq!(found(&page, "1.0.0", &options), [""; 0]);
        assert_eq!(
            found(&format!("{page}up 1\n"), "1.0.0", &options),
            ["LC02 39"]
        );
    }

    /// Returns a page with the samples of two programs, distinguished by a label.
    fn federated() -> String {
        let mut page = String::new();
        for line in PAGE.lines() {
            if line.starts_with('#') {
                page.push_str(line);
                page.push('\n');
                continue;
            }
            let (series, value) = line.rsplit_once(' ').expect("a value");
            let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
            let labels = labels.replace("tenant=\"a\"", "tenant=\"TENANT\"");
            for instance in ["one", "two"] {
                let labels = labels.replace("TENANT", instance);
                let sample = format!("{name}{{instance=\"{instance}\",{labels} {value}\n");
                page.push_str(&sample);
            }
        }
        page
    }

    #[test]
    fn programs_of_a_federated_page_are_checked_separately() {
        let options = Options {
            allowed_labels: ["instance".to_owned()].into(),
            strict: false,
        };
        let swap = |page: &str, from: &str, to: &str| {
            let other = page.replacen(from, to, 1);
            assert_ne!(other, page, "{from}");
            other
        };
        // Each program has its own state, and its own limit of open values.
        let page = federated();
        let page = swap(
            &page,
            "two\",shop_cart_mode=\"open\"} 1",
            "two\",shop_cart_mode=\"open\"} 0",
        );
        let page = swap(
            &page,
            "two\",shop_cart_mode=\"shut\"} 0",
            "two\",shop_cart_mode=\"shut\"} 1",
        );
        let more = ["b", "c"].map(|tenant| {
            let instance = if tenant == "b" { "one" } else { "two" };
            format!("shop_cart_paid_total{{instance=\"{instance}\",tenant=\"{tenant}\"}} 1\n")
        });
        let page = swap(
            &page,
            "# HELP shop_cart_mode",
            &(more.concat() + "# HELP shop_cart_mode"),
        );
        assert_eq!(found(&page, "1.0.0", &options), [""; 0], "{page}");
        // A series that one program lacks is missing even if the other has it.
        let lacks = swap(
            &page,
            "shop_cart_added_total{instance=\"two\",shelf=\"tools\"} 0\n",
            "",
        );
        assert_eq!(found(&lacks, "1.0.0", &options), ["LC12 1"]);
    }

    #[test]
    fn units_only_exist_in_openmetrics() {
        let page = "# TYPE shop_cart_wait_seconds histogram\n# UNIT shop_cart_wait_seconds bytes\n\
                    # HELP shop_cart_wait_seconds Time until the cart was paid for.\n\
                    shop_cart_wait_seconds_bucket{le=\"0.5\"} 0\nshop_cart_wait_seconds_bucket{le=\"2.0\"} 0\n\
                    shop_cart_wait_seconds_bucket{le=\"+Inf\"} 0\nshop_cart_wait_seconds_sum 0\n\
                    shop_cart_wait_seconds_count 0\n# EOF\n";
        let wrong = found(page, "1.0.0", &Options::default());
        assert!(wrong.contains(&"LC05 1".to_owned()), "{wrong:?}");
        let right = found(
            &page.replace("bytes", "seconds"),
            "1.0.0",
            &Options::default(),
        );
        let missing = ["LC03 -", "LC22 -"];
        let are_missing = right
            .iter()
            .all(|finding| missing.contains(&finding.as_str()));
        assert!(are_missing, "{right:?}");
        // Other programs omit it.
        let without = page.replace("# UNIT shop_cart_wait_seconds bytes\n", "");
        let found = found(&without, "1.0.0", &Options::default());
        assert!(found.contains(&"LC23 1".to_owned()), "{found:?}");
    }

    #[test]
    fn an_exemplar_must_be_declared() {
        let page = "# TYPE shop_cart_added counter\n# HELP shop_cart_added Articles put into carts.\n\
                    shop_cart_added_total{shelf=\"food\"} 3 # {trace_id=\"ab\"} 1\n# EOF\n";
        let schema = SCHEMA.replacen(
            "labels = [\"shelf\"]",
            "labels = [\"shelf\"]\nexemplars = true",
            1,
        );
        for (schema, codes) in [(SCHEMA, &["LC24 1"][..]), (&schema, &[])] {
            let outcome = compile(Source::new("metrics.toml", schema));
            let registry = outcome.registry().expect("the schema is valid");
            let findings = conforms(
                &Page::parse(page),
                &Expected::new(registry, None),
                &Options::default(),
            );
            let of_exemplars = findings.iter().filter(|it| it.message.contains("exemplar"));
            let found = of_exemplars.map(|it| format!("{} {}", it.code.id(), it.line.unwrap_or(0)));
            assert_eq!(found.collect::<Vec<_>>(), codes);
        }
    }
}

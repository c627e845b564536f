//! The series of a family: their labels, values and number, series that are missing, and states.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Check;
use crate::expected::{Kind, Label, Value, Values};
use crate::finding::{Code, codes};
use crate::page::{Sample, Type};

codes! {
    WRONG_LABELS = "LC07" "wrong-labels" Error:
    "A sample lacks a label of its metric, or has an extra one.",
    "If scraping or a collector adds labels, allow them: `--allow-label NAME`.";

    UNKNOWN_LABEL_VALUE = "LC08" "unknown-label-value" Error:
    "A closed label has a value that the schema does not list.",
    "Add the value to the label in metrics.toml, or fix the program: alerts for the listed values miss it.";

    TOO_MANY_SERIES = "LC11" "too-many-series" Error:
    "An open label has more values than its bound.",
    "Check whether two registries, or another collector, expose the metric.";

    MISSING_SERIES = "LC12" "missing-series" Error:
    "A combination of closed label values, or a state, is missing, so `rate` misses its first event.",
    "Check whether a filter or a partial collector removes series.";

    DUPLICATE_SERIES = "LC13" "duplicate-series" Error:
    "A series is on the page twice.",
    "Check whether two collectors expose it. Prometheus keeps one of the values, and other readers reject the page.";

    BROKEN_STATE = "LC14" "broken-state" Error:
    "A state metric has a value other than 0 and 1, or several current states, or an info metric is not 1.",
    "Check whether another collector exposes the metric.";

    BROKEN_COUNTER = "LC15" "broken-counter" Error:
    "A counter is negative or not a number.",
    "Check what the callback of the counter returns.";
}

/// Maximum number of missing series to name; further ones are counted.
const NAMED: usize = 3;

impl Check<'_> {
    pub(super) fn series(&mut self) {
        let mut seen = BTreeSet::new();
        let mut told = BTreeSet::new();
        // By label, then by program.
        let mut open: BTreeMap<&str, BTreeMap<_, BTreeSet<&str>>> = BTreeMap::new();
        for sample in &self.family.samples {
            if !seen.insert((&sample.name, identity(sample))) {
                let message = format!("`{}` is on the page twice", shown(sample));
                self.find(Code::DUPLICATE_SERIES, sample.line, message);
            }
            let fault = self
                .labels_of(sample)
                .or_else(|| self.combination_of(sample));
            if let Some(message) = fault {
                self.with_wrong_labels.insert(std::ptr::from_ref(sample));
                if told.insert(message.clone()) {
                    self.find(Code::WRONG_LABELS, sample.line, message);
                }
            }
            let program = self.program(sample);
            for (name, value) in &sample.labels {
                if value.is_empty() && self.is_optional(name) {
                    continue;
                }
                if let Some((code, message)) = self.unlisted(name, value)
                    && told.insert(message.clone())
                {
                    self.find(code, sample.line, message);
                }
                let programs = open.entry(name).or_default();
                programs.entry(program.clone()).or_default().insert(value);
            }
            if !self.family.is_created(sample) {
                self.value_of(sample);
            }
        }
        for label in &self.expected.labels {
            let programs = open.get(label.name.as_str());
            let values = programs.into_iter().flat_map(BTreeMap::values);
            let values = values.map(BTreeSet::len).max().unwrap_or(0);
            if let Values::Open(most) = label.values
                && values > most
            {
                let message = format!(
                    "`{}` has {values} values of `{}`, expected at most {most}",
                    self.expected.name, label.name
                );
                self.find(Code::TOO_MANY_SERIES, self.family.line, message);
            }
        }
    }

    /// Returns the fault in the names of a sample's labels.
    fn labels_of(&self, sample: &Sample) -> Option<String> {
        let expected = self.expected;
        let kind = &expected.kind;
        let is_bucket = kind.bounds.is_some() && sample.name.ends_with("_bucket");
        let labels = expected.labels.iter().map(|label| label.name.as_str());
        let wanted: BTreeSet<_> = labels
            .chain(is_bucket.then_some("le"))
            .chain(kind.states.as_ref().map(|_| expected.name.as_str()))
            .chain(kind.facts.iter().map(String::as_str))
            .collect();
        // In Prometheus, an empty label is the same as a missing one.
        let found = sample.labels.iter().filter(|(name, value)| {
            let name = name.as_str();
            let is_allowed = value.is_empty() || self.options.allowed_labels.contains(name);
            wanted.contains(name) || !is_allowed
        });
        let found: BTreeSet<_> = found.map(|(name, _)| name.as_str()).collect();
        let is_missing = |name: &&&str| !found.contains(**name) && !self.is_optional(name);
        if found.is_subset(&wanted) && wanted.iter().find(is_missing).is_none() {
            return None;
        }
        Some(format!(
            "`{}` has {}, expected {}",
            sample.name,
            labels_of(&found),
            wanted_of(wanted.into_iter(), |name| self.is_optional(name))
        ))
    }

    /// Returns the fault in a combination of labels, or of a label with another label's value, that no series has.
    fn combination_of(&self, sample: &Sample) -> Option<String> {
        let parts = &self.expected.parts;
        if parts.len() < 2 || self.part_of(sample).is_some() {
            return None;
        }
        // Values that no series has are reported separately.
        let fits = |part: &&Vec<Label>| part.iter().all(|label| has_value(label, sample));
        let deciding = |part: &&Vec<Label>| {
            let decided = part.iter().filter(|label| self.decides(label));
            decided.clone().count() > 0 && decided.clone().all(|label| has_value(label, sample))
        };
        let part = parts
            .iter()
            .find(fits)
            .or_else(|| parts.iter().find(deciding))?;
        let found = self.expected.labels.iter().filter(|label| {
            let value = sample.label(&label.name);
            value.is_some_and(|value| !value.is_empty())
        });
        let found: BTreeSet<_> = found.map(|label| label.name.as_str()).collect();
        let wanted: BTreeSet<_> = part.iter().map(|label| label.name.as_str()).collect();
        let decided = part.iter().filter(|label| self.decides(label));
        let decided: Vec<_> = decided
            .map(|label| {
                let value = sample.label(&label.name).unwrap_or_default();
                format!("`{}` is {value:?}", label.name)
            })
            .collect();
        Some(format!(
            "`{}` has {}, expected {} where {}",
            sample.name,
            labels_of(&found),
            wanted_of(wanted.into_iter(), |name| {
                part.iter()
                    .any(|label| label.optional && label.name == name)
            }),
            decided.join(" and ")
        ))
    }

    /// Returns whether a label has only some of its values in a part.
    fn decides(&self, label: &Label) -> bool {
        let mut all = self.expected.labels.iter();
        let all = all.find(|other| other.name == label.name);
        match (&label.values, all.map(|all| &all.values)) {
            (Values::Closed(some), Some(Values::Closed(all))) => some.len() < all.len(),
            (Values::Closed(_) | Values::Open(_), _) => false,
        }
    }

    /// Returns the labels that series such as a sample have, if they may have its labels.
    fn part_of(&self, sample: &Sample) -> Option<&Vec<Label>> {
        let is_of = |part: &&Vec<Label>| {
            self.expected.labels.iter().all(|label| {
                match part.iter().find(|other| other.name == label.name) {
                    Some(of_part) => has_value(of_part, sample),
                    None => sample.label(&label.name).unwrap_or_default().is_empty(),
                }
            })
        };
        self.expected.parts.iter().find(is_of)
    }

    /// Returns whether series may lack a label.
    fn is_optional(&self, name: &str) -> bool {
        let mut labels = self.expected.labels.iter();
        labels.any(|label| label.optional && label.name == name)
    }

    /// Returns the fault in a label's value.
    fn unlisted(&self, name: &str, value: &str) -> Option<(Code, String)> {
        let expected = self.expected;
        let label = expected.labels.iter().find(|label| label.name == name);
        let listed = match label.map(|label| &label.values) {
            Some(Values::Closed(values)) => values,
            Some(Values::Open(_)) => return None,
            None => {
                let states = expected.kind.states.as_ref();
                states.filter(|_| name == expected.name)?
            }
        };
        let Some(found) = listed.iter().find(|listed| listed.name == value) else {
            let listed = listed.iter().filter(|value| value.expired.is_none());
            let listed = listed.map(|value| &*value.name).collect();
            let message = format!(
                "`{name}` of `{}` is {value:?}, expected {}",
                expected.name,
                list(&listed)
            );
            return Some((Code::UNKNOWN_LABEL_VALUE, message));
        };
        let until = found.expired.as_ref()?;
        let message = format!(
            "`{name}` of `{}` is {value:?}, which should have been removed in {until}",
            expected.name
        );
        Some((Code::EXPIRED_NAME, message))
    }

    fn value_of(&mut self, sample: &Sample) {
        if let Some(code) = self.expected.kind.fault(sample.value) {
            let message = format!("`{}` is {}", shown(sample), sample.value);
            self.find(code, sample.line, message);
        }
    }
}

impl Kind {
    /// Returns the code for a value that no series of the kind can have.
    #[expect(clippy::float_cmp, reason = "a state and an info have exact values")]
    fn fault(&self, value: f64) -> Option<Code> {
        let (is_possible, code) = match self.open_metrics {
            Type::Counter => (value >= 0.0, Code::BROKEN_COUNTER),
            Type::StateSet => (value == 0.0 || value == 1.0, Code::BROKEN_STATE),
            Type::Info => (value == 1.0, Code::BROKEN_STATE),
            Type::Gauge
            | Type::Histogram
            | Type::GaugeHistogram
            | Type::Summary
            | Type::Unknown => return None,
        };
        (!is_possible).then_some(code)
    }
}

/// Returns the labels that distinguish a sample from others of its name. In Prometheus, an empty label is the
/// same as a missing one.
pub(super) fn identity(sample: &Sample) -> Vec<(String, String)> {
    let mut labels = sample.labels.clone();
    labels.retain(|(_, value)| !value.is_empty());
    labels.sort_unstable();
    labels
}

/// Returns whether a sample has exactly this value.
pub(super) fn is(sample: &Sample, value: f64) -> bool {
    sample.value.total_cmp(&value).is_eq()
}

/// Formats a sample's name and labels.
pub(super) fn shown(sample: &Sample) -> String {
    let labels = sample.labels.iter();
    let labels: Vec<_> = labels
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    format!("{}{{{}}}", sample.name, labels.join(","))
}

/// Formats the names of expected labels, optional ones last.
fn wanted_of<'n>(
    names: impl Iterator<Item = &'n str>,
    is_optional: impl Fn(&str) -> bool,
) -> String {
    let (optional, required): (BTreeSet<_>, BTreeSet<_>) =
        names.partition(|name| is_optional(name));
    let mut wanted = list(&required);
    if !optional.is_empty() {
        let _ = write!(wanted, ", and at most {}", list(&optional));
    }
    wanted
}

fn labels_of(names: &BTreeSet<&str>) -> String {
    match names.len() {
        0 => "no labels".to_owned(),
        1 => format!("the label {}", list(names)),
        _ => format!("the labels {}", list(names)),
    }
}

fn list(names: &BTreeSet<&str>) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() {
        "none".to_owned()
    } else {
        quoted.join(", ")
    }
}

impl<'c> Check<'c> {
    /// Reports missing series. All series of a cell page are exposed from the start, so that `rate` sees the
    /// first event of each. Series of callbacks and facts appear one by one, and are not checked.
    pub(super) fn missing(&mut self) {
        let expected = self.expected;
        if expected.kind.optional || expected.expired.is_some() {
            return;
        }
        // There may be many values of open labels, so missing series are counted and only some are named.
        let (mut missing, mut named) = (0, Vec::new());
        for part in &expected.parts {
            self.missing_of(part, &mut missing, &mut named);
        }
        if missing == 0 {
            return;
        }
        let mut message = format!("`{}` lacks the series {}", expected.name, named.join(", "));
        if missing > named.len() {
            let _ = write!(message, " and {} more", missing - named.len());
        }
        self.find(Code::MISSING_SERIES, self.family.line, message);
    }

    /// Counts the missing series with some labels, and names the first ones.
    fn missing_of(&self, part: &Vec<Label>, missing: &mut usize, named: &mut Vec<String>) {
        let expected = self.expected;
        // By name, with the values that must exist; `None` for an open label. Prometheus treats an empty value as a missing
        // label.
        let mut labels: Vec<(&str, Option<Vec<&str>>)> = Vec::new();
        for label in part {
            let values = match &label.values {
                Values::Closed(values) => {
                    let none = label.optional.then_some("");
                    Some(due(values).chain(none).collect())
                }
                Values::Open(_) => None,
            };
            labels.push((&label.name, values));
        }
        if let Some(states) = &expected.kind.states {
            labels.push((&expected.name, Some(due(states).collect())));
        }
        let value = |sample: &'c Sample, name: &str| sample.label(name).unwrap_or_default();
        let closed = |sample: &'c Sample| {
            let labels = labels.iter().filter(|(_, values)| values.is_some());
            labels
                .map(|(name, _)| value(sample, name))
                .collect::<Vec<_>>()
        };
        let has_wrong_labels =
            |sample: &Sample| self.with_wrong_labels.contains(&std::ptr::from_ref(sample));
        let wrong = self.values().filter(|sample| has_wrong_labels(sample));
        let wrong: BTreeSet<_> = wrong
            .map(|sample| (self.program(sample), closed(sample)))
            .collect();
        // A series with a misspelled label would be missing, too.
        let is_reported = |program: &Vec<(&str, &str)>, due: &[&str]| {
            let mut wrong = wrong.iter().filter(|(of, _)| of == program);
            wrong.any(|(_, found)| {
                let mut pairs = found.iter().zip(due);
                pairs.all(|(found, due)| found.is_empty() || found == due)
            })
        };
        // By program and values of open labels.
        let mut seen: BTreeMap<(Vec<_>, Vec<&str>), BTreeSet<Vec<&str>>> = BTreeMap::new();
        let is_divided = expected.parts.len() > 1;
        let has_open = labels.iter().any(|(_, values)| values.is_none());
        for sample in self.values() {
            if has_wrong_labels(sample) {
                continue;
            }
            if is_divided && self.part_of(sample) != Some(part) {
                // A program with any series has all those without open labels.
                if !has_open {
                    seen.entry((self.program(sample), Vec::new())).or_default();
                }
                continue;
            }
            let open = labels.iter().filter(|(_, values)| values.is_none());
            let open = open.map(|(name, _)| value(sample, name)).collect();
            let group = (self.program(sample), open);
            seen.entry(group).or_default().insert(closed(sample));
        }
        let due = combinations(&labels);
        for ((program, open), present) in &seen {
            let lacking = due
                .iter()
                .filter(|closed| !present.contains(*closed) && !is_reported(program, closed));
            for closed in lacking {
                *missing += 1;
                if named.len() < NAMED {
                    named.push(missing_series(program, &labels, open, closed));
                }
            }
        }
    }
}

/// Returns whether a sample has one of a label's values, or may lack the label and does.
fn has_value(label: &Label, sample: &Sample) -> bool {
    let value = sample.label(&label.name);
    if label.optional && value.unwrap_or_default().is_empty() {
        return true;
    }
    match &label.values {
        Values::Closed(values) => values
            .iter()
            .any(|known| value == Some(known.name.as_str())),
        // A program may record an empty text, which is a value like any other.
        Values::Open(_) => value.is_some(),
    }
}

/// Returns the values that must exist.
fn due(values: &[Value]) -> impl Iterator<Item = &str> {
    let due = values.iter().filter(|value| value.expired.is_none());
    due.map(|value| value.name.as_str())
}

/// Returns every combination of the closed labels' values that must exist.
fn combinations<'v>(labels: &[(&str, Option<Vec<&'v str>>)]) -> Vec<Vec<&'v str>> {
    let mut all = vec![Vec::new()];
    for values in labels.iter().filter_map(|(_, values)| values.as_ref()) {
        let longer = |before: &Vec<&'v str>| {
            let longer = values.iter();
            longer
                .map(|value| [before.as_slice(), &[*value]].concat())
                .collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

/// Formats `{a="1",b="2"}` in the schema's order, after the program's labels.
fn missing_series(
    program: &[(&str, &str)],
    labels: &[(&str, Option<Vec<&str>>)],
    open: &[&str],
    closed: &[&str],
) -> String {
    let (mut open, mut closed) = (open.iter(), closed.iter());
    let pairs = labels.iter().map(|(name, values)| {
        let value = match values {
            Some(_) => closed.next(),
            None => open.next(),
        };
        (*name, *value.unwrap_or(&""))
    });
    let pairs = program.iter().copied().chain(pairs);
    let pairs = pairs.filter(|(_, value)| !value.is_empty());
    let pairs = pairs.map(|(name, value)| format!("{name}={value:?}"));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

impl Check<'_> {
    /// Checks that one state is 1, or none before the first is set.
    pub(super) fn states(&mut self) {
        let Some(states) = &self.expected.kind.states else {
            return;
        };
        let label = &self.expected.name;
        let mut set = BTreeMap::new();
        for sample in self.values().filter(|sample| is(sample, 1.0)) {
            let Some(value) = sample.label(label) else {
                continue;
            };
            let known = states.iter().find(|state| state.name == value);
            let present = known.and_then(|state| state.present.as_deref());
            let owner = (self.program(sample), self.combination(sample));
            let (names, line) = set
                .entry(owner)
                .or_insert_with(|| (BTreeSet::new(), sample.line));
            names.insert(present.unwrap_or(value));
            *line = sample.line;
        }
        for (names, line) in set.into_values().filter(|(names, _)| names.len() > 1) {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("`{label}` is {} at once", names.join(" and "));
            self.find(Code::BROKEN_STATE, line, message);
        }
    }

    /// Returns the values of a sample's labels in the schema's order.
    fn combination<'s>(&self, sample: &'s Sample) -> Vec<&'s str> {
        let labels = self.expected.labels.iter();
        labels
            .map(|label| sample.label(&label.name).unwrap_or_default())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use shadowcat_metrics_codegen::{Source, compile};

    use crate::compare::testing::assert_faults;
    use crate::{Expected, Options, Page, conforms};

    #[test]
    fn faults_of_series() {
        assert_faults(&[
            ("{tenant=\"a\"}", "{tenant=\"a\",host=\"b\"}", &["LC07 15"]),
            ("{tenant=\"a\"}", "", &["LC07 15"]),
            (
                "{shop_cart_mode=\"shut\"}",
                "{shop_cart_mode=\"closed\"}",
                &["LC12 16", "LC08 19"],
            ),
            (
                "shop_cart_paid_total{tenant=\"a\"} 1",
                "shop_cart_paid_total{tenant=\"a\"} 1\nshop_cart_paid_total{tenant=\"b\"} 1\nshop_cart_paid_total{tenant=\"c\"} 1",
                &["LC11 13"],
            ),
            (
                "shop_cart_added_total{shelf=\"tools\"} 0\n",
                "",
                &["LC12 1"],
            ),
            (
                "shop_cart_paid_total{tenant=\"a\"} 1",
                "shop_cart_paid_total{tenant=\"a\"} 1\nshop_cart_paid_total{tenant=\"a\"} 1",
                &["LC13 16"],
            ),
            (
                "shop_cart_paid_total{tenant=\"a\"} 1",
                "shop_cart_paid_total{tenant=\"a\"} 1\nshop_cart_paid_total{tenant=\"a\",host=\"\"} 1",
                &["LC13 16"],
            ),
            (
                "{shop_cart_mode=\"shut\"} 0",
                "{shop_cart_mode=\"shut\"} 1",
                &["LC14 19"],
            ),
            (
                "{shop_cart_mode=\"shut\"} 0",
                "{shop_cart_mode=\"shut\"} 2",
                &["LC14 19"],
            ),
            ("{version=\"1\"} 1", "{version=\"1\"} 0", &["LC14 22"]),
            ("{tenant=\"a\"} 1", "{tenant=\"a\"} -1", &["LC15 15"]),
            ("{tenant=\"a\"} 1", "{tenant=\"a\"} NaN", &["LC15 15"]),
            (
                "shop_cart_mode{shop_cart_mode=\"shut\"} 0\n",
                "",
                &["LC12 16"],
            ),
            (
                "shop_cart_by_tenant_total{shelf=\"tools\",tenant=\"a\"} 0\n",
                "",
                &["LC12 34"],
            ),
        ]);
    }

    /// Returns the findings on a counter with these series.
    fn found_in_counter(schema: &str, name: &str, help: &str, series: &[&str]) -> Vec<String> {
        let outcome = compile(Source::new("metrics.toml", schema));
        let expected = Expected::new(outcome.registry().expect("a schema"), None);
        let lines = series.iter().map(|labels| format!("{name}{labels} 1\n"));
        let lines = lines.collect::<String>();
        let page = format!("# HELP {name} {help}\n# TYPE {name} counter\n{lines}");
        let findings = conforms(&Page::parse(&page), &expected, &Options::default());
        let findings = findings
            .into_iter()
            .filter(|finding| finding.family == name);
        findings.map(|finding| finding.message).collect()
    }

    #[test]
    fn optional_labels_may_be_absent() {
        let schema = r#"
format = 1
namespace = "shop"

[labels.shelf]
help = "Place where the article was."
values = ["food", "tools"]

[labels.tenant]
help = "Tenant."
open = { max = 1 }

[groups.cart]
help = "Shopping carts."

[metrics.cart.added]
type = "counter"
help = "Articles put into carts."
labels = [{ name = "shelf", optional = true }, { name = "tenant", optional = true }]
"#;
        let found = |series: &[&str]| {
            found_in_counter(
                schema,
                "shop_cart_added_total",
                "Articles put into carts.",
                series,
            )
        };
        let without = ["{shelf=\"food\"}", "{shelf=\"tools\"}", ""];
        assert_eq!(found(&without), [""; 0]);
        // Prometheus treats an empty value as a missing label.
        let empty = [
            "{shelf=\"food\",tenant=\"\"}",
            "{shelf=\"tools\",tenant=\"\"}",
            "{shelf=\"\"}",
        ];
        assert_eq!(found(&empty), [""; 0]);
        let with = [
            "{shelf=\"food\",tenant=\"a\"}",
            "{shelf=\"tools\",tenant=\"a\"}",
            "{tenant=\"a\"}",
        ];
        assert_eq!(found(&[without, with].concat()), [""; 0]);
        assert_eq!(
            found(&without[..2]),
            ["`shop_cart_added_total` lacks the series {}"]
        );
        assert_eq!(
            found(&[&without[..], &["{host=\"b\"}"]].concat()),
            [
                "`shop_cart_added_total` has the label `host`, expected none, and at most `shelf`, `tenant`"
            ]
        );
    }

    #[test]
    fn series_have_the_labels_that_go_with_a_value() {
        let schema = r#"
format = 1
namespace = "shop"

[labels.method]
help = "Method of the call."
values = ["ping", "list", "call"]

[labels.tool]
help = "Tool that was called."
open = { max = 2 }

[labels.action]
help = "The call."
of = "method"
with = { call = ["tool"] }

[groups.cart]
help = "Shopping carts."

[metrics.cart.calls]
type = "counter"
help = "Calls made."
labels = ["action"]
"#;
        let found = |series: &[&str]| {
            found_in_counter(schema, "shop_cart_calls_total", "Calls made.", series)
        };
        let plain = ["{method=\"ping\"}", "{method=\"list\"}"];
        let call = [
            "{method=\"call\",tool=\"a\"}",
            "{method=\"call\",tool=\"b\"}",
        ];
        assert_eq!(found(&plain), [""; 0]);
        assert_eq!(found(&[plain, call].concat()), [""; 0]);
        // A program may record an empty tool.
        let empty = ["{method=\"call\",tool=\"\"}"];
        assert_eq!(found(&[&plain[..], &empty].concat()), [""; 0]);
        assert_eq!(
            found(&[&plain[..], &["{method=\"ping\",tool=\"a\"}"]].concat()),
            [
                "`shop_cart_calls_total` has the labels `method`, `tool`, expected `method` where `method` is \"ping\""
            ]
        );
        assert_eq!(
            found(&[&plain[..], &["{method=\"call\"}"]].concat()),
            [
                "`shop_cart_calls_total` has the label `method`, expected `method`, `tool` where `method` is \"call\""
            ]
        );
        assert_eq!(
            found(&[&plain[..1], &call[..1]].concat()),
            ["`shop_cart_calls_total` lacks the series {method=\"list\"}"]
        );
        assert_eq!(
            found(&[&plain[..], &["{method=\"halt\"}"]].concat()),
            ["`method` of `shop_cart_calls_total` is \"halt\", expected `call`, `list`, `ping`"]
        );
    }

    #[test]
    fn a_misspelled_label_is_one_finding() {
        let schema = r#"
format = 1
namespace = "shop"

[labels.method]
help = "Method of the call."
values = ["ping", "call"]

[labels.outcome]
help = "How the call ended."
values = ["ok", "failed"]

[labels.tenant]
help = "Tenant, if known."
open = { max = 2 }

[groups.cart]
help = "Shopping carts."

[metrics.cart.calls]
type = "counter"
help = "Calls made."
labels = ["method", "outcome", { name = "tenant", optional = true }]
"#;
        let found = |series: &[&str]| {
            found_in_counter(schema, "shop_cart_calls_total", "Calls made.", series)
        };
        let series = [
            "{method=\"ping\",outcome=\"ok\"}",
            "{method=\"ping\",outcome=\"failed\"}",
            "{method=\"call\",outcome=\"ok\"}",
            "{method=\"call\",outcome=\"failed\"}",
        ];
        assert_eq!(found(&series), [""; 0]);
        let wrong = "`shop_cart_calls_total` has the labels `method`, `outcom`, expected `method`, `outcome`, and at most `tenant`";
        let one = "{method=\"call\",outcom=\"ok\"}";
        assert_eq!(
            found(&[&series[..2], &[one], &series[3..]].concat()),
            [wrong]
        );
        let all = series.map(|series| series.replace("outcome", "outcom"));
        assert_eq!(found(&all.each_ref().map(String::as_str)), [wrong]);
        // The misspelled series cannot be the missing one.
        assert_eq!(
            found(&[&series[1..2], &[one], &series[3..]].concat()),
            [
                "`shop_cart_calls_total` lacks the series {method=\"ping\",outcome=\"ok\"}",
                wrong
            ]
        );
    }
}

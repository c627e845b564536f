//! The series of a family: their labels, values and number.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Check;
use crate::expected::{Kind, Values};
use crate::finding::Code;
use crate::page::Sample;

/// How many missing series are named; more are counted.
const NAMED: usize = 3;

impl Check<'_> {
    pub(super) fn series(&mut self) {
        let mut seen = BTreeSet::new();
        let mut told = BTreeSet::new();
        let mut open: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut combinations = BTreeSet::new();
        let family = self.family;
        for sample in family
            .samples
            .iter()
            .filter(|sample| !sample.name.ends_with("_created"))
        {
            let mut labels = sample.labels.clone();
            labels.sort_unstable();
            if !seen.insert((&sample.name, labels)) {
                let message = format!("`{}` is on the page twice", shown(sample));
                self.find(Code::DuplicateSeries, sample.line, message);
            }
            if let Some(message) = self.labels_of(sample)
                && told.insert(message.clone())
            {
                self.find(Code::WrongLabels, sample.line, message);
            }
            for (name, value) in &sample.labels {
                if let Some(message) = self.unlisted(name, value)
                    && told.insert(message.clone())
                {
                    self.find(Code::UnknownLabelValue, sample.line, message);
                }
                open.entry(name).or_default().insert(value);
            }
            combinations.insert(self.combination(sample));
            self.value_of(sample);
        }
        for label in &self.expected.labels {
            let values = open.get(label.name.as_str()).map_or(0, BTreeSet::len);
            if let Values::Open(most) = label.values
                && values > most
            {
                let message = format!(
                    "`{}` has {values} values of `{}`, expected at most {most}",
                    self.expected.name, label.name
                );
                self.find(Code::TooManySeries, family.line, message);
            }
        }
        if !self.expected.may_be_absent() {
            self.missing(&combinations);
        }
        self.states();
    }

    /// What is wrong with the names of a sample's labels.
    fn labels_of(&self, sample: &Sample) -> Option<String> {
        let expected = self.expected;
        let own: Vec<&str> = match &expected.kind {
            Kind::Histogram(_) if sample.name.ends_with("_bucket") => vec!["le"],
            Kind::State { .. } => vec![&expected.name],
            Kind::Info(facts) => facts.iter().map(String::as_str).collect(),
            Kind::Counter | Kind::Gauge | Kind::Histogram(_) => Vec::new(),
        };
        let labels = expected.labels.iter().map(|label| label.name.as_str());
        let wanted: BTreeSet<_> = labels.chain(own).collect();
        let found = sample.labels.iter().map(|(name, _)| name.as_str());
        let found: BTreeSet<_> = found
            .filter(|name| wanted.contains(name) || !self.options.allowed_labels.contains(*name))
            .collect();
        (found != wanted).then(|| {
            format!(
                "`{}` has the labels {}, expected {}",
                sample.name,
                list(&found),
                list(&wanted)
            )
        })
    }

    /// What is wrong with a label's value.
    fn unlisted(&self, name: &str, value: &str) -> Option<String> {
        let expected = self.expected;
        let label = expected.labels.iter().find(|label| label.name == name);
        let listed = match (label.map(|label| &label.values), &expected.kind) {
            (Some(Values::Closed(values)), _) => values,
            (None, Kind::State { states, .. }) if name == expected.name => states,
            (Some(Values::Open(_)) | None, _) => return None,
        };
        let listed: BTreeSet<_> = listed.iter().map(String::as_str).collect();
        (!listed.contains(value)).then(|| {
            format!(
                "`{name}` of `{}` is {value:?}, expected {}",
                expected.name,
                list(&listed)
            )
        })
    }

    /// The values of a sample's labels, in the schema's order.
    fn combination(&self, sample: &Sample) -> Vec<String> {
        let labels = self.expected.labels.iter().map(|label| {
            let mut values = sample.labels.iter();
            let value = values.find(|(name, _)| *name == label.name);
            value.map(|(_, value)| value.clone()).unwrap_or_default()
        });
        labels.collect()
    }

    /// Every combination of closed values is there from the start.
    fn missing(&mut self, present: &BTreeSet<Vec<String>>) {
        let mut all = vec![Vec::new()];
        for label in &self.expected.labels {
            let Values::Closed(values) = &label.values else {
                return;
            };
            let longer = |before: &Vec<String>| {
                values
                    .iter()
                    .map(|value| [before.as_slice(), std::slice::from_ref(value)].concat())
                    .collect::<Vec<_>>()
            };
            all = all.iter().flat_map(longer).collect();
        }
        let missing: Vec<_> = all
            .iter()
            .filter(|labels| !present.contains(*labels))
            .collect();
        if missing.is_empty() {
            return;
        }
        let names = self.expected.labels.iter().map(|label| &label.name);
        let shown = missing.iter().take(NAMED).map(|values| {
            let labels = names.clone().zip(values.iter());
            let labels: Vec<_> = labels
                .map(|(name, value)| format!("{name}={value:?}"))
                .collect();
            format!("{{{}}}", labels.join(","))
        });
        let mut shown = shown.collect::<Vec<_>>().join(", ");
        if missing.len() > NAMED {
            let _ = write!(shown, " and {} more", missing.len() - NAMED);
        }
        let message = format!("`{}` lacks the series {shown}", self.expected.name);
        self.find(Code::MissingSeries, self.family.line, message);
    }

    fn value_of(&mut self, sample: &Sample) {
        let broken = match self.expected.kind {
            Kind::Counter if sample.value.is_nan() || sample.value < 0.0 => {
                Some(Code::BrokenCounter)
            }
            Kind::State { .. } if !is(sample, 0.0) && !is(sample, 1.0) => Some(Code::BrokenState),
            Kind::Info(_) if !is(sample, 1.0) => Some(Code::BrokenState),
            Kind::Counter
            | Kind::Gauge
            | Kind::Histogram(_)
            | Kind::State { .. }
            | Kind::Info(_) => None,
        };
        if let Some(code) = broken {
            let message = format!("`{}` is {}", shown(sample), sample.value);
            self.find(code, sample.line, message);
        }
    }

    /// One state at a time.
    fn states(&mut self) {
        let Kind::State { at_once, .. } = self.expected.kind else {
            return;
        };
        let mut set: BTreeMap<Vec<String>, (usize, usize)> = BTreeMap::new();
        for sample in self.family.samples.iter().filter(|sample| is(sample, 1.0)) {
            let (count, line) = set.entry(self.combination(sample)).or_default();
            *count += 1;
            *line = sample.line;
        }
        for (count, line) in set.into_values().filter(|(count, _)| *count > at_once) {
            let message = format!("`{}` has {count} states at once", self.expected.name);
            self.find(Code::BrokenState, line, message);
        }
    }
}

/// Whether a sample has just this value.
fn is(sample: &Sample, value: f64) -> bool {
    sample.value.total_cmp(&value).is_eq()
}

/// A sample's name and labels.
fn shown(sample: &Sample) -> String {
    let labels = sample.labels.iter();
    let labels: Vec<_> = labels
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    format!("{}{{{}}}", sample.name, labels.join(","))
}

fn list(names: &BTreeSet<&str>) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() {
        "none".to_owned()
    } else {
        quoted.join(", ")
    }
}

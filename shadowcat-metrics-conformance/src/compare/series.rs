//! The series of a family: their labels, values and number.

use std::collections::{BTreeMap, BTreeSet};

use super::Check;
use crate::expected::{Kind, Values};
use crate::finding::Code;
use crate::page::Sample;

impl Check<'_> {
    pub(super) fn series(&mut self) {
        let mut seen = BTreeSet::new();
        let mut told = BTreeSet::new();
        // By the label, then by the program.
        let mut open: BTreeMap<&str, BTreeMap<_, BTreeSet<&str>>> = BTreeMap::new();
        for sample in &self.family.samples {
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
            let program = self.program(sample);
            for (name, value) in &sample.labels {
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
                self.find(Code::TooManySeries, self.family.line, message);
            }
        }
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
        // In Prometheus, a label with an empty value is no label.
        let found = sample.labels.iter().filter(|(name, value)| {
            let name = name.as_str();
            let is_allowed = value.is_empty() || self.options.allowed_labels.contains(name);
            wanted.contains(name) || !is_allowed
        });
        let found: BTreeSet<_> = found.map(|(name, _)| name.as_str()).collect();
        (found != wanted).then(|| {
            format!(
                "`{}` has {}, expected {}",
                sample.name,
                labels_of(&found),
                list(&wanted)
            )
        })
    }

    /// What is wrong with a label's value.
    fn unlisted(&self, name: &str, value: &str) -> Option<(Code, String)> {
        let expected = self.expected;
        let label = expected.labels.iter().find(|label| label.name == name);
        let listed = match (label.map(|label| &label.values), &expected.kind) {
            (Some(Values::Closed(values)), _) => values,
            (None, Kind::State { states }) if name == expected.name => states,
            (Some(Values::Open(_)) | None, _) => return None,
        };
        let Some(found) = listed.iter().find(|listed| listed.name == value) else {
            let listed = listed.iter().filter(|value| value.expired.is_none());
            let listed = listed.map(|value| &*value.name).collect();
            let message = format!(
                "`{name}` of `{}` is {value:?}, expected {}",
                expected.name,
                list(&listed)
            );
            return Some((Code::UnknownLabelValue, message));
        };
        let until = found.expired.as_ref()?;
        let message = format!(
            "`{name}` of `{}` is {value:?}, which was to be gone by {until}",
            expected.name
        );
        Some((Code::ExpiredName, message))
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
}

/// Whether a sample has just this value.
pub(super) fn is(sample: &Sample, value: f64) -> bool {
    sample.value.total_cmp(&value).is_eq()
}

/// A sample's name and labels.
pub(super) fn shown(sample: &Sample) -> String {
    let labels = sample.labels.iter();
    let labels: Vec<_> = labels
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    format!("{}{{{}}}", sample.name, labels.join(","))
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

//! States: one at a time, under its present name and, for a while, the one before.

use std::collections::{BTreeMap, BTreeSet};

use super::Check;
use super::series::is;
use crate::expected::Kind;
use crate::finding::Code;
use crate::page::Sample;

impl Check<'_> {
    /// Before the first is set, none is.
    pub(super) fn states(&mut self) {
        let Kind::State { states } = &self.expected.kind else {
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
            self.find(Code::BrokenState, line, message);
        }
    }

    /// The values of a sample's labels, in the schema's order.
    fn combination<'s>(&self, sample: &'s Sample) -> Vec<&'s str> {
        let labels = self.expected.labels.iter();
        labels
            .map(|label| sample.label(&label.name).unwrap_or_default())
            .collect()
    }
}

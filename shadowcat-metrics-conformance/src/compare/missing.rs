//! Series that should be there: every combination of closed label values, for each of the open ones that is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Check;
use crate::expected::{Kind, Value, Values};
use crate::finding::Code;

/// How many missing series are named; more are counted.
const NAMED: usize = 3;

impl Check<'_> {
    /// All series of a page of cells are exposed from the moment that it is there, so that the first event of each is a
    /// change that `rate` sees. What callbacks and facts tell comes one by one, and is left out.
    pub(super) fn missing(&mut self) {
        let expected = self.expected;
        if expected.optional || expected.expired.is_some() {
            return;
        }
        // By name, with the values that must be there; none for an open label.
        let mut labels: Vec<(&str, Option<&[Value]>)> = Vec::new();
        for label in &expected.labels {
            let values = match &label.values {
                Values::Closed(values) => Some(values.as_slice()),
                Values::Open(_) => None,
            };
            labels.push((&label.name, values));
        }
        if let Kind::State { states } = &expected.kind {
            labels.push((&expected.name, Some(states)));
        }
        // By the program and the values of open labels.
        let mut seen: BTreeMap<(Vec<_>, Vec<&str>), BTreeSet<Vec<&str>>> = BTreeMap::new();
        for sample in self.values() {
            let value = |name: &str| sample.label(name).unwrap_or_default();
            let (closed, open): (Vec<_>, Vec<_>) =
                labels.iter().partition(|(_, values)| values.is_some());
            let open = open.iter().map(|(name, _)| value(name)).collect();
            let closed = closed.iter().map(|(name, _)| value(name)).collect();
            let group = (self.program(sample), open);
            seen.entry(group).or_default().insert(closed);
        }
        let due = combinations(&labels);
        let known: BTreeSet<_> = due.iter().collect();
        // A page may have any number of open values, so what is missing is counted, and only some of it is named.
        let (mut missing, mut named) = (0, Vec::new());
        for ((program, open), present) in &seen {
            missing += due.len() - present.iter().filter(|it| known.contains(it)).count();
            let lacking = due.iter().filter(|closed| !present.contains(*closed));
            let lacking = lacking.take(NAMED - named.len());
            named.extend(lacking.map(|closed| shown(program, &labels, open, closed)));
        }
        if missing == 0 {
            return;
        }
        let mut message = format!("`{}` lacks the series {}", expected.name, named.join(", "));
        if missing > named.len() {
            let _ = write!(message, " and {} more", missing - named.len());
        }
        self.find(Code::MissingSeries, self.family.line, message);
    }
}

/// Every combination of the closed labels' values that are to be there.
fn combinations<'v>(labels: &[(&str, Option<&'v [Value]>)]) -> Vec<Vec<&'v str>> {
    let mut all = vec![Vec::new()];
    for values in labels.iter().filter_map(|(_, values)| *values) {
        let longer = |before: &Vec<&'v str>| {
            let due = values.iter().filter(|value| value.expired.is_none());
            due.map(|value| [before.as_slice(), &[&*value.name]].concat())
                .collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

/// `{a="1",b="2"}`, in the schema's order, behind the program's own.
fn shown(
    program: &[(&str, &str)],
    labels: &[(&str, Option<&[Value]>)],
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
    let pairs = pairs.map(|(name, value)| format!("{name}={value:?}"));
    format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
}

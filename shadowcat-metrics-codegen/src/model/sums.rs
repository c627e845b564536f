//! Sum labels: the value of one label decides which extra labels a series has. They divide a metric into parts, whose
//! series have the same labels; everything that counts, exposes or checks series reads these parts.

use super::{Group, Label, LabelId, LabelValues, Metric, Notes, Registry};
use crate::source::{Span, Spanned};

/// A closed label with the labels that depend on its value; `[labels.call]` with `of` and `with` in the schema.
#[derive(Debug, Clone)]
pub struct Sum {
    /// Key in the schema: `call`. It is not exposed.
    pub name: String,
    /// Description, in one sentence.
    pub help: String,
    /// The closed label.
    pub of: LabelId,
    /// The extra labels for each value of `of`, by the value's position.
    pub with: Vec<Vec<Argument>>,
    /// Additional explanation and annotations.
    pub notes: Notes,
    /// Lints allowed for this sum label.
    pub allow: Vec<Spanned<String>>,
    /// The key in the schema.
    pub span: Span,
}

/// Position of a [`Sum`] in [`Registry::sums`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SumId(pub usize);

/// A sum label as one of a metric's labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SumUse {
    /// The sum label.
    pub sum: SumId,
    /// Position in [`Metric::labels`] of the first of its labels.
    pub first: usize,
    /// Number of its labels, including those that depend on a value.
    pub count: usize,
}

/// The series of a metric that have the same labels.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Part {
    /// Their labels, in the metric's order.
    pub labels: Vec<PartLabel>,
}

/// A label of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartLabel {
    /// The label.
    pub id: LabelId,
    /// Positions of the values that it has in this part, if not all of them.
    pub values: Option<Vec<usize>>,
    /// Whether series may lack it.
    pub optional: bool,
}

/// A label or sum label: an argument of a recorder's method, or a label that depends on the value of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Argument {
    /// A value of a label.
    Label(LabelId),
    /// A variant of a sum label.
    Sum(SumId),
}

impl Part {
    /// Returns whether the part has a label.
    #[must_use]
    pub fn label(&self, id: LabelId) -> Option<&PartLabel> {
        self.labels.iter().find(|label| label.id == id)
    }

    /// Returns whether another part has the same labels with the same values, in any order.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let has = |label: &PartLabel| other.labels.contains(label);
        self.labels.len() == other.labels.len() && self.labels.iter().all(has)
    }
}

impl PartLabel {
    /// Returns whether the label has a value in this part. `value` is its position in the label's list.
    #[must_use]
    pub fn has(&self, value: usize) -> bool {
        let values = self.values.as_ref();
        values.is_none_or(|values| values.contains(&value))
    }
}

impl Sum {
    /// Returns the values of its closed label, grouped by the labels that depend on them: positions and labels.
    #[must_use]
    pub fn variants(&self) -> Vec<(Vec<usize>, &[Argument])> {
        let mut variants: Vec<(Vec<usize>, &[Argument])> = Vec::new();
        for (value, items) in self.with.iter().enumerate() {
            match variants.iter_mut().find(|(_, known)| known == items) {
                Some((values, _)) => values.push(value),
                None => variants.push((vec![value], items)),
            }
        }
        variants
    }
}

impl Registry {
    /// Returns all labels of a sum: the closed one, then those that depend on its value, each once.
    #[must_use]
    pub fn sum_labels(&self, sum: SumId) -> Vec<LabelId> {
        let mut labels = vec![self.sums[sum.0].of];
        // Once for all values with the same labels: sum labels may be nested deeply.
        for (_, items) in self.sums[sum.0].variants() {
            for item in items {
                for id in self.item_labels(*item) {
                    if !labels.contains(&id) {
                        labels.push(id);
                    }
                }
            }
        }
        labels
    }

    /// Returns the labels that an item stands for.
    #[must_use]
    pub fn item_labels(&self, item: Argument) -> Vec<LabelId> {
        match item {
            Argument::Label(id) => vec![id],
            Argument::Sum(sum) => self.sum_labels(sum),
        }
    }

    /// Returns the name of a label or sum label.
    #[must_use]
    pub fn item_name(&self, item: Argument) -> &str {
        match item {
            Argument::Label(id) => &self.labels[id.0].name,
            Argument::Sum(sum) => &self.sums[sum.0].name,
        }
    }

    /// Returns the parts of a sum: one for all values with the same extra labels.
    #[must_use]
    pub fn sum_parts(&self, sum: SumId) -> Vec<Part> {
        let sum = &self.sums[sum.0];
        let mut parts = Vec::new();
        for (values, items) in sum.variants() {
            let is_all = values.len() == sum.with.len();
            let own = PartLabel {
                id: sum.of,
                values: (!is_all).then_some(values),
                optional: false,
            };
            let start = vec![Part { labels: vec![own] }];
            parts.append(&mut self.parts_of(start, items, &[]));
        }
        parts
    }

    /// Returns the parts of a metric's series: one, unless it has sum labels. Those with the same labels of the group are next
    /// to each other.
    #[must_use]
    pub fn parts(&self, metric: &Metric) -> Vec<Part> {
        self.parts_of(vec![Part::default()], &metric.arguments(), &metric.optional)
    }

    /// Returns the parts of a group's labels: one, unless it binds sum labels.
    #[must_use]
    pub fn group_parts(&self, group: &Group) -> Vec<Part> {
        self.parts_of(vec![Part::default()], &group.arguments(), &group.optional)
    }

    /// Returns some parts with the labels of further arguments.
    fn parts_of(
        &self,
        mut parts: Vec<Part>,
        arguments: &[Argument],
        optional: &[LabelId],
    ) -> Vec<Part> {
        for argument in arguments {
            match argument {
                Argument::Label(id) => {
                    let label = PartLabel {
                        id: *id,
                        values: None,
                        optional: optional.contains(id),
                    };
                    for part in &mut parts {
                        part.labels.push(label.clone());
                    }
                }
                Argument::Sum(sum) => {
                    let mut longer = Vec::new();
                    let further = self.sum_parts(*sum);
                    for before in &parts {
                        for after in &further {
                            let labels = [before.labels.as_slice(), &after.labels].concat();
                            longer.push(Part { labels });
                        }
                    }
                    parts = longer;
                }
            }
        }
        parts
    }

    /// Returns whether a label is open.
    #[must_use]
    pub fn is_open(&self, id: LabelId) -> bool {
        match self.labels[id.0].values {
            LabelValues::Open { .. } => true,
            LabelValues::Closed(_) => false,
        }
    }

    /// Returns the exposed names of labels.
    #[must_use]
    pub fn label_names(&self, ids: &[LabelId]) -> Vec<&str> {
        let mut names = Vec::new();
        for id in ids {
            names.push(self.labels[id.0].name.as_str());
        }
        names
    }

    /// Returns the exposed values of a closed label at some positions.
    #[must_use]
    pub fn values_at(&self, id: LabelId, positions: &[usize]) -> Vec<&str> {
        let all = self.labels[id.0].closed_values();
        let mut values = Vec::new();
        for position in positions {
            values.push(all[*position].value.as_str());
        }
        values
    }
}

impl Label {
    /// Returns the values of a closed label; empty for an open one.
    #[must_use]
    pub fn closed_values(&self) -> &[super::LabelValue] {
        match &self.values {
            LabelValues::Closed(values) => values,
            LabelValues::Open { .. } => &[],
        }
    }
}

impl Metric {
    /// Returns the labels and sum labels that distinguish its series, in order.
    #[must_use]
    pub fn arguments(&self) -> Vec<Argument> {
        self.arguments_from(0)
    }

    /// Returns the arguments of its method: all but the labels of its group.
    #[must_use]
    pub fn own_arguments(&self) -> Vec<Argument> {
        self.arguments_from(self.group_labels)
    }

    fn arguments_from(&self, first: usize) -> Vec<Argument> {
        arguments(self.series_labels(), &self.sums, first)
    }
}

impl Group {
    /// Returns the labels and sum labels that the group binds, in order.
    #[must_use]
    pub fn arguments(&self) -> Vec<Argument> {
        arguments(&self.labels, &self.sums, 0)
    }
}

/// Returns the labels from a position on, with one argument for all labels of a sum.
fn arguments(labels: &[LabelId], sums: &[SumUse], first: usize) -> Vec<Argument> {
    let mut arguments = Vec::new();
    let mut position = first;
    while let Some(id) = labels.get(position) {
        if let Some(sum) = sums.iter().find(|sum| sum.first == position) {
            arguments.push(Argument::Sum(sum.sum));
            position += sum.count;
        } else {
            arguments.push(Argument::Label(*id));
            position += 1;
        }
    }
    arguments
}

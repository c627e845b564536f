//! The conditions under which series have the labels of a sum.

use shadowcat_metrics_codegen::model::{Argument, LabelId, Registry, SumId};

/// The condition under which series have a label: a closed label has one of these values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The conditional label.
    pub label: LabelId,
    /// The closed label that it depends on.
    pub of: LabelId,
    /// Positions of the values of `of` that add the label.
    pub values: Vec<usize>,
}

/// Returns the condition of each label of a sum that not all its series have.
#[must_use]
pub fn conditions(registry: &Registry, sum: SumId) -> Vec<Condition> {
    let mut conditions: Vec<Condition> = Vec::new();
    let (sum, of) = (&registry.sums[sum.0], registry.sums[sum.0].of);
    for (values, items) in sum.variants() {
        for item in items {
            let (label, inner) = match item {
                Argument::Label(id) => (*id, Vec::new()),
                Argument::Sum(id) => (registry.sums[id.0].of, self::conditions(registry, *id)),
            };
            let same = |known: &&mut Condition| known.label == label && known.of == of;
            match conditions.iter_mut().find(same) {
                Some(known) => known.values.extend(&values),
                None => conditions.push(Condition {
                    label,
                    of,
                    values: values.clone(),
                }),
            }
            for condition in inner {
                if !conditions.contains(&condition) {
                    conditions.push(condition);
                }
            }
        }
    }
    conditions
}

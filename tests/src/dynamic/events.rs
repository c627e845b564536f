//! Random records: metric, label values and amount.

use std::ffi::OsString;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use shadowcat_metrics_codegen::model::{Kind, LabelId, LabelValues, PartLabel, Registry};

use super::labels::{open_index, part_values};

/// More labels than any series has.
const LABELS: usize = 16;

/// A record that is not fitted to a schema yet.
#[derive(Debug, Clone)]
pub struct Draft {
    metric: Index,
    part: Index,
    closed: Vec<Index>,
    open: Vec<OsString>,
    amount: f64,
    elsewhere: bool,
}

/// A record to one series.
#[derive(Debug, Clone)]
pub struct Event {
    /// Index of the metric in the model.
    pub metric: usize,
    /// Index of the part among the metric's parts.
    pub part: usize,
    /// Values of the part's labels, in order.
    pub labels: Vec<LabelValue>,
    /// Amount; its meaning depends on kind and unit.
    pub amount: f64,
    /// Facts of an info metric.
    pub facts: Vec<String>,
    /// Whether another thread records it.
    pub elsewhere: bool,
}

/// The value of one label.
#[derive(Debug, Clone)]
pub enum LabelValue {
    /// A value of a closed label.
    Closed {
        /// Number of values that the label has in the part.
        cardinality: usize,
        /// Index of the value. The index after the last value means `None`.
        index: u32,
        /// Whether there may be none.
        optional: bool,
    },
    /// A value of an open label.
    Open {
        /// Index of the label among the schema's open labels.
        label: u32,
        /// Any text that a program could pass.
        value: Option<OsString>,
        /// For an optional label, the number of its slots.
        slots: Option<u32>,
    },
}

impl LabelValue {
    /// Returns whether it is the empty value of an open label.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Closed { .. } => false,
            Self::Open { value, .. } => value.as_ref().is_some_and(|value| value.is_empty()),
        }
    }
}

/// Generates random records.
pub fn drafts() -> impl Strategy<Value = Vec<Draft>> {
    let draft = (
        (any::<Index>(), any::<Index>()),
        vec(any::<Index>(), LABELS),
        vec(select(hostile_values()), LABELS),
        amounts(),
        prop::bool::weighted(0.2),
    );
    let draft = draft.prop_map(|((metric, part), closed, open, amount, elsewhere)| Draft {
        metric,
        part,
        closed,
        open,
        amount,
        elsewhere,
    });
    vec(draft, 0..60)
}

/// Generates multiples of an eighth, whose sums are exact in any order, and unusual amounts: negative, infinite, NaN.
fn amounts() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (0_u32..=8).prop_map(|eighths| f64::from(eighths) / 8.0),
        4 => (0_u32..=80_000).prop_map(|eighths| f64::from(eighths) / 8.0),
        1 => select(vec![-1.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ]
}

/// Returns values of open labels that have broken other libraries.
fn hostile_values() -> Vec<OsString> {
    let mut values: Vec<OsString> = [
        "filesystem",
        "github",
        "",
        " ",
        "*many*",
        "__other__",
        "two\nlines",
        "\r\n",
        "\0",
        "\"} 1\nfake_total 7\n#",
        "back\\slash\\",
        "\\n",
        "größe 購物車 \u{1F600}",
        "\u{feff}\u{202e}\u{2028}\u{85}",
    ]
    .map(OsString::from)
    .into();
    values.push("x".repeat(1 << 20).into());
    values.push("é".repeat(100).into());
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt as _;
        values.push(OsString::from_vec(b"not \xff\xfe utf-8 \xc3".to_vec()));
        values.push(OsString::from_vec(vec![0x80; 300]));
    }
    values
}

impl Draft {
    /// Fits the record to a schema. Returns `None` if the schema has no metric to record.
    #[must_use]
    pub fn fit(&self, model: &Registry) -> Option<Event> {
        let recordable = |metric: &usize| {
            let metric = &model.metrics[*metric];
            !matches!(metric.kind, Kind::Ratio { .. }) && !is_own(model, metric.labels.first())
        };
        let metrics: Vec<_> = (0..model.metrics.len()).filter(recordable).collect();
        let metric = *metrics.get(self.metric.index(metrics.len().max(1)))?;
        let parts = model.parts(&model.metrics[metric]);
        let part = self.part.index(parts.len());
        let labels = parts[part].labels.iter().enumerate();
        let facts = model.metrics[metric].facts().len();
        Some(Event {
            metric,
            part,
            labels: labels
                .map(|(place, label)| self.value(model, place, label))
                .collect(),
            amount: self.amount,
            facts: (0..facts)
                .map(|fact| self.open[fact].to_string_lossy().into_owned())
                .collect(),
            elsewhere: self.elsewhere,
        })
    }

    fn value(&self, model: &Registry, place: usize, label: &PartLabel) -> LabelValue {
        match &model.labels[label.id.0].values {
            LabelValues::Closed(_) => {
                let cardinality = part_values(model, label).len();
                let choices = cardinality + usize::from(label.optional);
                LabelValue::Closed {
                    cardinality,
                    index: u32::try_from(self.closed[place].index(choices))
                        .expect("a label has few values"),
                    optional: label.optional,
                }
            }
            LabelValues::Open { max, .. } => {
                let is_there = !label.optional || self.closed[place].index(3) > 0;
                LabelValue::Open {
                    label: open_index(model, label.id),
                    value: is_there.then(|| self.open[place].clone()),
                    slots: label.optional.then_some(*max + 2),
                }
            }
        }
    }
}

fn is_own(model: &Registry, label: Option<&LabelId>) -> bool {
    use shadowcat_metrics_codegen::model::Origin;
    label.is_some_and(|label| model.labels[label.0].origin == Origin::Library)
}

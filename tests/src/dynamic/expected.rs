//! A simple model of the expected values after some records.

use std::collections::{BTreeMap, BTreeSet};

use shadowcat_metrics_codegen::model::{
    Kind, LabelValues, Metric, MetricId, OwnMetric, Part, PartLabel, Registry,
};

use super::cell::{Cell, cut};
use super::events::{Event, LabelValue};
use super::labels::{group_part, open_labels, part_values};

/// The expected values of all series.
#[derive(Debug)]
pub struct Expected<'m> {
    model: &'m Registry,
    /// The parts of all metrics.
    families: Vec<Family<'m>>,
    /// Values by family and label values.
    cells: BTreeMap<(usize, Vec<String>), Cell>,
    /// Combinations of open label values that a family has series for.
    slabs: BTreeSet<(usize, Vec<String>)>,
    /// For each open label, the values that got a slot.
    interned: Vec<Vec<String>>,
    /// Callbacks with invalid values, by family and label values.
    rejected_when_read: BTreeSet<(usize, Vec<String>)>,
}

/// The series of a metric that have the same labels.
#[derive(Debug)]
pub(super) struct Family<'m> {
    pub(super) metric: &'m Metric,
    id: MetricId,
    pub(super) part: Part,
    /// The labels that its group binds, and their position among the parts of the group.
    group_part: (usize, Part),
}

impl<'m> Expected<'m> {
    /// Returns the state before any record: metrics without open labels exist, at zero.
    #[must_use]
    pub fn new(model: &'m Registry) -> Self {
        let metrics = model.metrics.iter().enumerate();
        let families: Vec<_> = metrics
            .flat_map(|(index, metric)| {
                let parts = model.parts(metric).into_iter().enumerate();
                parts.map(move |(place, part)| Family {
                    metric,
                    id: MetricId(index),
                    part,
                    group_part: group_part(model, metric, place),
                })
            })
            .collect();
        let closed = |family: &usize| open_labels(model, &families[*family].part).is_empty();
        let slabs = (0..families.len()).filter(closed);
        let slabs = slabs.map(|family| (family, Vec::new())).collect();
        Self {
            model,
            families,
            cells: BTreeMap::new(),
            slabs,
            interned: vec![Vec::new(); model.labels.len()],
            rejected_when_read: BTreeSet::new(),
        }
    }

    /// Drops every handle. Series with open labels end, except under overflow values, and callbacks are removed. A value that
    /// is used again starts at zero.
    pub fn drop_handles(&mut self) {
        let slabs = std::mem::take(&mut self.slabs);
        let stays = |(family, values): &(usize, Vec<String>)| self.is_overflow(*family, values);
        self.slabs = slabs.into_iter().filter(stays).collect();
        let cells = std::mem::take(&mut self.cells);
        let stays = |((family, values), cell): &((usize, Vec<String>), Cell)| {
            let open = self.open_values(*family, values);
            self.is_overflow(*family, &open) && !matches!(cell, Cell::Read(_))
        };
        self.cells = cells.into_iter().filter(stays).collect();
        self.interned.iter_mut().for_each(Vec::clear);
        self.rejected_when_read.clear();
    }

    /// Returns whether each open label value is the overflow value or missing; such series are never dropped.
    fn is_overflow(&self, family: usize, open: &[String]) -> bool {
        let labels = self.families[family].part.labels.iter();
        let labels = labels.filter(|label| self.model.is_open(label.id));
        let mut values = labels.zip(open);
        values.all(|(label, value)| {
            let overflow = match &self.model.labels[label.id.0].values {
                LabelValues::Open { overflow, .. } => overflow,
                LabelValues::Closed(_) => return true,
            };
            value == overflow || (value.is_empty() && label.optional)
        })
    }

    pub(super) const fn model(&self) -> &'m Registry {
        self.model
    }

    pub(super) fn family(&self, family: usize) -> &Family<'m> {
        &self.families[family]
    }

    /// Returns the family of an event's series.
    fn family_of(&self, event: &Event) -> usize {
        let first = |family: &Family<'_>| family.id.0 == event.metric;
        let first = self.families.iter().position(first);
        first.expect("every metric has a part") + event.part
    }

    /// Returns the families that have series, with each combination of open label values. A ratio has the combinations of its
    /// operands.
    pub(super) fn slabs(&self) -> BTreeSet<(usize, Vec<String>)> {
        let mut slabs = self.slabs.clone();
        for (ratio, family) in self.families.iter().enumerate() {
            let Kind::Ratio {
                numerator,
                denominator,
            } = &family.metric.kind
            else {
                continue;
            };
            let operands = numerator.iter().chain(denominator);
            let operands = operands.map(|operand| self.operand(ratio, *operand));
            for (operand, values) in operands.flat_map(|operand| self.slabs_of(operand)) {
                let labels = open_labels(self.model, &self.families[*operand].part);
                let places = open_labels(self.model, &family.part);
                let places = places
                    .iter()
                    .filter_map(|label| labels.iter().position(|other| other == label));
                let values = places.map(|place| values[place].clone());
                slabs.insert((ratio, values.collect()));
            }
        }
        slabs
    }

    fn slabs_of(&self, family: usize) -> impl Iterator<Item = &(usize, Vec<String>)> {
        self.slabs.iter().filter(move |slab| slab.0 == family)
    }

    /// Returns the family of an operand that has the same labels as a family of a ratio.
    fn operand(&self, ratio: usize, operand: MetricId) -> usize {
        let part = &self.families[ratio].part;
        let is_it = |family: &Family<'_>| family.id == operand && family.part.is_like(part);
        let family = self.families.iter().position(is_it);
        family.expect("an operand has the parts of its ratio")
    }

    /// Adds a record.
    pub fn record(&mut self, event: &Event) {
        let family = self.family_of(event);
        let metric = self.families[family].metric;
        let labels = self.families[family].part.labels.clone();
        let labels = event.labels.iter().zip(&labels);
        let labels: Vec<_> = labels
            .map(|(value, label)| self.text(value, label))
            .collect();
        self.show(family, &labels);
        let before = self.cell(family, &labels);
        let at = (family, labels.clone());
        match before.after(self.model, metric, event) {
            Some(after) => {
                // A callback's value is checked when it is read.
                if after == Cell::Read(None) {
                    self.rejected_when_read.insert(at.clone());
                } else {
                    self.rejected_when_read.remove(&at);
                }
                let open = self.open_values(family, &labels);
                self.slabs.insert((family, open));
                self.cells.insert(at, after);
            }
            None => self.count(OwnMetric::RejectedValues, &metric.exposed),
        }
    }

    /// Simulates a scrape: each invalid callback value is counted.
    pub fn scrape(&mut self) {
        for (family, _) in self.rejected_when_read.clone() {
            let metric = self.families[family].metric;
            self.count(OwnMetric::RejectedValues, &metric.exposed);
        }
    }

    /// Returns the value of an event's series.
    #[must_use]
    pub fn read(&self, event: &Event) -> Cell {
        let family = self.family_of(event);
        let values = event
            .labels
            .iter()
            .zip(&self.families[family].part.labels)
            .map(|(value, label)| {
                // An empty value counts as `None`, even if it has a slot.
                if value.is_empty() && label.optional {
                    return Some(String::new());
                }
                self.known_text(value, label)
            });
        match values.collect::<Option<Vec<_>>>() {
            Some(values) => self.cell(family, &values),
            None => Cell::zero(self.model, self.families[family].metric),
        }
    }

    /// Returns the exposed text of an open value that has a slot; `None` for a value that overflowed.
    fn known_text(&self, value: &LabelValue, label: &PartLabel) -> Option<String> {
        match value {
            LabelValue::Closed { index, .. } => {
                let values = part_values(self.model, label);
                let value = values.get(*index as usize);
                Some(value.copied().unwrap_or_default().to_owned())
            }
            // No label has an empty value.
            LabelValue::Open { value: None, .. } => Some(String::new()),
            LabelValue::Open {
                value: Some(value), ..
            } => {
                let text = cut(&value.to_string_lossy());
                let LabelValues::Open { overflow, .. } = &self.model.labels[label.id.0].values
                else {
                    return None;
                };
                (self.interned[label.id.0].contains(&text) || text == *overflow).then_some(text)
            }
        }
    }

    /// Returns the exposed text of a value. A new open value gets a slot or overflows.
    fn text(&mut self, value: &LabelValue, label: &PartLabel) -> String {
        if let Some(text) = self.known_text(value, label) {
            return text;
        }
        let (
            LabelValue::Open {
                value: Some(value), ..
            },
            LabelValues::Open { max, overflow },
        ) = (value, &self.model.labels[label.id.0].values)
        else {
            unreachable!("closed values are known");
        };
        let interned = &mut self.interned[label.id.0];
        if interned.len() < *max as usize {
            let text = cut(&value.to_string_lossy());
            interned.push(text.clone());
            return text;
        }
        self.count(
            OwnMetric::LabelOverflow,
            &self.model.labels[label.id.0].name,
        );
        overflow.clone()
    }

    /// Increments one of the library's own metrics.
    fn count(&mut self, own: OwnMetric, label: &str) {
        let mut metrics = self.model.own_metrics.iter();
        let Some((_, id)) = metrics.find(|(metric, _)| *metric == own) else {
            unreachable!("a schema has the metrics that it can move");
        };
        let is_it = |family: &Family<'_>| family.id == *id;
        let family = self.families.iter().position(is_it);
        let family = family.expect("every metric has a part");
        let cell = self.cells.entry((family, vec![label.to_owned()]));
        let Cell::Number(count) = cell.or_insert(Cell::Number(0.0)) else {
            unreachable!("the library's own metrics are counters");
        };
        *count += 1.0;
    }

    /// Creates the series of a new recorder: families of its group with the same open labels start at zero.
    fn show(&mut self, recorded: usize, labels: &[String]) {
        let Family {
            metric, group_part, ..
        } = &self.families[recorded];
        let bound = open_labels(self.model, &group_part.1);
        if bound.is_empty() {
            return;
        }
        let values = self.open_values(recorded, labels);
        let values = &values[..bound.len()];
        let starts = |family: &Family<'_>| {
            family.metric.group == metric.group
                && family.group_part.0 == group_part.0
                && open_labels(self.model, &family.part) == bound
        };
        for (index, family) in self.families.iter().enumerate() {
            if starts(family) {
                self.slabs.insert((index, values.to_vec()));
            }
        }
    }

    fn open_values(&self, family: usize, labels: &[String]) -> Vec<String> {
        let values = self.families[family].part.labels.iter().zip(labels);
        let open = values.filter(|(label, _)| self.model.is_open(label.id));
        open.map(|(_, value)| value.clone()).collect()
    }

    pub(super) fn cell(&self, family: usize, labels: &[String]) -> Cell {
        let definition = self.families[family].metric;
        if let Kind::Ratio {
            numerator,
            denominator,
        } = &definition.kind
        {
            let sum = |operands: &[MetricId]| {
                operands
                    .iter()
                    .map(|operand| self.operand_value(family, labels, *operand))
                    .sum::<f64>()
            };
            let below = sum(denominator);
            return Cell::Read((below != 0.0).then(|| sum(numerator) / below));
        }
        let cell = self.cells.get(&(family, labels.to_vec()));
        cell.cloned()
            .unwrap_or_else(|| Cell::zero(self.model, definition))
    }

    /// Returns the value of a ratio's operand, whose labels may have a different order.
    fn operand_value(&self, ratio: usize, labels: &[String], operand: MetricId) -> f64 {
        let operand = self.operand(ratio, operand);
        let own = &self.families[ratio].part.labels;
        let place = |label: &PartLabel| {
            own.iter()
                .position(|other| other.id == label.id)
                .expect("labels are alike")
        };
        let operand_labels = self.families[operand].part.labels.iter();
        let values: Vec<_> = operand_labels
            .map(|label| labels[place(label)].clone())
            .collect();
        match self.cell(operand, &values) {
            Cell::Number(value) => value,
            Cell::Read(value) => value.unwrap_or(0.0),
            other => unreachable!("{other:?} cannot be divided"),
        }
    }
}

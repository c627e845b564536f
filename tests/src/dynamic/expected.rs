//! A simple model of the expected values after some records.

use std::collections::{BTreeMap, BTreeSet};

use shadowcat_metrics_codegen::model::{Kind, LabelId, LabelValues, MetricId, OwnMetric, Registry};

use super::cell::{Cell, cut};
use super::events::{Event, LabelValue};
use super::labels::{closed_values, is_open, open_labels, series_labels};

/// The expected values of all series.
#[derive(Debug)]
pub struct Expected<'m> {
    model: &'m Registry,
    /// Values by metric and label values.
    cells: BTreeMap<(usize, Vec<String>), Cell>,
    /// Combinations of open label values that a metric has series for.
    pages: BTreeSet<(usize, Vec<String>)>,
    /// For each open label, the values that got a slot.
    interned: Vec<Vec<String>>,
    /// Callbacks with invalid values, by metric and label values.
    rejected_when_read: BTreeSet<(usize, Vec<String>)>,
}

impl<'m> Expected<'m> {
    /// Returns the state before any record: metrics without open labels exist, at zero.
    #[must_use]
    pub fn new(model: &'m Registry) -> Self {
        let closed = |metric: &&usize| open_labels(model, &model.metrics[**metric]).is_empty();
        let metrics: Vec<_> = (0..model.metrics.len()).collect();
        Self {
            model,
            cells: BTreeMap::new(),
            pages: metrics
                .iter()
                .filter(closed)
                .map(|metric| (*metric, Vec::new()))
                .collect(),
            interned: vec![Vec::new(); model.labels.len()],
            rejected_when_read: BTreeSet::new(),
        }
    }

    /// Drops every handle. Series with open labels end, except under overflow values, and callbacks are removed. A value that
    /// is used again starts at zero.
    pub fn drop_handles(&mut self) {
        let pages = std::mem::take(&mut self.pages);
        let stays = |(metric, values): &(usize, Vec<String>)| self.is_overflow(*metric, values);
        self.pages = pages.into_iter().filter(stays).collect();
        let cells = std::mem::take(&mut self.cells);
        let stays = |((metric, values), cell): &((usize, Vec<String>), Cell)| {
            let open = self.open_values(*metric, values);
            self.is_overflow(*metric, &open) && !matches!(cell, Cell::Read(_))
        };
        self.cells = cells.into_iter().filter(stays).collect();
        self.interned.iter_mut().for_each(Vec::clear);
        self.rejected_when_read.clear();
    }

    /// Returns whether each open label value is the overflow value or missing; such series are never dropped.
    fn is_overflow(&self, metric: usize, open: &[String]) -> bool {
        let metric = &self.model.metrics[metric];
        let labels = open_labels(self.model, metric);
        let mut values = labels.iter().zip(open);
        values.all(|(label, value)| match &self.model.labels[label.0].values {
            LabelValues::Open { overflow, .. } => {
                value == overflow || (value.is_empty() && metric.is_optional(*label))
            }
            LabelValues::Closed(_) => true,
        })
    }

    pub(super) const fn model(&self) -> &'m Registry {
        self.model
    }

    /// Returns the metrics that have series, with each combination of open label values. A ratio has the combinations of its
    /// operands.
    pub(super) fn pages(&self) -> BTreeSet<(usize, Vec<String>)> {
        let mut pages = self.pages.clone();
        for (ratio, metric) in self.model.metrics.iter().enumerate() {
            let Kind::Ratio {
                numerator,
                denominator,
            } = &metric.kind
            else {
                continue;
            };
            let operands = numerator.iter().chain(denominator);
            for (operand, values) in operands.flat_map(|operand| self.pages_of(operand.0)) {
                let labels = open_labels(self.model, &self.model.metrics[*operand]);
                let place = |label: &LabelId| labels.iter().position(|other| other == label);
                let places = open_labels(self.model, metric);
                let values = places
                    .iter()
                    .filter_map(place)
                    .map(|place| values[place].clone());
                pages.insert((ratio, values.collect()));
            }
        }
        pages
    }

    fn pages_of(&self, metric: usize) -> impl Iterator<Item = &(usize, Vec<String>)> {
        self.pages.iter().filter(move |page| page.0 == metric)
    }

    /// Adds a record.
    pub fn record(&mut self, event: &Event) {
        let metric = &self.model.metrics[event.metric];
        let labels: Vec<_> = (event.labels.iter().zip(series_labels(metric)))
            .map(|(value, label)| self.text(value, *label))
            .collect();
        self.show(event.metric, &labels);
        let before = self.cell(event.metric, &labels);
        let at = (event.metric, labels.clone());
        match before.after(self.model, metric, event) {
            Some(after) => {
                // A callback's value is checked when it is read.
                if after == Cell::Read(None) {
                    self.rejected_when_read.insert(at);
                } else {
                    self.rejected_when_read.remove(&at);
                }
                let open = self.open_values(event.metric, &labels);
                self.pages.insert((event.metric, open));
                self.cells.insert((event.metric, labels), after);
            }
            None => self.count(OwnMetric::RejectedValues, &metric.exposed),
        }
    }

    /// Simulates a scrape: each invalid callback value is counted.
    pub fn scrape(&mut self) {
        for (metric, _) in self.rejected_when_read.clone() {
            self.count(
                OwnMetric::RejectedValues,
                &self.model.metrics[metric].exposed,
            );
        }
    }

    /// Returns the value of an event's series.
    #[must_use]
    pub fn read(&self, event: &Event) -> Cell {
        let metric = &self.model.metrics[event.metric];
        let values = event.labels.iter().zip(series_labels(metric));
        let values = values.map(|(value, label)| {
            // An empty value is none, whether or not it has a place.
            if value.is_empty() && metric.is_optional(*label) {
                return Some(String::new());
            }
            self.known_text(value, *label)
        });
        match values.collect::<Option<Vec<_>>>() {
            Some(values) => self.cell(event.metric, &values),
            None => Cell::zero(self.model, &self.model.metrics[event.metric]),
        }
    }

    /// Returns the exposed text of an open value that has a slot; `None` for a value that overflowed.
    fn known_text(&self, value: &LabelValue, label: LabelId) -> Option<String> {
        match value {
            LabelValue::Closed { index, .. } => Some(self.closed_text(label, *index)),
            // No label has an empty value.
            LabelValue::Open { value: None, .. } => Some(String::new()),
            LabelValue::Open {
                value: Some(value), ..
            } => {
                let text = cut(&value.to_string_lossy());
                let LabelValues::Open { overflow, .. } = &self.model.labels[label.0].values else {
                    return None;
                };
                (self.interned[label.0].contains(&text) || text == *overflow).then_some(text)
            }
        }
    }

    /// Returns the exposed text of a value. A new open value gets a slot or overflows.
    fn text(&mut self, value: &LabelValue, label: LabelId) -> String {
        if let Some(text) = self.known_text(value, label) {
            return text;
        }
        let (
            LabelValue::Open {
                value: Some(value), ..
            },
            LabelValues::Open { max, overflow },
        ) = (value, &self.model.labels[label.0].values)
        else {
            unreachable!("closed values are known");
        };
        let interned = &mut self.interned[label.0];
        if interned.len() < *max as usize {
            let text = cut(&value.to_string_lossy());
            interned.push(text.clone());
            return text;
        }
        self.count(OwnMetric::LabelOverflow, &self.model.labels[label.0].name);
        overflow.clone()
    }

    fn closed_text(&self, label: LabelId, index: u32) -> String {
        let values = closed_values(&self.model.labels[label.0].values);
        let value = values.get(index as usize);
        value.copied().unwrap_or_default().to_owned()
    }

    /// Increments one of the library's own metrics.
    fn count(&mut self, own: OwnMetric, label: &str) {
        let mut metrics = self.model.own_metrics.iter();
        let Some((_, id)) = metrics.find(|(metric, _)| *metric == own) else {
            unreachable!("a schema has the metrics that it can move");
        };
        let cell = self.cells.entry((id.0, vec![label.to_owned()]));
        let Cell::Number(count) = cell.or_insert(Cell::Number(0.0)) else {
            unreachable!("the library's own metrics are counters");
        };
        *count += 1.0;
    }

    /// Creates the series of a new recorder: metrics of its group with the same open labels start at zero.
    fn show(&mut self, recorded: usize, labels: &[String]) {
        let metrics = &self.model.metrics;
        let group_labels = metrics[recorded].group_labels;
        let bound = &metrics[recorded].labels[..group_labels];
        let is_open = |label: &&LabelId| is_open(self.model, **label);
        let bound: Vec<_> = bound.iter().filter(is_open).copied().collect();
        if bound.is_empty() {
            return;
        }
        let values = self.open_values(recorded, labels);
        let values = &values[..bound.len()];
        let members =
            (0..metrics.len()).filter(|metric| metrics[*metric].group == metrics[recorded].group);
        for metric in members.filter(|metric| open_labels(self.model, &metrics[*metric]) == bound) {
            self.pages.insert((metric, values.to_vec()));
        }
    }

    fn open_values(&self, metric: usize, labels: &[String]) -> Vec<String> {
        let ids = series_labels(&self.model.metrics[metric]).iter();
        let open = ids
            .zip(labels)
            .filter(|(label, _)| is_open(self.model, **label));
        open.map(|(_, value)| value.clone()).collect()
    }

    pub(super) fn cell(&self, metric: usize, labels: &[String]) -> Cell {
        let definition = &self.model.metrics[metric];
        if let Kind::Ratio {
            numerator,
            denominator,
        } = &definition.kind
        {
            let sum = |operands: &[MetricId]| {
                operands
                    .iter()
                    .map(|operand| self.operand(metric, labels, operand.0))
                    .sum::<f64>()
            };
            let below = sum(denominator);
            return Cell::Read((below != 0.0).then(|| sum(numerator) / below));
        }
        let cell = self.cells.get(&(metric, labels.to_vec()));
        cell.cloned()
            .unwrap_or_else(|| Cell::zero(self.model, definition))
    }

    /// Returns the value of a ratio's operand, whose labels may have a different order.
    fn operand(&self, ratio: usize, labels: &[String], operand: usize) -> f64 {
        let ids = &self.model.metrics[ratio].labels;
        let place = |label: &LabelId| {
            ids.iter()
                .position(|id| id == label)
                .expect("labels are alike")
        };
        let operand_labels = self.model.metrics[operand].labels.iter();
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

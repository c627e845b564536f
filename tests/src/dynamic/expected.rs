//! A model of what must be exposed after some records: as plain as can be, so that it is right.

use std::collections::{BTreeMap, BTreeSet};

use shadowcat_metrics_codegen::model::{Kind, LabelId, LabelValues, MetricId, OwnMetric, Registry};

use super::cell::{Cell, cut};
use super::events::{Event, LabelValue};
use super::labels::{closed_values, is_open, open_labels, series_labels};

/// Everything that was recorded.
#[derive(Debug)]
pub struct Expected<'m> {
    model: &'m Registry,
    /// By metric and label values.
    cells: BTreeMap<(usize, Vec<String>), Cell>,
    /// By metric: the open label values that it has series for.
    pages: BTreeSet<(usize, Vec<String>)>,
    /// By open label: the values it had room for.
    interned: Vec<Vec<String>>,
    /// Callbacks, by metric and label values, that give what cannot be recorded.
    rejected_when_read: BTreeSet<(usize, Vec<String>)>,
}

impl<'m> Expected<'m> {
    /// Before anything was recorded: whatever has no open labels is there, at zero.
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

    /// After the last handle was dropped: whatever had open labels is gone, but for what is recorded under overflow values,
    /// and callbacks too. Values that come again begin anew.
    pub fn let_go(&mut self) {
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

    /// Whether each of a metric's open label values is the overflow value or none, which are never dropped.
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

    /// The metrics that have series, each with every combination of open label values that it has some for. A ratio has
    /// them wherever what it is made of has.
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
                // What a callback gave is looked at when it is read.
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

    /// All values are read, which callbacks notice: what cannot be recorded is counted each time.
    pub fn scrape(&mut self) {
        for (metric, _) in self.rejected_when_read.clone() {
            self.count(
                OwnMetric::RejectedValues,
                &self.model.metrics[metric].exposed,
            );
        }
    }

    /// The value of an event's series.
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

    /// What an open value is exposed as, if it has a place; `None` for one that went to the overflow value.
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

    /// What a value is exposed as. A new open value takes a place, or goes to the overflow value.
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

    /// Counts in a metric of the library.
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

    /// A recorder lets the metrics of its group that have its open labels, and no others, begin at zero.
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

    /// The value of a ratio's operand, whose labels may come in another order.
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

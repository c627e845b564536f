//! The schema's `allow` lists, and the entries that findings needed.

use std::iter::once;

use super::Item;
use crate::model::{Allow, GroupId, LabelId, MetricId, Registry, SumId};

/// The `allow` lists of a schema.
#[derive(Debug)]
pub struct Allows<'a> {
    registry: &'a Registry,
    /// Keyed by address in the model, because two entries may differ only in their position.
    used: Vec<&'a Allow>,
}

impl<'a> Allows<'a> {
    pub(super) const fn new(registry: &'a Registry) -> Self {
        Self {
            registry,
            used: Vec::new(),
        }
    }

    /// Returns whether the nearest list that names the lint allows a finding about `item`. Marks that entry
    /// as used.
    pub(super) fn permit(&mut self, lint: &str, item: Item) -> bool {
        let registry = self.registry;
        let lists = around(registry, item);
        let entry = lists
            .flat_map(|item| list(registry, item))
            .find(|allow| allow.lint == lint);
        self.used.extend(entry);
        entry.is_some()
    }

    /// Returns the entries that no finding has needed so far.
    pub fn unused(&self) -> impl Iterator<Item = (Item, &'a Allow)> {
        entries(self.registry)
            .filter(|(_, allow)| !self.used.iter().any(|used| std::ptr::eq(*used, *allow)))
    }
}

/// Returns every entry of every list, with its item.
pub fn entries(registry: &Registry) -> impl Iterator<Item = (Item, &Allow)> {
    let labels = (0..registry.labels.len()).map(|index| Item::Label(LabelId(index)));
    let sums = (0..registry.sums.len()).map(|index| Item::Sum(SumId(index)));
    let groups = (0..registry.groups.len()).map(|index| Item::Group(GroupId(index)));
    let metrics = (0..registry.metrics.len()).map(|index| Item::Metric(MetricId(index)));
    let items = once(Item::File).chain(labels).chain(sums);
    let items = items.chain(groups).chain(metrics);
    items.flat_map(|item| list(registry, item).iter().map(move |allow| (item, allow)))
}

/// Returns the item and its enclosing items, the nearest first.
fn around(registry: &Registry, item: Item) -> impl Iterator<Item = Item> {
    let group = match item {
        Item::Metric(id) => Some(Item::Group(registry.metrics[id.0].group)),
        Item::File | Item::Label(_) | Item::Sum(_) | Item::Group(_) => None,
    };
    once(item).chain(group).chain(once(Item::File))
}

fn list(registry: &Registry, item: Item) -> &[Allow] {
    match item {
        Item::File => &registry.allow,
        Item::Label(id) => &registry.labels[id.0].allow,
        Item::Sum(id) => &registry.sums[id.0].allow,
        Item::Group(id) => &registry.groups[id.0].allow,
        Item::Metric(id) => &registry.metrics[id.0].allow,
    }
}

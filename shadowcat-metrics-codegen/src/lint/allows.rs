//! The schema's `allow` lists, and the entries that findings needed.

use std::iter::once;

use super::Item;
use crate::model::{Allow, Registry};

/// The `allow` lists of a schema.
#[derive(Debug)]
pub struct Allows<'a> {
    /// The schema.
    pub registry: &'a Registry,
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
            .flat_map(|item| item.allow(registry))
            .find(|allow| allow.lint == lint);
        self.used.extend(entry);
        entry.is_some()
    }

    /// Returns whether a finding has needed an entry so far.
    #[must_use]
    pub fn has_used(&self, entry: &Allow) -> bool {
        self.used.iter().any(|used| std::ptr::eq(*used, entry))
    }
}

/// Returns the item and its enclosing items, the nearest first.
fn around(registry: &Registry, item: Item) -> impl Iterator<Item = Item> {
    let group = match item {
        Item::Metric(id) => Some(Item::Group(registry.metrics[id.0].group)),
        Item::File | Item::Label(_) | Item::Sum(_) | Item::Group(_) => None,
    };
    once(item).chain(group).chain(once(Item::File))
}

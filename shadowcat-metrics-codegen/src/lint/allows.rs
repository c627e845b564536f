//! The schema's `allow` lists, and the entries that findings needed.

use super::Item;
use crate::model::Registry;
use crate::source::Spanned;

/// The `allow` lists of a schema.
#[derive(Debug)]
pub struct Allows<'a> {
    /// The schema.
    pub registry: &'a Registry,
    /// Keyed by address in the model, because two entries may differ only in their position.
    used: Vec<&'a Spanned<String>>,
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
        // The item, then its enclosing items.
        let group = match item {
            Item::Metric(id) => Item::Group(self.registry.metrics[id.0].group),
            Item::File | Item::Label(_) | Item::Sum(_) | Item::Group(_) => item,
        };
        for item in [item, group, Item::File] {
            let mut allowed = item.allow(self.registry).iter();
            if let Some(entry) = allowed.find(|allow| allow.value == lint) {
                self.used.push(entry);
                return true;
            }
        }
        false
    }

    /// Returns whether a finding has needed an entry so far.
    #[must_use]
    pub fn has_used(&self, entry: &Spanned<String>) -> bool {
        self.used.iter().any(|used| std::ptr::eq(*used, entry))
    }
}

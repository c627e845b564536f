//! Info: facts about something, as label values of a series that is always 1.

use std::collections::HashMap;
use std::sync::Arc;

use crate::open_value::cut;
use crate::place::Place;
use crate::store::Key;

/// Facts that rarely change, such as a version. There is no series until they are set.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// # let metrics = Metrics::new();
/// metrics.plain().build().set(["1.0.0", "4f2a"]); // version, revision
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "facts are exposed only when they are set"]
pub struct Info<'a, const N: usize> {
    place: Place<'a>,
}

impl<'a, const N: usize> Info<'a, N> {
    #[doc(hidden)]
    #[inline]
    pub const fn new(place: Place<'a>) -> Self {
        Self { place }
    }

    /// Sets all facts, in the order of the schema. Truncates a value longer than 128 bytes, and marks it as
    /// truncated.
    pub fn set(self, facts: [&str; N]) {
        if let Some(store) = self.place.store() {
            let facts = facts.iter().map(|fact| cut(fact.as_ref()).into()).collect();
            store
                .tables()
                .facts
                .set((self.place.slab(), self.place.series()), facts);
            store.visible.show(self.place.slab());
        }
    }
}

/// The facts of one series, in the order of the schema.
pub(crate) type Facts = Arc<[Box<str>]>;

/// The facts of all series.
#[derive(Default)]
pub(crate) struct FactTable(HashMap<Key, Facts>);

impl FactTable {
    fn set(&mut self, at: Key, facts: Facts) {
        self.0.insert(at, facts);
    }

    pub(crate) fn get(&self, at: Key) -> Option<&Facts> {
        self.0.get(&at)
    }

    /// Removes the facts of a retired slab.
    pub(crate) fn forget(&mut self, slab: u32) {
        self.0.retain(|at, _| at.0 != slab);
    }
}

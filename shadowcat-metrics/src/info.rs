//! Info: facts about something, as label values of a series that is always 1.

use std::sync::Arc;

use crate::open_value::cut;
use crate::place::Place;
use crate::store::Table;

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
#[must_use = "facts are not exposed until you call `set`"]
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
        set(self.place, &facts);
    }
}

fn set(place: Place<'_>, facts: &[&str]) {
    let Some(store) = place.store() else { return };
    let mut values = Vec::new();
    for fact in facts {
        values.push(cut(fact.as_ref()).into());
    }
    let at = (place.slab(), place.series());
    store.tables().facts.insert(at, values.into());
    store.visible.show(at.0);
}

/// The facts of one series, in the order of the schema.
pub(crate) type Facts = Arc<[Box<str>]>;

/// The facts of all series.
pub(crate) type FactTable = Table<Facts>;

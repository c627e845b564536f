//! Info: facts about something, as label values of a series that is always 1.

use crate::open_value::cut;
use crate::place::Place;

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
                .side
                .set_facts((self.place.page(), self.place.series()), facts);
            store.visible.show(self.place.page());
        }
    }
}

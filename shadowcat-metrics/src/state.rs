//! States: exactly one of several, by name.

use std::marker::PhantomData;

use crate::label::ClosedLabel;
use crate::place::Place;

/// A state: which one of several something is in. Exposed as one series a state, of which one is 1 and the others are 0;
/// before it is first set all are 0.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// # let metrics = Metrics::new();
/// metrics.plain().phase().set(labels::Phase::Running);
/// assert_eq!(metrics.snapshot().plain().phase(), Some(labels::Phase::Running));
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a state changes only when it is set"]
pub struct State<'a, S: ClosedLabel> {
    place: Place<'a>,
    state: PhantomData<S>,
}

impl<'a, S: ClosedLabel> State<'a, S> {
    #[doc(hidden)]
    #[inline]
    pub const fn new(place: Place<'a>) -> Self {
        Self {
            place,
            state: PhantomData,
        }
    }

    /// Enters a state, and leaves the one before.
    #[inline]
    pub fn set(self, state: S) {
        self.place.set(to_cell(state));
    }
}

/// 0 stands for a state that was never set.
fn to_cell(state: impl ClosedLabel) -> u64 {
    u64::from(state.index()) + 1
}

/// The state that a cell stands for.
pub(crate) fn from_cell<S: ClosedLabel>(cell: u64) -> Option<S> {
    S::ALL
        .get(usize::try_from(cell.checked_sub(1)?).ok()?)
        .copied()
}

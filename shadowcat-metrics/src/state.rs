//! States: exactly one of several named states at a time.

use std::marker::PhantomData;

use crate::label::ClosedLabel;
use crate::place::Place;

/// The current state of something, out of several. Exposed as one series per state: 1 for the current state and 0 for the
/// others. All are 0 until a state is set.
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
#[must_use = "a state does not change until you call `set`"]
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

    /// Enters a state and leaves the previous one.
    #[inline]
    pub fn set(self, state: S) {
        self.place.set(to_cell(state));
    }
}

/// Returns the cell for a state. 0 means that none was set.
fn to_cell(state: impl ClosedLabel) -> u64 {
    u64::from(state.index()) + 1
}

/// Returns the state in a cell.
pub(crate) fn from_cell<S: ClosedLabel>(cell: u64) -> Option<S> {
    S::ALL
        .get(usize::try_from(cell.checked_sub(1)?).ok()?)
        .copied()
}

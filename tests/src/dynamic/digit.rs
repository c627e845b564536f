//! Converts label values to label types by their cardinality.

use shadowcat_metrics::private::{ClosedLabel, Sealed};

/// A value of a closed label with `N` values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Digit<const N: usize>(pub(super) u32);

impl<const N: usize> Digit<N> {
    const VALUES: [Self; N] = {
        let mut values = [Self(0); N];
        let mut index = 0;
        let mut next = 0;
        while index < N {
            values[index] = Self(next);
            index += 1;
            next += 1;
        }
        values
    };
}

impl<const N: usize> Sealed for Digit<N> {}

impl<const N: usize> ClosedLabel for Digit<N> {
    const ALL: &'static [Self] = &Self::VALUES;

    fn index(self) -> u32 {
        self.0
    }
}

impl<const N: usize> Digit<N> {
    /// Returns the value, or `None` for the position after the last value.
    pub(super) fn or_none(self) -> Option<Self> {
        ((self.0 as usize) < N).then_some(self)
    }
}

/// Binds a closed label of any cardinality.
macro_rules! closed {
    ($target:expr, $cardinality:expr, $index:expr, $optional:expr) => {
        match ($cardinality, $optional) {
            (1, false) => $target.closed($crate::dynamic::digit::Digit::<1>($index)),
            (2, false) => $target.closed($crate::dynamic::digit::Digit::<2>($index)),
            (3, false) => $target.closed($crate::dynamic::digit::Digit::<3>($index)),
            (4, false) => $target.closed($crate::dynamic::digit::Digit::<4>($index)),
            (1, true) => {
                $target.optional_closed($crate::dynamic::digit::Digit::<1>($index).or_none())
            }
            (2, true) => {
                $target.optional_closed($crate::dynamic::digit::Digit::<2>($index).or_none())
            }
            (3, true) => {
                $target.optional_closed($crate::dynamic::digit::Digit::<3>($index).or_none())
            }
            (4, true) => {
                $target.optional_closed($crate::dynamic::digit::Digit::<4>($index).or_none())
            }
            (other, _) => unreachable!("random schemas have no labels with {other} values"),
        }
    };
}
pub(super) use closed;

/// Binds a label to record with.
macro_rules! bind {
    ($target:expr, $value:expr, $handle:expr) => {
        match ($value, $handle) {
            (
                LabelValue::Closed {
                    cardinality,
                    index,
                    optional,
                },
                _,
            ) => {
                $crate::dynamic::digit::closed!($target, *cardinality, *index, *optional)
            }
            (
                LabelValue::Open {
                    slots: Some(slots), ..
                },
                handle,
            ) => $target.optional_open(*slots, handle.as_ref()),
            (LabelValue::Open { .. }, Some(handle)) => $target.open(handle),
            (LabelValue::Open { .. }, None) => unreachable!("every open value has a handle"),
        }
    };
}
pub(super) use bind;

/// Binds a label to read with.
macro_rules! find {
    ($target:expr, $value:expr) => {
        match $value {
            LabelValue::Closed {
                cardinality,
                index,
                optional,
            } => {
                $crate::dynamic::digit::closed!($target, *cardinality, *index, *optional)
            }
            LabelValue::Open {
                label,
                value,
                slots,
            } => match (value, slots) {
                (value, Some(_)) => $target.optional_open(*label, value.as_deref()),
                (Some(value), None) => $target.open(*label, value),
                (None, None) => unreachable!("only an optional label has no value"),
            },
        }
    };
}
pub(super) use find;

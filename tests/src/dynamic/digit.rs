//! From values to types: the label type of a cardinality.

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

/// Binds a closed label, of whatever cardinality.
macro_rules! closed {
    ($target:expr, $cardinality:expr, $index:expr) => {
        match $cardinality {
            1 => $target.closed($crate::dynamic::digit::Digit::<1>($index)),
            2 => $target.closed($crate::dynamic::digit::Digit::<2>($index)),
            3 => $target.closed($crate::dynamic::digit::Digit::<3>($index)),
            4 => $target.closed($crate::dynamic::digit::Digit::<4>($index)),
            other => unreachable!("random schemas have no labels with {other} values"),
        }
    };
}
pub(super) use closed;

/// Binds a label to record.
macro_rules! bind {
    ($target:expr, $value:expr, $handle:expr) => {
        match ($value, $handle) {
            (LabelValue::Closed { cardinality, index }, _) => {
                $crate::dynamic::digit::closed!($target, *cardinality, *index)
            }
            (LabelValue::Open { .. }, Some(handle)) => $target.open(handle),
            (LabelValue::Open { .. }, None) => unreachable!("every open value has a handle"),
        }
    };
}
pub(super) use bind;

/// Binds a label to read.
macro_rules! find {
    ($target:expr, $value:expr) => {
        match $value {
            LabelValue::Closed { cardinality, index } => {
                $crate::dynamic::digit::closed!($target, *cardinality, *index)
            }
            LabelValue::Open { label, value } => $target.open(*label, value),
        }
    };
}
pub(super) use find;

//! Gauges: values that are set. The last write of any thread wins.

use std::marker::PhantomData;
use std::time::Duration;

use crate::place::Place;
use crate::units::{
    ByteCount, Bytes, CellValue, Dimensionless, FloatUnit, GaugeValue, Seconds, UnitType,
    is_gauge_value,
};

/// A gauge, which holds its last set value.
///
/// To count things that come and go, use an up-down counter: you do not need to know the total, and it is faster with several
/// threads.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// # let metrics = Metrics::new();
/// metrics.plain().level().set(12);
/// metrics.plain().fill().set(0.75); // a share in 0..=1
/// assert_eq!(metrics.snapshot().plain().level(), 12.0);
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a gauge does not change until you call `set`"]
pub struct Gauge<'a, U: UnitType> {
    place: Place<'a>,
    unit: PhantomData<U>,
}

impl<'a, U: UnitType> Gauge<'a, U> {
    #[doc(hidden)]
    #[inline]
    pub const fn new(place: Place<'a>) -> Self {
        Self {
            place,
            unit: PhantomData,
        }
    }

    #[inline]
    fn set_float(self, value: f64) {
        if is_gauge_value::<U>(value) {
            self.place.set(value.into_cell());
        } else {
            self.place.reject();
        }
    }
}

impl Gauge<'_, Dimensionless> {
    /// Sets the gauge to a number. A [value that cannot be recorded](crate::units) changes nothing and is
    /// counted as rejected.
    #[inline]
    pub fn set(self, value: impl GaugeValue) {
        self.set_number(value);
    }

    #[inline]
    fn set_number<V: GaugeValue>(self, value: V) {
        if V::IS_FINITE {
            self.place.set(value.value().into_cell());
        } else {
            self.set_float(value.value());
        }
    }
}

impl Gauge<'_, Seconds> {
    /// Sets the gauge to a duration.
    #[inline]
    pub fn set(self, value: Duration) {
        self.place.set(value.into_cell());
    }
}

impl Gauge<'_, Bytes> {
    /// Sets the gauge to a number of bytes.
    #[inline]
    pub fn set(self, value: impl ByteCount) {
        self.place.set(value.bytes());
    }
}

impl<U: FloatUnit> Gauge<'_, U> {
    /// Sets the gauge to a value in its unit. A [value that cannot be recorded](crate::units) changes nothing
    /// and is counted as rejected.
    #[inline]
    pub fn set(self, value: f64) {
        self.set_float(value);
    }
}

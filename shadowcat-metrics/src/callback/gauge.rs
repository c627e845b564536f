//! Callback gauges.

use std::marker::PhantomData;
use std::time::Duration;

use crate::callback::{self, CallbackGuard};
use crate::place::Place;
use crate::units::{
    ByteCount, Bytes, CellValue, Dimensionless, FloatUnit, GaugeValue, Seconds, UnitType,
};

/// A gauge that is read, by a function, at each scrape. Without a function it has no sample.
///
/// The function runs on the thread that scrapes, which waits for it. If it panics, or gives nothing, there is no sample
/// that time. It may record, and read other metrics; those with callbacks have no value then. It must not own the
/// registry (a recorder, a clone of `Metrics`) if it is to stay for good, or both keep each other alive.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// # let metrics = Metrics::new();
/// let guard = metrics.plain().threads().register(|| 4);
/// assert_eq!(metrics.snapshot().plain().threads(), Some(4.0));
/// drop(guard);
/// assert_eq!(metrics.snapshot().plain().threads(), None);
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a callback gauge has no value without a callback"]
pub struct CallbackGauge<'a, U: UnitType> {
    place: Place<'a>,
    unit: PhantomData<U>,
}

handle!(CallbackGauge);

registers!(
    [] CallbackGauge<'_, Dimensionless>,
    [V: GaugeValue] V,
    |read| Some(read.value().into_cell()),
    ""
);
registers!([] CallbackGauge<'_, Seconds>, [] Duration, |read| Some(read.into_cell()), "");
registers!([] CallbackGauge<'_, Bytes>, [V: ByteCount] V, |read| Some(read.bytes()), "");
registers!(
    [U: FloatUnit] CallbackGauge<'_, U>,
    [] f64,
    |read| U::accepts(read).then(|| read.into_cell()),
    "A value that a gauge of this unit would reject gives no sample."
);

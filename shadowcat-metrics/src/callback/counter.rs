//! Callback counters.

use std::marker::PhantomData;
use std::time::Duration;

use crate::callback::{self, CallbackGuard};
use crate::place::Place;
use crate::units::{ByteCount, Bytes, CellValue, Dimensionless, FloatUnit, Seconds, UnitType};

/// A counter that is read, by a function, at each scrape: what the kernel or a library has counted. Without a function it
/// has no sample.
///
/// All that is said of [`CallbackGauge`](crate::CallbackGauge) holds. The function must never give less than before; a
/// value that does is exposed all the same, and to Prometheus it is a restart.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// # let metrics = Metrics::new();
/// use std::time::Duration;
///
/// let guard = metrics.plain().cpu().register(|| Duration::from_millis(1500));
/// assert_eq!(metrics.snapshot().plain().cpu(), Some(Duration::from_millis(1500)));
/// # drop(guard);
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a callback counter has no value without a callback"]
pub struct CallbackCounter<'a, U: UnitType> {
    place: Place<'a>,
    unit: PhantomData<U>,
}

handle!(CallbackCounter);

registers!([] CallbackCounter<'_, Dimensionless>, [] u64, Some, "");
registers!([] CallbackCounter<'_, Seconds>, [] Duration, |read| Some(read.into_cell()), "");
registers!([] CallbackCounter<'_, Bytes>, [V: ByteCount] V, |read| Some(read.bytes()), "");
registers!(
    [U: FloatUnit] CallbackCounter<'_, U>,
    [] f64,
    |read| (0.0..f64::INFINITY).contains(&read).then(|| read.into_cell()),
    "A negative value, an infinite one and NaN give no sample."
);

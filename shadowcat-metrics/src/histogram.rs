//! Histograms: observations counted in buckets.

use std::marker::PhantomData;
use std::time::Duration;

use crate::buckets::Buckets;
use crate::place::Place;
use crate::store::LARGE;
use crate::timer::{OwnedTimer, Timer};
use crate::units::{
    ByteCount, Bytes, CellValue, Dimensionless, FloatUnit, Seconds, UnitType, is_observation,
};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A histogram: counts observations in buckets, and sums them up.
///
/// ```
/// # shadowcat_metrics::metrics!("tests/metrics.toml");
/// # fn main() {
/// # let metrics = Metrics::new();
/// let plain = metrics.plain();
/// plain.latency().observe(std::time::Duration::from_millis(20));
/// plain.size().observe(512_usize); // bytes
/// let latency = metrics.snapshot().plain().latency();
/// assert_eq!((latency.count(), latency.sum().as_millis()), (1, 20));
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use = "a histogram counts only what it is told of"]
pub struct Histogram<'a, U: UnitType> {
    place: Place<'a>,
    buckets: &'static Buckets,
    unit: PhantomData<U>,
}

impl<'a, U: UnitType> Histogram<'a, U> {
    #[doc(hidden)]
    #[inline]
    pub const fn new(place: Place<'a>, buckets: &'static Buckets) -> Self {
        Self {
            place,
            buckets,
            unit: PhantomData,
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    fn observe_float(self, value: f64) {
        if is_observation::<U>(value) {
            let bucket = self.buckets.of_float(value);
            self.place
                .observe(bucket, self.buckets.cells(), move |sum| {
                    (f64::from_cell(sum) + value).into_cell()
                });
        } else {
            self.place.reject();
        }
    }
}

impl<'a> Histogram<'a, Seconds> {
    /// Observes a duration.
    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    pub fn observe(self, value: Duration) {
        // One check, which also rules out an overflow.
        if value.as_secs() < LARGE / NANOS_PER_SECOND {
            let value = value.as_secs() * NANOS_PER_SECOND + u64::from(value.subsec_nanos());
            self.place.observe_small(self.buckets, value);
        } else {
            self.place.observe_large(self.buckets, value.into_cell());
        }
    }

    /// Starts a timer that observes the time until it is stopped or dropped.
    #[inline]
    pub fn start_timer(self) -> Timer<'a> {
        Timer::start(self)
    }

    /// Like [`start_timer`](Self::start_timer), with a timer that you can move anywhere, such as into a task or a struct.
    pub fn start_timer_owned(self) -> OwnedTimer {
        OwnedTimer::start(self.place, self.buckets)
    }
}

impl Histogram<'_, Bytes> {
    /// Observes a number of bytes.
    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    pub fn observe(self, value: impl ByteCount) {
        let value = value.bytes();
        if value < LARGE {
            self.place.observe_small(self.buckets, value);
        } else {
            self.place.observe_large(self.buckets, value);
        }
    }
}

impl Histogram<'_, Dimensionless> {
    /// Observes a number. A [value that cannot be recorded](crate::units) is not observed, but counted as rejected.
    #[inline]
    pub fn observe(self, value: f64) {
        self.observe_float(value);
    }
}

impl<U: FloatUnit> Histogram<'_, U> {
    /// Observes a value, in the histogram's unit. A [value that cannot be recorded](crate::units) is not observed, but counted
    /// as rejected.
    #[inline]
    pub fn observe(self, value: f64) {
        self.observe_float(value);
    }
}

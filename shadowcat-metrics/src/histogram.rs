//! Histograms: observations counted in buckets.

use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use crate::buckets::Buckets;
use crate::exemplar::{Exemplars, NoExemplars, TraceContext, WithExemplars, offer};
use crate::native::Cells;
use crate::place::Place;
use crate::store::{AddFloat, Change, Increase, LARGE, Store};
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
#[must_use = "a histogram does not change until you call `observe` or start a timer"]
pub struct Histogram<'a, U: UnitType, X: Exemplars = NoExemplars, B: Cells = Buckets> {
    pub(crate) place: Place<'a>,
    pub(crate) buckets: &'static B,
    unit: PhantomData<(U, X)>,
}

impl<'a, U: UnitType, B: Cells> Histogram<'a, U, NoExemplars, B> {
    #[doc(hidden)]
    #[inline]
    pub fn new(place: Place<'a>, buckets: &'static B) -> Self {
        Self::of(place, buckets)
    }
}

impl<'a, U: UnitType, B: Cells> Histogram<'a, U, WithExemplars, B> {
    #[doc(hidden)]
    #[inline]
    pub fn with_exemplars(place: Place<'a>, buckets: &'static B) -> Self {
        Self::of(place, buckets)
    }
}

impl<'a, U: UnitType, X: Exemplars, B: Cells> Histogram<'a, U, X, B> {
    #[inline]
    pub(crate) fn of(place: Place<'a>, buckets: &'static B) -> Self {
        Self {
            place: place.with_foreign(),
            buckets,
            unit: PhantomData,
        }
    }

    /// Observes an integer: nanoseconds or bytes.
    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    pub(crate) fn observe_integer(self, value: u64) {
        if value < LARGE {
            self.observe_small(value);
        } else {
            self.observe_large(value);
        }
    }

    /// Observes an integer below [`LARGE`].
    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    fn observe_small(self, value: u64) {
        self.record(self.buckets.of_small(value), Increase(value), value);
    }

    /// Observes any integer.
    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    fn observe_large(self, value: u64) {
        self.place.observe_large(self.buckets, value);
        let bucket = || self.buckets.of_integer(value);
        self.offer(self.place.store(), bucket, value);
    }

    /// Counts a value in a bucket and adds it to the sum. Calls for rare cases come last and return nothing, so that the common
    /// case saves no registers for them.
    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    fn record(self, bucket: usize, add: impl Change, value: u64) {
        let cells = self.buckets.per_series();
        if let Some(store) = self.place.observe(bucket, cells, add) {
            self.offer(Some(store), || bucket, value);
        } else if B::HAS_SLOTS {
            self.place.observe_first::<X>(bucket, cells, add, value);
        } else {
            self.place
                .observe_first::<NoExemplars>(bucket, cells, add, value);
            self.offer(self.place.store(), || bucket, value);
        }
    }

    /// Offers an exemplar of a value in a cell.
    #[inline]
    fn offer(self, store: Option<&Arc<Store>>, bucket: impl FnOnce() -> usize, value: u64) {
        let slot = || self.buckets.exemplar(self.place.series(), bucket());
        offer::<X>(store, self.place, slot, value);
    }

    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    fn observe_float(self, value: f64) {
        if is_observation::<U>(value) {
            let bucket = self.buckets.of_float(value);
            self.record(bucket, AddFloat(value), value.to_bits());
        } else {
            self.place.reject();
        }
    }
}

impl<'a, X: Exemplars, B: Cells> Histogram<'a, Seconds, X, B> {
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
            self.observe_small(value);
        } else {
            self.observe_large(value.into_cell());
        }
    }

    /// Starts a timer that observes the time until it is stopped or dropped.
    #[inline]
    pub fn start_timer(self) -> Timer<'a, X, B> {
        Timer::start(self)
    }

    /// Like [`start_timer`](Self::start_timer), with a timer that you can move anywhere, such as into a task or a struct.
    pub fn start_timer_owned(self) -> OwnedTimer<X, B> {
        OwnedTimer::start(self.place, self.buckets)
    }
}

impl<X: Exemplars, B: Cells> Histogram<'_, Bytes, X, B> {
    /// Observes a number of bytes.
    #[expect(
        clippy::inline_always,
        reason = "a call would write the place to memory and read it back"
    )]
    #[inline(always)]
    pub fn observe(self, value: impl ByteCount) {
        self.observe_integer(value.bytes());
    }
}

impl<X: Exemplars, B: Cells> Histogram<'_, Dimensionless, X, B> {
    /// Observes a number. A [value that cannot be recorded](crate::units) is not observed, but counted as rejected.
    #[inline]
    pub fn observe(self, value: f64) {
        self.observe_float(value);
    }
}

impl<U: FloatUnit, X: Exemplars, B: Cells> Histogram<'_, U, X, B> {
    /// Observes a value, in the histogram's unit. A [value that cannot be recorded](crate::units) is not observed, but counted
    /// as rejected.
    #[inline]
    pub fn observe(self, value: f64) {
        self.observe_float(value);
    }
}

/// Defines the same observation in an explicit trace.
macro_rules! observes_in {
    ([$($generics:tt)*] $unit:ty, [$($parameters:tt)*] $value:ty) => {
        impl<B: Cells, $($generics)*> Histogram<'_, $unit, WithExemplars, B> {
            /// Observes a value, with this trace as the exemplar instead of the thread's current trace.
            #[inline]
            pub fn observe_in<$($parameters)*>(self, value: $value, trace: &TraceContext) {
                let _entered = trace.enter();
                self.observe(value);
            }
        }
    };
}

observes_in!([] Seconds, [] Duration);
observes_in!([] Bytes, [V: ByteCount] V);
observes_in!([] Dimensionless, [] f64);
observes_in!([U: FloatUnit] U, [] f64);
